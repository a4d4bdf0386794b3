import os
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.evidence.disk.raw import RawImage, number_in_name
from headwater.evidence.disk.segments import JoinedSource, RangeSet, Segment, SegmentSource
from headwater.evidence.window import Window
from headwater.model.errors import Malformed
from headwater.model.item import ByteRange


def pairs(ranges):
    return [(each.offset_bytes, each.end_bytes) for each in ranges]


def test_split_segments_are_one_image(opened):
    image = RawImage(opened([("d.000", b"a" * 512), ("d.001", b"b" * 512), ("d.002", b"c" * 512)]))
    assert image.size_bytes == 1536
    assert image.read_at(510, 516) == b"aa" + b"b" * 512 + b"cc"
    assert image.read_at(1535, 10) == b"c"
    assert image.read_at(1536, 10) == b""
    assert image.notes == ()


def test_segments_out_of_order_are_put_in_order_and_it_is_said(opened):
    image = RawImage(opened([("d.002", b"b" * 512), ("d.001", b"a" * 512)]))
    assert image.read_at(511, 2) == b"ab"
    assert "out of order" in image.notes[0]


@pytest.mark.parametrize("names", [("d.001", "d.003"), ("d.001", "e.001"), ("d.002", "d.003")])
def test_a_missing_or_double_segment_is_refused_by_name(opened, names):
    with pytest.raises(Malformed, match=names[0]):
        RawImage(opened([(name, bytes(512)) for name in names]))


def test_an_odd_size_is_noted(opened):
    notes = RawImage(opened([("d.001", bytes(512)), ("d.002", bytes(100))])).notes
    assert any("sectors" in note for note in notes)


def test_a_file_shorter_than_said_gives_zeros_and_a_bad_range(opened):
    [segment] = opened([("d.dd", b"x" * 5000)])
    source = SegmentSource(Segment("d.dd", segment.fd, 10000))
    data = source.read_at(0, 10000)
    assert data == b"x" * 5000 + bytes(5000)
    assert pairs(source.bad_ranges()) == [(5000, 10000)]


def test_a_failing_read_costs_only_its_block(opened, monkeypatch):
    [segment] = opened([("d.dd", b"x" * 20000)])
    real = os.pread

    def failing(fd, length, offset):
        if offset <= 9000 < offset + length:
            raise OSError(5, "Input/output error")
        return real(fd, length, offset)

    monkeypatch.setattr("headwater.evidence.disk.segments.os.pread", failing)
    image = RawImage([segment])
    assert image.read_at(0, 20000) == b"x" * 8192 + bytes(4096) + b"x" * (20000 - 12288)
    assert pairs(image.bad_ranges()) == [(8192, 12288)]


def test_bad_ranges_are_carried_into_joined_and_sliced_offsets(opened):
    first, second = opened([("d.000", bytes(4096)), ("d.001", b"y" * 100)])
    joined = JoinedSource([SegmentSource(first), SegmentSource(Segment("d.001", second.fd, 4096))])
    inside = Window(joined, 4000, 300)
    assert inside.size_bytes == 300
    assert inside.read_at(90, 200) == bytes(6) + b"y" * 100 + bytes(94)
    assert pairs(joined.bad_ranges()) == [(4196, 4290)]
    assert pairs(inside.bad_ranges()) == [(196, 290)]


def test_numbers_in_names():
    assert number_in_name("disk.000") == 0
    assert number_in_name("disk.0012") == 12
    assert number_in_name("disk.dd") is None


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 12)), max_size=30))
def test_a_range_set_holds_exactly_what_was_added(added):
    found, expected = RangeSet(), set()
    for start, length in added:
        found.add(start, start + length)
        expected.update(range(start, start + length))
    spans = pairs(found.ranges())
    assert {at for start, end in spans for at in range(start, end)} == expected
    assert all(before[1] < after[0] for before, after in pairwise(spans))


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=5), st.integers(-5, 220), st.integers(0, 220))
def test_joined_reads_are_slices_of_the_whole(parts, offset, length):
    class Held:
        def __init__(self, data):
            self.data, self.size_bytes = data, len(data)

        def read_at(self, offset_bytes, length_bytes):
            return self.data[offset_bytes : offset_bytes + length_bytes]

        def bad_ranges(self):
            return (ByteRange(offset_bytes=0, length_bytes=self.size_bytes),)

    joined, whole = JoinedSource([Held(part) for part in parts]), b"".join(parts)
    assert joined.read_at(offset, length) == (whole[offset : offset + length] if offset >= 0 else b"")
    assert sum(each.length_bytes for each in joined.bad_ranges()) == len(whole)
