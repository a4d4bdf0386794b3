"""Laundered copies of corpus files, made in a jailed worker: one that dies is replaced, and the copy is not made."""

import os
from pathlib import Path
from typing import Self

import msgspec

from headwater.examine.laundering.recipes import Ask, Made
from headwater.model.errors import Malformed, WrongUse
from headwater.sandbox.child import Child
from headwater.seal.files import read_only

_MODULE = "headwater.examine.laundering.worker"
_SECONDS = 120.0
_BLOCK_BYTES = 1 << 20


class Launderer:
    """Makes copies, one at a time."""

    def __init__(self, *, unsafe: bool) -> None:
        self._unsafe = unsafe
        self._child: Child | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def make(self, recipe: str, source: Path, target: Path) -> str:
        """Write the copy to `target`, which must not exist. Returns why there is none, or nothing."""
        made = os.memfd_create("headwater-copy", os.MFD_CLOEXEC)
        try:
            why = self._ask(recipe, source, made)
            if not why:
                _move(made, target)
            return why
        finally:
            os.close(made)

    def _ask(self, recipe: str, source: Path, made: int) -> str:
        descriptor = read_only(source)
        try:
            payload = msgspec.json.encode(Ask(recipe=recipe, size_bytes=os.fstat(descriptor).st_size))
            channel = self._ready().channel
            channel.send(payload, (descriptor, made), timeout_seconds=_SECONDS)
            message = channel.receive(_SECONDS)
        except EOFError:
            return f"died: the worker {self._end()}"
        except (TimeoutError, Malformed, WrongUse) as error:
            self._end()
            return f"broken: {error}"
        finally:
            os.close(descriptor)
        if message is None:
            self._end()
            return f"time: no copy after {_SECONDS:.0f} s"
        return self._why(message.payload)

    def _why(self, payload: bytes) -> str:
        try:
            return msgspec.json.decode(payload, type=Made).why
        except msgspec.MsgspecError:
            self._end()
            return "broken: the worker's answer is none"

    def _ready(self) -> Child:
        if self._child is None:
            self._child = Child.start(_MODULE, unsafe=self._unsafe)
            self._child.wait_ready()
        return self._child

    def _end(self) -> str:
        """End the worker, and say how it ended."""
        if self._child is None:
            return ""
        ended, self._child = self._child.end(), None
        return ended


def _move(descriptor: int, target: Path) -> None:
    os.lseek(descriptor, 0, os.SEEK_SET)
    with target.open("xb") as file:
        while block := os.read(descriptor, _BLOCK_BYTES):
            file.write(block)
