"""Unlinked scratch for a file that can only be read forwards: memory without a name, gone with the worker."""

import os

from headwater.model.item import ByteRange


class Spool:
    """Takes bytes up to a cap, then gives random access to them. Past the cap it holds nothing."""

    def __init__(self, cap_bytes: int) -> None:
        self._cap_bytes = cap_bytes
        self._descriptor = os.memfd_create("headwater-spool", os.MFD_CLOEXEC)
        self.size_bytes = 0
        self.over = False

    def write(self, data: bytes) -> None:
        """Append `data`, or give up for good where the cap is passed."""
        if self.over or self.size_bytes + len(data) > self._cap_bytes:
            self.over = True
            os.ftruncate(self._descriptor, 0)
            return
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]
        self.size_bytes += len(data)

    def read_at(self, offset_bytes: int, length_bytes: int) -> bytes:
        """Up to `length_bytes` from `offset_bytes`."""
        return os.pread(self._descriptor, max(0, min(length_bytes, self.size_bytes - offset_bytes)), offset_bytes)

    def bad_ranges(self) -> tuple[ByteRange, ...]:
        """None: damage is known to the content that was read in."""
        return ()

    def close(self) -> None:
        """Give the memory back."""
        os.close(self._descriptor)
