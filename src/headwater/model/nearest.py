"""What was probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches

from headwater.model.visible import visible


def unknown(what: str, word: str, known: Iterable[str]) -> str:
    """One sentence about a word that is not known, with the nearest one that is."""
    near = get_close_matches(word, sorted(known), n=1, cutoff=0.5)
    return f"{what} {visible(word)}: did you mean {near[0]}?" if near else f"{what} {visible(word)}: there is none"
