"""An EWF-v1 image (.E01 ...) as a ByteSource. Every chunk's checksum is compared each time it is read."""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence

from headwater.evidence.disk.ewf_chunks import decode
from headwater.evidence.disk.ewf_layout import (
    agreed_stored,
    agreed_volume,
    lay_out,
    number_in_name,
    ordered_maps,
    read_facts,
)
from headwater.evidence.disk.ewf_segments import of_one_set, usable_maps
from headwater.evidence.disk.ewf_tables import ChunkTable, Group, Tables
from headwater.evidence.disk.segments import RangeSet, Segment, SegmentSource
from headwater.evidence.reader import ByteSource
from headwater.formats.ewf import SIGNATURE, refuse_relatives
from headwater.model.errors import Truncated
from headwater.model.item import ByteRange

_BATCH_BYTES = 2 << 20  # stored bytes fetched by one read
_CACHED_CHUNKS, _CACHED_BYTES = 64, 32 << 20  # whichever is reached first: a chunk may be of 64 MiB
_CACHED_READ_CHUNKS = 8  # longer reads pass the cache by


class EwfImage:
    """The media inside the segments of one E01.

    A chunk that is damaged or absent reads as zeros and is listed in `bad_ranges`; what is wrong with the image's own
    structure is in `notes`. Both grow as more is read. A segment that cannot be read, or is of another image, counts
    as absent. Raises UnknownFormat for a sibling format, Malformed or Truncated where no media can be made of the
    segments.

    files: read the segments from these instead, one for each (for an image that is itself a file inside evidence).
    chunk_sources: read chunk data from these instead, one for each segment as given (to digest what streams past).
    """

    def __init__(
        self, segments: Sequence[Segment], *, files: Sequence[ByteSource] = (), chunk_sources: Sequence[ByteSource] = ()
    ) -> None:
        if not segments:
            raise Truncated("no segments")
        self._files = tuple(files) or tuple(SegmentSource(segment) for segment in segments)
        refuse_relatives(self._files[0].read_at(0, len(SIGNATURE)))
        usable, lost_notes = usable_maps([segment.name for segment in segments], self._files)
        given, foreign_notes = of_one_set(usable)
        self._data: dict[int, ByteSource] = dict(zip(map(id, self._files), chunk_sources or self._files, strict=True))
        maps, order_notes = ordered_maps(given)
        facts = read_facts(maps)
        self.volume = agreed_volume(facts)
        self.stored = agreed_stored(facts)
        self.acquiry = tuple(facts.acquiry)
        self.acquisition_errors = tuple(facts.errors)
        self.sessions = tuple(facts.sessions)
        self._tables = Tables(self.volume.chunk_bytes)
        self._groups, layout_notes = lay_out(maps, self._tables, self.volume)
        self._firsts = [group.first_chunk for group in self._groups]
        chain_notes = [note for each in maps for note in each.notes]
        set_notes = (*lost_notes, *foreign_notes, *order_notes)
        self._notes = dict.fromkeys((*set_notes, *chain_notes, *facts.notes, *layout_notes))
        self._cache: OrderedDict[int, bytes] = OrderedDict()
        self._most_cached = min(max(_CACHED_BYTES // self.volume.chunk_bytes, 1), _CACHED_CHUNKS)
        self._bad = RangeSet()
        self._size = self.volume.media_bytes or sum(group.count for group in self._groups) * self.volume.chunk_bytes
        self._note_absent()

    @property
    def size_bytes(self) -> int:
        return self._size

    @property
    def notes(self) -> tuple[str, ...]:
        """What is wrong with the image's structure, as far as it was read."""
        return tuple(dict.fromkeys((*self._notes, *self._tables.notes)))

    def bad_ranges(self) -> tuple[ByteRange, ...]:
        """Sector-aligned ranges of the media found damaged or absent so far."""
        return self._bad.ranges()

    def covered(self) -> tuple[ByteRange, ...]:
        """Return the ranges of the media that some table places in a segment."""
        covered = RangeSet()
        for group in self._groups:
            end = (group.first_chunk + group.count) * self.volume.chunk_bytes
            covered.add(group.first_chunk * self.volume.chunk_bytes, min(end, self._size))
        return covered.ranges()

    def read_at(self, offset_bytes: int, length_bytes: int) -> bytes:
        """Up to `length_bytes` from `offset_bytes`; shorter only at the end. Damaged chunks come as zeros."""
        end = min(offset_bytes + length_bytes, self._size)
        if offset_bytes < 0 or offset_bytes >= end:
            return b""
        chunk_bytes = self.volume.chunk_bytes
        first, last = offset_bytes // chunk_bytes, (end - 1) // chunk_bytes
        begin = offset_bytes - first * chunk_bytes
        if first == last:
            return self._cached(first)[begin : begin + end - offset_bytes]
        pieces = self._through_cache(first, last + 1)
        pieces[-1] = pieces[-1][: end - last * chunk_bytes]
        pieces[0] = pieces[0][begin:]
        return b"".join(pieces)

    def _through_cache(self, first: int, stop: int) -> list[bytes]:
        if stop - first > _CACHED_READ_CHUNKS:
            return list(self._chunks(first, stop))
        return [self._cached(chunk) for chunk in range(first, stop)]

    def _cached(self, chunk: int) -> bytes:
        data = self._cache.get(chunk)
        if data is None:
            data = self._cache[chunk] = next(self._chunks(chunk, chunk + 1))
            if len(self._cache) > self._most_cached:
                self._cache.popitem(last=False)
        self._cache.move_to_end(chunk)
        return data

    def _chunks(self, at: int, stop: int) -> Iterator[bytes]:
        """Yield the media bytes of chunks ``[at, stop)``, zeros for each that is damaged or absent."""
        while at < stop:
            index = bisect_right(self._firsts, at) - 1
            group = self._groups[index] if index >= 0 else None
            if group is None or at >= group.first_chunk + group.count:
                yield bytes(self._wanted(at))  # listed as bad when the image was opened
                at += 1
                continue
            end = min(stop, group.first_chunk + group.count)
            yield from self._of_group(group, at - group.first_chunk, end - group.first_chunk)
            at = end

    def _of_group(self, group: Group, at: int, stop: int) -> Iterator[bytes]:
        table = self._tables.of(group)
        source = self._data[id(group.segment.source)]
        for first, last in _batches(table, at, stop):
            start, end = int(table.starts[first]), int(table.ends[last - 1])
            stored = memoryview(source.read_at(start, end - start) if start >= 0 else b"")
            places = (each[first:last].tolist() for each in (table.starts, table.ends, table.compressed))
            for chunk, (begin, finish, packed) in enumerate(zip(*places, strict=True), group.first_chunk + first):
                yield self._decoded(chunk, stored[begin - start : finish - start], packed)

    def _decoded(self, chunk: int, stored: memoryview, compressed: bool) -> bytes:
        wanted = self._wanted(chunk)
        data = decode(stored, compressed=compressed, wanted_bytes=wanted, chunk_bytes=self.volume.chunk_bytes)
        if data is None:
            begin = chunk * self.volume.chunk_bytes
            self._bad.add(begin, begin + wanted)
            return bytes(wanted)
        return data

    def _wanted(self, chunk: int) -> int:
        return min(self.volume.chunk_bytes, self._size - chunk * self.volume.chunk_bytes)

    def _note_absent(self) -> None:
        at = 0
        for covered in self.covered():
            self._bad.add(at, covered.offset_bytes)
            at = covered.end_bytes
        self._bad.add(at, self._size)


def _batches(table: ChunkTable, at: int, stop: int) -> Iterator[tuple[int, int]]:
    """Yield runs of chunks that lie one behind the other in the file, each run short enough for one read."""
    starts, ends = table.starts[at:stop].tolist(), table.ends[at:stop].tolist()
    first = 0
    for index in range(1, len(starts) + 1):
        if (
            index == len(starts)
            or starts[index] != ends[index - 1]
            or starts[index] < 0
            or ends[index] - starts[first] > _BATCH_BYTES
        ):
            yield at + first, at + index
            first = index


def is_ewf(segments: Sequence[Segment]) -> bool:
    """Whether these are segments of an E01. A signature damaged in one or two of its eight bytes still counts.

    Where the first segment cannot be read at all, its name and the signature of another one say so.
    """
    starts = (SegmentSource(segment).read_at(0, len(SIGNATURE)) for segment in segments)
    first = next(starts, b"")
    if first == SIGNATURE:
        return True
    differing = sum(have != want for have, want in zip(first, SIGNATURE, strict=False))
    if len(first) == len(SIGNATURE) and differing <= 2:
        return True
    named = bool(segments) and number_in_name(segments[0].name) is not None
    return named and any(start == SIGNATURE for start in starts)
