"""What a worker is doing right now, in memory it shares with the broker.

A worker that dies or hangs cannot say on what. So before each stage it writes the item and the stage here; the broker
reads it after the death, and a mark that stays the same for too long, by the broker's own clock, tells a hang.
"""

import fcntl
import mmap
import os
import struct
import time
from dataclasses import dataclass

_HEAD = struct.Struct("<QIH")  # CLOCK_MONOTONIC nanoseconds, length of the locator, length of the stage
_SIZE_BYTES = 128 * 1024
_LONGEST = _SIZE_BYTES - _HEAD.size - 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a worker was: the stage and the locator it worked on. `stamp` changes whenever it says that it goes on."""

    stage: str
    locator: str
    stamp: int


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

    def at(self, stage: str, locator: str) -> None:
        """Say what is being done from now on."""
        name, place = stage.encode(), locator.encode()[:_LONGEST]
        _HEAD.pack_into(self._memory, 0, time.monotonic_ns(), len(place), len(name))
        self._memory[_HEAD.size : _HEAD.size + len(name) + len(place)] = name + place

    def touch(self) -> None:
        """Still at the same stage, and not hanging."""
        struct.pack_into("<Q", self._memory, 0, time.monotonic_ns())

    def idle(self) -> None:
        """Nothing is being done."""
        _HEAD.pack_into(self._memory, 0, 0, 0, 0)

    def read(self) -> Position | None:
        """The position, or None while idle."""
        since, place_length, name_length = _HEAD.unpack_from(self._memory, 0)
        if not since:
            return None
        text = self._memory[_HEAD.size : _HEAD.size + min(name_length + place_length, _SIZE_BYTES - _HEAD.size)]
        return Position(
            stage=text[:name_length].decode("utf-8", "replace"),
            locator=text[name_length:].decode("utf-8", "replace"),
            stamp=since,
        )

    def close(self) -> None:
        self._memory.close()
