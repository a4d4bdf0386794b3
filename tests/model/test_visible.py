import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from headwater.model.visible import shown, visible

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
NASTY = st.text(st.sampled_from("\\u{x}20EA\n\u202e\x1b\udcff\u2028 é"), max_size=12)
ESCAPE = re.compile(r"(\\+)(?:([ux])\{([0-9A-F]+)\}|([ux])\{)")


def read_back(shown: str) -> str:
    """An independent reader of what visible() writes."""

    def undo(found: re.Match[str]) -> str:
        run = len(found[1])
        if run % 2 == 0:
            return "\\" * (run // 2) + found[0][run:]
        code = int(found[3], 16)
        return "\\" * (run // 2) + chr(code + 0xDC00 if found[2] == "x" else code)

    return ESCAPE.sub(undo, shown)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("lighthouse.jpg", "lighthouse.jpg"),
        (b"caf\xc3\xa9", "café"),
        (b"bad\xff", "bad\\x{FF}"),
        ("gpj\u202egnp.exe", "gpj\\u{202E}gnp.exe"),
        ("\x1b[31mred\r\n", "\\u{001B}[31mred\\u{000D}\\u{000A}"),
        ("C:\\pics\\a.png", "C:\\pics\\a.png"),
        ("\\u{202E}", "\\\\u{202E}"),
        ("\\\u202e", "\\\\\\u{202E}"),
        ("\u00a0", "\\u{00A0}"),
    ],
)
def test_examples(name, shown):
    assert visible(name) == shown


@given(st.one_of(st.text(), NASTY, st.text(st.characters(codec=None)), st.binary()))
def test_nothing_hidden_is_shown(name):
    assert not {unicodedata.category(character) for character in visible(name)} & HIDDEN


@given(st.one_of(st.text(), NASTY))
@example("\\\u202e")
@example("\\\\u{202E}")
def test_no_two_names_look_the_same(name):
    assert read_back(visible(name)) == name


@given(st.binary())
def test_no_two_byte_names_look_the_same(name):
    assert read_back(visible(name)).encode("utf-8", "surrogateescape") == name


def test_what_was_made_visible_is_not_written_out_twice():
    once = visible(b"caf\xe9 \xff.jpg \xe2\x80\xae")
    assert shown(f"odd/{once}: changed") == f"odd/{once}: changed"
    assert shown("not yet \x1b[31m") == "not yet \\u{001B}[31m"
