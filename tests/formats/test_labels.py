"""Labels of origin: IPTC source types, the Chinese label, Samsung's trailer."""

import html
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.examine.declared_examples import samsung_trailer
from headwater.formats.samsung_trailer import read_samsung_trailer
from headwater.formats.source_types import BASE, TERMS, source_type
from headwater.formats.structure import Bytes
from headwater.formats.tc260 import looks_like_label, read_label

LABEL = {"Label": "1", "ContentProducer": "lighthouse keepers", "ProduceID": "L-1", "ReservedCode1": ""}


@pytest.mark.parametrize("term", TERMS)
def test_a_term_is_read_in_each_form_it_is_written_in(term):
    forms = (
        BASE + term,
        BASE + term + "/",
        BASE.replace("http", "https") + term,
        term,
        f"digsrctype:{term}",
        term.upper(),
    )
    assert {(source_type(form).term, source_type(form).known) for form in forms} == {(term, True)}


def test_a_term_nobody_knows_stays_as_it_is_stored():
    found = source_type(" http://example.org/types/paintedByHand ")
    assert (found.term, found.uri, found.known) == ("paintedByHand", "http://example.org/types/paintedByHand", False)


@given(st.text(max_size=600))
def test_any_text_is_a_source_type_of_some_name(text):
    assert len(source_type(text).uri) <= 256


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(LABEL),
        html.escape(json.dumps(LABEL)),
        html.escape(html.escape(json.dumps(LABEL))),
        json.dumps({"AIGC": LABEL}),
        json.dumps({"AIGC": json.dumps(LABEL)}),
        f"AIGC={json.dumps(LABEL)}",
    ],
)
def test_a_label_is_read_however_it_is_wrapped(text):
    assert looks_like_label(text)
    assert read_label(text) == LABEL


@pytest.mark.parametrize("text", ["", "{}", "[1]", "a boat", '{"AIGC": 3}', "{" * 5000, '{"Label": {"a": 1}}'[:-1]])
def test_what_is_no_label_is_none(text):
    assert read_label(text) is None


@given(st.text(max_size=300) | st.text(alphabet='{}":,LabelContentProducer&quot;[]1 ', max_size=300))
def test_no_text_makes_the_reader_of_labels_raise(text):
    found = read_label(text)
    assert found is None or set(found) <= {*LABEL, "ContentPropagator", "PropagateID", "ReservedCode2"}


def test_the_records_of_a_trailer_are_read_where_they_lie():
    front = b"picture" * 9
    data = front + samsung_trailer(Image_UTC_Data=b"1700000000000", PEg_Info=b'{"genAIType":8}')
    first, second = read_samsung_trailer(Bytes(data))
    assert (first.name, first.data, first.generator_type()) == ("Image_UTC_Data", b"1700000000000", None)
    assert (second.name, second.generator_type()) == ("PEg_Info", 8)
    assert first.where.offset_bytes == len(front)
    assert data[second.where.offset_bytes :][: second.where.length_bytes].endswith(b'PEg_Info{"genAIType":8}')


@pytest.mark.parametrize("data", [b'{"genAIType":true}', b'{"genAIType":"8"}', b'{"genAIType":', b'[{"genAIType":8}]x'])
def test_a_number_that_is_none_is_not_made_one(data):
    (record,) = read_samsung_trailer(Bytes(samsung_trailer(PEg_Info=data)))
    assert record.generator_type() in {None, 8}
    assert record.generator_type() is None or b"[{" in data


@given(st.integers(0, 120), st.binary(max_size=8))
def test_a_broken_trailer_gives_fewer_records_and_raises_nothing(at, noise):
    data = samsung_trailer(Image_UTC_Data=b"1700000000000", PEg_Info=b'{"genAIType":8}')
    for broken in (data[:at], data[at:], data[:at] + noise + data[at + len(noise) :], noise + b"SEFT"):
        for record in read_samsung_trailer(Bytes(broken)):
            assert 0 <= record.where.offset_bytes <= record.where.offset_bytes + record.where.length_bytes
            record.generator_type()
