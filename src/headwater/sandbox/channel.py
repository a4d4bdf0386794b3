"""Messages with descriptors over a Unix stream socket: the one module that may import `socket`.

A frame is 5 bytes, ``<I`` payload length and ``<B`` number of descriptors, then the payload. The descriptors travel
as SCM_RIGHTS with the frame's first bytes (unix(7)). A read never goes past the end of a frame, so descriptors cannot
be taken for another frame's and `select` on `fileno()` is never wrong.
"""

import os
import select
import socket
import struct
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Self

from headwater.model.errors import Malformed, WrongUse

MAXIMUM_PAYLOAD_BYTES = 64 << 20
MAXIMUM_DESCRIPTORS = 200  # the kernel passes at most 253 at once
_HEADER = struct.Struct("<IB")
_ONE_READ_BYTES = 1 << 20
_ROOM_FOR_DESCRIPTORS = socket.CMSG_SPACE(MAXIMUM_DESCRIPTORS * 4)
_SEND = socket.MSG_NOSIGNAL | socket.MSG_DONTWAIT
_RECEIVE = socket.MSG_DONTWAIT | getattr(socket, "MSG_CMSG_CLOEXEC", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One frame. Whoever receives it closes its descriptors."""

    payload: bytes
    fds: tuple[int, ...] = ()


class Channel:
    """One end of a socket pair. Not for use from two threads at once.

    accept_fds: whether descriptors may arrive. The broker never accepts any from a worker.
    """

    def __init__(self, end: socket.socket, *, accept_fds: bool) -> None:
        self._socket = end
        self._accept_fds = accept_fds
        self._readable, self._writable = select.poll(), select.poll()
        self._readable.register(end, select.POLLIN)
        self._writable.register(end, select.POLLOUT)
        self._fds: list[int] = []
        self._start_frame()

    @classmethod
    def pair(cls) -> tuple["Channel", "Channel"]:
        """Make both ends: the broker's and the worker's."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        return cls(ours, accept_fds=False), cls(theirs, accept_fds=True)

    @classmethod
    def from_descriptor(cls, descriptor: int, *, accept_fds: bool) -> "Channel":
        """Take over an end inherited from the parent."""
        return cls(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, descriptor), accept_fds=accept_fds)

    def send(self, payload: bytes, fds: Sequence[int] = (), *, timeout_seconds: float | None = None) -> None:
        """Send one frame whole.

        Raises TimeoutError when the other side stops reading (the channel is broken then), EOFError when it is gone,
        WrongUse for a frame above the maximum.
        """
        if len(payload) > MAXIMUM_PAYLOAD_BYTES or len(fds) > MAXIMUM_DESCRIPTORS:
            raise WrongUse(f"a frame of {len(payload)} bytes and {len(fds)} descriptors is too big to send")
        deadline = _deadline(timeout_seconds)
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", fds))] if fds else []
        header = _HEADER.pack(len(payload), len(fds))
        sent = self._write([header, payload], rights, deadline)
        # with descriptors on board the kernel may still stop after a part; they are across with its first byte
        rest = memoryview(header + payload)[sent:] if sent < len(header) + len(payload) else memoryview(b"")
        while rest:
            rest = rest[self._write([rest], [], deadline) :]

    def receive(self, timeout_seconds: float | None = None) -> Message | None:
        """Return the next message, or None when the time is over; what has arrived of it is kept for the next call.

        Raises EOFError when the other side is gone, Malformed when it claims too big a frame or sends descriptors that
        are not accepted.
        """
        deadline = _deadline(timeout_seconds)
        while self._missing:
            if not self._readable.poll(_milliseconds(deadline)):
                return None
            self._read()
        message = Message(payload=bytes(self._payload), fds=tuple(self._fds))
        self._start_frame()
        return message

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        """Close this end, and the descriptors of a frame that never came whole."""
        _close(self._fds)
        self._fds = []
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start_frame(self) -> None:
        self._header: bytearray | None = bytearray()
        self._payload = bytearray()
        self._missing = _HEADER.size
        self._fds = []

    def _write(
        self, parts: list[bytes] | list[memoryview], rights: list[tuple[int, int, "array[int]"]], deadline: float | None
    ) -> int:
        while True:
            try:
                return self._socket.sendmsg(parts, rights, _SEND)
            except BlockingIOError:
                if not self._writable.poll(_milliseconds(deadline)):
                    raise TimeoutError("the other side of the channel has stopped reading") from None
            except (BrokenPipeError, ConnectionResetError):
                raise EOFError("the other side of the channel is gone") from None

    def _read(self) -> None:
        """Take what has arrived of the current part (header or payload), at most to its end."""
        room = _ROOM_FOR_DESCRIPTORS if self._accept_fds else 0
        try:
            data, rights, flags, _ = self._socket.recvmsg(min(self._missing, _ONE_READ_BYTES), room, _RECEIVE)
        except BlockingIOError:
            return
        except ConnectionResetError:
            raise EOFError("the other side of the channel is gone") from None
        for _level, _kind, numbers in rights:
            self._fds.extend(array("i", numbers[: len(numbers) // 4 * 4]))
        if flags & socket.MSG_CTRUNC:
            self._refuse("descriptors that are not accepted" if not room else "more descriptors than can be taken")
        if not data:
            raise EOFError("the other side of the channel is gone")
        self._missing -= len(data)
        self._store(data)

    def _store(self, data: bytes) -> None:
        if self._header is None:
            self._payload += data
            return
        self._header += data
        if self._missing:
            return
        length, claimed = _HEADER.unpack(self._header)
        if length > MAXIMUM_PAYLOAD_BYTES:
            self._refuse(f"a frame of {length} bytes")
        if claimed != len(self._fds):
            self._refuse(f"{len(self._fds)} descriptors where {claimed} are announced")
        self._header, self._missing = None, length

    def _refuse(self, what: str) -> None:
        _close(self._fds)
        self._fds = []
        raise Malformed(f"the other side of the channel sent {what}")


def try_socket(family: str) -> None:
    """Open and close one socket of a family ("AF_INET"): whether that is denied is what probe.py wants to know."""
    socket.socket(getattr(socket, family), socket.SOCK_STREAM).close()


def _close(descriptors: Sequence[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def _deadline(timeout_seconds: float | None) -> float | None:
    return None if timeout_seconds is None else monotonic() + timeout_seconds


def _milliseconds(deadline: float | None) -> float | None:
    """Time left for poll(); None for ever. Rounded up by poll itself."""
    return None if deadline is None else max(0.0, deadline - monotonic()) * 1000
