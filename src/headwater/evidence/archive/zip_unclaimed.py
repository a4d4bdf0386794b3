"""Bytes of a zip that belong to no member and to no record: said, as something may be kept there."""

import struct
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
_APK_FRAME_BYTES = 8 + 8 + len(_APK_MAGIC)  # its length before and behind its pairs, and the magic
_APK_MOST_BYTES = 16 << 20
_PAGE_BYTES = 4096  # the block may be set to begin at the start of one
_APK_UNKNOWN_BYTES = 1024  # less than this under no known name is not worth a word
# signature schemes 2, 3 and 3.1, both source stamps; padding, dependencies, Google Play; two builders' channel names
_APK_KNOWN = frozenset(
    (
        *(0x7109871A, 0xF05368C0, 0x1B93AD61, 0x2B09189E, 0x6DFF800D),
        *(0x42726577, 0x504B4453, 0x2146444E, 0x71777777, 0x881155FF),
    )
)


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
    if end == directory.start and _are_signatures(source, start, end):
        return True
    for offset in range(start, end, _WINDOW_BYTES):
        touch()
        if source.read_at(offset, min(_WINDOW_BYTES, end - offset)).strip(b"\0"):
            return False
    return True


def _are_signatures(source: ByteSource, start: int, end: int) -> bool:
    """Whether Android's block of signatures fills these bytes, from length to length in pairs of known names.

    Source: Android documentation, "APK Signature Scheme v2", section "APK Signing Block".
    """
    if source.read_at(end - len(_APK_MAGIC), len(_APK_MAGIC)) != _APK_MAGIC:
        return False
    stated = int.from_bytes(source.read_at(end - 24, 8), "little")
    first = end - stated - 8
    if not _APK_FRAME_BYTES <= end - first <= min(end - start, _APK_MOST_BYTES):
        return False
    before = source.read_at(start, min(first - start, _PAGE_BYTES + 1))
    if len(before) > _PAGE_BYTES or (len(before) > LOCAL_BYTES and before.strip(b"\0")):
        return False
    block = source.read_at(first, end - first)
    return int.from_bytes(block[:8], "little") == stated and _are_known_pairs(block[8:-24])


def _are_known_pairs(pairs: bytes) -> bool:
    place = unknown = 0
    while place + 12 <= len(pairs):
        length, name = struct.unpack_from("<QI", pairs, place)
        if not 4 <= length <= len(pairs) - place - 8:
            return False
        unknown += 0 if name in _APK_KNOWN else length
        place += 8 + length
    return place == len(pairs) and unknown <= _APK_UNKNOWN_BYTES
