"""A source that tells when something of it is read for one of the first times.

Listing a large volume may take minutes between two names: a search for orphans reads every inode. Each step into new
bytes is a sign of progress; reading the same bytes over and over is none, so a loop on a hostile volume is still told
from work, and the signs are no more than a few for each block of the source.
"""

from collections.abc import Callable, Sequence

from headwater.evidence.numbers import NumberSet
from headwater.evidence.reader import ByteSource
from headwater.model.item import ByteRange

_BLOCK_BYTES = 64 << 10
_PASSES = 8  # a listing goes over the same bytes a few times: free clusters are looked at before they are searched


class WatchedSource:
    """A ByteSource over another. `touch` is called when a read reaches a block of 64 KiB for the first eight times."""

    def __init__(self, source: ByteSource, touch: Callable[[], None]) -> None:
        self._source = source
        self._touch = touch
        self._read = _passes()
        self._last = -1  # the block that was read last: the same once more is no further pass

    @property
    def size_bytes(self) -> int:
        return self._source.size_bytes

    def forget(self) -> None:
        """Take every block for new again: the same is begun once more."""
        self._read = _passes()

    def read_at(self, offset_bytes: int, length_bytes: int) -> bytes:
        """Up to `length_bytes` from `offset_bytes`; shorter only at the end."""
        data = self._source.read_at(offset_bytes, length_bytes)
        last = (offset_bytes + len(data) - 1) // _BLOCK_BYTES
        first = next((each for each in self._read if last not in each), None) if data else None
        if first is not None and last != self._last:
            first.add(last)
            self._touch()
        self._last = last
        return data

    def bad_ranges(self) -> Sequence[ByteRange]:
        """Give the other source's bad ranges."""
        return self._source.bad_ranges()


def _passes() -> tuple[NumberSet, ...]:
    return tuple(NumberSet() for _ in range(_PASSES))
