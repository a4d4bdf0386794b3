"""Which of the files given as segments of an E01 are segments of it. The others count as missing, and are named."""

from collections import Counter
from collections.abc import Sequence

from headwater.evidence.disk.ewf_chain import SegmentMap, map_segment
from headwater.evidence.disk.ewf_layout import read_facts
from headwater.evidence.reader import ByteSource
from headwater.model.errors import EvidenceError, Malformed
from headwater.model.visible import visible


def usable_maps(names: Sequence[str], files: Sequence[ByteSource]) -> tuple[tuple[SegmentMap, ...], tuple[str, ...]]:
    """Follow the sections of each file; with notes. Raises the EvidenceError of the first where none is a segment."""
    maps: list[SegmentMap] = []
    notes: list[str] = []
    first: EvidenceError | None = None
    for name, file in zip(names, files, strict=True):
        try:
            maps.append(_mapped(name, file))
        except EvidenceError as error:
            first = first or error
            notes.append(f"{visible(name)}: {error.message}; taken as missing")
    if not maps:
        raise first or Malformed("no segments")
    return tuple(maps), tuple(notes)


def _mapped(name: str, file: ByteSource) -> SegmentMap:
    found = map_segment(name, file)
    if not found.header.as_expected and not any(section.checksum_holds for section in found.sections):
        raise Malformed(f"no segment of an E01: of its {file.size_bytes} bytes neither header nor any section holds")
    return found


def of_one_set(maps: Sequence[SegmentMap]) -> tuple[tuple[SegmentMap, ...], tuple[str, ...]]:
    """Leave out the segments of another image: those whose set identifier is not that of most; with notes."""
    known = [(each, _set_identifier(each)) for each in maps]
    counted = Counter(identifier for _, identifier in known if identifier)
    ours = counted.most_common(1)[0][0] if counted else b""  # the first one seen, where two are as many
    foreign = [each.name for each, identifier in known if identifier not in (b"", ours)]
    kept = tuple(each for each, identifier in known if identifier in (b"", ours))
    return kept, tuple(f"{name}: belongs to another image, by its set identifier; taken as missing" for name in foreign)


def _set_identifier(segment: SegmentMap) -> bytes:
    """Return the identifier of the set as the segment's volume section gives it; nothing where it gives none."""
    found = (volume.set_guid for _, volume in read_facts([segment]).volumes if volume.checksum_holds)
    return next((guid for guid in found if any(guid)), b"")
