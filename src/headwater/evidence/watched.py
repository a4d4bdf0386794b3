"""A source that tells when something of it is read for the first time.

Listing a large volume may take minutes between two names: a search for orphans reads every inode. Each step into new
bytes is a sign of progress; reading the same bytes over and over is none, so a loop on a hostile volume is still told
from work, and the signs are no more than the source has blocks.
"""

from collections.abc import Callable, Sequence

from headwater.evidence.numbers import NumberSet
from headwater.evidence.reader import ByteSource
from headwater.model.item import ByteRange

_BLOCK_BYTES = 64 << 10


class WatchedSource:
    """A ByteSource over another. `touch` is called for each read that reaches a block of 64 KiB not read before."""

    def __init__(self, source: ByteSource, touch: Callable[[], None]) -> None:
        self._source = source
        self._touch = touch
        self._read = NumberSet()

    @property
    def size_bytes(self) -> int:
        return self._source.size_bytes

    def forget(self) -> None:
        """Take every block for new again: the same is begun once more."""
        self._read = NumberSet()

    def read_at(self, offset_bytes: int, length_bytes: int) -> bytes:
        """Up to `length_bytes` from `offset_bytes`; shorter only at the end."""
        data = self._source.read_at(offset_bytes, length_bytes)
        last = (offset_bytes + len(data) - 1) // _BLOCK_BYTES
        if data and last not in self._read:
            self._read.add(last)
            self._touch()
        return data

    def bad_ranges(self) -> Sequence[ByteRange]:
        """Give the other source's bad ranges."""
        return self._source.bad_ranges()
