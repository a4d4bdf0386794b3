"""A result is delivered in frames that fit; one that fits into none costs its findings, and nothing else."""

import pytest

from headwater.evidence.reader import Limits
from headwater.examine.messages import Contents, Fault, Found, Result, WorkSettings, pack, unpack_for_broker
from headwater.examine.unit import Desk
from headwater.model.finding import Seen
from headwater.sandbox.channel import MAXIMUM_PAYLOAD_BYTES

CONTENTS = Contents(
    sha256="0" * 64,
    md5="0" * 32,
    sha1="0" * 40,
    bytes_read=9,
    media_type="image/png",
    extension_disagrees=None,
    damaged=(),
)
SETTINGS = WorkSettings("T-1", "sea", Limits(), (), "", 1)


@pytest.fixture
def sent():
    return []


@pytest.fixture
def desk(sent):
    def send(message):
        payload = pack(message)
        assert len(payload) <= MAXIMUM_PAYLOAD_BYTES
        sent.append(unpack_for_broker(payload))

    return Desk(settings=SETTINGS, examiners=(), skips={}, mark=None, send=send, ask=None)


def result(item, size_bytes, count=1, faults=()):
    found = tuple(
        Found("1" * 64, "lamp", Seen(claim=f"lamp.lit{number}", value="x" * (size_bytes // count)))
        for number in range(count)
    )
    return Result(item, "", None, CONTENTS, found, faults)


def delivered(desk, sent):
    desk.deliver()
    return [one for message in sent for one in message.results]


def test_small_results_travel_together(desk, sent):
    for number in range(20):
        desk.result(result(f"{number}", 10))
    assert [one.item for one in delivered(desk, sent)] == [f"{number}" for number in range(20)]
    assert len(sent) == 3


def test_large_results_travel_in_frames_that_fit(desk, sent):
    desk.result(result("small", 200_000))
    desk.result(result("large", MAXIMUM_PAYLOAD_BYTES - 100_000))
    desk.result(result("last", 10))
    assert [(one.item, len(one.found)) for one in delivered(desk, sent)] == [("small", 1), ("large", 1), ("last", 1)]
    assert len(sent) == 3


def test_a_result_that_fits_into_no_frame_keeps_its_digests_and_says_so(desk, sent):
    damaged = Fault("read", "damaged", "3 bytes could not be read")
    desk.result(result("huge", MAXIMUM_PAYLOAD_BYTES + 1, count=3, faults=(damaged,)))
    desk.result(result("next", 10))
    huge, after = delivered(desk, sent)
    assert (huge.contents, huge.found) == (CONTENTS, ())
    assert [(fault.examiner, fault.kind) for fault in huge.faults] == [("read", "damaged"), ("lamp", "limit")]
    assert (after.item, len(after.found)) == ("next", 1)
