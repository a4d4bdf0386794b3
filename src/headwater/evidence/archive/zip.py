"""zip, zip64, self-extracting and damaged zips. Names stay the stored bytes; folders are not listed.

The central directory is walked without being held; each local header is compared with it; what lies in no listed
member's span is searched for local headers, and what is left then belongs to no member: zip_unclaimed.py. A member's
address is its number in the central directory, or ``local-<offset>`` where only a local header tells of it.
"""

import stat
from array import array
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from headwater.evidence.archive.content import Flow, MemberContent, WindowFlow
from headwater.evidence.archive.decoders import NewDecoder, new_bzip2, new_deflate, new_xz, new_zip_lzma, new_zstd
from headwater.evidence.archive.guard import Tally
from headwater.evidence.archive.inflow import Inflow
from headwater.evidence.archive.touch import Touch, untouched
from headwater.evidence.archive.zip_directory import Directory, central_record, central_records, find_directory
from headwater.evidence.archive.zip_layout import Layout
from headwater.evidence.archive.zip_records import (
    DESCRIPTOR_FOLLOWS,
    ENCRYPTED,
    LOCAL_BYTES,
    LOCAL_SIGNATURE,
    MASKED,
    STORED,
    Record,
    parse_local,
)
from headwater.evidence.archive.zip_recovery import orphans
from headwater.evidence.archive.zip_remarks import AES, beside, is_folder, remarks
from headwater.evidence.archive.zip_times import times_of
from headwater.evidence.archive.zip_unclaimed import unclaimed
from headwater.evidence.reader import ByteSource, Limits
from headwater.evidence.window import PromisedWindow
from headwater.model.errors import Encrypted, EvidenceError, Malformed, UnknownFormat
from headwater.model.item import Entry, ItemKind, Refusal
from headwater.model.locator import Layer, Locator
from headwater.model.visible import visible

_DECODERS: dict[int, NewDecoder] = {
    8: new_deflate,
    12: new_bzip2,
    14: new_zip_lzma,
    20: new_zstd,
    93: new_zstd,
    95: new_xz,
}
_REFUSED = {
    1: "Shrink", 2: "Reduce", 3: "Reduce", 4: "Reduce", 5: "Reduce", 6: "Implode", 9: "Deflate64", 10: "PKWARE Implode",
    16: "IBM CMPSC", 18: "IBM TERSE", 19: "IBM LZ77", 94: "MP3", 96: "JPEG variant", 97: "WavPack", 98: "PPMd",
}  # fmt: skip
_LOCAL_GUESS_BYTES = 512
_LINK_BYTES = 4096
_MOST_REGIONS = 1000  # extra fields searched for local headers


