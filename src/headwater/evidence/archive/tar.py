"""tar: v7, ustar, GNU and pax. Names stay the stored bytes. Broken headers are passed over to the next good one.

A plain tar has random access. Inside a compressed stream reading is sequential: opening members in the order they are
listed costs one unpacking in all; opening an earlier one again starts the stream again.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from headwater.evidence.archive.content import MemberContent, WindowFlow
from headwater.evidence.archive.guard import Tally
from headwater.evidence.archive.tape import Tape, TapeFlow
from headwater.evidence.archive.tar_header import (
    BLOCK_BYTES,
    Header,
    is_zero,
    parse_header,
    parse_pax,
    pax_size,
    times_of,
)
from headwater.evidence.reader import Limits
from headwater.model.errors import EvidenceError, LimitReached, Malformed, Truncated, UnknownFormat
from headwater.model.item import Entry, ItemKind, Refusal, Times
from headwater.model.locator import Layer, Locator
from headwater.model.visible import visible

_SCAN_BYTES = 1 << 20
_PAX_BYTES = 1 << 20  # the longest pax header read
_DATALESS = b"123456"
_KINDS = {b"1": "hard link", b"3": "character device", b"4": "block device", b"6": "named pipe"}
_FILES = b"\x0007S"  # of these nothing needs to be said
_NOTES = {b"S": "sparse", b"M": "continued from another volume"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Member:
    """One header with what the headers before it say of it."""

    name: bytes
    header: Header
    link: bytes
    size_bytes: int
    data_offset: int
    times: Times
    sparse: bool

    @property
    def next_offset(self) -> int:
        return self.data_offset + _padded(0 if self.header.type_flag in _DATALESS else self.size_bytes)


class TarReader:
    """Lists and opens the members. `kind` is tar, or tar.gz and the like; a Layer's kind is always tar."""

    def __init__(self, tape: Tape, limits: Limits, kind: str = "tar") -> None:
        self.kind = kind
        self._tape = tape
        self._limits = limits
        self._offsets = array("Q")  # data, of each listed member
        self._sizes = array("Q")
        self._sparse = bytearray()

    def entries(self) -> Iterator[Entry | Refusal]:
        """Every file, link and device; folders are not listed."""
        tally = Tally(self._limits, 0)
        index = 0
        try:
            for found in _Walk(self._tape, self._limits):
                if isinstance(found, EvidenceError):
                    yield _refusal(found)
                elif not _is_folder(found):
                    tally.name(found.name)
                    self._remember(index, found)
                    yield _entry(found, index)
                    index += 1
        except LimitReached as limit:
            yield _refusal(limit)

    def _remember(self, index: int, member: _Member) -> None:
        if index == len(self._offsets):
            self._offsets.append(member.data_offset)
            self._sizes.append(member.size_bytes)
            self._sparse.append(member.sparse)

    def open(self, entry: Entry) -> MemberContent:
        """Open one listed file. Raises EvidenceError."""
        address = entry.locator.layers[-1].address
        index = int(address) if address.isdecimal() else -1
        if index >= len(self._offsets):
            for _ in self.entries():
                if index < len(self._offsets):
                    break
        if not 0 <= index < len(self._offsets):
            raise Malformed("no such member in this tar")
        if self._sparse[index]:
            raise UnknownFormat("sparse tar member: this version does not open it")
        offset, size = self._offsets[index], self._sizes[index]
        window = self._tape.window(offset, size)
        if window is None:
            return MemberContent(partial(TapeFlow, self._tape, offset, size), size_bytes=size)
        return MemberContent(partial(WindowFlow, window), size_bytes=size, direct=window)


