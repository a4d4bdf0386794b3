"""One way in: seized segments to a Reader over everything they hold. Runs inside the jailed worker.

What a source is, is decided by its content alone. Each layer is opened or refused by name; a volume that cannot be
opened becomes a Refusal with its locator, and the others are still read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from headwater.evidence.archive import is_archive, open_archive
from headwater.evidence.content import SourceContent
from headwater.evidence.disk import partitions, signatures
from headwater.evidence.disk.ewf import EwfImage
from headwater.evidence.disk.filesystems import FileSystemReader
from headwater.evidence.disk.segments import JoinedSource, Segment, SegmentSource
from headwater.evidence.reader import ByteSource, Content, Limits, Reader
from headwater.model.errors import EvidenceError, Malformed, Truncated, UnknownFormat
from headwater.model.item import Entry, Refusal
from headwater.model.locator import Layer, Locator

_EWF_MAGIC = b"EVF\t\r\n\xff\x00"  # EWF file format, section 3.1
_HEAD_BYTES = 4096
_EMPTY = "empty"


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


@dataclass(frozen=True, slots=True, kw_only=True)
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
    """Open E01, raw, split raw, zip, tar or a compressed file by its content. Raises EvidenceError, refusing by name."""
    if not segments:
        raise Truncated("no segments")
    head = SegmentSource(segments[0]).read_at(0, _HEAD_BYTES)
    if head.startswith(_EWF_MAGIC):
        image: ByteSource = EwfImage(tuple(segments))
        return _disk("e01", image, limits)
    source: ByteSource = JoinedSource(tuple(SegmentSource(segment) for segment in segments))
    if not source.size_bytes:
        raise Truncated("the source is empty: 0 bytes")
    refused = signatures.refused_name(source, signatures.CONTAINERS)
    if refused is not None:
        raise signatures.refusal(refused)
    if is_archive(head):
        return _archive(source, head, limits)
    return _disk("raw", source, limits)


def describe(reader: SourceReader) -> SourceShape:
    """The shape of an opened source."""
    volumes = tuple(part.shape for part in reader.parts)
    return SourceShape(container=reader.kind, size_bytes=reader.size_bytes, volumes=volumes, notes=reader.notes)


def _archive(source: ByteSource, head: bytes, limits: Limits) -> SourceReader:
    if head.startswith(b"PK") and b"aff4://" in source.read_at(max(source.size_bytes - 65_536, 0), 65_536):
        raise UnknownFormat("an AFF4 image: Headwater does not read it", next_step="Convert it to a raw image or E01.")
    reader = open_archive(SourceContent(source), limits, head)
    shape = VolumeShape(name="", type_name=reader.kind, length_bytes=source.size_bytes)
    return SourceReader(
        kind=reader.kind, size_bytes=source.size_bytes, parts=(Part(layers=(), shape=shape, reader=reader),)
    )


def _disk(kind: str, source: ByteSource, limits: Limits) -> SourceReader:
    """A disk with a partition table, or one volume without."""
    above = (Layer(kind=kind),)
    if _is_one_volume(source):
        return _bare(kind, above, source, limits)
    volumes = partitions.volumes(source)
    if not volumes:
        return _bare(kind, above, source, limits)
    parts = tuple(
        _part(
            (*above, volume.layer),
            volume.source,
            VolumeShape(
                name=volume.layer.name.decode(),
                type_name=volume.type_name,
                start_bytes=volume.start_bytes,
                length_bytes=volume.length_bytes,
            ),
            limits,
        )
        for volume in volumes
    )
    return SourceReader(kind=kind, size_bytes=source.size_bytes, parts=parts)


def _is_one_volume(source: ByteSource) -> bool:
    """NTFS and FAT boot sectors end like a partition table does, so they are asked first."""
    return signatures.file_system_kind(source) in ("ntfs", "fat")


def _bare(kind: str, above: tuple[Layer, ...], source: ByteSource, limits: Limits) -> SourceReader:
    """A source that is one volume: where it is refused, the whole source is."""
    shape = VolumeShape(name="", length_bytes=source.size_bytes)
    part = _opened(above, source, shape, limits)
    return SourceReader(kind=kind, size_bytes=source.size_bytes, parts=(part,))


def _part(layers: tuple[Layer, ...], source: ByteSource, shape: VolumeShape, limits: Limits) -> Part:
    try:
        return _opened(layers, source, shape, limits)
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
        shape = replace(shape, file_system=facts.file_system, label=facts.label, notes=facts.notes)
        return Part(layers=layers, shape=shape, reader=cast("Reader", reader))
    if signatures.is_empty(source):
        return Part(layers=layers, shape=replace(shape, file_system=_EMPTY))
    raise signatures.unknown(source)


def _prefixed(part: Part, reader: Reader) -> Iterator[Entry | Refusal]:
    """The part's entries with the layers above them. An error in the middle becomes a Refusal of the volume."""
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