class ZipReader:
    """Lists and opens the members of one zip.

    behind: the directory of a zip that lies behind something else, whose bytes are not its own. floor: from where on
    local headers that no directory names are looked for.
    """

    kind = "zip"

    def __init__(
        self,
        source: ByteSource,
        limits: Limits,
        *,
        behind: Directory | None = None,
        floor: int = 0,
        touch: Touch = untouched,
    ) -> None:
        self._source = source
        self._limits = limits
        self._touch = touch
        self._floor = floor
        self._is_whole = behind is None
        self._directory = behind or find_directory(source)
        self._regions: list[tuple[int, int]] = []  # extra fields in which a local header may lie
        self._records = array("Q")  # where the record of each member lies, as far as listed
        self._latest: tuple[str, Record, Record] | None = None  # address, record, local header of the last one listed

    def entries(self) -> Iterator[Entry | Refusal]:
        """Every member, then what is wrong with the zip as a whole. Raises LimitReached."""
        tally = Tally(self._limits, self._source.size_bytes)
        layout = Layout()
        self._regions = []
        yield from self._listed(tally, layout)
        yield from self._hidden(tally, layout)
        if self._directory:
            message = unclaimed(self._source, self._directory, layout, whole=self._is_whole, touch=self._touch)
            if message:
                yield _refusal("malformed", message)

    def _listed(self, tally: Tally, layout: Layout) -> Iterator[Entry | Refusal]:
        directory = self._directory
        if directory is None:
            yield _refusal("malformed", "no central directory; members are listed by their local headers")
            return
        if directory.split:
            yield _refusal("unknown_format", "zip split over several volumes: only what lies in this one is opened")
        count = 0
        try:
            for index, record in self._walk(directory):
                count = index + 1
                yield from self._member(record, index, tally, layout)
        except Malformed as error:
            yield _refusal(error.kind, f"central directory: {error.message}")
        if count & 0xFFFF != directory.count & 0xFFFF:
            message = f"central directory holds {count} records, its end record says {directory.count}"
            yield _refusal("malformed", message)
        if overlapping := layout.overlapping():
            message = f"{overlapping} members overlap others: the same bytes are unpacked again and again"
            yield _refusal("malformed", message)

    def _walk(self, directory: Directory) -> Iterator[tuple[int, Record]]:
        place = directory.start
        walk = central_records(self._source, place, directory.start + directory.size_bytes)
        for index, (offset, record) in enumerate(walk):
            if index == len(self._records):
                self._records.append(offset)
            yield index, record

    def _member(self, record: Record, index: int, tally: Tally, layout: Layout) -> Iterator[Entry | Refusal]:
        start = record.header_offset + self._shift
        local, problem = self._local(start)
        length = local.length_bytes if local else LOCAL_BYTES + len(record.name)
        overlaps = layout.add(start, start + length + record.packed_bytes)
        if local:
            self._look_into(local, start)
        if is_folder(record):
            yield from _folder(record, str(index), local, tally)
            return
        tally.name(record.name)
        if record.method != STORED or overlaps:
            packed = min(record.packed_bytes, self._source.size_bytes)
            tally.member(packed_bytes=packed, unpacked_bytes=max(record.size_bytes, 0))
        if local:
            self._latest = (str(index), record, local)
        notes = [problem, "overlaps another member" if overlaps else ""]
        entry = self._entry(record, str(index), local, notes)
        yield entry
        if record.problem:
            yield Refusal(locator=entry.locator, kind="malformed", message=record.problem)
        if local and (differences := _differences(record, local)):
            message = f"local header and central directory disagree on {differences}"
            yield Refusal(locator=entry.locator, kind="malformed", message=message)

    def _look_into(self, local: Record, start: int) -> None:
        """Remember extra fields that seem to hold a member."""
        if LOCAL_SIGNATURE in local.extra and len(self._regions) < _MOST_REGIONS:
            end = start + local.length_bytes
            self._regions.append((end - len(local.extra), end))

    @property
    def _shift(self) -> int:
        return self._directory.shift_bytes if self._directory else 0

    def _local(self, start: int) -> tuple[Record | None, str]:
        try:
            return self._read_local(start), ""
        except EvidenceError as error:
            return None, error.message

    def _read_local(self, start: int) -> Record:
        if not 0 <= start < self._source.size_bytes:
            raise Malformed(f"local header at byte {start}, outside the zip")
        data = self._source.read_at(start, _LOCAL_GUESS_BYTES)
        if len(data) == _LOCAL_GUESS_BYTES:
            wanted = LOCAL_BYTES + int.from_bytes(data[26:28], "little") + int.from_bytes(data[28:30], "little")
            if wanted > len(data):
                data = self._source.read_at(start, wanted)
        return parse_local(data, start)

    def _entry(self, record: Record, address: str, local: Record | None, notes: list[str]) -> Entry:
        kind, note = self._kind(record, local)
        return Entry(
            locator=Locator(layers=(Layer(kind="zip", name=record.name, address=address),)),
            kind=kind,
            size_bytes=record.size_bytes if record.size_bytes >= 0 else None,
            times=times_of(record, local),
            note="; ".join(filter(None, (*notes, note, *remarks(record, local)))),
        )

    def _kind(self, record: Record, local: Record | None) -> tuple[ItemKind, str]:
        """Call it a link only where its content can be one: content must not hide behind a mode."""
        if not stat.S_ISLNK(record.unix_mode):
            return ItemKind.FILE, ""
        target = self._target(record, local) if local and 0 < record.size_bytes <= _LINK_BYTES else b""
        if not target or b"\0" in target:
            return ItemKind.FILE, "marked as a symbolic link"
        return ItemKind.SYMLINK, f"symbolic link to {visible(target)}"

    def _target(self, record: Record, local: Record) -> bytes:
        """The whole content of a link; empty where there is anything wrong with it, as where more lies behind it."""
        try:
            content = self._content(record, local)
            target = content.read()
        except EvidenceError:
            return b""
        return b"" if content.fault else target

    def _hidden(self, tally: Tally, layout: Layout) -> Iterator[Entry | Refusal]:
        """Members outside every listed span, and inside extra fields, the directory, its comments and what follows."""
        directory, size = self._directory, self._source.size_bytes
        spans = [*layout.gaps(directory.start if directory else size, self._floor), *self._regions]
        if directory and directory.start < size:
            spans.append((directory.start, size))
        for start, end in _merged(spans):
            for record in orphans(self._source, start, end, self._touch):
                layout.add(record.header_offset, record.header_offset + record.length_bytes + record.packed_bytes)
                address = f"local-{record.header_offset}"
                if is_folder(record):
                    yield from _folder(record, address, None, tally)
                    continue
                tally.name(record.name)
                if record.method != STORED:
                    tally.member(packed_bytes=record.packed_bytes, unpacked_bytes=max(record.size_bytes, 0))
                local, _ = self._local(record.header_offset)
                entry = self._entry(record, address, local, ["not in the central directory"])
                yield entry
                if record.problem:
                    yield Refusal(locator=entry.locator, kind="malformed", message=record.problem)

    def open(self, entry: Entry) -> MemberContent:
        """Open one listed member. Raises Encrypted, UnknownFormat, Malformed."""
        address = entry.locator.layers[-1].address
        if self._latest and self._latest[0] == address:
            _, record, local = self._latest
        else:
            record = self._find(address)
            local = None
        if record.method == AES:
            raise Encrypted("encrypted with AES")
        if record.encrypted:
            raise Encrypted("encrypted" if not record.flags & MASKED else "encrypted, with a masked directory")
        return self._content(record, local or self._read_local(record.header_offset))

    def _content(self, record: Record, local: Record) -> MemberContent:
        if record.method != STORED and record.method not in _DECODERS:
            name = _REFUSED.get(record.method, "unknown")
            raise UnknownFormat(f"zip method {record.method} ({name}): this version does not unpack it")
        start = local.header_offset + local.length_bytes
        window = PromisedWindow(self._source, start, record.packed_bytes)
        size = record.size_bytes if record.size_bytes >= 0 else None
        crc32 = record.crc32 if size is not None else None
        if record.method == STORED:
            flow: Callable[[], Flow] = partial(WindowFlow, window)
            return MemberContent(flow, size_bytes=size, crc32=crc32, direct=window)
        end = start + window.size_bytes
        inflow = partial(Inflow, self._source, start, end, _DECODERS[record.method], self._limits, joined=False)
        return MemberContent(inflow, packed=window, size_bytes=size, crc32=crc32)

    def _find(self, address: str) -> Record:
        """Find the record of a listed member, its offset that of the local header in the source. Raises Malformed."""
        directory, size = self._directory, self._source.size_bytes
        number = int(address.removeprefix("local-")) if address.removeprefix("local-").isdecimal() else -1
        if address.startswith("local-") and 0 <= number < size:
            end = directory.start if directory and number < directory.start else size
            record = next(orphans(self._source, number, end, self._touch), None)
            if record and record.header_offset == number:
                return record
        elif directory and number >= 0 and self._indexed(directory, number):
            record = central_record(self._source, self._records[number])
            return replace(record, header_offset=record.header_offset + self._shift)
        raise Malformed("no such member in this zip")

    def _indexed(self, directory: Directory, index: int) -> bool:
        """Walk the directory as far as `index`, where it was not listed so far."""
        if index >= len(self._records):
            next((None for number, _ in self._walk(directory) if number >= index), None)
        return index < len(self._records)


