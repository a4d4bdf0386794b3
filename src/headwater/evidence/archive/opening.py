"""Decides by content whether bytes are an archive, and which Readers list it.

The head decides first: a compression, a tar, a zip, an archive that is known and not opened. A zip may lie behind any
file; it is one Reader more, and never takes the place of what the head shows.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from headwater.evidence.archive.compressed import CompressedReader, Compression, compression_of
from headwater.evidence.archive.faults import Edge
from headwater.evidence.archive.signatures import ISO_END, ISO_MAGIC, ISO_OFFSET, refused_format
from headwater.evidence.archive.tape import PlainTape, StreamTape
from headwater.evidence.archive.tar import TarReader
from headwater.evidence.archive.tar_header import BLOCK_BYTES, holds, looks_like_tar
from headwater.evidence.archive.touch import Touch, untouched
from headwater.evidence.archive.zip import ZipReader
from headwater.evidence.archive.zip_directory import (
    END_SIGNATURE,
    Directory,
    find_behind,
    find_filled,
    first_member,
)
from headwater.evidence.archive.zip_records import DESCRIPTOR_SIGNATURE, LOCAL_SIGNATURE
from headwater.evidence.archive.zstd_frame import first_frame
from headwater.evidence.reader import ByteSource, Limits, Reader
from headwater.model.errors import EvidenceError, UnknownFormat

# the last two: what a zip written for several volumes begins with
_ZIP_STARTS = (LOCAL_SIGNATURE, END_SIGNATURE, DESCRIPTOR_SIGNATURE, b"PK00" + LOCAL_SIGNATURE)
_PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xcf\xfa\xed\xfe")  # may be self-extracting zips
_STEP_BYTES = 1 << 20
_PROBED_BYTES = 256 << 20  # unpacked, to see whether a zip lies behind a compressed stream or inside it


def open_archive(source: ByteSource, *, head: bytes, outer_name: bytes, limits: Limits) -> Reader | None:
    """Give the first of `open_archives`, None where there is none. Raises UnknownFormat where that is refused."""
    for found in open_archives(source, head=head, outer_name=outer_name, limits=limits):
        if isinstance(found, EvidenceError):
            raise found
        return found
    return None


def open_archives(
    source: ByteSource,
    *,
    head: bytes,
    outer_name: bytes,
    limits: Limits,
    on_disk: bool = False,
    touch: Touch = untouched,
) -> Iterator[Reader | EvidenceError]:
    """Give each Reader for what `source` is by its content, or the UnknownFormat that names what is not opened.

    head: its first bytes, 32 KiB and more where an ISO 9660 image is to be told by its name.
    outer_name: its file name, which names the inner file of a compressed one where that stores no name.
    on_disk: it is a disk or a volume as well, in which a zip may well be a file: only one at its very end counts.
    touch: called while a long way lies between two entries. The depth of nesting is the caller's to count.
    """
    found = []
    for each in _by_head(source, head, outer_name, limits, touch):
        found.append(each)
        if each.reader is not None:
            yield Edge(each.reader)
        if each.refusal is not None:
            yield each.refusal
    directory = _behind(source, head, found, on_disk=on_disk)
    if directory is not None:
        floor = first_member(source, directory) if found or on_disk else 0
        yield Edge(ZipReader(source, limits, behind=directory, floor=floor, touch=touch))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """What the head shows: a reader or a refusal, and whether the bytes of a zip found near the end belong to it."""

    reader: Reader | None = None
    refusal: EvidenceError | None = None
    covers: Callable[[Directory], bool] = lambda _: False


def _by_head(source: ByteSource, head: bytes, outer_name: bytes, limits: Limits, touch: Touch) -> Iterator[_Shown]:
    first = head[:BLOCK_BYTES] if len(head) >= BLOCK_BYTES else source.read_at(0, BLOCK_BYTES)
    compression = compression_of(source, head)
    is_zip = head.startswith(_ZIP_STARTS)
    is_tar = holds(first) if compression or is_zip else looks_like_tar(first)
    packed = _compressed(source, compression, outer_name, limits, touch) if compression else None
    if packed and compression:
        yield _Shown(reader=packed, covers=partial(_stream_covers, source, compression, limits, touch))
    if is_tar and isinstance(packed, TarReader):  # the members of both would have the same locators
        yield _Shown(refusal=UnknownFormat(f"a tar archive that begins as {packed.kind} too: not opened as itself"))
    elif is_tar:
        tar = TarReader(PlainTape(source, touch), limits)
        yield _Shown(reader=tar, covers=lambda directory: tar.holds(directory.end_record))
    if is_zip:
        yield _Shown(reader=ZipReader(source, limits, touch=touch), covers=lambda _: True)
    elif not compression and not is_tar and (name := _refused(source, head)):
        yield _Shown(refusal=UnknownFormat(f"{name}: this version does not open it"))


def _compressed(
    source: ByteSource, compression: Compression, outer_name: bytes, limits: Limits, touch: Touch
) -> Reader:
    tape = StreamTape(partial(compression.inflow, source, limits), touch)
    if looks_like_tar(tape.read_at(0, BLOCK_BYTES)):
        return TarReader(tape, limits, f"tar.{compression.short}")
    return CompressedReader(source, compression, outer_name=outer_name, limits=limits)


def _behind(source: ByteSource, head: bytes, shown: Sequence[_Shown], *, on_disk: bool) -> Directory | None:
    """Find a zip behind what the head shows; one that is a part of that is none."""
    if head.startswith(_ZIP_STARTS):
        return None
    if head.startswith(_PROGRAMS) and not shown and not on_disk:
        return find_filled(source)
    directory = find_behind(source, at_end=on_disk)
    if directory is None or any(each.covers(directory) for each in shown):
        return None
    return directory


def _stream_covers(
    source: ByteSource, compression: Compression, limits: Limits, touch: Touch, directory: Directory
) -> bool:
    """Whether a zip lies inside a compressed stream, which keeps what it cannot compress as it is."""
    inflow = compression.inflow(source, replace(limits, unpacked_bytes=min(limits.unpacked_bytes, _PROBED_BYTES)))
    try:
        while inflow.ended_at <= directory.end_record and inflow.read(_STEP_BYTES):
            touch()
    except EvidenceError:
        pass  # a stream that breaks before the zip does not hold it
    return inflow.ended_at > directory.end_record


def _refused(source: ByteSource, head: bytes) -> str:
    size = source.size_bytes
    return refused_format(head, size) or refused_format(first_frame(source, head), size) or _iso(source, head)


def _iso(source: ByteSource, head: bytes) -> str:
    """ISO 9660 where `head` is too short to tell: its first 32 KiB are empty, or a boot sector."""
    if len(head) >= ISO_END or source.size_bytes < ISO_END or (head[:16].strip(b"\0") and head[510:512] != b"\x55\xaa"):
        return ""
    return "ISO 9660 image" if source.read_at(ISO_OFFSET, len(ISO_MAGIC)) == ISO_MAGIC else ""
