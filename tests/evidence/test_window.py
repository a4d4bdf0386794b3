from hypothesis import given
from hypothesis import strategies as st

from headwater.evidence.content import BytesSource
from headwater.evidence.window import PromisedWindow, Window, clipped
from headwater.model.item import ByteRange

PLACES = st.integers(-5, 60)


def pairs(ranges):
    return [(one.offset_bytes, one.length_bytes) for one in ranges]


@given(st.binary(max_size=50), st.integers(0, 60), st.integers(0, 60), PLACES, PLACES)
def test_a_window_is_a_slice_of_its_source(data, start, length, offset, wanted):
    expected = data[start : start + length]
    for window in (Window(BytesSource(data), start, length), PromisedWindow(BytesSource(data), start, length)):
        assert window.size_bytes == len(expected)
        assert window.read_at(offset, wanted) == (
            expected[offset : offset + wanted] if min(offset, wanted) >= 0 else b""
        )


@given(st.integers(0, 60), st.integers(0, 60))
def test_only_a_promise_that_is_not_kept_is_damage(start, length):
    source = BytesSource(bytes(40))
    assert Window(source, start, length).bad_ranges() == ()
    promised = PromisedWindow(source, start, length)
    missing = length - promised.size_bytes
    assert pairs(promised.bad_ranges()) == ([(promised.size_bytes, missing)] if missing else [])


def test_bad_ranges_are_cut_to_the_window_and_counted_from_its_start():
    bad = [ByteRange(offset_bytes=at, length_bytes=10) for at in (0, 20, 45, 60)]
    assert pairs(clipped(bad, 25, 50)) == [(0, 5), (20, 5)]
