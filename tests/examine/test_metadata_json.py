import json
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from headwater.examine.metadata_json import TEXT_BYTES_MAX, WORD_BYTES_MAX, bounded, json_text


def written(text):
    """How many bytes a text takes as JSON, without its quotes."""
    return len(json_text(text).encode()) - 2


def test_a_control_character_takes_six_bytes_and_is_counted_so():
    text = "\1" * TEXT_BYTES_MAX
    value = bounded({"text": text})
    assert written(value["text"]) <= TEXT_BYTES_MAX
    assert len(value["text"]) == TEXT_BYTES_MAX // 6
    assert (value["text_length_bytes"], value["text_sha256"]) == (len(text), sha256(text.encode()).hexdigest())


def test_every_word_is_bounded_and_figures_are_left():
    value = bounded({"keyword": "k" * 9000, "path": "p" * WORD_BYTES_MAX, "text": "t" * TEXT_BYTES_MAX, "tag": 271})
    assert len(value["keyword"]) == WORD_BYTES_MAX
    assert value["keyword_length_bytes"] == 9000
    assert value["path"] == "p" * WORD_BYTES_MAX
    assert value["text"] == "t" * TEXT_BYTES_MAX
    assert value["tag"] == 271


@given(st.text(max_size=30).map(lambda text: text * 900), st.sampled_from(["text", "path"]))
def test_a_cut_text_is_the_longest_beginning_that_fits(text, key):
    limit = TEXT_BYTES_MAX if key == "text" else WORD_BYTES_MAX
    value = bounded({key: text})
    shown = value[key]
    assert text.startswith(shown)
    assert written(shown) <= limit
    assert (shown == text) is (f"{key}_sha256" not in value)
    if shown != text:
        assert written(text[: len(shown) + 1]) > limit
    assert json.loads(json_text(value))[key] == shown
