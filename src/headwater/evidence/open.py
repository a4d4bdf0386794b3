"""One way in: seized segments to a Reader over everything they hold. Runs inside the jailed worker.

What a source is, is decided by its content alone. Each layer is opened or refused by name; a volume that cannot be
opened becomes a Refusal with its locator, and the others are still read.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from headwater.evidence.archive import is_zip_at_its_end, open_archive
from headwater.evidence.disk import mbr, partitions, signatures
from headwater.evidence.disk.ewf import EwfImage, is_ewf
from headwater.evidence.disk.ewf_chain import map_segment
from headwater.evidence.disk.filesystems import FileSystemReader
from headwater.evidence.disk.raw import RawImage
from headwater.evidence.disk.segments import Segment
from headwater.evidence.disk.volume_facts import check_ext, volume_facts
from headwater.evidence.reader import ByteSource, Content, Limits, Reader
from headwater.evidence.watched import WatchedSource
from headwater.formats.ewf import SIGNATURE
from headwater.model.errors import EvidenceError, Malformed, Truncated, UnknownFormat
from headwater.model.item import Entry, Refusal
from headwater.model.locator import Layer, Locator
from headwater.model.visible import visible

_HEAD_BYTES = 36 << 10
_TAIL_BYTES = 64 << 10
_EMPTY = "empty"
_TABLE = b"partition table"
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
    watched: WatchedSource | None = None

    def entries(self) -> Iterator[Entry | Refusal]:
        """Every file of every volume, volume after volume; a volume that stops half way leaves a Refusal."""
        if self.watched is not None:
            self.watched.forget()
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


def open_source(segments: Sequence[Segment], limits: Limits, touch: Callable[[], None] = lambda: None) -> SourceReader:
    """Open E01, raw, split raw, zip, tar or a compressed file by content. Raises EvidenceError, refusing by name.

    touch: called as opening and listing go on to other bytes.
    """
    if not segments:
        raise Truncated("no segments")
    image = RawImage(segments)
    source = WatchedSource(image, touch)
    if not source.size_bytes:
        raise Truncated("the source is empty: 0 bytes")
    refused = signatures.refused_name(source, signatures.CONTAINERS)
    if refused is not None:
        raise signatures.refusal(refused)
    if is_ewf(segments):
        ewf = EwfImage(segments)
        media = WatchedSource(ewf, touch)
        disk = _disk("e01", media, partitions.read_partitions(media), limits, ewf.notes)
        return replace(_or_zip(source, disk), watched=media)
    table = partitions.read_partitions(source)
    archive = None if _is_surely_a_disk(source, table) else _archive(source, segments[0].name, limits)
    return replace(archive or _or_zip(source, _disk("raw", source, table, limits, image.notes)), watched=source)


def open_inside(source: ByteSource, *, outer_name: bytes, limits: Limits) -> Iterator[Reader | EvidenceError]:
    """Open what a file inside other evidence holds: an archive, a disk image, or both where both are seen in it.

    Gives the EvidenceError of what is recognised and not opened, nothing for any other file.
    """
    refused = False
    opens: tuple[Callable[[], Reader | None], ...] = (
        partial(_inner_container, source, limits),
        partial(_archive_reader, source, outer_name, limits),
        partial(_inner_disk, source, limits),
    )
    for each in opens:
        try:
            reader = each()
        except EvidenceError as error:
            if not refused:  # one name for it is enough
                yield error
            refused = True
        else:
            if reader is not None:
                yield reader


def _inner_container(source: ByteSource, limits: Limits) -> SourceReader | None:
    """An E01 that is whole in one file. Raises EvidenceError, refusing by name, for any other container."""
    refused = signatures.certain_name(source, signatures.CONTAINERS)
    if refused is not None:
        raise signatures.refusal(refused)
    if source.read_at(0, len(SIGNATURE)) != SIGNATURE:
        return None
    first = map_segment("image", source)
    if first.header.segment_number != 1 or (first.is_complete and not first.is_final):
        number = first.header.segment_number
        raise UnknownFormat(f"segment {number} of a split image inside other evidence: give it as a source of its own")
    image = EwfImage([Segment("image", -1, source.size_bytes)], files=[source])
    return _disk("e01", image, partitions.read_partitions(image), limits, image.notes)


def _inner_disk(source: ByteSource, limits: Limits) -> SourceReader | None:
    """A raw disk image. Raises the EvidenceError of one that is recognised and cannot be opened.

    Held to more than `open_source`: a file is not taken for a disk because its first sector looks like a boot sector.
    """
    if source.size_bytes < _LEAST_INNER_BYTES:
        return None
    first = source.read_at(0, 512)
    named = signatures.file_system_kind(source) or signatures.certain_name(source, signatures.VOLUMES)
    if not named and first[510:] != b"\x55\xaa":
        return None
    table = partitions.read_partitions(source)
    strict = table.volumes and mbr.is_strict_table(mbr.table_of(first), source.size_bytes // 512)
    certain = bool(named or strict or table.scheme == "gpt")
    try:
        reader = _disk("raw", source, table, limits, ())
    except EvidenceError:
        if certain:
            raise
        return None
    return reader if certain or any(_can_be_opened(part) for part in reader.parts) else None


def _can_be_opened(part: Part) -> bool:
    try:
        return isinstance(part.reader, _LazyReader) and part.reader.opened() is not None
    except EvidenceError:
        return False


def describe(reader: SourceReader) -> SourceShape:
    """Return the shape of an opened source."""
    volumes = tuple(part.shape for part in reader.parts)
    return SourceShape(container=reader.kind, size_bytes=reader.size_bytes, volumes=volumes, notes=reader.notes)


def _is_surely_a_disk(source: ByteSource, table: partitions.PartitionTable) -> bool:
    """Asked before archives, as the last sectors of a disk may hold the end of a zip file."""
    kind = signatures.file_system_kind(source)
    boot_block_is_empty = not source.read_at(0, 1024).strip(b"\0")
    return bool(table.volumes) or kind in ("ntfs", "fat") or (kind == "ext" and boot_block_is_empty)


def _or_zip(source: ByteSource, disk: SourceReader) -> SourceReader:
    """Say beside a disk that its last sectors end a zip archive as well."""
    if not is_zip_at_its_end(source):
        return disk
    locator = Locator(layers=(Layer(kind="zip"),))
    refusal = Refusal(locator=locator, kind=UnknownFormat.kind, message="also ends as a zip archive: not opened as one")
    shape = VolumeShape(name="", type_name="zip", refused=refusal.message)
    return replace(disk, parts=(*disk.parts, Part(layers=locator.layers, shape=shape, refusal=refusal)))


def _archive_reader(source: ByteSource, outer_name: bytes, limits: Limits) -> Reader | None:
    head = source.read_at(0, _HEAD_BYTES)
    reader = open_archive(source, head=head, outer_name=outer_name, limits=limits)
    if reader is not None and reader.kind == "zip" and _is_aff4(source):
        raise UnknownFormat("an AFF4 image: Headwater does not read it", next_step="Convert it to a raw image or E01.")
    return reader


def _is_aff4(source: ByteSource) -> bool:
    """Whether a zip is an AFF4 volume: its comment is the volume's name, or it has the two members each one has.

    Source: AFF4 Standard 1.0, sections 3 and 4.
    """
    tail = source.read_at(max(source.size_bytes - _TAIL_BYTES, 0), _TAIL_BYTES)
    comment = tail[max(tail.rfind(b"PK\x05\x06"), 0) :]
    return b"aff4://" in comment or (b"container.description" in tail and b"information.turtle" in tail)


def _archive(source: ByteSource, name: str, limits: Limits) -> SourceReader | None:
    reader = _archive_reader(source, os.fsencode(name), limits)
    if reader is None:
        return None
    shape = VolumeShape(name="", type_name=reader.kind, length_bytes=source.size_bytes)
    part = Part(layers=(), shape=shape, reader=reader)
    return SourceReader(kind=reader.kind, size_bytes=source.size_bytes, parts=(part,))


def _disk(
    kind: str, source: ByteSource, table: partitions.PartitionTable, limits: Limits, notes: tuple[str, ...]
) -> SourceReader:
    """Read a disk with a partition table, or one volume without."""
    above = (Layer(kind=kind),)
    doubts = tuple(_doubt((*above, Layer(kind=table.scheme or kind, name=_TABLE)), text) for text in table.doubts)
    if not table.volumes or signatures.file_system_kind(source) in ("ntfs", "fat"):
        shape = VolumeShape(name="", length_bytes=source.size_bytes)
        part = _part(above, source, shape, limits) if doubts else _opened(above, source, shape, limits)
        if isinstance(part.reader, _LazyReader) and not doubts:
            part.reader.opened()  # nothing stands beside it: where it cannot be opened, the source is refused
        notes = (*notes, *table.notes)
        return SourceReader(kind=kind, size_bytes=source.size_bytes, parts=(part, *doubts), notes=notes)
    parts = tuple(_part((*above, volume.layer), volume.source, _shape(volume), limits) for volume in table.volumes)
    outside = sum(gap.length_bytes for gap in table.gaps)
    notes = (*notes, *table.notes, *([f"{outside} bytes lie outside every volume: not examined"] if outside else []))
    return SourceReader(kind=kind, size_bytes=source.size_bytes, parts=(*parts, *doubts), notes=notes)


def _doubt(layers: tuple[Layer, ...], message: str) -> Part:
    """Refuse to take a partition table for all there is."""
    refusal = Refusal(locator=Locator(layers=layers), kind=Malformed.kind, message=message)
    return Part(layers=layers, shape=VolumeShape(name=visible(_TABLE), refused=message), refusal=refusal)


def _shape(volume: partitions.Volume) -> VolumeShape:
    return VolumeShape(
        name=visible(volume.layer.name),
        type_name=volume.type_name,
        start_bytes=volume.start_bytes,
        length_bytes=volume.length_bytes,
        label=volume.label,
    )


def _part(layers: tuple[Layer, ...], source: ByteSource, shape: VolumeShape, limits: Limits) -> Part:
    """One of several parts: where it is refused, the others still stand."""
    try:
        return _opened(layers, source, shape, limits)
    except EvidenceError as error:
        refusal = Refusal(locator=Locator(layers=layers), kind=error.kind, message=error.message)
        return Part(layers=layers, shape=replace(shape, refused=error.message), refusal=refusal)


@dataclass(slots=True, kw_only=True)
class _LazyReader:
    """A file system that is opened when it is first listed or read: one that cannot be costs the volumes before none.

    A Reader. Every method raises the EvidenceError of a file system that cannot be opened.
    """

    kind: str
    source: ByteSource
    limits: Limits
    _reader: FileSystemReader | None = None

    def entries(self) -> Iterator[Entry | Refusal]:
        yield from self.opened().entries()

    def open(self, entry: Entry) -> Content:
        return self.opened().open(entry)

    def opened(self) -> FileSystemReader:
        if self._reader is None:
            self._reader = FileSystemReader(self.source, self.kind, self.limits)
        return self._reader


def _opened(layers: tuple[Layer, ...], source: ByteSource, shape: VolumeShape, limits: Limits) -> Part:
    """Open a volume, or raise the EvidenceError that names what it is."""
    refused = signatures.refused_name(source, signatures.VOLUMES)
    kind = signatures.file_system_kind(source)
    if refused is not None and (refused.encrypted or not kind):
        raise signatures.refusal(refused)
    if kind:
        if kind == "ext":
            check_ext(source)
        facts = volume_facts(source, kind)
        shape = replace(shape, file_system=facts.file_system, label=facts.label or shape.label, notes=facts.notes)
        reader = _LazyReader(kind=kind, source=source, limits=limits)
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
