"""JSON out of evidence is bounded and read as it stands, or refused with a reason."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.formats.generators.strict_json import read_json
from headwater.model.errors import EvidenceError, LimitReached, Malformed

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_what_was_written_is_read(value):
    assert read_json(json.dumps(value, ensure_ascii=False)) == value


@given(st.text())
def test_any_text_is_read_or_refused(text):
    with suppress(EvidenceError):
        read_json(text)


@pytest.mark.parametrize("depth", [65, 5_000, 200_000])
def test_deep_nesting_is_a_limit(depth):
    with pytest.raises(LimitReached):
        read_json("[" * depth + "]" * depth)


def test_a_size_over_the_limit_is_not_read():
    with pytest.raises(LimitReached):
        read_json(" " * ((8 << 20) + 1))


def test_a_crowd_of_lists_is_not_read():
    with pytest.raises(LimitReached, match="objects and lists"):
        read_json(f"[{'[],' * 200_000}1]")


def test_a_key_that_stands_twice_is_refused():
    with pytest.raises(Malformed, match="twice"):
        read_json('{"seed": 1, "seed": 2}')


def test_half_a_letter_becomes_one_that_can_be_written():
    assert read_json('{"a\\ud800": ["\\udc00", "\\ud83d\\ude00"]}') == {"a\ufffd": ["\ufffd", "\U0001f600"]}


def test_what_python_writes_for_no_number_is_read():
    assert str(read_json('{"is_changed": [NaN]}')) == "{'is_changed': [nan]}"


def test_a_figure_of_too_many_digits_is_refused():
    with pytest.raises(Malformed):
        read_json("9" * 10_000)
