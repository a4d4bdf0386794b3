"""A jailed worker that searches for near hashes. It runs as `headwater.sandbox.entry` starts it."""

import os
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from headwater.match.asks import END, FAULT, Ask, Build, Hold, Load
from headwater.match.near import NearIndex
from headwater.match.pairs import HASH_BYTES, Hashes, Pairs, pack
from headwater.model.errors import HeadwaterError
from headwater.sandbox.channel import Channel


def prepare() -> None:
    """Compile or load every kernel: a jailed worker opens no file."""
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 256, (2000, HASH_BYTES), np.uint8)
    index = NearIndex.build(hashes)
    list(index.near(hashes[:1]))
    list(NearIndex.build(np.zeros((2, HASH_BYTES), np.uint8)).near(hashes[:1]))


def serve(channel: Channel) -> None:
    """Answer each `Ask` until the broker hangs up."""
    index = NearIndex.build(np.empty((0, HASH_BYTES), np.uint8))
    while message := channel.receive():
        ask = msgspec.json.decode(message.payload, type=Ask)
        try:
            if isinstance(ask, Build):
                NearIndex.build(_hashes(message.fds[0])).save(message.fds[1:])
            elif isinstance(ask, Load):
                index = NearIndex.load(message.fds)
            elif isinstance(ask, Hold):
                index = NearIndex.build(_hashes(message.fds[0]))
            else:
                _answer(channel, index.near(_hashes(message.fds[0]), ask.radius_bits))
            channel.send(END)
        except (HeadwaterError, MemoryError, OSError) as error:
            channel.send(FAULT + str(error or "out of memory").encode())
        finally:
            _close(message.fds)


def _answer(channel: Channel, batches: Iterator[Pairs]) -> None:
    for pairs in batches:
        for first in range(0, len(pairs), 1 << 20):
            cut = slice(first, first + (1 << 20))
            part = Pairs(query=pairs.query[cut], place=pairs.place[cut], distance_bits=pairs.distance_bits[cut])
            channel.send(pack(part))


def _hashes(descriptor: int) -> Hashes:
    size = os.fstat(descriptor).st_size
    if not size:
        return np.empty((0, HASH_BYTES), np.uint8)
    with os.fdopen(os.dup(descriptor), "rb") as file:
        return np.memmap(file, np.uint8, "r", shape=(size // HASH_BYTES, HASH_BYTES))


def _close(descriptors: Sequence[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