def _merged(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Give the spans, sorted, those that overlap as one."""
    last = None
    for start, end in sorted(spans):
        if last is None:
            last = start, end
        elif start < last[1]:
            last = last[0], max(last[1], end)
        else:
            yield last
            last = start, end
    if last:
        yield last


def _folder(record: Record, address: str, local: Record | None, tally: Tally) -> Iterator[Refusal]:
    """Folders are not listed; what is kept in the record of one is said."""
    if message := "; ".join(beside(record, local)):
        tally.name(record.name)
        layer = Layer(kind="zip", name=record.name, address=address)
        yield Refusal(locator=Locator(layers=(layer,)), kind="malformed", message=f"a folder, with {message}")


def _differences(record: Record, local: Record) -> str:
    """Name what a reader that trusts local headers would see otherwise."""
    pairs = [("name", record.name, local.name), ("method", record.method, local.method)]
    pairs.append(("encryption", record.flags & ENCRYPTED, local.flags & ENCRYPTED))
    if not local.flags & DESCRIPTOR_FOLLOWS and not record.flags & MASKED:
        pairs.append(("CRC-32", record.crc32, local.crc32))
        pairs.append(("packed size", record.packed_bytes, local.packed_bytes))
        pairs.append(("size", record.size_bytes, local.size_bytes))
    return ", ".join(what for what, central, there in pairs if central != there)


def _refusal(kind: str, message: str) -> Refusal:
    return Refusal(locator=Locator(layers=(Layer(kind="zip"),)), kind=kind, message=message)
