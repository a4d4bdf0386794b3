"""Frames, descriptors, limits and hangs over a socket pair."""

import os
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.model.errors import Malformed, WrongUse
from headwater.sandbox.channel import MAXIMUM_PAYLOAD_BYTES, Channel

Pair = tuple[Channel, Channel]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = Channel.pair()
    with ours, theirs:
        yield ours, theirs


@given(payloads=st.lists(st.binary(max_size=3000), max_size=20))
def test_frames_arrive_whole_and_in_order(payloads: list[bytes]) -> None:
    ours, theirs = Channel.pair()
    with ours, theirs:
        for payload in payloads:
            ours.send(payload)
        received = [theirs.receive(1) for _ in payloads]
    assert [message.payload for message in received if message] == payloads


@given(noise=st.binary(max_size=300))
def test_any_bytes_give_frames_or_a_named_error(noise: bytes) -> None:
    ours, theirs = Channel.pair()
    with ours:
        os.write(theirs.fileno(), noise) if noise else None
        theirs.close()
        sizes: list[int] = []
        with pytest.raises((EOFError, Malformed)):
            _take_all(ours, sizes)
    assert sum(sizes) <= len(noise)


def test_the_largest_frame_passes_both_ways(pair: Pair) -> None:
    ours, theirs = pair
    payload = os.urandom(1 << 20) * 64
    assert len(payload) == MAXIMUM_PAYLOAD_BYTES
    for sender, receiver in ((ours, theirs), (theirs, ours)):
        thread = threading.Thread(target=sender.send, args=(payload,))
        thread.start()
        message = receiver.receive(60)
        thread.join()
        assert message is not None
        assert message.payload == payload


def test_a_bigger_frame_is_not_sent(pair: Pair) -> None:
    with pytest.raises(WrongUse):
        pair[0].send(bytes(MAXIMUM_PAYLOAD_BYTES + 1))
    with pytest.raises(WrongUse):
        pair[0].send(b"", [0] * 201)


def test_a_claimed_oversize_frame_is_malformed(pair: Pair) -> None:
    ours, theirs = pair
    os.write(theirs.fileno(), struct.pack("<IB", MAXIMUM_PAYLOAD_BYTES + 1, 0))
    with pytest.raises(Malformed, match="67108865 bytes"):
        ours.receive(1)


def test_two_hundred_descriptors_arrive_closed_on_exec(pair: Pair) -> None:
    ours, theirs = pair
    sent = [os.memfd_create(f"n{number}") for number in range(200)]
    for number, descriptor in enumerate(sent):
        os.write(descriptor, b"%d" % number)
    ours.send(b"before")
    ours.send(b"with", sent)
    ours.send(b"after")
    messages = [theirs.receive(1) for _ in range(3)]
    counts = [len(message.fds) for message in messages if message]
    received = messages[1].fds if messages[1] else ()
    try:
        assert counts == [0, 200, 0]
        assert [os.pread(descriptor, 9, 0) for descriptor in received] == [b"%d" % n for n in range(200)]
        assert not any(os.get_inheritable(descriptor) for descriptor in received)
    finally:
        for descriptor in (*sent, *received):
            os.close(descriptor)


def test_descriptors_to_the_broker_are_refused_and_not_opened(pair: Pair) -> None:
    ours, theirs = pair
    before = _open_descriptors()
    theirs.send(b"have one", [0])
    with pytest.raises(Malformed, match="not accepted"):
        ours.receive(1)
    assert _open_descriptors() == before


def test_announced_descriptors_have_to_be_there(pair: Pair) -> None:
    ours, theirs = pair
    os.write(ours.fileno(), struct.pack("<IB", 0, 2))
    with pytest.raises(Malformed, match="0 descriptors where 2"):
        theirs.receive(1)


def test_a_timeout_keeps_what_has_arrived(pair: Pair) -> None:
    ours, theirs = pair
    frame = struct.pack("<IB", 4, 0) + b"late"
    for cut in range(0, len(frame), 3):
        os.write(theirs.fileno(), frame[cut : cut + 3])
        last = ours.receive(0.01)
    assert last is not None
    assert last.payload == b"late"
    assert ours.receive(0) is None


def test_a_side_that_is_gone_is_an_end_of_file(pair: Pair) -> None:
    ours, theirs = pair
    theirs.send(b"last words")
    theirs.close()
    message = ours.receive(1)
    assert message is not None
    assert message.payload == b"last words"
    with pytest.raises(EOFError):
        ours.receive(1)
    with pytest.raises(EOFError):
        ours.send(b"hello")


def test_a_side_that_stops_reading_is_a_timeout(pair: Pair) -> None:
    with pytest.raises(TimeoutError, match="stopped reading"):
        pair[0].send(bytes(8 << 20), timeout_seconds=0.2)


def _open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _take_all(channel: Channel, sizes: list[int]) -> None:
    while message := channel.receive(1):
        sizes.append(5 + len(message.payload))
