"""Bytes of a zip that belong to no member and to no record: said, as something may be kept there."""

from collections.abc import Iterator

from headwater.evidence.archive.touch import Touch
from headwater.evidence.archive.zip_directory import END64_BYTES, END_BYTES, LOCATOR_BYTES, Directory
from headwater.evidence.archive.zip_layout import Layout
from headwater.evidence.archive.zip_records import DESCRIPTOR_SIGNATURE, LOCAL_BYTES
from headwater.evidence.reader import ByteSource
from headwater.formats.signature_text import text_type

_WINDOW_BYTES = 1 << 20
_TEXT_BYTES = 4096  # looked at at once
_DESCRIPTOR_BYTES = 24  # the longest
_APK_MAGIC = b"APK Sig Block 42"  # ends what Android's package signing puts before the directory


def unclaimed(source: ByteSource, directory: Directory, layout: Layout, *, whole: bool, touch: Touch) -> str:
    """Say how many bytes belong to nothing, and where; empty where none do. Adds the zip's own records to `layout`.

    whole: the zip begins where `source` begins and ends where it ends.
    """
    first, last = (0, source.size_bytes) if whole else (layout.first, directory.end)
    _add_records(source, directory, layout)
    spans = [
        (start, end)
        for start, end in (_trimmed(source, *gap) for gap in layout.gaps(last, first))
        if end - start > LOCAL_BYTES and not _is_known(source, start, end, directory, touch)
    ]
    if not spans:
        return ""
    total = sum(end - start for start, end in spans)
    where = f"at byte {spans[0][0]}" if len(spans) == 1 else f"in {len(spans)} places, the first at byte {spans[0][0]}"
    return f"{total} bytes {where} belong to no member"


def _add_records(source: ByteSource, directory: Directory, layout: Layout) -> None:
    for start, end in _records(source, directory):
        layout.add(start, end)


def _records(source: ByteSource, directory: Directory) -> Iterator[tuple[int, int]]:
    """The directory, the zip64 records, the end record, and its comment where that is a text."""
    yield directory.start, directory.start + directory.size_bytes
    after_end = directory.end_record + END_BYTES
    yield directory.end_record, after_end
    if directory.end64 != directory.end_record:
        yield directory.end64, directory.end64 + END64_BYTES
        yield directory.end_record - LOCATOR_BYTES, directory.end_record
    comment = source.read_at(after_end, directory.end - after_end)
    if all(text_type(comment[place : place + _TEXT_BYTES]) for place in range(0, len(comment), _TEXT_BYTES)):
        yield after_end, directory.end


def _trimmed(source: ByteSource, start: int, end: int) -> tuple[int, int]:
    """Without the data descriptor of the member before."""
    if source.read_at(start, 4) == DESCRIPTOR_SIGNATURE:
        start = min(start + _DESCRIPTOR_BYTES, end)
    return start, end


def _is_known(source: ByteSource, start: int, end: int, directory: Directory, touch: Touch) -> bool:
    """Whether it is nothing but zeros, or the block of signatures in an Android package."""
    if end == directory.start and source.read_at(end - len(_APK_MAGIC), len(_APK_MAGIC)) == _APK_MAGIC:
        stated = int.from_bytes(source.read_at(end - 24, 8), "little")
        return end - start <= stated + 8 + LOCAL_BYTES
    for offset in range(start, end, _WINDOW_BYTES):
        touch()
        if source.read_at(offset, min(_WINDOW_BYTES, end - offset)).strip(b"\0"):
            return False
    return True
