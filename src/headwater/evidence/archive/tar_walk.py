"""From header to header through a tar: each member with what the headers before it say of it, and all that is odd."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from headwater.evidence.archive.faults import Surplus, WrongCheck
from headwater.evidence.archive.tape import Tape
from headwater.evidence.archive.tar_header import (
    BLOCK_BYTES,
    Header,
    holds,
    is_zero,
    parse_header,
    pax_size,
    times_of,
)
from headwater.evidence.archive.tar_pax import Pax, is_dump_list, is_sparse
from headwater.evidence.archive.tar_search import next_header
from headwater.evidence.reader import Limits
from headwater.model.errors import EvidenceError, LimitReached, Malformed, Truncated
from headwater.model.item import Times
from headwater.model.visible import visible

# none of these goes further than a stream keeps (tape.py): looking ahead is not to cost unpacking it again
_SCAN_BYTES = 1 << 18  # at once
_FIRST_SCAN_BYTES = 1 << 12
_PAX_BYTES = 1 << 20  # the longest pax header read, or list of a GNU dump
_MAP_BLOCKS = 1 << 11  # the longest old GNU sparse map followed
_SPEAKS_OF_NEXT = b"xXgLK"
_LINKS = frozenset((b"1", b"2"))
_DATALESS = b"123456"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One header with what the headers before it say of it.

    odd: its kind has no content, and yet some follows. unread_bytes: of those headers, more than programs write.
    """

    name: bytes
    header: Header
    link: bytes
    size_bytes: int
    data_offset: int
    times: Times
    sparse: bool
    odd: bool
    unread_bytes: int
    note: str = ""

    @property
    def next_offset(self) -> int:
        """Where the next header lies."""
        empty = self.header.type_flag in _DATALESS and not self.odd
        return self.data_offset + _padded(0 if empty else self.size_bytes)


@dataclass(slots=True)
class _Said:
    """What the headers before a member say of it."""

    pax: Pax = field(default_factory=Pax)
    name: bytes = b""
    link: bytes = b""
    flags: bytes = b""
    problems: list[EvidenceError] = field(default_factory=list)

    def take(self, flag: bytes, data: bytes) -> None:
        """Note one header of the next member. Raises Malformed."""
        if flag in b"xX":
            self.pax.take(data)
            return
        text, _, rest = data.partition(b"\0")
        if flag == b"L":
            self.name, before = text, self.name
        else:
            self.link, before = text, self.link
        if before or rest.strip(b"\0"):
            self.problem(Malformed(f"a long {'name' if flag == b'L' else 'link'} with more bytes than were used"))

    def unread_bytes(self, flag: bytes) -> int:
        """How much of it is not read for a member of this type: the target of what is no link too."""
        if flag not in _LINKS:
            self.pax.other_bytes += len(self.pax.records.get(b"linkpath", b"") + self.link)
        return self.pax.unread_bytes

    def problem(self, error: EvidenceError) -> None:
        """Keep the first: a thousand odd headers before one member are one complaint."""
        self.problems = self.problems or [error]


