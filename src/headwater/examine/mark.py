"""What a worker is doing right now, in memory it shares with the broker.

A worker that dies or hangs cannot say on what. So before each stage it writes the item and the stage here; the broker
reads it after the death, and a mark that stays the same for too long, by the broker's own clock, tells a hang.

A worker may die while it writes. Two places take turns: the new words go to the place that is not shown, then one byte
shows it. So whenever the worker stops, what can be read is one whole position, the old one or the new one.

Layout: byte 0 says which place is shown (0 idle, 1, 2); bytes 8 to 15 are the stamp of any sign of progress; then the
two places, each a number that grows with every position, the lengths of its three texts, and the texts.
"""

import fcntl
import mmap
import os
import struct
import time
from dataclasses import dataclass

_STAMP = struct.Struct("<Q")  # CLOCK_MONOTONIC nanoseconds; torn or not, it changes
_STAMP_OFFSET = 8
_HEAD = struct.Struct("<QIHH")  # number, length of the locator, of the stage, of the item's id
_PLACE_BYTES = 8 * 1024
_PLACES = {1: 16, 2: 16 + _PLACE_BYTES}  # offsets
_SIZE_BYTES = 16 + 2 * _PLACE_BYTES
_LONGEST = _PLACE_BYTES - _HEAD.size - 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a worker was: the stage, and the item it worked on.

    item: its id; empty where it is none. locator: its place, for people, cut where it is very long. number: another one
    for each position. stamp: changes whenever the worker says that it goes on.
    """

    stage: str
    locator: str
    item: str = ""
    number: int = 0
    stamp: int = 0


def new_mark() -> int:
    """A descriptor of fresh shared memory for one worker, of a size that nobody can change any more."""
    descriptor = os.memfd_create("headwater-mark", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(descriptor, _SIZE_BYTES)
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL)
    return descriptor


class Mark:
    """Both sides' view of one mark."""

    def __init__(self, descriptor: int) -> None:
        self._memory = mmap.mmap(descriptor, _SIZE_BYTES)
        self._number = 0

    def at(self, stage: str, locator: str, item: str = "") -> None:
        """Say what is being done from now on."""
        name, of_item, place = stage.encode(), item.encode(), locator[:_LONGEST].encode()[:_LONGEST]
        hidden = 1 if self._memory[0] == 2 else 2
        start = _PLACES[hidden]
        self._number += 1
        text = _HEAD.pack(self._number, len(place), len(name), len(of_item)) + name + of_item + place
        self._memory[start : start + len(text)] = text
        self.touch()
        self._memory[0] = hidden

    def touch(self) -> None:
        """Still at the same stage, and not hanging."""
        _STAMP.pack_into(self._memory, _STAMP_OFFSET, time.monotonic_ns())

    def idle(self) -> None:
        """Nothing is being done."""
        self._memory[0] = 0

    def read(self) -> Position | None:
        """The position, or None while idle."""
        start = _PLACES.get(self._memory[0])
        if start is None:
            return None
        number, place_length, name_length, item_length = _HEAD.unpack_from(self._memory, start)
        first = start + _HEAD.size
        rest = name_length + item_length
        text = self._memory[first : min(first + rest + place_length, start + _PLACE_BYTES)]
        return Position(
            stage=text[:name_length].decode("utf-8", "replace"),
            item=text[name_length:rest].decode("utf-8", "replace"),
            locator=text[rest:].decode("utf-8", "replace"),
            number=number,
            stamp=_STAMP.unpack_from(self._memory, _STAMP_OFFSET)[0],
        )

    def close(self) -> None:
        self._memory.close()
