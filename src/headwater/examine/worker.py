"""What a jailed worker does: opens sources from descriptors, lists them, verifies them, examines their items.

`headwater.sandbox.entry` imports this module, calls `prepare`, enters the jail, then calls `serve`.
"""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import msgspec

from headwater.evidence.content import SourceContent
from headwater.evidence.disk.segments import Segment, SegmentSource
from headwater.evidence.disk.verify import verify_source
from headwater.evidence.open import describe, open_source
from headwater.evidence.reader import Limits, Reader
from headwater.examine.enrolment import Enrolment
from headwater.examine.examiner import Looker
from headwater.examine.loaded import chosen, warm
from headwater.examine.mark import Mark
from headwater.examine.materials import Loaded, load
from headwater.examine.messages import (
    Answer,
    Ask,
    Attach,
    Done,
    Enrol,
    Learned,
    Listed,
    ListEntries,
    Materials,
    Message,
    Open,
    Opened,
    Progress,
    Refused,
    Rehash,
    Rehashed,
    Segments,
    ToWorker,
    Verified,
    Verify,
    Work,
    WorkFiles,
    WritePattern,
    pack,
    unpack_for_worker,
)
from headwater.examine.run import faults_told
from headwater.examine.unit import Desk, UnitExaminer, skips_by_item
from headwater.examine.whole import sha256_of
from headwater.model.errors import EvidenceError, HeadwaterError
from headwater.model.finding import Method
from headwater.model.item import Entry, Refusal
from headwater.sandbox.channel import Channel

_LIST_BATCH = 512
_LIST_SECONDS = 0.5  # after which what was listed is sent, however little: it outlives this worker
_PROGRESS_BYTES = 64 << 20
_DISKS = frozenset({"e01", "raw"})


def prepare() -> None:
    """Import and warm everything before the jail closes: afterwards no file can be opened."""
    warm()


def serve(channel: Channel) -> None:
    """Answer requests until the broker hangs up."""
    worker = _Worker(channel)
    while True:
        try:
            message = channel.receive(None)
        except EOFError:
            return
        if message:
            worker.answer(unpack_for_worker(message.payload), message.fds)


@dataclass(slots=True, kw_only=True)
class _Source:
    segments: tuple[Segment, ...]
    limits: Limits
    reader: Reader | None = None
    refusal: EvidenceError | None = None
    entries: Iterator[Entry] | None = None
    position: int = 0


