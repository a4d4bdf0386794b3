"""What a picture is found by: the hashes of it, of its turns, of what is inside its borders, and of its parts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What a picture is found by. Hashes of 64 hexadecimal digits, variants in the order of `pdq_bits.VARIANTS`.

    quality: of the whole. whole: eight, derived from one transform. turned: eight, each of a turned copy. insides: of
    each border eight. parts: in the order of PARTS, empty text for a part that is too flat. The last three are empty
    where they were not made.
    """

    sha256: str
    quality: int
    whole: tuple[str, ...]
    turned: tuple[str, ...] = ()
    insides: tuple[tuple[str, ...], ...] = ()
    parts: tuple[str, ...] = ()
