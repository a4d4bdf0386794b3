from hypothesis import given
from hypothesis import strategies as st

from headwater.formats.charset import utf8_or_latin


def test_a_latin_byte_is_kept_as_its_letter_and_the_rest_as_utf8():
    assert utf8_or_latin("灯台".encode() + b" caf\xe9") == ("灯台 café", False)
    assert utf8_or_latin("灯台".encode()) == ("灯台", True)


@given(st.binary(max_size=200))
def test_no_byte_is_lost(raw):
    text, whole = utf8_or_latin(raw)
    text.encode("utf-8")
    assert len(text) <= len(raw)
    if whole:
        assert text.encode() == raw
