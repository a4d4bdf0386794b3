"""One way in: seized segments to a Reader over everything they hold. Runs inside the jailed worker.

What a source is, is decided by its content alone. Each layer is opened or refused by name; a volume that cannot be
opened becomes a Refusal with its locator, and the others are still read.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from headwater.evidence.archive import open_archive
from headwater.evidence.disk import partitions, signatures
from headwater.evidence.disk.ewf import EwfImage, is_ewf
from headwater.evidence.disk.filesystems import FileSystemReader
from headwater.evidence.disk.raw import RawImage
from headwater.evidence.disk.segments import Segment
from headwater.evidence.reader import ByteSource, Content, Limits, Reader
from headwater.model.errors import EvidenceError, Malformed, Truncated, UnknownFormat
from headwater.model.item import Entry, Refusal
from headwater.model.locator import Layer, Locator
from headwater.model.visible import visible

_HEAD_BYTES = 36 << 10
_TAIL_BYTES = 64 << 10
_EMPTY = "empty"
_LEAST_INNER_BYTES = 64 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeShape:
    """One volume of a source. `file_system` is its exact type, `empty`, or nothing where `refused` says why."""

    name: str
    type_name: str = ""
    start_bytes: int = 0
    length_bytes: int = 0
    file_system: str = ""
    label: str = ""
    refused: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceShape:
    """What a source is made of: for the report, encodable by msgspec."""

    container: str
    size_bytes: int = 0
    volumes: tuple[VolumeShape, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One volume (or the one archive) of a source: the layers above it, and its reader or its refusal."""

    layers: tuple[Layer, ...]
    shape: VolumeShape
    reader: Reader | None = None
    refusal: Refusal | None = None


@dataclass(slots=True, kw_only=True)
class SourceReader:
    """Chains the volumes of one source. A Reader."""

    kind: str
    size_bytes: int
    parts: tuple[Part, ...]
    notes: tuple[str, ...] = field(default=())

    def entries(self) -> Iterator[Entry | Refusal]:
        """Every file of every volume, volume after volume; a volume that stops half way leaves a Refusal."""
        for part in self.parts:
            if part.refusal is not None:
                yield part.refusal
            if part.reader is not None:
                yield from _prefixed(part, part.reader)

    def open(self, entry: Entry) -> Content:
        """Open one listed file. Raises EvidenceError."""
        layers = entry.locator.layers
        for part in self.parts:
            above = len(part.layers)
            if part.reader is not None and layers[:above] == part.layers:
                return part.reader.open(replace(entry, locator=Locator(layers=layers[above:])))
        raise Malformed(f"no volume holds {entry.locator.path}")


def open_source(segments: Sequence[Segment], limits: Limits) -> SourceReader:
    """Open E01, raw, split raw, zip, tar or a compressed file by content. Raises EvidenceError, refusing by name."""
    if not segments:
        raise Truncated("no segments")
    source = RawImage(segments)
    if not source.size_bytes:
        raise Truncated("the source is empty: 0 bytes")
    refused = signatures.refused_name(source, signatures.CONTAINERS)
    if refused is not None:
        raise signatures.refusal(refused)
    if is_ewf(segments):
        image = EwfImage(segments)
        return _disk("e01", image, partitions.read_partitions(image), limits, image.notes)
    table = partitions.read_partitions(source)
    archive = None if _is_surely_a_disk(source, table) else _archive(source, segments[0].name, limits)
    return archive or _disk("raw", source, table, limits, source.notes)


def open_inner(source: ByteSource, limits: Limits) -> SourceReader | None:
    """Open a raw disk image that lies as a file inside other evidence; None where no file system is seen in it.

    Held to more than `open_source`: a file is not taken for a disk because its first sector looks like a boot sector.
    """
    if source.size_bytes < _LEAST_INNER_BYTES or not _boots(source):
        return None
    try:
        reader = _disk("raw", source, partitions.read_partitions(source), limits, ())
    except EvidenceError:
        return None
    return reader if any(part.reader for part in reader.parts) else None


def _boots(source: ByteSource) -> bool:
    """Whether a file system begins here, or a partition table ends the first sector."""
    return bool(signatures.file_system_kind(source)) or source.read_at(510, 2) == b"\x55\xaa"


