"""Raw images: the sectors as they are, in one file or split into numbered ones (.000 .001 ..., or .001 .002 ...)."""

import re
from collections.abc import Sequence
from itertools import pairwise

from headwater.evidence.disk.segments import JoinedSource, Segment, SegmentSource
from headwater.evidence.reader import ByteSource
from headwater.model.errors import Malformed
from headwater.model.visible import visible

SECTOR_BYTES = 512

_NUMBERED = re.compile(r"\.(\d{3,})$")


class RawImage(JoinedSource):
    """The segments of a raw image, in the order of their numbers. Raises Malformed where a number is missing or twice.

    notes: what is unusual about the set.
    """

    def __init__(self, segments: Sequence[Segment], *, sources: Sequence[ByteSource] = ()) -> None:
        ordered = ordered_segments(segments)
        self.notes = _notes(segments, ordered)
        by_name = dict(zip((segment.name for segment in segments), sources, strict=False))
        super().__init__([by_name.get(segment.name) or SegmentSource(segment) for segment in ordered])


def ordered_segments(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """Segments by their number, where all are numbered; otherwise as given. Raises Malformed for a gap or a double."""
    if len(segments) < 2:
        return tuple(segments)
    numbers = [number_in_name(segment.name) for segment in segments]
    known = [number for number in numbers if number is not None]
    if len(known) < len(numbers):
        return tuple(segments)
    pairs = sorted(zip(known, segments, strict=True), key=lambda pair: pair[0])
    _refuse_gaps(pairs)
    return tuple(segment for _, segment in pairs)


def number_in_name(name: str) -> int | None:
    """Return the number a split raw file's name ends with."""
    found = _NUMBERED.search(name)
    return int(found[1]) if found else None


def _refuse_gaps(pairs: Sequence[tuple[int, Segment]]) -> None:
    if pairs[0][0] > 1:
        raise Malformed(f"the first segment is missing: the set begins with {visible(pairs[0][1].name)}")
    for (before, earlier), (after, later) in pairwise(pairs):
        names = f"{visible(earlier.name)} and {visible(later.name)}"
        if after == before:
            raise Malformed(f"{names} carry the same segment number")
        if after > before + 1:
            raise Malformed(f"segments are missing between {names}")


def _notes(given: Sequence[Segment], ordered: Sequence[Segment]) -> tuple[str, ...]:
    notes = []
    if tuple(given) != tuple(ordered):
        notes.append("the segments were given out of order; read in the order of their numbers")
    notes += [f"{visible(segment.name)} is empty" for segment in ordered if not segment.size_bytes]
    sizes = {segment.size_bytes for segment in ordered[:-1]}
    if len(sizes) > 1 or (sizes and ordered[-1].size_bytes > max(sizes)):
        notes.append("the segments before the last differ in size, or the last is larger: one may be cut short")
    total = sum(segment.size_bytes for segment in ordered)
    if total % SECTOR_BYTES:
        notes.append(f"the size of {total} bytes is no whole number of {SECTOR_BYTES}-byte sectors")
    return tuple(notes)
