"""Which ids were met before, in little memory: one bit a number, eight bytes anything else."""

from hashlib import blake2b

_BLOCK_BITS = 1 << 16
_BLOCKS = 1 << 14  # of 8 KiB
_DIGITS = 15


class Seen:
    """Ids that were met. Two ids that are no numbers are held to be the same with a chance of 1 in 2**64."""

    def __init__(self) -> None:
        self._blocks: dict[int, bytearray] = {}
        self._others: set[bytes] = set()

    def before(self, key: str) -> bool:
        """Whether this id was met before; from now on it was."""
        if not self._has_bit(key):
            digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
            if digest in self._others:
                return True
            self._others.add(digest)
            return False
        block, bit = divmod(int(key), _BLOCK_BITS)
        bits = self._blocks.setdefault(block, bytearray(_BLOCK_BITS // 8))
        was = bool(bits[bit >> 3] & 1 << (bit & 7))
        bits[bit >> 3] |= 1 << (bit & 7)
        return was

    def _has_bit(self, key: str) -> bool:
        """Numbers have one, while they lie so close together that blocks stay few."""
        if not (key.isascii() and key.isdigit() and len(key) <= _DIGITS and str(int(key)) == key):
            return False
        return len(self._blocks) < _BLOCKS or int(key) // _BLOCK_BITS in self._blocks
