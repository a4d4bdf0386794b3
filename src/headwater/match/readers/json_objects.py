"""JSON objects in a stream of any size, one at a time: those of one array, or one a line; broken ones do not end it.

Only the marks that open and close are followed, so an object is cut out as bytes and then parsed alone. Where one never
closes, it is refused, and reading goes on at the next thing that looks like the beginning of a record.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import msgspec

MAX_OBJECT_BYTES = 4 << 20
_BLOCK_BYTES = 1 << 20
_STRING = rb'"(?:[^"\\]+|\\.)*(?:"|\\?\Z)'  # one that is not closed goes to the end of what was read so far
_MARK = re.compile(_STRING + rb"|[{}\[\]]", re.DOTALL)
_TOKEN = re.compile(_STRING + rb"|[{}\[\]:,]", re.DOTALL)
_BEGIN_BYTES = 200  # that a beginning may have, spaces included
_BOM = b"\xef\xbb\xbf"
Object = dict[str, object]
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One object, by its place (from 1). fault: why it is none; `fields` is empty then."""

    number: int
    fields: Object
    fault: str = ""


class _TooLongError(Exception):
    """What was begun does not end within MAX_OBJECT_BYTES."""


class Scanner:
    """Walks a stream. head: told each name and text outside of records, such as the kind of the document.

    is_records: given the names of what is open around, whether the objects of this array are the records.
    begins: what a record begins with, for going on behind a broken one.
    """

    def __init__(
        self,
        stream: BinaryIO,
        *,
        head: Callable[[str, str], None],
        is_records: Callable[[Path], bool],
        begins: re.Pattern[bytes],
    ) -> None:
        self._stream, self._head, self._is_records, self._begins = stream, head, is_records, begins
        self._data = stream.read(_BLOCK_BYTES).removeprefix(_BOM)
        self._at = 0
        self._has_ended = False
        self._open: list[tuple[str, bool]] = []  # of everything around: its name, and whether it is an array
        self._name = self._text = ""
        self._number = 0
        self.is_whole = False  # whether all that was opened was closed at the end

    def objects(self) -> Iterator[Cut]:
        """Every record, in order."""
        while (token := self._next_token()) is not None:
            if token == b"{" and self._is_record_here():
                self._at -= 1
                self._number += 1
                yield self._record()
            else:
                self._take(token)
        self.is_whole = not self._open

    def _next_token(self) -> bytes | None:
        try:
            found = self._search(_TOKEN, 0)
        except _TooLongError:
            return None
        if found is None:
            return None
        self._at = found.end()
        return found.group()

    def _is_record_here(self) -> bool:
        return bool(self._open) and self._open[-1][1] and self._is_records(tuple(name for name, _ in self._open))

    def _take(self, token: bytes) -> None:
        """Follow one mark outside of records."""
        if token == b":":
            self._name = self._text
        elif token == b",":
            self._name = ""
        elif token in {b"{", b"["}:
            self._open.append((self._name, token == b"["))
            self._name = ""
        elif token in {b"}", b"]"}:
            del self._open[-1:]
            self._name = ""
        else:
            self._text = token[1:-1].decode("utf-8", "replace")
            if self._name:
                self._head(self._name, self._text)

    def _record(self) -> Cut:
        depth = offset = 0
        try:
            while (found := self._search(_MARK, offset)) is not None:
                offset = found.end() - self._at
                mark = found.group()
                depth += (mark in {b"{", b"["}) - (mark in {b"}", b"]"})
                if depth == 0:
                    return self._parsed(offset)
                if offset > MAX_OBJECT_BYTES:
                    break
        except _TooLongError:
            pass
        return self._broken("it is never closed, or longer than 4 MiB")

    def _parsed(self, length: int) -> Cut:
        raw = self._data[self._at : self._at + length]
        fields, fault = parsed(raw)
        if fault and (inner := self._begins.search(raw, 1)):  # its own end was lost, and it swallowed the next one
            length = inner.start()
        self._at += length
        return Cut(number=self._number, fields=fields, fault=fault)

    def _broken(self, fault: str) -> Cut:
        """Go on at the next beginning of a record, or at the end."""
        self._at += 1
        while (found := self._begins.search(self._data, self._at)) is None and not self._has_ended:
            self._at = max(self._at, len(self._data) - _BEGIN_BYTES)
            self._read_on()
        self._at = found.start() if found else len(self._data)
        return Cut(number=self._number, fields={}, fault=fault)

    def _search(self, pattern: re.Pattern[bytes], offset: int) -> re.Match[bytes] | None:
        """The next of a pattern, `offset` bytes from here, with more read where it may not be whole."""
        while True:
            found = pattern.search(self._data, self._at + offset)
            if self._has_ended or (found is not None and found.end() < len(self._data)):
                return found
            if len(self._data) - self._at > MAX_OBJECT_BYTES + _BLOCK_BYTES:
                raise _TooLongError
            self._read_on()

    def _read_on(self) -> None:
        block = self._stream.read(_BLOCK_BYTES)
        self._data = self._data[self._at :] + block
        self._at = 0
        self._has_ended = not block


def parsed(raw: bytes) -> tuple[Object, str]:
    """One object, and why it is none."""
    try:
        value = msgspec.json.decode(raw)
    except UnicodeDecodeError:
        return parsed(raw.decode("utf-8", "replace").encode())
    except (msgspec.MsgspecError, RecursionError) as error:
        return {}, f"not JSON: {error}"
    return (value, "") if isinstance(value, dict) else ({}, "not an object")
