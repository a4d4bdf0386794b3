"""Bytes as text without losing one: UTF-8 where they are, and each byte that is none as its Latin-1 letter."""

_AS_LATIN = {0xDC00 + code: code for code in range(0x80, 0x100)}  # what surrogateescape makes of a byte, to the byte


def utf8_or_latin(raw: bytes) -> tuple[str, bool]:
    """Give the text, and whether all of it was UTF-8. Never raises."""
    try:
        return raw.decode("utf-8"), True
    except UnicodeDecodeError:
        return raw.decode("utf-8", "surrogateescape").translate(_AS_LATIN), False
