"""Unlinked scratch for an archive that lies inside a compressed one: memory without a name, gone with the worker."""

import os
from types import TracebackType
from typing import Self

from headwater.evidence.reader import Content, Limits
from headwater.model.errors import LimitReached
from headwater.model.item import ByteRange

_BLOCK_BYTES = 1 << 20


class HeldSource:
    """The copy of one Content, with random access."""

    def __init__(self, descriptor: int, size_bytes: int, damaged: tuple[ByteRange, ...]) -> None:
        self._descriptor = descriptor
        self._size_bytes = size_bytes
        self._damaged = damaged

    @property
    def size_bytes(self) -> int:
        """Bytes held."""
        return self._size_bytes

    def read_at(self, offset_bytes: int, length_bytes: int) -> bytes:
        """Up to `length_bytes`; shorter only at the end."""
        return os.pread(self._descriptor, max(0, min(length_bytes, self._size_bytes - offset_bytes)), offset_bytes)

    def bad_ranges(self) -> tuple[ByteRange, ...]:
        """Say what the copied Content could not read."""
        return self._damaged

    def close(self) -> None:
        """Give the memory back. Twice does no harm."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
            self._size_bytes = 0


class Scratch:
    """Copies Contents into memory, at most `Limits.nested_bytes` at once, and gives it back on close."""

    def __init__(self) -> None:
        self._held: list[HeldSource] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def held_bytes(self) -> int:
        """How much is held at present."""
        return sum(held.size_bytes for held in self._held)

    def hold(self, content: Content, limits: Limits) -> HeldSource:
        """Copy `content` from its start. Raises LimitReached past nested_bytes, and what reading raises."""
        room = limits.nested_bytes - self.held_bytes
        descriptor = os.memfd_create("headwater-scratch", os.MFD_CLOEXEC)
        try:
            content.rewind()
            size = _copy(content, descriptor, room, limits.nested_bytes)
        except BaseException:
            os.close(descriptor)
            raise
        held = HeldSource(descriptor, size, tuple(content.damaged()))
        self._held.append(held)
        return held

    def close(self) -> None:
        """Give everything back."""
        while self._held:
            self._held.pop().close()


def _copy(content: Content, descriptor: int, room: int, limit: int) -> int:
    size = 0
    while block := content.read(_BLOCK_BYTES):
        size += len(block)
        if size > room:
            raise LimitReached(f"an archive inside an archive is larger than {limit} bytes (limit nested_bytes)")
        _write(descriptor, block)
    return size


def _write(descriptor: int, block: bytes) -> None:
    view = memoryview(block)
    try:
        while view:
            view = view[os.write(descriptor, view) :]
    except OSError as error:
        raise LimitReached(f"scratch memory is used up ({error.strerror})") from error
