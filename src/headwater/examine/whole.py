"""SHA-256 of one whole descriptor: the pass at the close of an exhibit."""

import os
from collections.abc import Callable
from hashlib import sha256

_BLOCK_BYTES = 4 << 20


def sha256_of(descriptor: int, touch: Callable[[], None]) -> str:
    """Digest of everything the descriptor holds, in hexadecimal. `touch` is called for each block."""
    digest = sha256(usedforsecurity=False)
    offset = 0
    while block := os.pread(descriptor, _BLOCK_BYTES, offset):
        digest.update(block)
        offset += len(block)
        touch()
    return digest.hexdigest()
