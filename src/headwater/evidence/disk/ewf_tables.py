"""The chunk tables of an E01: where each chunk lies, from `table`, from `table2`, or by walking the data itself."""

from array import array
from collections import OrderedDict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from headwater.evidence.disk.ewf_chain import SegmentMap
from headwater.evidence.disk.ewf_chunks import max_stored_bytes, walk_chunks
from headwater.formats.ewf import (
    TABLE_HEADER_BYTES,
    Section,
    TableHeader,
    parse_table_entries,
    parse_table_header,
    resolve_entries,
)

MAX_ENTRIES = 4 << 20  # EnCase writes at most 65,534; 71 MB in memory at this limit, which is that of all held


@dataclass(slots=True, kw_only=True)
class Group:
    """A run of chunks under one table (and its copy). `count` chunks from number `first_chunk` of the media."""

    segment: SegmentMap
    index: int
    sectors: Section | None = None
    table: Section | None = None
    table2: Section | None = None
    count: int = 0
    first_chunk: int = 0
    walked: "ChunkTable | None" = None

    @property
    def spelled(self) -> str:
        table = self.table or self.table2 or self.sectors
        return f"{self.segment.name}: the table at byte {table.offset_bytes if table else 0}"

    @property
    def data_end_bytes(self) -> int:
        """Where the stored chunks end: with their section, or at the end of the file it was cut to."""
        table = self.table or self.table2
        end = self.sectors.end_bytes if self.sectors else table.offset_bytes if table else 0
        return min(end, self.segment.source.size_bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkTable:
    """Places of a group's chunks in its segment file: int64 `starts` (-1: not known), `ends`, and bool `compressed`."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    compressed: NDArray[np.bool_]


@dataclass(slots=True)
class Tables:
    """Reads tables when they are first needed and holds the last few; notes what is wrong with each, once."""

    chunk_bytes: int
    notes: dict[str, None] = field(default_factory=dict)
    _held: OrderedDict[int, ChunkTable] = field(default_factory=OrderedDict)

    def count(self, group: Group) -> int:
        """Return how many chunks the group has, by a table header that holds; else by walking its data."""
        for section in (group.table, group.table2):
            header = self._header(group, section) if section else None
            if header is not None:
                return header.entry_count
        self._note(group, "no header of table or table2 holds; its chunks were found by walking the data")
        group.walked = self._walk(group)
        return len(group.walked.starts)

    def of(self, group: Group) -> ChunkTable:
        """Return the places of the group's chunks."""
        if group.walked is not None:
            return group.walked
        held = self._held.get(group.index)
        if held is None:
            held = self._held[group.index] = self._load(group)
            while len(self._held) > 1 and sum(len(each.starts) for each in self._held.values()) > MAX_ENTRIES:
                self._held.popitem(last=False)
        self._held.move_to_end(group.index)
        return held

    def _header(self, group: Group, section: Section) -> TableHeader | None:
        data = group.segment.source.read_at(section.data_offset_bytes, TABLE_HEADER_BYTES)
        if len(data) < TABLE_HEADER_BYTES:
            self._note(group, f"{section.type} is cut off")
            return None
        header = parse_table_header(data)
        fits = header.entry_count <= MAX_ENTRIES and TABLE_HEADER_BYTES + header.entry_count * 4 <= section.data_bytes
        inside = header.base_offset_bytes <= group.segment.source.size_bytes
        if header.checksum_holds and fits and inside:
            return header
        self._note(group, f"the header of {section.type} is damaged")
        return None

    def _load(self, group: Group) -> ChunkTable:
        """Take table where it holds, else table2, else what a walk finds and both agree on."""
        first, second = self._entries(group, group.table), self._entries(group, group.table2)
        sound = [each for each in (first, second) if each is not None and each[1]]
        if not sound:
            return self._rebuilt(group, [each[0] for each in (first, second) if each is not None])
        if len(sound) == 2 and not _same(sound[0][0], sound[1][0]):
            differing = int(np.count_nonzero(sound[0][0].starts != sound[1][0].starts))
            self._note(group, f"table and table2 both hold but differ in {differing} entries; table was used")
        return sound[0][0]

    def _entries(self, group: Group, section: Section | None) -> tuple[ChunkTable, bool] | None:
        header = self._header(group, section) if section else None
        if section is None or header is None:
            return None
        if header.entry_count != group.count:
            self._note(group, f"{section.type} holds {header.entry_count} entries where {group.count} were expected")
            return None
        length = group.count * 4 + 4
        data = group.segment.source.read_at(section.data_offset_bytes + TABLE_HEADER_BYTES, length)
        if len(data) < length:
            self._note(group, f"{section.type} is cut off")
            return None
        entries, holds = parse_table_entries(data, group.count)
        if not holds:
            self._note(group, f"the entries of {section.type} are damaged")
        starts, compressed = resolve_entries(entries, header.base_offset_bytes)
        return self._bounded(group, starts, compressed), holds

    def _bounded(self, group: Group, starts: NDArray[np.int64], compressed: NDArray[np.bool_]) -> ChunkTable:
        """End each chunk where the next begins; where that cannot be, the most it could take up is read."""
        ends = np.append(starts[1:], group.data_end_bytes)
        lengths = ends - starts
        most = max_stored_bytes(self.chunk_bytes)
        ends = np.where((lengths > 0) & (lengths <= most), ends, starts + most)
        return ChunkTable(starts=starts, ends=np.minimum(ends, group.segment.source.size_bytes), compressed=compressed)

    def _rebuilt(self, group: Group, damaged: list[ChunkTable]) -> ChunkTable:
        """Neither table holds: walk the data, and behind the walk's end believe only what both tables say."""
        walked = self._walk(group)
        done = min(len(walked.starts), group.count)
        starts = np.full(group.count, -1, np.int64)
        ends, compressed = starts.copy(), np.zeros(group.count, np.bool_)
        starts[:done], ends[:done] = walked.starts[:done], walked.ends[:done]
        compressed[:done] = walked.compressed[:done]
        if len(damaged) == 2:
            agree = damaged[0].starts == damaged[1].starts
            agree &= damaged[0].compressed == damaged[1].compressed
            agree[:done] = False
            starts[agree], ends[agree] = damaged[0].starts[agree], damaged[0].ends[agree]
            compressed[agree] = damaged[0].compressed[agree]
        lost = int(np.count_nonzero(starts < 0))
        self._note(group, f"neither table nor table2 holds; {group.count - lost} of {group.count} chunks were placed")
        return ChunkTable(starts=starts, ends=ends, compressed=compressed)

    def _walk(self, group: Group) -> ChunkTable:
        starts, lengths, compressed = array("q"), array("q"), bytearray()
        if group.sectors is not None:
            start, source = group.sectors.data_offset_bytes, group.segment.source
            for chunk in walk_chunks(source, start, group.data_end_bytes, self.chunk_bytes):
                starts.append(chunk.offset_bytes)
                lengths.append(chunk.length_bytes)
                compressed.append(chunk.compressed)
                if chunk.media_bytes < self.chunk_bytes or len(starts) >= MAX_ENTRIES:
                    break
        places = np.array(starts, np.int64)
        return ChunkTable(
            starts=places, ends=places + np.array(lengths, np.int64), compressed=np.array(compressed, np.bool_)
        )

    def _note(self, group: Group, text: str) -> None:
        self.notes[f"{group.spelled}: {text}"] = None


def _same(first: ChunkTable, second: ChunkTable) -> bool:
    return bool(np.array_equal(first.starts, second.starts) and np.array_equal(first.compressed, second.compressed))
