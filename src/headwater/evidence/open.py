"""One way in: seized segments to a Reader over everything they hold. Runs inside the jailed worker.

What a source is, is decided by its content alone. Each layer is opened or refused by name; a volume that cannot be
opened becomes a Refusal with its locator, and the others are still read.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from headwater.evidence.archive import Touch, open_archives, untouched
from headwater.evidence.disk import gpt, mbr, partitions, signatures
from headwater.evidence.disk.ewf import EwfImage, is_ewf
from headwater.evidence.disk.ewf_chain import map_segment
from headwater.evidence.disk.filesystems import FileSystemReader
from headwater.evidence.disk.raw import RawImage
from headwater.evidence.disk.segments import Segment
from headwater.evidence.disk.volume_facts import check_ext, volume_facts
from headwater.evidence.disk.whole_disk import bytes_behind, whole_disk
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
_WHOLE = "the whole disk"
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
            if part.reader is not None and _leads_to(part, part.reader, layers):
                return part.reader.open(replace(entry, locator=Locator(layers=layers[len(part.layers) :])))
        raise Malformed(f"no volume holds {entry.locator.path}")


def open_source(segments: Sequence[Segment], limits: Limits, touch: Touch = untouched) -> SourceReader:
    """Open E01, raw, split raw, zip, tar or a compressed file by content. Raises EvidenceError, refusing by name.

    What is several of these at once is opened as each. touch: called as opening and listing go on to other bytes.
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
    archives = partial(_archives, source, os.fsencode(segments[0].name), limits, touch=touch)
    if is_ewf(segments):
        ewf = EwfImage(segments)
        media = WatchedSource(ewf, touch)
        disk = _disk("e01", media, partitions.read_partitions(media), limits, ewf.notes)
        return replace(_beside(disk, source, archives(on_disk=True)), watched=media)
    table = partitions.read_partitions(source)
    named = _is_named_a_disk(source, table)
    found = [*archives(on_disk=named)]
    if found and not named:
        return replace(_only_archives(source, found), watched=source)
    read_disk = partial(_disk, "raw", source, table, limits, image.notes)
    return replace(_beside(_attempt(read_disk), source, found) if found else read_disk(), watched=source)


