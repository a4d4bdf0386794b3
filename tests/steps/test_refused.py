"""A refusal amid the items of a unit costs the one the worker was at; the rest is tried again."""

from dataclasses import dataclass, field

import pytest

from headwater.evidence.reader import Limits
from headwater.examine.mark import Position
from headwater.examine.messages import (
    Ask,
    Contents,
    Done,
    Opened,
    Refused,
    Result,
    Results,
    Walked,
    Walking,
    Work,
    WorkSettings,
)
from headwater.model.locator import Layer, Locator, item_id
from headwater.steps.runner import Loss, OpenSource
from headwater.steps.unit import Examination, ListedItem, UnitJob

NAMES = ("a.txt", "b.png", "c.txt")
CONTENTS = Contents(
    sha256="0" * 64,
    md5="0" * 32,
    sha1="0" * 40,
    bytes_read=1,
    media_type="text/plain",
    extension_disagrees=None,
    damaged=(),
)


@dataclass
class FakeLink:
    """A worker as its job sees it: what it is asked, and where it says it is."""

    at: Position | None = None
    asked: list = field(default_factory=list)

    def open(self, source):
        pass

    def send(self, message, descriptors=()):
        self.asked.append(message)

    def position(self):
        return self.at


class FakeSeen:
    def reserve(self, unit, digests):
        return tuple(True for _ in digests)

    def release(self, unit, *, keep):
        pass

    def commit(self, unit):
        pass


class FakeStore:
    def __init__(self):
        self.tables = {}

    def commit(self, unit, tables):
        self.tables = {name: table.to_pylist() for name, table in tables.items()}


class Silent:
    def item(self, path, size_bytes, *, failed):
        pass


def place(name):
    return str(Locator(layers=(Layer(kind="raw", name=b"sea"), Layer(kind="fat", name=name.encode()))))


def item(name):
    return item_id("T-1", "sea", place(name))


@pytest.fixture
def job():
    settings = WorkSettings("T-1", "sea", Limits(), (), "", 1)
    examination = Examination(
        exhibit="T-1",
        source=OpenSource(source="sea", segments=(), descriptors=(), limits=Limits()),
        folder=None,
        store=FakeStore(),
        seen=FakeSeen(),
        settings=settings,
        methods={},
        tool={},
        tally=Silent(),
    )
    listed = [ListedItem(item=item(name), locator=place(name), kind="file", size_bytes=1) for name in NAMES]
    return UnitJob(examination=examination, unit="u", start=0, items=listed)


def result(name):
    return Results((Result(item(name), "", None, CONTENTS, (), ()),))


def failures(job):
    return [(row["path"], row["examiner"], row["kind"]) for row in job.examination.store.tables.get("failures", [])]


def test_a_refusal_while_at_an_item_takes_that_item_out_and_the_rest_is_tried_again(job):
    link = FakeLink(at=Position(stage="metadata", locator=place("b.png"), item=item("b.png"), stamp=1))
    job.begin(link)
    assert not job.message(link, Opened("{}"))
    assert not job.message(link, Ask(("0" * 64,)))
    assert not job.message(link, result("a.txt"))
    assert not job.message(link, Refused("fault", "a frame of 90000000 bytes is too big to send"))
    first, again = [asked for asked in link.asked if isinstance(asked, Work)]
    assert (first.skips, [(skip.item, skip.stage, skip.kind) for skip in again.skips]) == (
        (),
        [(item("b.png"), "metadata", "fault")],
    )
    for name in NAMES:
        assert not job.message(link, result(name))
    assert job.message(link, Done())
    assert failures(job) == []
    assert len(job.examination.store.tables["contents"]) == 3


def test_after_a_refusal_between_items_each_is_asked_for_alone_and_blamed_alone(job):
    link = FakeLink()
    job.begin(link)
    assert not job.message(link, result("a.txt"))
    assert not job.message(link, Refused("fault", "no"))
    assert not job.message(link, result("a.txt"))
    assert not job.message(link, Done())
    assert not job.message(link, Refused("fault", "no"))
    assert not job.message(link, result("c.txt"))
    assert job.message(link, Done())
    assert [(each.start, each.count) for each in link.asked] == [(0, 3), (0, 1), (1, 1), (2, 1)]
    assert failures(job) == [("sea/b.png", "worker", "fault")]
    assert len(job.examination.store.tables["contents"]) == 2


def test_an_archive_that_was_not_listed_to_its_end_says_so_when_the_unit_is_given_up(job):
    link = FakeLink()
    job.begin(link)
    job.message(link, result("a.txt"))
    job.message(link, result("b.png"))
    job.message(link, Walking(item("a.txt")))
    job.message(link, Walking(item("b.png")))
    job.message(link, Walked(item("a.txt")))
    lost = Loss(kind="time", message="no progress for 60 s", position=Position(stage="list", locator=""))
    assert [job.lost(lost) for _ in range(3)] == [True, True, False]
    assert sorted(failures(job)) == [("sea/b.png", "open archive", "died"), ("sea/c.txt", "worker", "time")]


@pytest.mark.parametrize("stage", [None, "open", "list"])
def test_a_refusal_of_the_source_is_one_of_every_item(job, stage):
    link = FakeLink(at=stage and Position(stage=stage, locator="", stamp=1))
    job.begin(link)
    job.message(link, Opened("{}"))
    assert job.message(link, Refused("encrypted", "LUKS1"))
    assert {(examiner, kind) for _, examiner, kind in failures(job)} == {("open", "encrypted")}
    assert len(failures(job)) == 3
