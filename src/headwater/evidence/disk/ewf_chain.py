"""The chain of sections of one E01 segment, followed even where a link is damaged."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from headwater.evidence.reader import ByteSource
from headwater.formats.ewf import (
    DESCRIPTOR_BYTES,
    FILE_HEADER_BYTES,
    SECTION_TYPES,
    FileHeader,
    Section,
    parse_file_header,
    parse_section,
)
from headwater.model.visible import visible

LOST = "lost"  # stands for a section whose descriptor says nothing that can be used
_SCAN_BYTES = 1 << 20
_MAX_SECTIONS = 400_000  # an unsplit 4 TB image has about 25,000
_MAX_NOTES = 200
_NAMES = re.compile(rb"(?:" + b"|".join(name.encode() for name in sorted(SECTION_TYPES, reverse=True)) + rb")\0")


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentMap:
    """What one segment file holds: its header, its sections in file order, and what was found wrong.

    Attributes:
        is_complete: the chain ends in `next` or `done`, inside the file.

    """

    name: str
    source: ByteSource
    header: FileHeader
    sections: tuple[Section, ...]
    notes: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        return bool(self.sections) and self.sections[-1].is_last

    @property
    def is_final(self) -> bool:
        return self.is_complete and self.sections[-1].type == "done"


def map_segment(name: str, source: ByteSource) -> SegmentMap:
    """Follow the chain of one segment. Raises Truncated where not even the file header is there."""
    header = parse_file_header(source.read_at(0, FILE_HEADER_BYTES))
    walk = _Walk(visible(name), source)
    if not header.as_expected:
        walk.note("the file header is damaged")
    sections = tuple(walk.sections())
    return SegmentMap(name=visible(name), source=source, header=header, sections=sections, notes=tuple(walk.notes))


class _Walk:
    def __init__(self, name: str, source: ByteSource) -> None:
        self._name = name
        self._source = source
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        if len(self.notes) < _MAX_NOTES:
            self.notes.append(f"{self._name}: {text}")

    def sections(self) -> Iterator[Section]:
        at = FILE_HEADER_BYTES
        for _ in range(_MAX_SECTIONS):
            if at + DESCRIPTOR_BYTES > self._source.size_bytes:
                break
            section = self._read(at)
            if not section.checksum_holds:
                section = self._mended(section)
            elif section.type not in SECTION_TYPES:
                self.note(f"section '{visible(section.type)}' at byte {at} is of no known type; passed over")
            yield section
            if section.is_last:
                self._after_last(section)
                return
            at = self._following(section)
        self.note(f"the chain of sections breaks off at byte {min(at, self._source.size_bytes)}, without next or done")

    def _read(self, at: int) -> Section:
        return parse_section(self._source.read_at(at, DESCRIPTOR_BYTES), at)

    def _after_last(self, section: Section) -> None:
        behind = self._source.size_bytes - section.data_offset_bytes
        if behind:
            self.note(f"{behind} bytes follow the {section.type} section")

    def _following(self, section: Section) -> int:
        """Where the next section begins; behind the end of the file where this one was cut."""
        size = self._source.size_bytes
        if section.next_bytes > size:
            self.note(
                f"section {section.type} at byte {section.offset_bytes} runs to byte {section.next_bytes}, "
                f"but the file ends at byte {size}"
            )
            return section.next_bytes
        if section.next_bytes >= section.data_offset_bytes:
            return section.next_bytes
        self.note(f"section {section.type} at byte {section.offset_bytes} names no later one; the next was searched")
        return self._search(section.data_offset_bytes)

    def _mended(self, damaged: Section) -> Section:
        """Return what can still be used of a section whose descriptor's checksum does not hold."""
        where = f"the descriptor of the section at byte {damaged.offset_bytes} is damaged"
        known = damaged.type in SECTION_TYPES
        if known and damaged.is_last and damaged.data_offset_bytes >= self._source.size_bytes:
            self.note(f"{where}; it reads {damaged.type}")
            return damaged
        following = damaged.next_bytes if self._holds(damaged.next_bytes, damaged) else 0
        if not following:
            following = self._search(damaged.data_offset_bytes)
        self.note(f"{where}; the chain goes on at byte {following}" + (f", it reads {damaged.type}" if known else ""))
        kind = damaged.type if known and not damaged.is_last else LOST
        size = following - damaged.offset_bytes
        return replace(damaged, type=kind, next_bytes=following, size_bytes=size)

    def _holds(self, at: int, before: Section) -> bool:
        inside = before.data_offset_bytes <= at <= self._source.size_bytes - DESCRIPTOR_BYTES
        return inside and self._read(at).checksum_holds

    def _search(self, start: int) -> int:
        """Return the place of the next sound descriptor from `start`, or the end of the file.

        A descriptor counts only where it lies where it says it lies: an E01 stored inside the evidence does not.
        """
        size = self._source.size_bytes
        for at in range(start, size, _SCAN_BYTES):
            block = self._source.read_at(at, _SCAN_BYTES + DESCRIPTOR_BYTES)
            for found in _NAMES.finditer(block, 0, min(len(block), _SCAN_BYTES + 16)):
                place = found.start()
                if place < _SCAN_BYTES and len(block) >= place + DESCRIPTOR_BYTES:
                    section = parse_section(block[place : place + DESCRIPTOR_BYTES], at + place)
                    if section.checksum_holds and _lies_where_it_says(section):
                        return at + place
        return size


def _lies_where_it_says(section: Section) -> bool:
    if section.is_last:
        return section.next_bytes == section.offset_bytes
    return section.size_bytes >= DESCRIPTOR_BYTES and section.next_bytes == section.offset_bytes + section.size_bytes
