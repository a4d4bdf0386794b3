"""Which bytes of a zip belong to a listed member: overlaps, and the gaps in which others may hide."""

from array import array
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from headwater.evidence.archive.zip_records import LOCAL_BYTES

_MOST = (1 << 63) - 1


class Layout:
    """Collects the spans of the members; 16 bytes of memory each."""

    def __init__(self) -> None:
        self._starts = array("Q")
        self._ends = array("Q")
        self._furthest = 0

    def add(self, start: int, end: int) -> bool:
        """Add one span. True where it begins before the end of one added earlier."""
        start, end = (min(max(place, 0), _MOST) for place in (start, end))
        overlaps = start < self._furthest
        self._starts.append(start)
        self._ends.append(max(start, end))
        self._furthest = max(self._furthest, end)
        return overlaps

    def overlapping(self) -> int:
        """How many members begin inside another one, whatever the order they were added in."""
        starts, ends = self._sorted()
        if len(starts) < 2:
            return 0
        return int(np.count_nonzero(starts[1:] < np.maximum.accumulate(ends)[:-1]))

    def gaps(self, end: int, floor: int = 0) -> Iterator[tuple[int, int]]:
        """Spans of no member from `floor` to `end`, where a local header would find room."""
        starts, ends = self._sorted()
        begins = np.concatenate(([np.uint64(0)], np.maximum.accumulate(ends) if len(ends) else ends))
        stops = np.concatenate((starts, [np.uint64(end)]))
        for index in np.flatnonzero(stops > begins + np.uint64(LOCAL_BYTES)):
            begin, stop = max(int(begins[index]), floor), min(int(stops[index]), end)
            if begin + LOCAL_BYTES < stop:
                yield begin, stop

    @property
    def first(self) -> int:
        """Where the first member begins; 0 where there is none."""
        return min(self._starts, default=0)

    def _sorted(self) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        starts = np.frombuffer(self._starts, dtype=np.uint64) if self._starts else np.empty(0, np.uint64)
        ends = np.frombuffer(self._ends, dtype=np.uint64) if self._ends else np.empty(0, np.uint64)
        order = np.lexsort((ends, starts))
        return starts[order], ends[order]