class _Worker:
    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._coming: list[Segment] = []
        self._source = _Source(segments=(), limits=Limits())
        self._mark: Mark | None = None
        self._materials: Mapping[str, tuple[Loaded, ...]] = {}
        self._enrolment: Enrolment | None = None

    def answer(self, request: ToWorker, fds: Sequence[int]) -> None:
        try:
            self._answer(request, fds)
        except EvidenceError as error:
            self._refuse(error.kind, error.message)
        except HeadwaterError as error:
            self._refuse("fault", error.message)

    def _refuse(self, kind: str, message: str) -> None:
        """Say that a request could not be carried out; the mark stays where it is, and says what was being done."""
        self._source.entries = None  # a listing that raised gives nothing more
        self._send(Refused(kind, message))

    def _answer(self, request: ToWorker, fds: Sequence[int]) -> None:
        match request:
            case Attach():
                self._mark = Mark(fds[0])
            case Segments():
                self._coming += (
                    Segment(each.name, fd, each.size_bytes) for each, fd in zip(request.segments, fds, strict=True)
                )
            case Materials():
                self._materials = load(request.materials, fds)
            case WorkFiles():
                self._work_files(request, fds)
            case Rehash():
                self._rehash(fds)
            case Enrol() | WritePattern():
                self._enrol(request, fds)
            case Answer():
                raise HeadwaterError("an answer nobody asked for")
            case _:
                self._answer_about_source(request)

    def _answer_about_source(self, request: Open | ListEntries | Verify | Work) -> None:
        match request:
            case Open():
                self._open(request)
            case ListEntries():
                self._list(self._source)
            case Verify():
                self._verify(self._source)
            case Work():
                self._work(request, self._source)

    @property
    def _marked(self) -> Mark:
        if self._mark is None:
            raise HeadwaterError("no progress mark was sent")
        return self._mark

    def _send(self, message: Message) -> None:
        self._channel.send(pack(message))

    def _ask(self, question: Ask) -> Answer:
        self._send(question)
        message = self._channel.receive(None)
        reply = unpack_for_worker(message.payload) if message else None
        if not isinstance(reply, Answer):
            raise HeadwaterError("the broker did not answer")
        return reply

    def _open(self, request: Open) -> None:
        for segment in self._source.segments:
            os.close(segment.fd)
        segments, self._coming = tuple(self._coming), []
        source = self._source = _Source(segments=segments, limits=request.limits)
        shape = b"{}"
        self._marked.at("open", request.name)
        try:
            with faults_told():
                if segments:  # a folder has none: its files come one by one
                    source.reader = reader = open_source(segments, request.limits, self._marked.touch)
                    shape = msgspec.json.encode(describe(reader))
        except EvidenceError as error:
            source.refusal = error  # said when its entries are asked for: its bytes can still be digested
        self._marked.idle()
        self._send(Opened(shape.decode()))

    def _list(self, source: _Source) -> None:
        waiting: list[Entry | Refusal] = []
        sent = time.monotonic()
        for each in self._each(_reader(source).entries()):
            self._marked.at("list", str(each.locator))
            waiting.append(each)
            if len(waiting) >= _LIST_BATCH or time.monotonic() - sent >= _LIST_SECONDS:
                self._send(_listed(waiting))
                waiting, sent = [], time.monotonic()
        self._marked.idle()
        self._send(_listed(waiting))
        self._send(Done())

    def _each(self, entries: Iterator[Entry | Refusal]) -> Iterator[Entry | Refusal]:
        """Every entry; whatever the reader raises is an EvidenceError."""
        self._marked.at("list", "")
        while True:
            with faults_told():
                each = next(entries, None)
            if each is None:
                return
            yield each

    def _verify(self, source: _Source) -> None:
        sent = 0

        def progress(bytes_done: int) -> None:
            nonlocal sent
            self._marked.at("verify", "")
            if bytes_done - sent >= _PROGRESS_BYTES:
                sent = bytes_done
                self._send(Progress(bytes_done))

        is_archive = source.reader is not None and source.reader.kind not in _DISKS
        report = verify_source(source.segments, progress, is_archive=is_archive)
        self._marked.idle()
        self._send(Verified(msgspec.json.encode(report).decode()))
        self._send(Done())

    def _work(self, request: Work, source: _Source) -> None:
        desk = self._desk_for(request)
        unit = UnitExaminer(desk)
        for entry in self._slice(source, request.start, request.count):
            unit.take(entry, partial(_reader(source).open, entry))
        unit.flush()
        desk.deliver()
        self._send(Done())

    def _slice(self, source: _Source, start: int, count: int) -> Iterator[Entry]:
        if source.entries is None or source.position > start:
            source.entries = (each for each in self._each(_reader(source).entries()) if isinstance(each, Entry))
            source.position = 0
        while source.position < start + count:
            self._marked.at("list", "")
            entry = next(source.entries, None)
            if entry is None:
                return
            source.position += 1
            if source.position > start:
                yield entry

    def _work_files(self, request: WorkFiles, fds: Sequence[int]) -> None:
        desk = self._desk_for(request)
        unit = UnitExaminer(desk)
        try:
            for entry, fd in zip(request.entries, fds, strict=True):
                unit.take(entry, partial(_file_content, fd))
            unit.flush()
            desk.deliver()
        finally:
            for fd in fds:
                os.close(fd)
        self._send(Done())

    def _desk_for(self, request: Work | WorkFiles) -> Desk:
        if self._enrolment:
            return self._desk(request, [(self._enrolment, self._enrolment.method)])
        given = [each.material for loaded in self._materials.values() for each in loaded]
        return self._desk(request, chosen(request.settings.examiners, request.settings.settings_digest, given))

    def _desk(self, request: Work | WorkFiles, examiners: Sequence[tuple[Looker, Method]]) -> Desk:
        return Desk(
            settings=request.settings,
            examiners=examiners,
            materials=self._materials,
            skips=skips_by_item(request.skips),
            mark=self._marked,
            send=self._send,
            ask=self._ask,
        )

    def _enrol(self, request: Enrol | WritePattern, fds: Sequence[int]) -> None:
        if isinstance(request, Enrol):
            if self._enrolment is None:
                self._enrolment = Enrolment(request)
            self._enrolment.begin(request)
            self._send(Done())
            return
        if self._enrolment is None:
            raise HeadwaterError("no camera is being enrolled")
        self._marked.at("enrol", "")
        size_bytes, likeness = self._enrolment.write(request, fds[0])
        self._marked.idle()
        self._send(Learned(size_bytes, likeness))
        self._send(Done())

    def _rehash(self, fds: Sequence[int]) -> None:
        self._marked.at("rehash", "")
        digests = tuple(sha256_of(fd, self._marked.touch) for fd in fds)
        self._marked.idle()
        for fd in fds:
            os.close(fd)
        self._send(Rehashed(digests))
        self._send(Done())


def _reader(source: _Source) -> Reader:
    if source.reader is None:
        raise source.refusal or HeadwaterError("this source has no reader")
    return source.reader


def _listed(found: Sequence[Entry | Refusal]) -> Listed:
    entries = tuple(each for each in found if isinstance(each, Entry))
    return Listed(entries, tuple(each for each in found if isinstance(each, Refusal)))


def _file_content(fd: int) -> SourceContent:
    return SourceContent(SegmentSource(Segment(name="", fd=fd, size_bytes=os.fstat(fd).st_size)))
