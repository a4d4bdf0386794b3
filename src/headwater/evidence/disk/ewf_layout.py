"""The segments of an E01 put together: their order, the geometry, and which chunks lie where."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from headwater.evidence.disk.ewf_chain import LOST, SegmentMap
from headwater.evidence.disk.ewf_tables import Group, Tables
from headwater.formats.ewf import (
    Acquisition,
    Stored,
    Volume,
    parse_digest,
    parse_error2,
    parse_hash,
    parse_header,
    parse_session,
    parse_volume,
    refuse_impossible,
)
from headwater.model.errors import EvidenceError, Malformed, UnknownFormat
from headwater.model.source_report import SectorRange

_MAX_SECTION_BYTES = 16 << 20  # of the small sections that are read whole
_SMALL = frozenset({"volume", "disk", "data", "hash", "digest", "error2", "session", "header", "header2"})
_SUFFIX = re.compile(r"\.([E-Z])(\d\d|[A-Z]{2})$")


@dataclass(slots=True, kw_only=True)
class Facts:
    """What the small sections of all segments say. `notes` lists what does not hold among them."""

    volumes: list[tuple[str, Volume]] = field(default_factory=list)
    stored: list[Stored] = field(default_factory=list)
    acquiry: list[Acquisition] = field(default_factory=list)
    errors: list[SectorRange] = field(default_factory=list)
    sessions: list[SectorRange] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def ordered_maps(maps: Sequence[SegmentMap]) -> tuple[tuple[SegmentMap, ...], tuple[str, ...]]:
    """Order segments by the number in their file header, with notes. Raises Malformed where a number is there twice.

    The file header carries no checksum: where its numbers make no whole set but those of the file names do, they count.
    """
    whole = list(range(1, len(maps) + 1))
    named = [number_in_name(each.name) for each in maps]
    if sorted(each.header.segment_number for each in maps) != whole and named == whole:
        said = [(each.name, each.header.segment_number) for each in maps]
        wrong = [pair for pair, number in zip(said, whole, strict=True) if pair[1] != number]
        return _renumbered(maps), tuple(f"{name}: its header says segment {it}; its name counts" for name, it in wrong)
    by_number: dict[int, SegmentMap] = {}
    for each in maps:
        twin = by_number.setdefault(each.header.segment_number, each)
        if twin is not each:
            raise Malformed(f"{twin.name} and {each.name} both say they are segment {each.header.segment_number}")
    ordered = tuple(by_number[number] for number in sorted(by_number))
    given = tuple(maps) == ordered
    return ordered, () if given else ("the segments were given out of order; read in the order of their numbers",)


def number_in_name(name: str) -> int | None:
    """Return the segment number a file name spells: .E01 to .E99, then .EAA to .ZZZ."""
    found = _SUFFIX.search(name.upper())
    if found is None:
        return None
    if found[2].isdigit():
        return int(found[2]) if found[1] == "E" else None
    first, second, third = (ord(letter) - ord("A") for letter in found[1] + found[2])
    return 100 + (first - 4) * 676 + second * 26 + third


def _renumbered(maps: Sequence[SegmentMap]) -> tuple[SegmentMap, ...]:
    return tuple(
        replace(each, header=replace(each.header, segment_number=number)) for number, each in enumerate(maps, start=1)
    )


def read_facts(maps: Sequence[SegmentMap]) -> Facts:
    """Read every small section of every segment. What cannot be read becomes a note."""
    facts = Facts()
    for segment in maps:
        for section in (each for each in segment.sections if each.type in _SMALL):
            data = segment.source.read_at(section.data_offset_bytes, min(section.data_bytes, _MAX_SECTION_BYTES))
            try:
                _take(facts, segment.name, section.type, data)
            except UnknownFormat:
                raise
            except EvidenceError as error:
                facts.notes.append(f"{segment.name}: section {section.type} at byte {section.offset_bytes}: {error}")
    return facts


def _take(facts: Facts, segment: str, kind: str, data: bytes) -> None:
    holds = True
    match kind:
        case "volume" | "disk" | "data":
            volume = parse_volume(data)
            holds = volume.checksum_holds
            facts.volumes.append((segment, volume))
        case "hash" | "digest":
            stored = parse_hash(data) if kind == "hash" else parse_digest(data)
            holds = stored.checksum_holds
            facts.stored.append(stored)
        case "error2" | "session":
            errors = parse_error2(data) if kind == "error2" else parse_session(data)
            holds = errors.checksum_holds
            (facts.errors if kind == "error2" else facts.sessions).extend(errors.ranges)
        case "header" | "header2":
            facts.acquiry.append(parse_header(data))
    if not holds:
        facts.notes.append(f"{segment}: the checksum of section {kind} does not hold")


def agreed_volume(facts: Facts) -> Volume:
    """Return the geometry all segments share. Raises Malformed where none has one."""
    sound = [(name, volume) for name, volume in facts.volumes if volume.checksum_holds]
    for (first, volume), (name, other) in zip(sound[:1] * len(sound), sound, strict=True):
        if replace(other, set_guid=volume.set_guid) != volume:
            facts.notes.append(f"{name} and {first} give the geometry of the media differently; the first was used")
    if not facts.volumes:
        raise Malformed("no segment holds a readable volume section: the geometry of the media is not known")
    chosen = sound[0][1] if sound else facts.volumes[0][1]
    refuse_impossible(chosen)
    return chosen


def agreed_stored(facts: Facts) -> Stored:
    """Return the stored digests, from sections whose checksum holds; later sections do not overrule earlier ones."""
    md5 = sha1 = ""
    for stored in (each for each in facts.stored if each.checksum_holds):
        if (md5 and stored.md5 and md5 != stored.md5) or (sha1 and stored.sha1 and sha1 != stored.sha1):
            facts.notes.append("the hash and digest sections store different digests")
        md5, sha1 = md5 or stored.md5, sha1 or stored.sha1
    return Stored(md5=md5, sha1=sha1)


def lay_out(maps: Sequence[SegmentMap], tables: Tables, volume: Volume) -> tuple[tuple[Group, ...], list[str]]:
    """Give each chunk of all segments its number; with notes.

    Chunks missing in one place leave a gap there. Missing in several, only those before the first place and behind the
    last can be numbered; the others are noted and left out.
    """
    pieces = list(_pieces(maps, tables))
    known = sum(piece.count for piece in pieces if isinstance(piece, Group))
    missing = volume.chunk_count - known
    gaps = [at for at, piece in enumerate(pieces) if isinstance(piece, str)]
    first, last = (gaps[0], gaps[-1]) if gaps and missing > 0 else (len(pieces), len(pieces))
    groups = [*_numbered(pieces[:first], 0)]
    behind = [piece for piece in pieces[last:] if isinstance(piece, Group)]
    groups += _numbered(behind, volume.chunk_count - sum(group.count for group in behind))
    notes = [
        f"{piece.spelled}: its {piece.count} chunks could not be placed"
        for piece in pieces[first:last]
        if isinstance(piece, Group)
    ]
    if missing > 0:
        places = "; ".join(piece for piece in pieces if isinstance(piece, str)) or "no table holds them"
        notes.append(f"{missing} of {volume.chunk_count} chunks are missing: {places}")
    if missing < 0:
        notes.append(f"the tables hold {known} chunks, the volume section says {volume.chunk_count}")
    for index, group in enumerate(groups):
        group.index = index
    return tuple(groups), notes


def _numbered(pieces: Sequence[Group | str], chunk: int) -> Iterator[Group]:
    for piece in pieces:
        if isinstance(piece, Group) and piece.count:
            piece.first_chunk = chunk
            chunk += piece.count
            yield piece


def _pieces(maps: Sequence[SegmentMap], tables: Tables) -> Iterator[Group | str]:
    """Yield groups of chunks in media order; between them, as text, the places where chunks may be missing."""
    expected = 1
    for segment in maps:
        number = segment.header.segment_number
        if number > expected:
            missing = f"segment {expected}" if number == expected + 1 else f"segments {expected} to {number - 1}"
            yield f"{missing} not given (before {segment.name})"
        expected = number + 1
        yield from _segment_pieces(segment, tables)
    if maps and maps[-1].is_complete and not maps[-1].is_final:
        yield f"the segments after {maps[-1].name} are not given"


def _segment_pieces(segment: SegmentMap, tables: Tables) -> Iterator[Group | str]:
    group: Group | None = None
    lost: list[str] = []
    for section in segment.sections:
        if section.type == LOST:
            lost.append(f"{segment.name}, byte {section.offset_bytes}: a lost section")
        elif section.type in {"sectors", "table", "table2"}:
            if group is not None and _begins_anew(group, section.type):
                yield from _closed(group, tables)
                yield from lost
                group, lost = None, []
            group = group or Group(segment=segment, index=0)
            setattr(group, section.type, section)
    if group is not None:
        yield from _closed(group, tables)
    yield from lost
    if not segment.is_complete:
        yield f"{segment.name} is cut short"


def _begins_anew(group: Group, kind: str) -> bool:
    """Whether a section opens the next group: the order is sectors, table, table2, any of which may be lost."""
    return kind == "sectors" or (kind == "table" and group.table is not None) or (
        kind == "table2" and group.table2 is not None
    )  # fmt: skip


def _closed(group: Group, tables: Tables) -> Iterator[Group | str]:
    group.count = tables.count(group)
    yield group
    if group.walked is not None:
        yield f"{group.segment.name}: no table for all of the data up to byte {group.data_end_bytes}"
