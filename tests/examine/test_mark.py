import os
import time

import pytest

from headwater.examine.mark import Mark, new_mark


def test_the_broker_reads_what_the_worker_wrote():
    descriptor = new_mark()
    worker, broker = Mark(descriptor), Mark(descriptor)
    assert broker.read() is None
    worker.at("picture", "zip:a/lighthouse.png@3")
    position = broker.read()
    assert (position.stage, position.locator) == ("picture", "zip:a/lighthouse.png@3")


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
    assert 100_000 < len(mark.read().locator) < 200_000


def test_a_worker_cannot_change_the_size_of_the_mark():
    descriptor = new_mark()
    with pytest.raises(PermissionError):
        os.ftruncate(descriptor, 0)