def describe(reader: SourceReader) -> SourceShape:
    """Return the shape of an opened source."""
    volumes = tuple(part.shape for part in reader.parts)
    return SourceShape(container=reader.kind, size_bytes=reader.size_bytes, volumes=volumes, notes=reader.notes)


def _is_surely_a_disk(source: ByteSource, table: partitions.PartitionTable) -> bool:
    """Asked before archives, as the last sectors of a disk may hold the end of a zip file."""
    kind = signatures.file_system_kind(source)
    boot_block_is_empty = not source.read_at(0, 1024).strip(b"\0")
    return bool(table.volumes) or kind in ("ntfs", "fat") or (kind == "ext" and boot_block_is_empty)


def _archive(source: ByteSource, name: str, limits: Limits) -> SourceReader | None:
    head = source.read_at(0, _HEAD_BYTES)
    reader = open_archive(source, head=head, outer_name=os.fsencode(name), limits=limits)
    if reader is None:
        return None
    if reader.kind == "zip" and b"aff4://" in source.read_at(max(source.size_bytes - _TAIL_BYTES, 0), _TAIL_BYTES):
        raise UnknownFormat("an AFF4 image: Headwater does not read it", next_step="Convert it to a raw image or E01.")
    shape = VolumeShape(name="", type_name=reader.kind, length_bytes=source.size_bytes)
    part = Part(layers=(), shape=shape, reader=reader)
    return SourceReader(kind=reader.kind, size_bytes=source.size_bytes, parts=(part,))


def _disk(
    kind: str, source: ByteSource, table: partitions.PartitionTable, limits: Limits, notes: tuple[str, ...]
) -> SourceReader:
    """Read a disk with a partition table, or one volume without."""
    above = (Layer(kind=kind),)
    if not table.volumes or signatures.file_system_kind(source) in ("ntfs", "fat"):
        part = _opened(above, source, VolumeShape(name="", length_bytes=source.size_bytes), limits)
        return SourceReader(kind=kind, size_bytes=source.size_bytes, parts=(part,), notes=notes)
    parts = tuple(_part((*above, volume.layer), volume, limits) for volume in table.volumes)
    outside = sum(gap.length_bytes for gap in table.gaps)
    notes = (*notes, *table.notes, *([f"{outside} bytes lie outside every volume: not examined"] if outside else []))
    return SourceReader(kind=kind, size_bytes=source.size_bytes, parts=parts, notes=notes)


def _part(layers: tuple[Layer, ...], volume: partitions.Volume, limits: Limits) -> Part:
    """One volume of several: where it is refused, the others still stand."""
    shape = VolumeShape(
        name=visible(volume.layer.name),
        type_name=volume.type_name,
        start_bytes=volume.start_bytes,
        length_bytes=volume.length_bytes,
        label=volume.label,
    )
    try:
        return _opened(layers, volume.source, shape, limits)
    except EvidenceError as error:
        refusal = Refusal(locator=Locator(layers=layers), kind=error.kind, message=error.message)
        return Part(layers=layers, shape=replace(shape, refused=error.message), refusal=refusal)


def _opened(layers: tuple[Layer, ...], source: ByteSource, shape: VolumeShape, limits: Limits) -> Part:
    """Open a volume, or raise the EvidenceError that names what it is."""
    refused = signatures.refused_name(source, signatures.VOLUMES)
    kind = signatures.file_system_kind(source)
    if refused is not None and (refused.encrypted or not kind):
        raise signatures.refusal(refused)
    if kind:
        reader = FileSystemReader(source, kind, limits)
        facts = reader.facts()
        shape = replace(shape, file_system=facts.file_system, label=facts.label or shape.label, notes=facts.notes)
        return Part(layers=layers, shape=shape, reader=reader)
    if signatures.is_empty(source):
        return Part(layers=layers, shape=replace(shape, file_system=_EMPTY))
    raise signatures.unknown(source)


def _prefixed(part: Part, reader: Reader) -> Iterator[Entry | Refusal]:
    """Give the part's entries with the layers above them. An error in the middle becomes a Refusal of the volume."""
    entries = reader.entries()
    while True:
        try:
            found = next(entries)
        except StopIteration:
            return
        except EvidenceError as error:
            yield Refusal(locator=Locator(layers=part.layers), kind=error.kind, message=error.message)
            return
        yield replace(found, locator=Locator(layers=(*part.layers, *found.locator.layers)))
