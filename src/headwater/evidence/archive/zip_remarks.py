"""What is said in the note of a zip member: what it is besides its bytes, and what of its record is not read."""

import codecs
from collections.abc import Iterator

from headwater.evidence.archive.zip_records import ENCRYPTED, STORED, UTF8, Record, extra_fields
from headwater.model.visible import visible

AES = 99  # as a method: the true one stands in an extra field
_from_cp437 = codecs.getdecoder("cp437")  # loaded now: the jail opens no files
_NOTHING_PACKED_BYTES = 32  # what no content at all takes at most: packed by xz, or encrypted with AES
_SHOWN_COMMENT_BYTES = 200
_EXTRA_BYTES = 64  # less than this in fields of no known kind is not worth a word
# How much of a known field is taken for what it should be; zeros behind it are padding.
_SHORT_BYTES, _LONG_BYTES = 64, 1024
_KNOWN = {
    # zip64, AV, NTFS, Info-ZIP's times and owners, AES, Microsoft's padding, jar, zipalign
    **dict.fromkeys((1, 7, 0xA, 0x5455, 0x5855, 0x7855, 0x7875, 0x9901, 0xA220, 0xCAFE, 0xD935), _SHORT_BYTES),
    # Unix, strong encryption, Mac, Info-ZIP's comments and names
    **dict.fromkeys((0xD, 0x17, 0x334D, 0x6375, 0x7075), _LONG_BYTES),
}


def remarks(record: Record, local: Record | None) -> Iterator[str]:
    """Say what is to be known of one member."""
    if record.problem:
        yield record.problem
    if record.flags & ENCRYPTED or record.method == AES:
        yield "encrypted"
    if not record.flags & UTF8 and not record.name.isascii():
        yield f"name as CP437: {visible(_from_cp437(record.name)[0])}"
    if record.name.endswith(b"/"):
        yield "named like a folder, with content"
    yield from beside(record, local)


def beside(record: Record, local: Record | None) -> Iterator[str]:
    """Say what its record keeps besides its content."""
    if record.comment:
        yield _comment(record.comment)
    if (unread := max(_unread_bytes(record.extra), _unread_bytes(local.extra if local else b""))) > _EXTRA_BYTES:
        yield f"{unread} bytes of extra fields not read"


def is_folder(record: Record) -> bool:
    """Whether it is a folder that holds nothing: its name says so, and no more is packed than nothing takes.

    Where its size is not known, the few bytes may be a descriptor as well.
    """
    if not record.name.endswith(b"/") or record.size_bytes > 0 or record.problem:
        return False
    bare = record.method == STORED and not record.encrypted and record.size_bytes == 0
    return record.packed_bytes <= (0 if bare else _NOTHING_PACKED_BYTES)


def _comment(comment: bytes) -> str:
    if len(comment) > _SHOWN_COMMENT_BYTES:
        return f"a comment of {len(comment)} bytes"
    return f"comment: {visible(comment)}"


def _unread_bytes(extra: bytes) -> int:
    """How much of extra fields is of no known kind or too long for its own, or no field at all; zeros are padding."""
    if not extra:
        return 0
    length, surplus, unread = 0, 0, b""
    known = dict(_KNOWN)
    for tag, data in extra_fields(extra):
        length += 4 + len(data)
        if room := known.pop(tag, 0):  # each kind once
            surplus += max(0, len(data.rstrip(b"\0")) - room)
        else:
            unread += data
    return surplus + len((unread + extra[length:]).strip(b"\0"))
