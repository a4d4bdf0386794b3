"""The next tar header that holds, in steps of a block, where the one that should be there does not."""

import numpy as np

from headwater.evidence.archive.tar_header import BLOCK_BYTES, parse_header
from headwater.model.errors import Malformed

_CHECKSUM = slice(148, 156)
_DIGITS = np.zeros(256, dtype=bool)
_DIGITS[list(b"01234567")] = True
_FIELD = _DIGITS.copy()
_FIELD[list(b" \0")] = True


def next_header(window: bytes) -> int:
    """Where in `window` a header lies whose checksum holds; -1 for nowhere. It may be of the format before ustar."""
    count = len(window) // BLOCK_BYTES
    blocks = np.frombuffer(window, dtype=np.uint8, count=count * BLOCK_BYTES).reshape(count, BLOCK_BYTES)
    fields = blocks[:, _CHECKSUM]
    written = _FIELD[fields].all(axis=1) & _DIGITS[fields].any(axis=1)
    for index in np.flatnonzero(written):
        start = int(index) * BLOCK_BYTES
        try:
            parse_header(window[start : start + BLOCK_BYTES])
        except Malformed:
            continue
        return start
    return -1
