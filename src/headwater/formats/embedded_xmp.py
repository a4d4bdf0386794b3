"""Pictures spelled in base64 inside XMP: thumbnails (XMP specification part 2), Google's image and depth data."""

import binascii
from collections.abc import Iterator

from headwater.formats.xmp import Xmp

_STARTS = ("/9j/", "iVBORw0KGgo", "UklGR")  # of a JPEG, a PNG and a RIFF file in base64
_LEAST_LETTERS = 128
_NAME_LETTERS_MAX = 80


def pictures_in_xmp(packet: Xmp) -> Iterator[tuple[str, bytes, bool]]:
    """Path, bytes, and whether it is called a thumbnail. What is no base64 is left out."""
    for found in packet.properties:
        text = found.value.lstrip()
        if len(text) >= _LEAST_LETTERS and text.startswith(_STARTS):
            data = _decoded("".join(text.split()))
            if data:
                yield found.path[:_NAME_LETTERS_MAX].replace("/", " "), data, "humbnail" in found.path


def _decoded(text: str) -> bytes:
    """The bytes; of a text that was cut, what is whole of it."""
    letters = text.rstrip("=")
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    try:
        return binascii.a2b_base64(letters + "=" * (-len(letters) % 4), strict_mode=True)
    except (binascii.Error, ValueError):
        return b""
