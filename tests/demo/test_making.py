"""How the demo's files are made: in order, heard of one by one, and stopped where a person stops it."""

import threading
import time
from functools import partial

import pytest

from headwater.demo.story import heard, make_all


def test_results_keep_the_order_of_the_jobs_and_each_is_heard_of():
    def job(number):
        time.sleep(0.001 * (10 - number))
        return number

    made = []
    with heard(lambda: made.append(1)):
        assert make_all([partial(job, number) for number in range(10)]) == list(range(10))
    assert len(made) == 10
    make_all([lambda: 1])
    assert len(made) == 10


def test_an_interrupt_leaves_the_other_jobs_undone():
    begun = []
    go_on = threading.Event()

    def job(number):
        begun.append(number)
        if number:
            go_on.wait(10)

    def stop():
        raise KeyboardInterrupt

    with heard(stop), pytest.raises(KeyboardInterrupt):
        make_all([partial(job, number) for number in range(50)])
    go_on.set()
    time.sleep(0.2)
    assert len(begun) < 6
