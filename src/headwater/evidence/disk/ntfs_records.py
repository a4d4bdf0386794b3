"""The records of an NTFS master file table that are in use, gone through one by one.

The Sleuth Kit finds a file by the lists of directories, and searches the table for deleted files only: a record in use
that no directory names, or that names a plain file as its directory, is in no list of its.

Source: NTFS as documented by the Linux-NTFS project: FILE record, $ATTRIBUTE_LIST, $BadClus.
"""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from headwater.evidence.disk.tsk import DATA, Attribute, Record, Runs, attributes, open_inode, read_attribute
from headwater.evidence.reader import ByteSource

_ATTRIBUTE_LIST = 32
_MOST_LIST_BYTES = 1 << 20
_LEAST_RECORD_BYTES, _CHUNK_BYTES = 256, 1 << 20
_FLAGS, _BASE = 22, 32  # of a FILE record; the second is the reference to the record that this one goes on
_IN_USE, _DIRECTORY = 1, 2
_BAD_CLUSTERS_MFT_ENTRY = 8


def records_in_use(volume: ByteSource, file_system: Record, record_bytes: int) -> Iterator[tuple[int, bool]]:
    """Yield each record in use, and whether it is a directory's. Those a file has beside its first are left out."""
    block_bytes = int(file_system.info.block_size)
    table = open_inode(file_system, 0)
    found = attributes(table, block_bytes) if table is not None and record_bytes >= _LEAST_RECORD_BYTES else ()
    data = next((one for one in found if one.kind == DATA), None)
    if data is None:
        return
    parts = lru_cache(maxsize=64)(lambda base: _parts(file_system, base))
    for number, head in _heads(volume, data.runs, record_bytes):
        if number >= data.size_bytes // record_bytes:
            return
        flags, reference = head[_FLAGS], head[_BASE : _BASE + 8]
        if any(reference) and number in parts(int.from_bytes(reference[:6], "little")):
            continue
        yield number, bool(flags & _DIRECTORY)


def bad_clusters(file_system: Record) -> int:
    """How many clusters $BadClus marks as bad: what of its stream as long as the volume is no hole."""
    block_bytes = int(file_system.info.block_size)
    file = open_inode(file_system, _BAD_CLUSTERS_MFT_ENTRY)
    found = attributes(file, block_bytes) if file is not None else ()
    return sum(_stored_bytes(one) for one in found if lists_bad_clusters(file, one)) // block_bytes


def lists_bad_clusters(file: Record, stream: Attribute) -> bool:
    """Whether this is the stream of $BadClus that stands for the whole volume, and holds nothing but bad clusters."""
    named = int(file.info.meta.addr) == _BAD_CLUSTERS_MFT_ENTRY and stream.name == b"$Bad"
    return named and stream.kind == DATA and not stream.resident


def holds_data(stream: Attribute) -> bool:
    """Whether there is anything in a stream."""
    return stream.kind == DATA and (stream.size_bytes != 0 or _stored_bytes(stream) > 0)


def _stored_bytes(attribute: Attribute) -> int:
    return sum(length for _, length, place in attribute.runs if place is not None)


def _heads(volume: ByteSource, runs: Runs, record_bytes: int) -> Iterator[tuple[int, bytes]]:
    """Yield number and first bytes of each record in use. One may begin in one run and end in the next."""
    rest, at = b"", 0
    for start, length, place in runs:
        if place is None:
            continue
        if start != at + len(rest):
            rest, at = bytes(start % record_bytes), start - start % record_bytes
        end = min(place + length, volume.size_bytes)
        for piece in range(place, end, _CHUNK_BYTES):
            wanted = min(_CHUNK_BYTES, end - piece)
            data = rest + volume.read_at(piece, wanted).ljust(wanted, b"\0")
            whole = len(data) // record_bytes * record_bytes
            table = np.frombuffer(data[:whole], dtype=np.uint8).reshape(-1, record_bytes)
            used = (table[:, :4] == np.frombuffer(b"FILE", dtype=np.uint8)).all(axis=1) & table[:, _FLAGS] & _IN_USE
            for index in np.flatnonzero(used).tolist():
                yield at // record_bytes + index, table[index, : _BASE + 8].tobytes()
            rest, at = data[whole:], at + whole


def _parts(file_system: Record, base: int) -> frozenset[int]:
    """The records that the attribute list of a file's first record names."""
    file = open_inode(file_system, base)
    lists = [one for one in attributes(file) if one.kind == _ATTRIBUTE_LIST] if file is not None else []
    return frozenset(number for one in lists for number in _named(read_attribute(file, one, _MOST_LIST_BYTES)))


def _named(data: bytes) -> Iterator[int]:
    at = 0
    while at + 24 <= len(data):
        yield int.from_bytes(data[at + 16 : at + 22], "little")
        at += max(int.from_bytes(data[at + 4 : at + 6], "little"), 24)