def open_inside(
    source: ByteSource, *, outer_name: bytes, limits: Limits, touch: Touch = untouched
) -> Iterator[Reader | EvidenceError]:
    """Open what a file inside other evidence holds: an archive, a disk image, or both where both are seen in it.

    Gives the EvidenceError of what is recognised and not opened, nothing for any other file. touch: called while a
    long way lies between two entries.
    """
    image = _attempt(partial(_inner_container, source, limits))
    disk = _attempt(partial(_inner_disk, source, limits))
    on_disk = any(isinstance(each, SourceReader) for each in (image, disk))
    refused = False
    for found in (image, *_archives(source, outer_name, limits, on_disk=on_disk, touch=touch), disk):
        if isinstance(found, EvidenceError):
            if not refused:  # one name for it is enough
                yield found
            refused = True
        elif found is not None:
            yield found


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
    named = bool(signatures.file_system_kind(source))
    if not named and source.size_bytes < _LEAST_INNER_BYTES:
        return None
    first = source.read_at(0, 512)
    named = named or signatures.certain_name(source, signatures.VOLUMES) is not None
    if not named and first[510:] != b"\x55\xaa" and not gpt.is_seen(source):
        return None
    table = partitions.read_partitions(source)
    strict = table.volumes and mbr.is_strict_table(mbr.table_of(first), source.size_bytes // 512)
    certain = named or bool(strict) or table.scheme == "gpt"
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


def _is_named_a_disk(source: ByteSource, table: partitions.PartitionTable) -> bool:
    """Asked before archives, as the last sectors of a disk may hold the end of a zip file of its own."""
    if table.volumes or signatures.file_system_kind(source) or signatures.certain_name(source, signatures.VOLUMES):
        return True
    boot_block_is_empty = not source.read_at(0, 1024).strip(b"\0")
    return boot_block_is_empty and signatures.refused_name(source, signatures.VOLUMES) is not None


def _attempt(open_one: Callable[[], SourceReader | None]) -> SourceReader | EvidenceError | None:
    try:
        return open_one()
    except EvidenceError as error:
        return error


def _leads_to(part: Part, reader: Reader, layers: tuple[Layer, ...]) -> bool:
    """Whether `reader` listed what `layers` name: what it lists has its kind, right below the part."""
    above = len(part.layers)
    below = layers[above : above + 1]
    return layers[:above] == part.layers and any(each.kind == reader.kind.partition(".")[0] for each in below)


def _archives(
    source: ByteSource, outer_name: bytes, limits: Limits, *, on_disk: bool, touch: Touch
) -> Iterator[Reader | EvidenceError]:
    head = source.read_at(0, _HEAD_BYTES)
    for found in open_archives(source, head=head, outer_name=outer_name, limits=limits, on_disk=on_disk, touch=touch):
        if not isinstance(found, EvidenceError) and found.kind == "zip" and _is_aff4(source):
            step = "Convert it to a raw image or E01."
            yield UnknownFormat("an AFF4 image: Headwater does not read it", next_step=step)
        else:
            yield found


def _is_aff4(source: ByteSource) -> bool:
    """Whether a zip is an AFF4 volume: its comment is the volume's name, or it has the two members each one has.

    Source: AFF4 Standard 1.0, sections 3 and 4.
    """
    tail = source.read_at(max(source.size_bytes - _TAIL_BYTES, 0), _TAIL_BYTES)
    comment = tail[max(tail.rfind(b"PK\x05\x06"), 0) :]
    return b"aff4://" in comment or (b"container.description" in tail and b"information.turtle" in tail)


def _archive_part(source: ByteSource, found: Reader | EvidenceError) -> Part:
    """One archive of a source, or its refusal where others of it are opened."""
    if isinstance(found, EvidenceError):
        refusal = Refusal(locator=Locator(layers=(Layer(kind="raw"),)), kind=found.kind, message=found.message)
        return Part(layers=(), shape=VolumeShape(name="", refused=found.message), refusal=refusal)
    shape = VolumeShape(name="", type_name=found.kind, length_bytes=source.size_bytes)
    return Part(layers=(), shape=shape, reader=found)


def _only_archives(source: ByteSource, found: Sequence[Reader | EvidenceError]) -> SourceReader:
    """Read a source that is no disk. Raises the EvidenceError where nothing of it is opened."""
    kinds = [each.kind for each in found if not isinstance(each, EvidenceError)]
    if not kinds and isinstance(found[0], EvidenceError):
        raise found[0]
    parts = tuple(_archive_part(source, each) for each in found)
    return SourceReader(kind=kinds[0], size_bytes=source.size_bytes, parts=parts)


def _beside(
    disk: SourceReader | EvidenceError | None, source: ByteSource, found: Iterable[Reader | EvidenceError]
) -> SourceReader:
    """Read a disk, and beside it the archives that the same bytes are. A disk that is refused takes none of them."""
    if isinstance(disk, SourceReader):
        return replace(disk, parts=(*disk.parts, *(_archive_part(source, each) for each in found)))
    archives = [*found]
    if disk is not None and not any(isinstance(each, EvidenceError) for each in archives):
        archives.insert(0, disk)  # otherwise it has its name already
    return _only_archives(source, archives)


def _disk(
    kind: str, source: ByteSource, table: partitions.PartitionTable, limits: Limits, notes: tuple[str, ...]
) -> SourceReader:
    """Read a disk with a partition table, one volume without, or both where both are there."""
    above = (Layer(kind=kind),)
    table_layers = (*above, Layer(kind=table.scheme or kind, name=_TABLE))
    doubts = [_doubt(table_layers, text) for text in table.doubts]
    notes = (*notes, *table.notes)
    if not table.volumes:
        shape = VolumeShape(name="", length_bytes=source.size_bytes)
        part = _part(above, source, shape, limits) if doubts else _opened(above, source, shape, limits)
        if isinstance(part.reader, _LazyReader) and not doubts:
            part.reader.opened()  # nothing stands beside it: where it cannot be opened, the source is refused
        return SourceReader(kind=kind, size_bytes=source.size_bytes, parts=(part, *doubts), notes=notes)
    disk = whole_disk(source, table)
    parts = [_part((*above, each.layer), each.source, _shape(each), limits) for each in disk.volumes]
    if disk.kind:
        shape = VolumeShape(name=_WHOLE, length_bytes=disk.length_bytes)
        parts.insert(0, _part(above, source, shape, limits))
    doubts += [_doubt(table_layers, text) for text in disk.doubts]
    return SourceReader(kind=kind, size_bytes=source.size_bytes, parts=(*parts, *doubts), notes=(*notes, *disk.notes))


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
        behind = bytes_behind(source, kind) if shape.name != _WHOLE else 0
        said = (f"{behind:,} bytes behind the end of the file system: not examined",) if behind else ()
        shape = replace(shape, file_system=facts.file_system, label=facts.label or shape.label)
        shape = replace(shape, notes=(*facts.notes, *said))
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
