"""Pictures inside pictures as items: below their picture, once a place, as deep as the limit, and said where not."""

from functools import partial

import pytest
from tests.formats import embedded_files as make

from headwater.evidence.content import BytesSource, SourceContent
from headwater.evidence.reader import Limits
from headwater.examine.loaded import chosen
from headwater.examine.mark import Mark, new_mark
from headwater.examine.messages import (
    Answer,
    Fault,
    PackedResults,
    Walked,
    Walking,
    WorkSettings,
    pack,
    unpack_for_broker,
)
from headwater.examine.unit import CARRIED, Desk, UnitExaminer
from headwater.model.item import Allocation, Entry, ItemKind
from headwater.model.locator import Layer, Locator, item_id

LARGE, SMALL, OTHER = make.scene(200), make.scene(48), make.scene(48, seed=3)
WITH_EXIF = make.with_segments(LARGE, make.exif(SMALL))


def entry_of(name, data, allocation=Allocation.ALLOCATED):
    locator = Locator(layers=(Layer(kind="folder", name=name),))
    return Entry(locator=locator, size_bytes=len(data), allocation=allocation)


@pytest.fixture
def examined():
    """Examine files as the worker does: every result and message, in order. wanted: of which digests."""

    def examine(*files, limits=None, examiners=(), skips=None, wanted=lambda digest: True, allocation="allocated"):
        sent = []
        desk = Desk(
            settings=WorkSettings("T-1", "sea", limits or Limits(), (), "", 1 << 24),
            examiners=chosen(examiners, ""),
            skips=skips or {},
            mark=Mark(new_mark()),
            send=lambda message: sent.append(
                unpack_for_broker(pack(message)) if isinstance(message, PackedResults) else message
            ),
            ask=lambda ask: Answer(tuple(wanted(digest) for digest in ask.digests)),
        )
        unit = UnitExaminer(desk)
        for number, data in enumerate(files):
            entry = entry_of(b"%d.jpg" % number, data, Allocation(allocation))
            unit.take(entry, partial(SourceContent, BytesSource(data)))
        unit.flush()
        desk.deliver()
        return sent

    return examine


def results(sent):
    return [one for message in sent for one in getattr(message, "results", ())]


def inner(sent):
    return [each for each in results(sent) if each.entry]


def test_each_is_an_item_of_its_own_kind_below_its_picture(examined):
    outer, child = results(examined(WITH_EXIF))
    assert outer.entry is None
    assert child.parent_item == outer.item
    assert child.entry.kind is ItemKind.EMBEDDED
    assert (child.entry.size_bytes, child.contents.bytes_read) == (len(SMALL), len(SMALL))
    layer = child.entry.locator.layers[-1]
    at = WITH_EXIF.index(SMALL)
    assert (layer.kind, layer.name, layer.address) == ("embedded", b"EXIF IFD1", str(at))
    assert child.item == item_id("T-1", "sea", child.entry.locator)
    assert child.contents.media_type == "image/jpeg"


def test_it_is_fingerprinted_and_compared(examined):
    outer, child = results(examined(WITH_EXIF, examiners=("perceptual", "previews")))
    assert {each.seen.claim for each in child.found} >= {"perceptual.pdq", "perceptual.pdq_quality"}
    (compared,) = [each.seen for each in outer.found if each.seen.claim == "embedded.compared"]
    assert '"same":"yes"' in compared.value
    assert child.contents.sha256 in compared.value
    assert all(span.sha256 for span in compared.spans)


def test_the_children_of_a_batch_follow_their_parents_and_their_list_is_said_to_end(examined):
    sent = examined(WITH_EXIF, LARGE, make.with_segments(LARGE, make.jfxx(OTHER)))
    order = [one.item for one in results(sent)]
    parents = [each.parent_item for each in inner(sent)]
    assert len(parents) == 2
    assert max(order.index(each) for each in parents) < min(order.index(each.item) for each in inner(sent))
    assert [each.item for each in sent if isinstance(each, Walking)] == parents
    assert [each.item for each in sent if isinstance(each, Walked)][-2:] == parents


def test_a_copy_that_is_not_examined_again_has_its_pictures_all_the_same(examined):
    sent = examined(WITH_EXIF, WITH_EXIF, examiners=("perceptual",), wanted=lambda digest: False)
    assert len(inner(sent)) == 2
    assert all(each.found == () for each in results(sent))


def test_it_is_deleted_where_its_picture_is(examined):
    (child,) = inner(examined(WITH_EXIF, allocation="deleted"))
    assert child.entry.allocation is Allocation.DELETED


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_pictures_in_pictures_are_listed_as_deep_as_the_limit(examined, depth):
    data = SMALL
    for side in range(depth + 1):
        data = make.with_segments(make.scene(64 + side), make.segment(0xE0, b"JFXX\0\x10" + data[:65_000]))
    sent = examined(data, limits=Limits(depth=depth))
    assert len(inner(sent)) == depth
    faults = [fault for each in results(sent) for fault in each.faults]
    assert faults == [Fault(CARRIED, "limit", f"pictures inside pictures are listed {depth} deep")]


def test_a_stage_that_killed_a_worker_is_not_tried_again_and_that_is_said(examined):
    entry = entry_of(b"0.jpg", WITH_EXIF)
    fault = Fault(CARRIED, "died", "worker was killed")
    item = item_id("T-1", "sea", str(entry.locator))
    (outer,) = results(examined(WITH_EXIF, skips={item: {CARRIED: fault}}))
    assert outer.faults == (fault,)


def test_what_was_not_listed_is_a_failure_of_the_picture(examined):
    many = make.with_segments(LARGE, *[make.jfxx(SMALL + bytes([n])) for n in range(70)])
    outer, *children = results(examined(many))
    assert len(children) == 64
    assert [(fault.examiner, fault.kind) for fault in outer.faults] == [(CARRIED, "limit")]
