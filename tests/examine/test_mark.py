import os
import time
from contextlib import suppress

import pytest

from headwater.examine.mark import Mark, new_mark


def test_the_broker_reads_what_the_worker_wrote():
    descriptor = new_mark()
    worker, broker = Mark(descriptor), Mark(descriptor)
    assert broker.read() is None
    worker.at("picture", "zip:a/lighthouse.png@3", "0f" * 16)
    position = broker.read()
    assert (position.stage, position.locator, position.item) == ("picture", "zip:a/lighthouse.png@3", "0f" * 16)
    worker.touch()
    assert broker.read().number == position.number
    worker.at("picture", "zip:a/lighthouse.png@3", "0f" * 16)
    assert broker.read().number == position.number + 1


def test_touching_says_that_it_does_not_hang():
    mark = Mark(new_mark())
    mark.at("read", "folder:x")
    before = mark.read().stamp
    time.sleep(0.001)
    mark.touch()
    assert mark.read().stamp != before
    assert mark.read().locator == "folder:x"


def test_an_idle_worker_has_no_position():
    mark = Mark(new_mark())
    mark.at("read", "folder:x")
    mark.idle()
    assert mark.read() is None


def test_a_locator_too_long_for_the_mark_is_cut():
    mark = Mark(new_mark())
    mark.at("read", "x" * 1_000_000)
    mark.at("read", "é" * 1_000_000, "ab" * 16)
    position = mark.read()
    assert 1_000 < len(position.locator) < 8_000
    assert position.item == "ab" * 16  # the name by which it is known is whole


def test_a_worker_cannot_change_the_size_of_the_mark():
    descriptor = new_mark()
    with pytest.raises(PermissionError):
        os.ftruncate(descriptor, 0)


class DyingMemory:
    """Memory that takes `left` more bytes, one at a time, and then its writer is dead."""

    def __init__(self, memory, left):
        self.memory, self.left = memory, left

    def __getitem__(self, key):
        return self.memory[key]

    def __setitem__(self, key, value):
        start, data = (key.start, value) if isinstance(key, slice) else (key, bytes([value]))
        for offset, byte in enumerate(data):
            if not self.left:
                raise SystemExit
            self.memory[start + offset] = byte
            self.left -= 1


def test_a_worker_that_dies_while_it_writes_leaves_a_whole_position():
    old, new = ("read", "folder:000/hill 1.png"), ("metadata", "folder:slope.jpg")
    descriptor = new_mark()
    worker, broker = Mark(descriptor), Mark(descriptor)
    seen = []
    for left in range(200):
        worker.at(*old)
        dying = Mark(descriptor)
        dying._memory = DyingMemory(dying._memory, left)
        dying.touch = lambda: None  # written in C, and only ever compared
        with suppress(SystemExit):
            dying.at(*new)
        position = broker.read()
        seen.append((position.stage, position.locator))
    assert set(seen) == {old, new}
    assert seen == sorted(seen, key=[old, new].index)
