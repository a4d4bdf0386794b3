"""Near copies gathered around one of them, and what hangs together through others: two things, kept apart.

A visual group is a star: every member fits its medoid by the rule, so two unlike pictures are never joined by a chain
of pictures between them. A loose cluster is the chain: whatever hangs together over any number of near pairs.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]
Small = NDArray[np.uint8]
ALONE = -1


@dataclass(frozen=True, slots=True)
class Edges:
    """Near pairs of contents, each once: `asker` fits `kept`. Columns of one length.

    bits: distance. kept_label, asker_label: as `match.sides` has them.
    """

    asker: Places
    kept: Places
    bits: Small
    kept_label: Small
    asker_label: Small

    def __len__(self) -> int:
        return len(self.asker)


def nearest_edges(batches: list[Edges]) -> Edges:
    """Of each two contents the nearest pair, whichever of them asks; of equals the one with the least labels."""
    if not batches:
        none, small = np.empty(0, np.int64), np.empty(0, np.uint8)
        return Edges(none, none, small, small, small)
    columns = [
        np.concatenate([getattr(each, name) for each in batches])
        for name in ("asker", "kept", "bits", "kept_label", "asker_label")
    ]
    asker, kept, bits, kept_label, asker_label = columns
    low, high = np.minimum(asker, kept), np.maximum(asker, kept)
    order = np.lexsort((asker, asker_label, kept_label, bits, high, low))
    low, high = low[order], high[order]
    first = np.ones(len(order), np.bool_)
    first[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    keep = order[first]
    return Edges(asker[keep], kept[keep], bits[keep], kept_label[keep], asker_label[keep])


def stars(
    number: int, edges: Edges, can_lead: NDArray[np.bool_], can_join: NDArray[np.bool_], is_last: NDArray[np.bool_]
) -> Places:
    """For each of `number` contents the edge by which it joins a medoid; ALONE for those that join none.

    Contents are numbered in the order that decides between equals. Whoever may not join leads first, then whoever is
    not `is_last`, then whoever has most neighbours; each other one joins the nearest medoid it fits. can_lead: may be a
    medoid. can_join: may join one.
    """
    starts, others, by = _adjacency(number, edges)
    degrees = np.diff(starts)
    is_medoid, is_covered = np.zeros(number, np.bool_), ~can_join
    for place in np.lexsort((np.arange(number), -degrees, is_last, can_join)).tolist():
        around = others[starts[place] : starts[place + 1]]
        if can_lead[place] and not (can_join[place] and is_covered[place]) and not is_covered[around].all():
            is_medoid[place] = is_covered[place] = True
            is_covered[around] = True
    joins = np.full(number, ALONE, np.int64)
    for place in np.flatnonzero(can_join & ~is_medoid & (degrees > 0)).tolist():
        span = slice(starts[place], starts[place + 1])
        leading = is_medoid[others[span]]
        if leading.any():
            edge, other = by[span][leading], others[span][leading]
            joins[place] = edge[np.lexsort((other, edges.bits[edge]))[0]]
    return joins


def components(number: int, edges: Edges) -> Places:
    """For each content the least number of those it hangs together with."""
    roots = np.arange(number)

    def root_of(place: int) -> int:
        while roots[place] != place:
            roots[place] = roots[roots[place]]
            place = int(roots[place])
        return place

    for one, other in zip(edges.asker.tolist(), edges.kept.tolist(), strict=True):
        first, second = root_of(one), root_of(other)
        roots[max(first, second)] = min(first, second)
    return np.array([root_of(place) for place in range(number)], np.int64)


def _adjacency(number: int, edges: Edges) -> tuple[Places, Places, Places]:
    """Of each content where its neighbours begin, the neighbours, and the edges to them."""
    one, other = np.concatenate([edges.asker, edges.kept]), np.concatenate([edges.kept, edges.asker])
    by = np.tile(np.arange(len(edges)), 2)
    order = np.argsort(one, kind="stable")
    starts = np.searchsorted(one[order], np.arange(number + 1))
    return starts.astype(np.int64), other[order], by[order]
