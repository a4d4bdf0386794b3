"""What a worker process runs: ``python -m headwater.sandbox.entry FD MODULE PARENT LIMITS [--unsafe]``.

It imports MODULE (of package headwater), calls its `prepare()` (load everything, run every kernel once), enters the
jail, says ``ready`` and calls its `serve(channel)`, which returns, or raises EOFError, when the broker is gone.
"""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from types import ModuleType

import msgspec

from headwater.model.errors import HeadwaterError, WrongUse
from headwater.sandbox.channel import Channel
from headwater.sandbox.child import READY, REFUSED
from headwater.sandbox.jail import JailLimits, enter
from headwater.sandbox.libc import prctl

_PR_SET_PDEATHSIG = 1


def main(arguments: Sequence[str]) -> None:
    """Serve until the broker hangs up."""
    descriptor, module, parent, limits = arguments[:4]
    _die_with(int(parent))
    prepare, serve = _load(module)
    prepare()
    with Channel.from_descriptor(int(descriptor), accept_fds=True) as channel:
        if arguments[4:] != ["--unsafe"]:
            try:
                enter(msgspec.json.decode(limits, type=JailLimits), keep={int(descriptor)})
            except HeadwaterError as refused:
                channel.send(REFUSED + refused.message.encode())
                return
            sys.meta_path.insert(0, _NoMoreImports)
        channel.send(READY)
        try:
            serve(channel)
        except EOFError:
            return


class _NoMoreImports:
    """First in sys.meta_path: a late import is an ImportError, as libraries expect of a module that is not there.

    Python's own finder has the folders' listings in memory, so it would find the file and raise PermissionError.
    """

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> None:
        del path, target
        raise ModuleNotFoundError(f"{name} is imported inside the jail; import it in prepare()", name=name)


def _die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent ends; end now if that has already happened."""
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("the broker is gone")


def _load(name: str) -> tuple[Callable[[], None], Callable[[Channel], None]]:
    if not name.startswith("headwater."):
        raise WrongUse(f"a worker runs modules of headwater only, not {name}")
    module = import_module(name)
    return module.prepare, module.serve


if __name__ == "__main__":
    main(sys.argv[1:])
    sys.stderr.flush()
    os._exit(0)  # nothing is left to tidy up, and some of Python's own tidying is not allowed in the jail