class _Walk:
    """Goes from header to header. Gives a member, or an error where something had to be passed over."""

    def __init__(self, tape: Tape, limits: Limits) -> None:
        self._tape = tape
        self._limits = limits
        self._globals: dict[bytes, bytes] = {}
        self._offset = 0
        self._marked = False  # the end-of-archive mark was seen

    def __iter__(self) -> Iterator[_Member | EvidenceError]:
        while block := self._tape.read_at(self._offset, BLOCK_BYTES):
            if is_zero(block):
                self._marked = True
                self._skip_zeros()
                continue
            start = self._offset
            try:
                member = self._member(block)
            except LimitReached:
                raise
            except EvidenceError as error:
                yield self._resynchronise(start, error)
                continue
            self._marked = False
            if member:
                yield member
        if self._tape.fault:
            yield self._tape.fault
        elif not self._marked:
            yield Truncated(f"tar ends at byte {self._offset} without its end-of-archive mark")

    def _skip_zeros(self) -> None:
        """To the next block that is not zero: a second archive may be appended."""
        while window := self._tape.read_at(self._offset, _SCAN_BYTES):
            rest = window.lstrip(b"\0")
            self._offset += (len(window) - len(rest)) // BLOCK_BYTES * BLOCK_BYTES if rest else len(window)
            if rest:
                return

    def _resynchronise(self, start: int, error: EvidenceError) -> EvidenceError:
        """Find the next ustar header that holds; says what was passed over."""
        offset = start + BLOCK_BYTES
        while len(window := self._tape.read_at(offset, _SCAN_BYTES)) >= BLOCK_BYTES:
            if (inside := _next_header(window)) >= 0:
                self._offset = offset + inside
                return Malformed(f"{error.message} at byte {start}; going on at byte {self._offset}")
            offset += len(window) // BLOCK_BYTES * BLOCK_BYTES
        self._offset = offset + len(window)
        where = "after the end-of-archive mark" if self._marked else "no further header follows"
        self._marked = True
        return Malformed(f"{error.message} at byte {start}; {self._offset - start} bytes not read as members: {where}")

    def _member(self, block: bytes) -> _Member | None:
        """Read the member whose first header is `block`; None for a header that only speaks of later ones."""
        extra: dict[bytes, bytes] = {}
        long_name = long_link = b""
        offset = self._offset
        while True:
            header = parse_header(block)
            offset += BLOCK_BYTES
            flag = header.type_flag
            if flag not in b"xXgLKV" or not flag:
                break
            data = self._extension(header, offset)
            offset += _padded(header.size_bytes)
            if flag in b"xX":
                extra |= parse_pax(data)
            elif flag == b"g":
                self._globals |= parse_pax(data)
            elif flag == b"L":
                long_name = data.partition(b"\0")[0]
            elif flag == b"K":
                long_link = data.partition(b"\0")[0]
            block = self._tape.read_at(offset, BLOCK_BYTES)
            if not block or is_zero(block):
                self._offset = offset
                return None
        records = self._globals | extra
        offset = self._after_map(header, offset)
        member = _Member(
            name=records.get(b"GNU.sparse.name") or records.get(b"path") or long_name or header.name,
            header=header,
            link=records.get(b"linkpath") or long_link or header.link,
            size_bytes=pax_size(records, header.size_bytes),
            data_offset=offset,
            times=times_of(header, records),
            sparse=flag == b"S" or any(key.startswith(b"GNU.sparse.") for key in extra),
        )
        self._offset = member.next_offset
        return member

    def _extension(self, header: Header, offset: int) -> bytes:
        longest = self._limits.name_bytes + 1 if header.type_flag in b"LK" else _PAX_BYTES
        if header.size_bytes > longest:
            message = f"a tar name or pax header of {header.size_bytes} bytes, over {longest} (limit name_bytes)"
            raise LimitReached(message)
        data = self._tape.read_at(offset, header.size_bytes)
        if len(data) < header.size_bytes:
            raise Truncated("tar ends inside a pax header or long name")
        return data

    def _after_map(self, header: Header, offset: int) -> int:
        """Past the further blocks of an old GNU sparse map."""
        more = header.type_flag == b"S" and header.extended
        while more:
            block = self._tape.read_at(offset, BLOCK_BYTES)
            offset += BLOCK_BYTES
            more = len(block) == BLOCK_BYTES and bool(block[504])
        return offset


def _next_header(window: bytes) -> int:
    """Where in `window`, in steps of a block, a ustar header holds; -1 for nowhere."""
    place = window.find(b"ustar")
    while place >= 0:
        start = place - 257
        if start >= 0 and start % BLOCK_BYTES == 0 and len(window) - start >= BLOCK_BYTES:
            try:
                parse_header(window[start : start + BLOCK_BYTES])
            except Malformed:
                pass
            else:
                return start
        place = window.find(b"ustar", place + 1)
    return -1


def _padded(size_bytes: int) -> int:
    return -(-size_bytes // BLOCK_BYTES) * BLOCK_BYTES


def _is_folder(member: _Member) -> bool:
    flag = member.header.type_flag
    return flag in {b"5", b"D"} or (flag == b"\0" and member.name.endswith(b"/") and not member.size_bytes)


def _entry(member: _Member, index: int) -> Entry:
    kind, note = _kind(member.header.type_flag, member.link)
    return Entry(
        locator=Locator(layers=(Layer(kind="tar", name=member.name, address=str(index)),)),
        kind=kind,
        size_bytes=None if member.sparse else member.size_bytes,
        times=member.times,
        note=note,
    )


def _kind(flag: bytes, link: bytes) -> tuple[ItemKind, str]:
    if flag == b"2":
        return ItemKind.SYMLINK, f"symbolic link to {visible(link)}"
    if flag in _KINDS:
        return ItemKind.OTHER, f"hard link to {visible(link)}" if flag == b"1" else _KINDS[flag]
    if flag in _FILES:
        return ItemKind.FILE, _NOTES.get(flag, "")
    return ItemKind.FILE, _NOTES.get(flag, f"tar type {visible(flag)}, taken as a file")


def _refusal(error: EvidenceError) -> Refusal:
    return Refusal(locator=Locator(layers=(Layer(kind="tar"),)), kind=error.kind, message=error.message)
