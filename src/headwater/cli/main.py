"""The program `headwater`: it can be interrupted from its first moment. All else is imported after that."""

import os
import signal
import sys

from headwater.cli.interrupt import leave


def main() -> None:
    """Run the program and exit with a code of model/errors.py."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not where a shell has it ignored
        signal.signal(signal.SIGINT, leave)
    os.umask(0o077)
    _fill_streams()
    from headwater.cli.program import run_program  # noqa: PLC0415 - not before an interrupt is heard

    sys.exit(int(run_program()))


def _fill_streams() -> None:
    """Put the null device where a standard stream is closed: else the next file opened would take its place."""
    for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # noqa: FBT003 - the lowest that is free: this one
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(descriptor, "r" if name == "stdin" else "w", closefd=False))
