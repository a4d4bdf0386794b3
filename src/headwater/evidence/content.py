"""A file's Content where its bytes lie open to random access."""

from headwater.evidence.reader import ByteSource
from headwater.model.item import ByteRange


class SourceContent:
    """Reads a ByteSource from start to end."""

    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self._position = 0

    def read(self, length_bytes: int = -1) -> bytes:
        """Up to `length_bytes` more; everything left where negative."""
        left = self._source.size_bytes - self._position
        data = self._source.read_at(self._position, left if length_bytes < 0 else min(left, length_bytes))
        self._position += len(data)
        return data

    def rewind(self) -> None:
        """Back to the first byte."""
        self._position = 0

    def damaged(self) -> tuple[ByteRange, ...]:
        """What of it could not be read."""
        return tuple(self._source.bad_ranges())

    def source(self) -> ByteSource:
        """The source itself."""
        return self._source

    def close(self) -> None:
        """Nothing is held."""
