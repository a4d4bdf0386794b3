"""Kinds of Malformed that the room tells apart, and the edge past which nothing but EvidenceError goes."""

import struct
from collections.abc import Iterator
from types import TracebackType

from headwater.evidence.reader import Content, Reader
from headwater.model.errors import EvidenceError, LimitReached, Malformed
from headwater.model.item import Entry, Refusal
from headwater.model.locator import Layer, Locator

# what Python raises over numbers, texts and tables that do not fit
_SLIPS = (ArithmeticError, LookupError, ValueError, TypeError, AttributeError, RecursionError, EOFError, struct.error)


class NoStream(Malformed):
    """No compressed stream begins where one should: not its magic."""


class WrongCheck(Malformed):
    """All of the content was given; a checksum or a length its compression keeps does not hold."""


class Surplus(Malformed):
    """All of the content was given and holds; packed bytes behind it belong to nothing."""


class OnlyEvidenceErrors:
    """``with OnlyEvidenceErrors("what is done"):`` a slip of ours over hostile bytes becomes Malformed and names it."""

    __slots__ = ("_doing",)

    def __init__(self, doing: str) -> None:
        self._doing = doing

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if isinstance(error, _SLIPS):
            raise Malformed(f"{self._doing}: {type(error).__name__}: {error}") from error
        if isinstance(error, MemoryError):
            raise LimitReached(f"{self._doing} asks for too much memory") from error


class Edge:
    """A Reader as it leaves this room: its listing never raises, and says so where it ended early."""

    def __init__(self, reader: Reader) -> None:
        self.kind = reader.kind
        self._reader = reader
        self._layer = Layer(kind=reader.kind.partition(".")[0])

    def entries(self) -> Iterator[Entry | Refusal]:
        """As the reader lists them."""
        try:
            with OnlyEvidenceErrors("listing it"):
                yield from self._reader.entries()
        except EvidenceError as error:
            message = f"{error.message}; the rest is not listed"
            yield Refusal(locator=Locator(layers=(self._layer,)), kind=error.kind, message=message)

    def open(self, entry: Entry) -> Content:
        """As the reader opens it. Raises EvidenceError."""
        with OnlyEvidenceErrors("opening it"):
            return self._reader.open(entry)
