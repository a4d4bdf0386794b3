"""What the headers of joined streams keep besides content, gathered: it is said once all content was given."""

from typing import Protocol

from headwater.model.visible import visible

_SHORT_BYTES = 16  # in one header: what programs that work in parallel or want to seek keep there
_UNREAD_BYTES = 64  # less than this in all is not worth a word
_MOST_NAMES = 3
_SHOWN_BYTES = 200


class Headed(Protocol):
    """A stream with a header: how much of that is not read, and the name it stores."""

    @property
    def unread_bytes(self) -> int: ...

    @property
    def name(self) -> bytes: ...


class Aside:
    """Takes stream after stream; however many, it holds a few names."""

    def __init__(self) -> None:
        self._streams = 0
        self._unread_bytes = 0
        self._first = b""
        self._names: list[bytes] = []  # the first of those that are not the name of the first stream
        self._more = 0

    def take(self, stream: Headed) -> None:
        """Add one stream."""
        self._streams += 1
        if stream.unread_bytes > _SHORT_BYTES:
            self._unread_bytes += stream.unread_bytes
        name = stream.name[:_SHOWN_BYTES]
        if self._streams == 1:
            self._first = name
        elif name and name != self._first and name not in self._names:
            if len(self._names) < _MOST_NAMES:
                self._names.append(name)
            else:
                self._more += 1

    @property
    def said(self) -> str:
        """All that is to be said of them; empty for nothing."""
        return "; ".join(filter(None, (self._unread(), self._joined())))

    def _unread(self) -> str:
        if self._unread_bytes <= _UNREAD_BYTES:
            return ""
        return f"{self._unread_bytes} bytes kept beside its compressed data are not read"

    def _joined(self) -> str:
        if not self._names:
            return ""
        names = ", ".join(map(visible, self._names)) + (f" and {self._more} more" if self._more else "")
        return f"joined from {self._streams} streams, whose further names are {names}"
