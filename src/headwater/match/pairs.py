"""What a search for near hashes gives: columns, not objects."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HASH_BYTES = 32
Hashes = NDArray[np.uint8]  # (number, 32), most significant byte first


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Places in what was asked, places in what was searched, and in how many bits of 256 they differ. Equal lengths."""

    query: NDArray[np.int64]
    place: NDArray[np.int64]
    distance_bits: NDArray[np.uint16]

    def __len__(self) -> int:
        return len(self.query)


def pack(pairs: Pairs) -> bytes:
    """As it goes from a worker to the broker."""
    columns = (pairs.query, pairs.place, pairs.distance_bits)
    return b"".join(column.tobytes() for column in columns)


def unpack(data: bytes) -> Pairs:
    """As `pack` made it. Raises ValueError for another length."""
    number, rest = divmod(len(data), 18)
    if rest:
        raise ValueError(f"pairs of {len(data)} bytes")
    return Pairs(
        query=np.frombuffer(data, np.int64, number),
        place=np.frombuffer(data, np.int64, number, 8 * number),
        distance_bits=np.frombuffer(data, np.uint16, number, 16 * number),
    )


def hash_rows(texts: list[str]) -> Hashes:
    """Hashes of 64 hexadecimal digits as (n, 32) bytes."""
    return np.frombuffer(bytes.fromhex("".join(texts)), np.uint8).reshape(-1, HASH_BYTES)
