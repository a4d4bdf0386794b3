"""Learning a pattern, as a job of the pool: one worker reads the references three times over, and none is kept.

What it holds is gone with it: where it is lost, the picture it was at is left out, and another begins anew.
"""

import mmap
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from headwater.evidence.folder import Folder
from headwater.examine.messages import (
    Answer,
    Ask,
    Done,
    Enrol,
    Learned,
    Refused,
    Result,
    Results,
    ToBroker,
    Work,
    WorkFiles,
    WorkSettings,
    WritePattern,
)
from headwater.model.errors import EvidenceError
from headwater.model.item import Entry
from headwater.model.locator import parse_locator
from headwater.steps.ingest import Listener
from headwater.steps.references import Candidates, Reference
from headwater.steps.runner import Link, Loss, OpenSource
from headwater.steps.unit import ListedItem

LEAST_REFERENCES = 10
REFERENCE = "sensor.reference"  # as the worker answers
_MOST_SATURATED = 0.05  # share of the pixels
_LEAST_MEAN = 40.0  # grey levels: darker pictures bear little of the pattern
_RESTARTS = 5
_ROOM_BYTES = 32 << 20  # of the largest pattern's file, and more
_figures = msgspec.json.Decoder(dict[str, float]).decode
Stage = Literal["score", "add", "check"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a listed item is read: its source, its number there, the folder where the source is one."""

    source: OpenSource
    folder: Folder | None
    number: int
    listed: ListedItem
    settings: WorkSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """What was learned. data: the file's bytes."""

    data: bytes
    references: tuple[Reference, ...]
    likeness: float


@dataclass(slots=True, kw_only=True)
class EnrolJob:
    """Rate all candidates, learn from the best, hold the pattern against each. It ends with a pattern or a fault."""

    candidates: Candidates
    places: Mapping[str, Place]  # by listed item
    threshold: int
    most: int
    listener: Listener
    pattern: Pattern | None = None
    fault: str = ""
    chosen: tuple[Reference, ...] = ()
    stage: Stage = "score"
    left_out: set[str] = field(default_factory=set)  # items that a worker was lost at
    rated: dict[str, Mapping[str, float]] = field(default_factory=dict)  # by SHA-256, of this stage
    taken: set[str] = field(default_factory=set)  # contents of this stage
    waiting: list[str] = field(default_factory=list)  # listed items
    losses: int = 0
    memory: int = -1

    def begin(self, link: Link) -> None:
        """Start from the beginning."""
        self._start(link, "score", [each for each in self.candidates.references if each.item not in self.left_out])

    def message(self, link: Link, message: ToBroker) -> bool:
        """Take what the worker said."""
        match message:
            case Ask():
                wanted = [each not in self.taken and each in self._wanted for each in message.digests]
                self.taken.update(each for each, yes in zip(message.digests, wanted, strict=True) if yes)
                link.send(Answer(tuple(wanted)))
            case Results():
                for each in message.results:
                    self._result(each)
            case Learned():
                self._keep(message)
            case Refused():
                self.fault = message.message
                return True
            case Done():
                return self._next(link)
            case _:
                pass
        return False

    def lost(self, loss: Loss) -> bool:
        """Leave out what the worker was at, and begin again."""
        self.losses += 1
        if loss.position and loss.position.item:
            self.left_out.add(loss.position.item)
        self.fault = "" if self.losses <= _RESTARTS else f"{self.losses} workers were lost, the last: {loss.message}"
        return not self.fault

    @property
    def _wanted(self) -> frozenset[str]:
        return frozenset(each.sha256 for each in (self.chosen if self.stage != "score" else self.candidates.references))

    def _start(self, link: Link, stage: Stage, references: Sequence[Reference]) -> None:
        self.stage, self.rated, self.taken = stage, {}, set()
        self.waiting = [*dict.fromkeys(each.top for each in references)]
        self.listener.begin("enrol", len(references))
        sides = self.candidates.height, self.candidates.width
        link.send(Enrol(stage, *sides, tuple(each.sha256 for each in references)))

    def _next(self, link: Link) -> bool:
        """Ask for the next listed item, or end the stage; True at the end of the last."""
        if self.pattern or self.fault:
            return True
        while self.waiting:
            if self._ask(link, self.places[self.waiting.pop(0)]):
                return False
        return self._end_stage(link)

    def _ask(self, link: Link, place: Place) -> bool:
        """Ask for one listed item; whether that can be."""
        link.open(place.source)
        if place.folder is None:
            link.send(Work(place.number, 1, (), place.settings))
            return True
        locator = parse_locator(place.listed.locator)
        try:
            descriptor = place.folder.open_file(locator.raw_path)
        except (OSError, EvidenceError):
            return False
        try:
            entry = Entry(locator=locator, size_bytes=place.listed.size_bytes)
            link.send(WorkFiles((entry,), (), place.settings), [descriptor])
        finally:
            os.close(descriptor)
        return True

    def _result(self, result: Result) -> None:
        for found in result.found:
            if result.contents and found.seen.claim == REFERENCE and found.seen.value:
                self.rated[result.contents.sha256] = _figures(found.seen.value)
                self.listener.item(result.contents.sha256, result.contents.bytes_read, failed=False)

    def _end_stage(self, link: Link) -> bool:
        done = [each for each in self.candidates.references if each.sha256 in self.rated]
        if self.stage == "score":
            self.chosen = self._best(done)
        elif len(done) != len(self.chosen):
            self.fault = "a reference could be read once, and not again"
        if len(self.chosen) < LEAST_REFERENCES:
            bright = f"{len(self.chosen)} pictures are bright, unsaturated and whole"
            self.fault = f"{bright}; {LEAST_REFERENCES} references are needed"
        if self.fault:
            return True
        if self.stage == "check":
            self._ask_for_pattern(link)
        else:
            self._start(link, "add" if self.stage == "score" else "check", self.chosen)
        return False

    def _best(self, rated: Sequence[Reference]) -> tuple[Reference, ...]:
        """The evenest of those that are bright and not saturated, for their brightness."""
        good = [
            each
            for each in rated
            if self.rated[each.sha256]["saturated"] <= _MOST_SATURATED
            and self.rated[each.sha256]["mean"] >= _LEAST_MEAN
        ]
        good.sort(key=lambda each: (self.rated[each.sha256]["uneven"] / self.rated[each.sha256]["mean"], each.sha256))
        return tuple(good[: self.most])

    def _ask_for_pattern(self, link: Link) -> None:
        body = self.candidates.body
        self.close()
        self.memory = os.memfd_create("headwater-pattern", os.MFD_CLOEXEC)
        os.ftruncate(self.memory, _ROOM_BYTES)
        digests = tuple(each.sha256 for each in self.chosen)
        request = WritePattern(body.make, body.model, body.serial, self.threshold, digests, _ROOM_BYTES)
        link.send(request, [self.memory])

    def _keep(self, learned: Learned) -> None:
        if self.memory < 0 or learned.size_bytes > _ROOM_BYTES:
            raise EvidenceError("a pattern nobody asked for")
        with mmap.mmap(self.memory, _ROOM_BYTES, prot=mmap.PROT_READ) as memory:
            data = memory[: learned.size_bytes]
        self.pattern = Pattern(data=data, references=self.chosen, likeness=learned.likeness)
        self.close()

    def close(self) -> None:
        """Let the shared memory go. Safe to call twice."""
        if self.memory >= 0:
            os.close(self.memory)
            self.memory = -1
