"""How rare a key is: measured on the operation, on looks, so that copies of one picture count once.

``bits = log2((N + 1) / (n + 1))``: of N looks that could have a key of the kind, n have this one. One is added to each,
so that what was seen once is not said to be rarer than it was measured. Below RARE_BITS a key ties nothing.
"""

from math import log2

RARE_BITS = 3.0  # at most about one look in eight
SEEDS_NEAR = 4  # how far the next seed of a run may be
RARITY_RULE = (
    f"A shared key ties two pictures where at most one look in {2**RARE_BITS:.0f} of those that could have such a key "
    "has it. Looks: groups of near copies, each counted once. What is on a list of publicly distributed models ties "
    "nothing. A tie is a lead: what is rare in this operation may be common elsewhere."
)


def rarity_bits(having: int, total: int) -> float:
    """Bits of rarity of a key that `having` of `total` looks have."""
    return log2((total + 1) / (having + 1))


def seed_run_bits(seeds: int, largest: float) -> float:
    """Bits of rarity of two seeds that near: against chance, of so many seeds up to the largest that was seen."""
    expected = seeds * SEEDS_NEAR / max(largest, 1)
    return max(-log2(expected), 0.0) if expected > 0 else 0.0
