"""What is said in the note of a zip member: what it is besides its bytes, and what of its record is not read."""

import codecs
from collections.abc import Iterator

from headwater.evidence.archive.zip_records import ENCRYPTED, UTF8, Record, extra_fields
from headwater.model.visible import visible

AES = 99  # as a method: the true one stands in an extra field
_from_cp437 = codecs.getdecoder("cp437")  # loaded now: the jail opens no files
_SHOWN_COMMENT_BYTES = 200
_EXTRA_BYTES = 64  # less than this in fields of no known kind is not worth a word
# zip64, AV, NTFS, Unix, strong encryption, Mac, Info-ZIP's (times, names, comments, owners), AES, zipalign
_KNOWN = frozenset(
    (1, 7, 0xA, 0xD, 0x17, 0x334D, 0x5455, 0x5855, 0x6375, 0x7075, 0x7855, 0x7875, 0x9901, 0xA220, 0xCAFE, 0xD935)
)


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
    if record.comment:
        yield _comment(record.comment)
    if (unread := max(_unread_bytes(record.extra), _unread_bytes(local.extra if local else b""))) > _EXTRA_BYTES:
        yield f"{unread} bytes of extra fields not read"


def _comment(comment: bytes) -> str:
    if len(comment) > _SHOWN_COMMENT_BYTES:
        return f"a comment of {len(comment)} bytes"
    return f"comment: {visible(comment)}"


def _unread_bytes(extra: bytes) -> int:
    """How much of extra fields is of no known kind, or no field at all; zeros are padding."""
    if not extra:
        return 0
    length, unread = 0, b""
    for tag, data in extra_fields(extra):
        length += 4 + len(data)
        unread += b"" if tag in _KNOWN else data
    return len((unread + extra[length:]).strip(b"\0"))