class Walk:
    """Goes from header to header. Gives a member, or an error where something had to be passed over."""

    def __init__(self, tape: Tape, limits: Limits) -> None:
        self._tape = tape
        self._limits = limits
        self._globals: dict[bytes, bytes] = {}
        self._offset = 0
        self._parsing = 0  # where the header lies that is being read
        self._marked = False  # the end-of-archive mark was seen

    def __iter__(self) -> Iterator[Member | EvidenceError]:
        while block := self._tape.read_at(self._offset, BLOCK_BYTES):
            if is_zero(block):
                self._marked = True
                self._skip_zeros()
                continue
            said = _Said()
            try:
                member = self._member(block, said)
            except EvidenceError as error:
                yield from said.problems
                yield self._resynchronise(error)
                continue
            self._marked = False
            yield from said.problems
            if member:
                yield member
        yield from self._end()

    def _end(self) -> Iterator[EvidenceError]:
        fault = self._tape.fault
        if isinstance(fault, Surplus | WrongCheck):
            yield fault
        elif fault:
            yield type(fault)(f"{fault.message}; what else this tar may hold is not listed")
            return
        if not self._marked:
            yield Truncated(f"tar ends at byte {self._offset} without its end-of-archive mark")

    def _skip_zeros(self) -> None:
        """To the next block that is not zero: a second archive may be appended."""
        for window in self._windows(self._offset):
            rest = window.lstrip(b"\0")
            self._offset += (len(window) - len(rest)) // BLOCK_BYTES * BLOCK_BYTES if rest else len(window)
            if rest:
                return

    def _windows(self, offset: int) -> Iterator[bytes]:
        """What lies from there on, piece by piece. They grow: what is looked for mostly lies near."""
        length = _FIRST_SCAN_BYTES
        while window := self._tape.read_at(offset, length):
            yield window
            offset += len(window)
            length = min(2 * length, _SCAN_BYTES)

    def _resynchronise(self, error: EvidenceError) -> EvidenceError:
        """Find the next header that holds; says what was passed over."""
        start = self._parsing
        offset = start + BLOCK_BYTES
        for window in self._windows(offset):
            if (inside := next_header(window)) >= 0:
                self._offset = offset + inside
                return Malformed(f"{error.message} at byte {start}; going on at byte {self._offset}")
            offset += len(window)
        self._offset = offset
        where = "after the end-of-archive mark" if self._marked else "no further header holds"
        self._marked = True
        return Malformed(f"{error.message} at byte {start}; {self._offset - start} bytes not read as members: {where}")

    def _member(self, block: bytes, said: _Said) -> Member | None:
        """Read the member whose first header is `block`; None for a header that only speaks of later ones."""
        offset = self._offset
        while True:
            self._parsing = offset
            header = parse_header(block)
            offset += BLOCK_BYTES
            if not self._is_about_others(header):
                break
            self._note(header, offset, said)
            offset += _padded(header.size_bytes)
            block = self._tape.read_at(offset, BLOCK_BYTES)
            if not block or is_zero(block):
                self._offset = offset
                if said.flags:
                    said.problem(Malformed(f"a tar header of type {visible(said.flags)} that speaks of no member"))
                return None
        member = self._described(header, offset, said)
        self._offset = member.next_offset
        return member

    def _is_about_others(self, header: Header) -> bool:
        """Whether it is no member itself. A volume label with content is one."""
        flag = header.type_flag
        return bool(flag) and (flag in _SPEAKS_OF_NEXT or (flag == b"V" and not header.size_bytes))

    def _note(self, header: Header, offset: int, said: _Said) -> None:
        """Read a header of headers. One over the limit is passed over, and its member listed without it."""
        flag = header.type_flag
        if flag == b"V":
            return
        longest = self._limits.name_bytes + 1 if flag in b"LK" else _PAX_BYTES
        if header.size_bytes > longest:
            what = "name" if flag in b"LK" else "pax header"
            limit = f"over {longest} (limit name_bytes)" if flag in b"LK" else f"over {longest}"
            said.problem(LimitReached(f"a tar {what} of {header.size_bytes} bytes at byte {offset}, {limit}: not read"))
            return
        data = self._tape.read_at(offset, header.size_bytes)
        if len(data) < header.size_bytes:
            raise Truncated("tar ends inside a pax header or long name")
        if flag == b"g":
            self._take_globals(data, said)
        else:
            said.flags = flag
            said.take(flag, data)

    def _take_globals(self, data: bytes, said: _Said) -> None:
        """Read a header that speaks of all later members. Raises Malformed."""
        pax = Pax()
        pax.take(data)
        self._globals |= pax.records
        if pax.unread_bytes:
            said.problem(Malformed(f"a global pax header with {pax.unread_bytes} bytes of records not read"))

    def _described(self, header: Header, offset: int, said: _Said) -> Member:
        records = self._globals | said.pax.records
        offset = self._after_map(header, offset)
        size = self._size(records, header, said)
        name = records.get(b"GNU.sparse.name") or records.get(b"path") or said.name or header.name
        longest, note = self._limits.name_bytes, ""
        if len(name) > longest:
            note = f"its name of {len(name)} bytes is cut"
            said.problem(LimitReached(f"a name of {len(name)} bytes, over {longest} (limit name_bytes)"))
        return Member(
            name=name[:longest],
            header=header,
            link=(records.get(b"linkpath") or said.link or header.link)[:longest],
            size_bytes=size,
            data_offset=offset,
            times=times_of(header, records),
            sparse=header.type_flag == b"S" or is_sparse(said.pax.records),
            odd=bool(size) and self._is_odd(header.type_flag, offset, size),
            unread_bytes=said.unread_bytes(header.type_flag),
            note=note,
        )

    def _size(self, records: dict[bytes, bytes], header: Header, said: _Said) -> int:
        """The size a pax header names; where that is none, the header's own."""
        try:
            return pax_size(records, header.size_bytes)
        except Malformed as error:
            said.problem(error)
            return header.size_bytes

    def _is_odd(self, flag: bytes, offset: int, size: int) -> bool:
        """Whether content follows a kind that has none, or one whose content is a list: no header lies there."""
        if flag == b"D":
            return size > _PAX_BYTES or not is_dump_list(self._tape.read_at(offset, size))
        if not flag or flag not in _DATALESS:
            return False
        block = self._tape.read_at(offset, BLOCK_BYTES)
        return bool(block) and not is_zero(block) and not holds(block)

    def _after_map(self, header: Header, offset: int) -> int:
        """Past the further blocks of an old GNU sparse map. Raises Malformed for one that no file needs."""
        more = header.type_flag == b"S" and header.extended
        start = offset
        while more:
            block = self._tape.read_at(offset, BLOCK_BYTES)
            offset += BLOCK_BYTES
            more = len(block) == BLOCK_BYTES and bool(block[504])
            if offset - start > _MAP_BLOCKS * BLOCK_BYTES:
                raise Malformed("a sparse map without end")
        return offset


def _padded(size_bytes: int) -> int:
    return -(-size_bytes // BLOCK_BYTES) * BLOCK_BYTES
