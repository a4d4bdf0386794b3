"""Decides by content whether bytes are an archive, and which Reader lists it."""

from functools import partial

from headwater.evidence.archive.compressed import CompressedReader, Compression, compression_of
from headwater.evidence.archive.signatures import ISO_END, ISO_MAGIC, ISO_OFFSET, refused_format
from headwater.evidence.archive.tape import PlainTape, StreamTape
from headwater.evidence.archive.tar import TarReader
from headwater.evidence.archive.tar_header import BLOCK_BYTES, looks_like_tar
from headwater.evidence.archive.zip import ZipReader
from headwater.evidence.archive.zip_directory import END_SIGNATURE, ends_as_zip, find_directory
from headwater.evidence.archive.zip_records import DESCRIPTOR_SIGNATURE, LOCAL_SIGNATURE
from headwater.evidence.reader import ByteSource, Limits, Reader
from headwater.model.errors import UnknownFormat

# the last two: what a zip written for several volumes begins with
_ZIP_STARTS = (LOCAL_SIGNATURE, END_SIGNATURE, DESCRIPTOR_SIGNATURE, b"PK00" + LOCAL_SIGNATURE)
_PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xcf\xfa\xed\xfe")  # may be self-extracting zips


def open_archive(
    source: ByteSource,
    *,
    head: bytes,
    outer_name: bytes,
    limits: Limits,
) -> Reader | None:
    """Give a Reader where `source` is an archive by its content, None where it is none.

    head: its first bytes, 32 KiB and more where an ISO 9660 image is to be told by its name.
    outer_name: its file name, which names the inner file of a compressed one where that stores no name.
    The depth of nesting is the caller's to count. Raises UnknownFormat for an archive that is known and not opened.
    """
    if head.startswith(_ZIP_STARTS) or _zip_behind_something(source, head):
        return ZipReader(source, limits)
    if compression := compression_of(head):
        return _open_compressed(source, compression, head=head, outer_name=outer_name, limits=limits)
    first = head[:BLOCK_BYTES] if len(head) >= BLOCK_BYTES else source.read_at(0, BLOCK_BYTES)
    if looks_like_tar(first):
        return TarReader(PlainTape(source), limits)
    if name := refused_format(head) or _iso(source, head):
        raise UnknownFormat(f"{name}: this version does not open it")
    return None


def _zip_behind_something(source: ByteSource, head: bytes) -> bool:
    if head.startswith(_PROGRAMS):
        return find_directory(source) is not None
    return is_zip_at_its_end(source)


def is_zip_at_its_end(source: ByteSource) -> bool:
    """Whether a zip ends where `source` ends, whatever lies before it."""
    return ends_as_zip(source) and find_directory(source) is not None


def _open_compressed(
    source: ByteSource, compression: Compression, *, head: bytes, outer_name: bytes, limits: Limits
) -> Reader:
    start = partial(compression.inflow, source, limits)
    tape = StreamTape(start)
    if looks_like_tar(tape.read_at(0, BLOCK_BYTES)):
        return TarReader(tape, limits, f"tar.{compression.short}")
    return CompressedReader(source, compression, head=head, outer_name=outer_name, limits=limits)


def _iso(source: ByteSource, head: bytes) -> str:
    """ISO 9660 where `head` is too short to tell: its first 32 KiB are empty, or a boot sector."""
    if len(head) >= ISO_END or source.size_bytes < ISO_END or (head[:16].strip(b"\0") and head[510:512] != b"\x55\xaa"):
        return ""
    return "ISO 9660 image" if source.read_at(ISO_OFFSET, len(ISO_MAGIC)) == ISO_MAGIC else ""
