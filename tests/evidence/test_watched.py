"""Progress on a source is told by new bytes, never by the same ones again."""

from headwater.evidence.content import BytesSource
from headwater.evidence.numbers import NumberSet
from headwater.evidence.watched import WatchedSource


def test_new_bytes_are_told_and_the_same_again_are_not():
    told = []
    source = WatchedSource(BytesSource(data=bytes(range(256)) * 4096), lambda: told.append(1))
    assert source.read_at(70_000, 10) == (bytes(range(256)) * 300)[70_000:70_010]
    assert (len(told), source.size_bytes, source.bad_ranges()) == (1, 1 << 20, ())
    for _ in range(5):
        source.read_at(70_000, 100)
    assert len(told) == 1
    source.read_at(0, 512)
    assert len(told) == 2
    source.read_at(2 << 20, 512)  # nothing is there
    assert len(told) == 2
    source.forget()
    source.read_at(100_000, 512)
    assert len(told) == 3


def test_going_over_all_of_it_again_is_told_a_few_times_and_a_loop_is_not():
    told = []
    source = WatchedSource(BytesSource(data=bytes(4 << 16)), lambda: told.append(1))
    for number in range(1, 20):
        for at in range(0, 4 << 16, 4096):
            source.read_at(at, 4096)
        assert len(told) == 4 * min(number, 8)


def test_a_set_of_numbers_holds_what_was_put_in():
    numbers, chosen = NumberSet(), (0, 11, 12, 32_767, 32_768, 1 << 32)
    for number in chosen:
        numbers.add(number)
    assert all(number in numbers for number in chosen)
    assert not any(number in numbers for number in (1, 13, 32_766, 32_769, (1 << 32) + 1))
