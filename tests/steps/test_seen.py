import pytest

from headwater.steps.seen import SeenContents

A, B = "a" * 64, "b" * 64


@pytest.fixture
def seen(tmp_path):
    contents = SeenContents(tmp_path / "index" / "seen.sqlite", [B])
    yield contents
    contents.close()


def test_a_content_is_given_to_one_unit_only(seen):
    assert seen.reserve("one", [A, A, B]) == (True, False, False)
    assert seen.reserve("two", [A]) == (False,)
    seen.commit("one")
    assert seen.reserve("two", [A]) == (False,)
    assert seen.given_up == set()


def test_what_a_lost_worker_held_goes_to_the_next_that_asks(seen):
    seen.reserve("one", [A])
    seen.release("one", keep=set())
    assert seen.given_up == {A}
    assert seen.reserve("two", [A]) == (True,)
    assert seen.given_up == set()


def test_what_was_examined_before_the_loss_stays_with_its_unit(seen):
    seen.reserve("one", [A])
    seen.release("one", keep={A})
    assert seen.given_up == set()
    assert seen.reserve("two", [A]) == (False,)
