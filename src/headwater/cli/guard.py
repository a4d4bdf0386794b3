"""What becomes of an error: three lines (what happened, what is not affected, what to do) and an exit code."""

import errno
import os
import secrets
import signal
import tempfile
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from headwater import __version__
from headwater.cli.output import OUTPUT, OutputClosedError, complain, let_go, send_out
from headwater.model.errors import DoesNotVerify, ExitCode, HeadwaterError, WrongUse
from headwater.model.visible import shown, visible

_UNTOUCHED = "Evidence and everything sealed so far: not affected."
_NOT_WRITTEN = "Nothing was written to the evidence, and nothing that is sealed was changed."
_GOES_ON = {
    "run": "The same command goes on from there.",
    "ingest": "The same command goes on from there.",
    "examine": "The same command goes on from there.",
    "camera": "headwater camera match goes on from there; headwater camera enrol begins again.",
    "demo": "The demo does not go on from there: remove its folder, or name another, and begin again.",
}
_BEGIN_AGAIN = "Give the command again."
_HINT = {
    ExitCode.WRONG_USE: "headwater COMMAND --help says what there is.",
    ExitCode.OUTSIDE_DEPENDENCY: "headwater doctor says what this machine can do.",
    ExitCode.DOES_NOT_VERIFY: "headwater verify gives the full list.",
}
# The machine's business, not a defect of ours: no room, no permission, a disk that fails, too many open files.
_OUTSIDE = frozenset(
    {
        errno.EACCES, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOSPC, errno.ENOTDIR,
        errno.EPERM, errno.EROFS, errno.EFBIG,
    }
)  # fmt: skip
_OUTSIDE_WORDS = ("no space left", "disk is full", "read-only", "readonly", "permission denied", "disk i/o error")
_ROOM_BYTES = 1 << 20


@dataclass(slots=True)
class Told:
    """What is known of the command that runs, for the words of an error."""

    command: str = ""
    workspace: Path | None = None


def guarded(call: Callable[[], Any], told: Told) -> ExitCode:
    """Run `call`; what it raises is told in words and becomes an exit code. What it printed is out by then."""
    try:
        code = call()
        send_out()
    except (click.exceptions.Exit, click.Abort, click.ClickException, KeyboardInterrupt) as stop:
        return _stopped(stop, told)
    except OutputClosedError:
        let_go()
        return ExitCode.DONE
    except HeadwaterError as error:
        return _raised(error)
    except Exception as error:  # noqa: BLE001 - the user is told where the trace lies, not shown it
        return _outside(error, told) if _is_outside(error) else _fault(f"a fault in Headwater: {type(error).__name__}")
    return code if isinstance(code, ExitCode) else ExitCode.DONE


def _stopped(stop: BaseException, told: Told) -> ExitCode:
    if isinstance(stop, click.exceptions.Exit):
        return ExitCode(stop.exit_code)
    if isinstance(stop, click.ClickException):
        return _misused(stop)
    signal.signal(signal.SIGINT, lambda *_: os._exit(ExitCode.INTERRUPTED))
    complain("interrupted (exit 130)")
    complain(f"  {_UNTOUCHED}")
    complain(f"  {_GOES_ON.get(told.command, _BEGIN_AGAIN)}")
    return ExitCode.INTERRUPTED


def _misused(error: click.ClickException) -> ExitCode:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "headwater"
    lines = [line.strip() for line in error.format_message().splitlines() if line.strip()]
    _say(ExitCode.WRONG_USE, " ".join(lines).rstrip("."), _UNTOUCHED, f"See {command} --help")
    return ExitCode.WRONG_USE


def _raised(error: HeadwaterError) -> ExitCode:
    code = error.exit_code
    if code is ExitCode.FAULT:
        return _fault(error.message)
    details = [detail for detail in _details(error) if detail != error.message]
    kept = _NOT_WRITTEN if code is ExitCode.DOES_NOT_VERIFY else _UNTOUCHED
    _say(code, error.message, *details, kept, error.next_step or _HINT.get(code, _BEGIN_AGAIN))
    return code


def _details(error: HeadwaterError) -> tuple[str, ...]:
    if isinstance(error, WrongUse):
        return error.problems
    return error.names if isinstance(error, DoesNotVerify) else ()


def _fault(what: str) -> ExitCode:
    number, where = _keep_trace(what)
    step = "Report it under this number, with that file once you have read it, and without evidence."
    _say(ExitCode.FAULT, what, where, _UNTOUCHED, step, number=number)
    return ExitCode.FAULT


def _is_outside(error: Exception) -> bool:
    if isinstance(error, OSError):
        return error.errno in _OUTSIDE or _says_outside(error)
    return type(error).__module__.partition(".")[0] in {"sqlite3", "duckdb", "_duckdb"} and _says_outside(error)


def _says_outside(error: Exception) -> bool:
    return any(words in str(error).lower() for words in _OUTSIDE_WORDS)


def _outside(error: Exception, told: Told) -> ExitCode:
    """No room, or no permission: which place, and what to do."""
    name = error.filename if isinstance(error, OSError) else None
    said = getattr(error, "strerror", None) or " ".join(str(error).split())[:300]
    lines: tuple[str, ...] = ()
    if name == OUTPUT:
        let_go()
    if isinstance(name, str | bytes):
        said = f"{said}: {visible(os.fsencode(name))}"
    else:
        places = tuple(_places(told))
        full = tuple(place for place in places if place[1] < _ROOM_BYTES)
        lines = tuple(f"{where}: {free:,} bytes free" for where, free in full or places)
    step = f"Make room, or give permission, there. {_GOES_ON.get(told.command, _BEGIN_AGAIN)}"
    _say(ExitCode.OUTSIDE_DEPENDENCY, said, *lines, _UNTOUCHED, step)
    return ExitCode.OUTSIDE_DEPENDENCY


def _places(told: Told) -> Iterator[tuple[str, int]]:
    """Where a command writes, and how much room is left there."""
    for what, folder in (("the workspace", told.workspace or Path()), ("the temporary folder", _temporary())):
        try:
            room = os.statvfs(folder)
        except OSError:
            continue
        yield f"{what} {visible(os.fsencode(folder.absolute()))}", room.f_bavail * room.f_frsize


def _temporary() -> Path:
    try:
        return Path(tempfile.gettempdir())
    except OSError:  # none can be written to
        return Path("/tmp")  # noqa: S108 - only named


def _say(code: ExitCode, what: str, *lines: str, number: str = "") -> None:
    complain(f"error{f' {number}' if number else ''}: {shown(what)} (exit {int(code)})")
    for line in lines:
        complain(f"  {shown(line)}")


def _keep_trace(what: str) -> tuple[str, str]:
    """The number of an error, and where its trace lies, in words."""
    number = f"{datetime.now(UTC):%Y-%m-%d}-{secrets.token_hex(2)}"
    path = _temporary() / f"headwater-fault-{number}.txt"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        return _keep_trace(what)
    except OSError as error:
        return number, f"The trace could not be kept: {error.strerror}"
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(f"error {number}\nheadwater {__version__}\n{what}\n\n")
        traceback.print_exc(file=file)
    return number, f"The trace lies in {path}"
