"""The two streams: results on standard output, progress and errors on standard error, in any encoding."""

import codecs
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

OUTPUT = "standard output"
_GRADES = {
    "camera": ("\u25ce", "[C]"),
    "generated": ("\u2b21", "[G]"),
    "edited": ("\u25a3", "[E]"),
    "undetermined": ("\u25cc", "[?]"),
}
_ESCAPE = "headwater.visible"


class OutputClosedError(Exception):
    """Whoever read standard output has seen enough. No OSError: click would end the program at one."""


def prepare_streams() -> None:
    """See to it that no character can stop a line: what the encoding lacks is written out as in model/visible.py."""
    codecs.register_error(_ESCAPE, _escaped)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_ESCAPE)


def say(line: str = "") -> None:
    """A line of results. Raises OSError with the file name OUTPUT where it cannot go out."""
    with _named():
        sys.stdout.write(f"{line}\n")


def send_out() -> None:
    """Let everything that was said go out. Raises OSError likewise."""
    with _named():
        sys.stdout.flush()


def let_go() -> None:
    """Standard output takes nothing any more: what is left goes nowhere, so that the program can end in order."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _named() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        raise OutputClosedError from error
    except OSError as error:
        raise OSError(error.errno, error.strerror, OUTPUT) from error


def complain(line: str) -> None:
    """A line of progress, a hint, or an error; it is seen at once."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def mark(sign: str, plain: str, stream: TextIO | None = None) -> str:
    """A sign where the stream (standard output, if none is named) has it, and plain letters where it does not."""
    encoding = getattr(stream or sys.stdout, "encoding", None) or "utf-8"
    try:
        sign.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return plain
    return sign


def dots(stream: TextIO | None = None) -> str:
    """What stands for letters that were left out."""
    return mark("…", "...", stream)


def grade_mark(grade: str, stream: TextIO | None = None) -> str:
    """The mark of an origin's grade, the same on every page and in the terminal."""
    return mark(*_GRADES[grade], stream)


def _escaped(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(f"\\u{{{ord(each):04X}}}" for each in error.object[error.start : error.end]), error.end
