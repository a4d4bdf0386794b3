"""PhotoDNA: what Headwater knows of it. The method is licensed, so values are made and compared by a plug-in only."""

import base64
import binascii
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

VALUE_BYTES = 144
_HEX_DIGITS, _BASE64_DIGITS = 288, 192
Values = NDArray[np.uint8]  # (number, VALUE_BYTES)


class PhotoDna(Protocol):
    """What a plug-in of this kind gives: an object, or a class without arguments to its name, with these.

    distance_max: the largest distance at which two values are of one picture, as the agency's licence or practice has
    it; it stands in each match. `value` and `near` run in a jail: no file, no network, no late import.
    """

    @property
    def distance_max(self) -> int: ...

    def value(self, colours: NDArray[np.uint8]) -> bytes | None:
        """The value of a picture, VALUE_BYTES long; none where it has none. colours: (height, width, 3), RGB."""
        ...

    def near(self, kept: Values, asked: Values) -> Iterator[tuple[NDArray[Any], NDArray[Any], NDArray[Any]]]:
        """Every pair within `distance_max`, some at a time: places in `asked`, places in `kept`, distances."""
        ...


def value_of(text: str) -> bytes | None:
    """A value as known sets write it, in base64 or hexadecimal; none where it is neither, or a value of nothing.

    Source: VICS 2.0 (base64 of 144 bytes; hexadecimal is seen too).
    """
    text = text.strip()
    try:
        if len(text) == _BASE64_DIGITS:
            value = base64.b64decode(text, validate=True)
        elif len(text) == _HEX_DIGITS:
            value = bytes.fromhex(text)
        else:
            return None
    except (binascii.Error, ValueError):
        return None
    return value if len(value) == VALUE_BYTES and len(set(value)) > 1 else None
