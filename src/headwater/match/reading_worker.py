"""A jailed worker that reads known sets. It runs as `headwater.sandbox.entry` starts it."""

import os
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from typing import BinaryIO, cast

import msgspec

from headwater.match.batches import Batch, Done, NotOfForm, Read, Told
from headwater.match.readers import READERS
from headwater.model.errors import HeadwaterError
from headwater.model.known import Record, Refused
from headwater.sandbox.channel import Channel

_BATCH_BYTES = 8 << 20  # of records, roughly
_BATCH_ROWS = 2000
_BLOCK_BYTES = 1 << 20


def prepare() -> None:
    """Touch what is loaded late: a jailed worker opens no file."""
    for reader in READERS.values():
        for text in (b"{}", b"<a/>", b"hash\n", "\ufeffhash\n".encode("utf-16"), b"\xff\n"):
            try:
                list(reader(BytesIO(text)))
            except HeadwaterError:
                continue


def serve(channel: Channel) -> None:
    """Answer each `Read` with batches and a last message, until the broker hangs up."""
    while message := channel.receive():
        ask = msgspec.json.decode(message.payload, type=Read)
        (descriptor,) = message.fds
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            for told in answers(cast("BinaryIO", file), ask.form):
                channel.send(msgspec.json.encode(told))


def answers(file: BinaryIO, form: str) -> Iterator[Told]:
    """The whole answer for one file."""
    stream = _Digested(file)
    try:
        yield from map(_batch, _batches(READERS[form](cast("BinaryIO", stream))))
    except HeadwaterError as error:
        yield NotOfForm(reason=error.message)
        return
    while stream.read(_BLOCK_BYTES):
        pass
    yield Done(bytes_read=stream.bytes_read, sha256=stream.digest.hexdigest())


class _Digested:
    """A stream that digests what is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = sha256()
        self.bytes_read = 0

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self.digest.update(block)
        self.bytes_read += len(block)
        return block


def _batches(rows: Iterator[Record | Refused]) -> Iterator[list[Record | Refused]]:
    waiting: list[Record | Refused] = []
    held = 0
    for row in rows:
        waiting.append(row)
        held += len(str(row.source)) + 100 * len(row.frames) if isinstance(row, Record) else 0
        if len(waiting) >= _BATCH_ROWS or held >= _BATCH_BYTES:
            yield waiting
            waiting, held = [], 0
    if waiting:
        yield waiting


def _batch(rows: list[Record | Refused]) -> Batch:
    return Batch(rows=[(row, None) if isinstance(row, Record) else (None, row) for row in rows])
