"""Kinds of Malformed that the room tells apart, and the edge past which no listing raises an EvidenceError."""

from collections.abc import Iterator

from headwater.evidence.reader import Content, Reader
from headwater.model.errors import EvidenceError, Malformed
from headwater.model.item import Entry, Refusal
from headwater.model.locator import Layer, Locator


class NoStream(Malformed):
    """No compressed stream begins where one should: not its magic."""


class WrongCheck(Malformed):
    """All of the content was given; a checksum or a length its compression keeps does not hold."""


class Surplus(Malformed):
    """All of the content was given and holds; packed bytes behind it belong to nothing."""


class Edge:
    """A Reader as it leaves this room: a listing that ends early says so in a Refusal, and keeps what it gave."""

    def __init__(self, reader: Reader) -> None:
        self.kind = reader.kind
        self._reader = reader
        self._layer = Layer(kind=reader.kind.partition(".")[0])

    def entries(self) -> Iterator[Entry | Refusal]:
        """As the reader lists them."""
        try:
            yield from self._reader.entries()
        except EvidenceError as error:
            message = f"{error.message}; the rest is not listed"
            yield Refusal(locator=Locator(layers=(self._layer,)), kind=error.kind, message=message)

    def open(self, entry: Entry) -> Content:
        """As the reader opens it. Raises EvidenceError."""
        return self._reader.open(entry)
