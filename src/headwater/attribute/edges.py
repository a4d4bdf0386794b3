"""The edges of the upstream graph, and how strong each may be.

An edge reads as a sentence: source, edge, target. Contents are named by SHA-256; all else by a word and a colon.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MEANINGS = {  # of the strengths, the strongest first
    "verified": "read from the exhibit itself, by digest and place",
    "corroborated": "two records written independently of one another agree, and only one thing fits",
    "declared": "one record says so",
    "consistent": "it fits, and other things would",
    "lead": "a short hash, or a name on another device",
}
STRENGTHS = tuple(MEANINGS)
EDGES = {
    "exact_copy": "the same content, at two places",
    "near_duplicate": "looks the same; a copy of it where the edge is directed",
    "bridge": "may be the same picture, by its name or a seed in it",
    "derived_from": "was begun from this picture",
    "ran": "carries this workflow",
    "made_by": "was made with this model",
    "trained_on": "was trained on this folder",
    "based_on": "was trained from this model",
    "merged_of": "was merged of this model",
    "same_tensors": "holds the same numbers under another header",
    "contains": "holds this picture",
    "taken_by": "was taken by this camera",
    "found_on": "was found on this device",
    "recorded_on": "is recorded as made by a program on this device",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One edge. directed: whether source comes from target; otherwise the two are joined, and which came first is open.

    findings: ids of the findings that it rests on, as far as it rests on any.
    """

    source: str
    target: str
    edge: str
    strength: str
    reason: str
    source_kind: str = "picture"
    target_kind: str = "picture"
    directed: bool = True
    findings: Sequence[str] = ()


def weakest(strengths: Iterable[str]) -> str:
    """The strength of a chain of edges: that of its weakest. Empty for no edge."""
    return max(strengths, key=STRENGTHS.index, default="")


def device(exhibit: str) -> str:
    """The node of an exhibit."""
    return f"exhibit:{exhibit}"


def folder(exhibit: str, path: str) -> str:
    """The node of a folder on an exhibit. path: as the items table shows it."""
    return f"folder:{exhibit}/{path}"
