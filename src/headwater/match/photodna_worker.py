"""A jailed worker that compares PhotoDNA values by a plug-in. It runs as `headwater.sandbox.entry` starts it."""

import os
from typing import cast

import msgspec
import numpy as np

from headwater.match.asks import END, FAULT
from headwater.match.photodna import FoundPairs
from headwater.model.photodna import VALUE_BYTES, PhotoDna, Values
from headwater.sandbox.channel import Channel
from headwater.sandbox.plugins import PHOTODNA, loaded

_AT_ONCE = 1 << 16


def prepare() -> None:
    """Load the plug-in and compare two values: a jailed worker opens no file."""
    descriptor = os.memfd_create("headwater-values", os.MFD_CLOEXEC)
    os.write(descriptor, bytes(range(VALUE_BYTES)) * 2)
    values = _values(descriptor)
    list(_plugin().near(values, values))
    os.close(descriptor)


def serve(channel: Channel) -> None:
    """Answer each question with pairs and an end, until the broker hangs up."""
    plugin = _plugin()
    while message := channel.receive():
        kept, asked = message.fds
        try:
            _answer(channel, plugin, _values(kept), _values(asked))
            channel.send(END)
        except (ArithmeticError, LookupError, MemoryError, OSError, RuntimeError, TypeError, ValueError) as error:
            channel.send(FAULT + f"{type(error).__name__}: {error}".encode())
        finally:
            os.close(kept)
            os.close(asked)


def _answer(channel: Channel, plugin: PhotoDna, kept: Values, asked: Values) -> None:
    most = int(plugin.distance_max)
    for queries, places, distances in plugin.near(kept, asked):
        for first in range(0, max(1, len(queries)), _AT_ONCE):
            cut = slice(first, first + _AT_ONCE)
            asked_at, kept_at, far = (tuple(np.asarray(each)[cut].tolist()) for each in (queries, places, distances))
            found = FoundPairs(queries=asked_at, places=kept_at, distances=far, distance_max=most)
            channel.send(msgspec.msgpack.encode(found))


def _plugin() -> PhotoDna:
    return cast("PhotoDna", loaded(PHOTODNA))


def _values(descriptor: int) -> Values:
    size = os.fstat(descriptor).st_size
    if not size:
        return np.empty((0, VALUE_BYTES), np.uint8)
    with os.fdopen(os.dup(descriptor), "rb") as file:
        return np.memmap(file, np.uint8, "r", shape=(size // VALUE_BYTES, VALUE_BYTES))
