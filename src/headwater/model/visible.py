r"""The one way a name from evidence is shown to a person.

Evidence names may carry terminal escapes, right-to-left overrides, line breaks or bytes that are no text at all.
Everything that could act on a terminal, a page or a reader's eye is written out as ``\u{202E}``; bytes that are not
UTF-8 as ``\x{FF}``. The raw bytes stay in the Locator.
"""

import re
import unicodedata

# Unicode general categories (Unicode Standard, chapter 4.5) that are never shown as themselves.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_BYTES = range(0xDC80, 0xDD00)  # bytes that were not UTF-8, as surrogateescape keeps them (PEP 383)
_PIECES = re.compile(r"(\\*)([^\\]|\Z)", re.DOTALL)  # a run of backslashes and the character it stands before


def visible(name: str | bytes) -> str:
    r"""Return `name` with every character that is not plainly printable written out.

    Bytes are read as UTF-8; a byte that does not fit becomes ``\x{..}``. Backslashes are doubled only where the text
    after them is, or reads like, one of these escapes: an odd run before ``u{`` or ``x{`` is ours, an even one was
    there. So no two different names look the same.
    """
    text = name.decode("utf-8", "surrogateescape") if isinstance(name, bytes) else name
    if text.isascii() and text.isprintable() and "\\" not in text:
        return text
    return _PIECES.sub(_shown, text)


def shown(text: str) -> str:
    """Return a text made of visible names as it is; were anything in it not printable, written out after all."""
    return visible(text) if any(_escape(character) for character in text) else text


def _shown(piece: re.Match[str]) -> str:
    backslashes, character = piece.groups()
    escape = _escape(character) if character else ""
    reads_as_escape = character in {"u", "x"} and piece.string[piece.end() : piece.end() + 1] == "{"
    if backslashes and (escape or reads_as_escape):
        backslashes *= 2
    return backslashes + (escape or character)


def _escape(character: str) -> str:
    """The written-out form of a character that must not be shown as itself, or nothing."""
    code = ord(character)
    if code in _BYTES:
        return f"\\x{{{code - 0xDC00:02X}}}"
    if unicodedata.category(character) in _HIDDEN or not character.isprintable():
        return f"\\u{{{code:04X}}}"
    return ""
