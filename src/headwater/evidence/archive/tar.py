"""tar: v7, ustar, GNU and pax. Names stay the stored bytes. Broken headers are passed over to the next good one.

A plain tar has random access. Inside a compressed stream reading is sequential: opening members in the order they are
listed costs one unpacking in all; opening an earlier one again starts the stream again.
"""

from array import array
from collections.abc import Iterator
from functools import partial

from headwater.evidence.archive.content import MemberContent, WindowFlow
from headwater.evidence.archive.guard import Tally
from headwater.evidence.archive.tape import Tape, TapeFlow
from headwater.evidence.archive.tar_walk import Member, Walk
from headwater.evidence.reader import Limits
from headwater.model.errors import EvidenceError, Malformed, UnknownFormat
from headwater.model.item import Entry, ItemKind, Refusal
from headwater.model.locator import Layer, Locator
from headwater.model.visible import visible

_KINDS = {
    b"1": "hard link",
    b"2": "symbolic link",
    b"3": "character device",
    b"4": "block device",
    b"5": "folder",
    b"6": "named pipe",
    b"D": "folder of a GNU dump",
}
_SHOWN_BYTES = 200  # of a name in a message
_FILES = b"\x0007S"  # of these nothing needs to be said
_NOTES = {b"S": "sparse", b"M": "continued from another volume", b"V": "volume label, with content"}


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
        """Every file, link and device, and content under any other kind, but no folders. Raises LimitReached."""
        tally = Tally(self._limits, 0)
        index = 0
        for found in Walk(self._tape, self._limits):
            if isinstance(found, EvidenceError):
                tally.entry()
                yield _refusal(found)
            elif _is_folder(found):
                if found.unread_bytes:
                    tally.entry()
                    yield _refusal(Malformed(f"the folder {visible(found.name[:_SHOWN_BYTES])}, with {_unread(found)}"))
            else:
                tally.entry()
                self._remember(index, found)
                yield _entry(found, index)
                index += 1

    def holds(self, offset_bytes: int) -> bool:
        """Whether the byte there belongs to the content of a member."""
        for found in Walk(self._tape, self._limits):
            if isinstance(found, Member) and found.next_offset > offset_bytes:
                return found.data_offset <= offset_bytes
        return False

    def _remember(self, index: int, member: Member) -> None:
        if index == len(self._offsets):
            self._offsets.append(member.data_offset)
            self._sizes.append(member.size_bytes)
            self._sparse.append(member.sparse)

    def open(self, entry: Entry) -> MemberContent:
        """Open one listed file. Raises EvidenceError."""
        address = entry.locator.layers[-1].address
        index = int(address) if address.isdecimal() and len(address) < 19 else -1
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


def _is_folder(member: Member) -> bool:
    flag = member.header.type_flag
    if flag in {b"5", b"D"}:
        return not member.odd
    return flag == b"\0" and member.name.endswith(b"/") and not member.size_bytes


def _entry(member: Member, index: int) -> Entry:
    kind, note = _kind(member)
    return Entry(
        locator=Locator(layers=(Layer(kind="tar", name=member.name, address=str(index)),)),
        kind=kind,
        size_bytes=None if member.sparse else member.size_bytes,
        times=member.times,
        note="; ".join(filter(None, (note, member.note, _unread(member)))),
    )


def _unread(member: Member) -> str:
    return f"{member.unread_bytes} bytes of its headers not read" if member.unread_bytes else ""


def _kind(member: Member) -> tuple[ItemKind, str]:
    """Call it what its header says, unless it has content that must not hide behind that."""
    flag = member.header.type_flag
    if flag in _KINDS:
        said = f"{_KINDS[flag]} to {visible(member.link)}" if flag in b"12" else _KINDS[flag]
        if member.odd:
            return ItemKind.FILE, f"{said}, with content"
        return ItemKind.SYMLINK if flag == b"2" else ItemKind.OTHER, said
    if flag in _FILES:
        return ItemKind.FILE, _NOTES.get(flag, "")
    return ItemKind.FILE, _NOTES.get(flag, f"tar type {visible(flag)}, taken as a file")


def _refusal(error: EvidenceError) -> Refusal:
    return Refusal(locator=Locator(layers=(Layer(kind="tar"),)), kind=error.kind, message=error.message)
