import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.model.errors import WrongUse
from headwater.model.locator import Layer, Locator, item_id, parse_locator

WORDS = st.one_of(st.sampled_from(["zip", "gpt", "45-128-3", "a|b", "a:b@c", "%7c", "é"]), st.text(min_size=1))
LAYERS = st.builds(Layer, kind=WORDS, name=st.binary(), address=st.one_of(st.just(""), WORDS))
LOCATORS = st.builds(lambda layers: Locator(layers=tuple(layers)), st.lists(LAYERS, min_size=1, max_size=4))


def test_the_spelling_stays_readable():
    locator = Locator(layers=(Layer(kind="gpt", name=b"p2"),)).inside(
        Layer(kind="ntfs", name=b"Users/Ann Lee/a.zip", address="45-128-3")
    )
    assert str(locator) == "gpt:p2|ntfs:Users/Ann Lee/a.zip@45-128-3"
    assert locator.path == "p2/Users/Ann Lee/a.zip"


@given(LOCATORS)
def test_the_text_reads_back(locator):
    text = str(locator)
    assert text.isascii()
    assert text.isprintable()
    assert parse_locator(text) == locator


@given(LOCATORS, LOCATORS)
def test_two_locators_have_two_item_ids(one, other):
    assert (item_id("LH-01", "disk", one) == item_id("LH-01", "disk", other)) == (one == other)


def parsed(text):
    try:
        return parse_locator(text)
    except WrongUse as error:
        return error


@given(st.one_of(st.text(), st.text("zip:|@%0aF/")))
def test_any_text_is_a_locator_or_wrong_use(text):
    found = parsed(text)
    assert found.next_step if isinstance(found, WrongUse) else str(found) == text


@pytest.mark.parametrize("text", ["", "zip", ":a", "zip:%zz", "zip:a@", "zip:é", "zip:%61", "%FF:a", "zip:\udc80"])
def test_what_is_not_one_is_refused(text):
    with pytest.raises(WrongUse):
        parse_locator(text)


def test_odd_exhibit_references_have_item_ids():
    locator = Locator(layers=(Layer(kind="raw"),))
    assert len(item_id("LH-\udcff", "disk", locator)) == 32
