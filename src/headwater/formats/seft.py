"""Samsung's trailer: blocks of data behind a picture, with a directory at the very end.

The file ends with ``SEFH``, version, count, entries (type, how far before SEFH the block begins, its length), the
directory's length and ``SEFT``; a block begins with its type and the length of its name, then the name. Source: the
description of the trailer in ExifTool's tag documentation (exiftool.org/TagNames/Samsung.html), and files.
"""

import struct
from dataclasses import dataclass

from headwater.formats.structure import Range, Source

_END = b"SEFT"
_START = b"SEFH"
_BLOCKS_MAX = 256
_NAME_BYTES_MAX = 256
_ENTRY_BYTES = 12
_HEADER_BYTES = 12  # of the directory: SEFH, version, count
_BLOCK_HEADER_BYTES = 8


@dataclass(frozen=True, slots=True)
class SeftBlock:
    """One block: its type, its name, and where its data lies in the file."""

    kind: int
    name: str
    where: Range


def read_seft(source: Source, start_bytes: int = 0) -> tuple[SeftBlock, ...]:
    """The blocks of the trailer at the end of a file, none of them before `start_bytes`. Never raises."""
    size = source.size_bytes
    tail = source.read_at(max(size - 8, 0), 8)
    if len(tail) < 8 or tail[4:] != _END:
        return ()
    length = int.from_bytes(tail[:4], "little")
    directory = size - 8 - length
    head = source.read_at(directory, min(length, _HEADER_BYTES + _BLOCKS_MAX * _ENTRY_BYTES))
    if directory < start_bytes or len(head) < _HEADER_BYTES or head[:4] != _START:
        return ()
    (count,) = struct.unpack_from("<I", head, 8)
    entries = head[_HEADER_BYTES : _HEADER_BYTES + count * _ENTRY_BYTES]
    found = []
    for _, kind, back, long in struct.iter_unpack("<HHII", entries[: len(entries) // _ENTRY_BYTES * _ENTRY_BYTES]):
        block = _block(source, kind, directory - back, long)
        if block is not None and directory - back >= start_bytes:
            found.append(block)
    return tuple(found)


def _block(source: Source, kind: int, start: int, length: int) -> SeftBlock | None:
    head = source.read_at(start, _BLOCK_HEADER_BYTES) if start >= 0 else b""
    if len(head) < _BLOCK_HEADER_BYTES:
        return None
    (named,) = struct.unpack_from("<I", head, 4)
    skip = _BLOCK_HEADER_BYTES + named
    if named > _NAME_BYTES_MAX or skip >= length or start + length > source.size_bytes:
        return None
    name = source.read_at(start + _BLOCK_HEADER_BYTES, named).decode("ascii", "replace")
    return SeftBlock(kind, name, Range(start + skip, length - skip))
