"""What cannot all be true: circles in the graph, and records that speak against each other. Told, never resolved."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

_NODES_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """One contradiction. nodes: those it is about.

    kind: circle, another_digest, model_is_younger; more, where there are too many to list.
    """

    kind: str
    nodes: tuple[str, ...]
    message: str


def cycles(edges: Iterable[tuple[str, str]]) -> Iterator[Against]:
    """Groups of nodes each of which leads to every other.

    One of the edges between them must be wrong, or a copy of a record; or a model was trained on what it had made
    itself, which is no contradiction and is told all the same.
    """
    listed = list(edges)
    names = sorted({node for edge in listed for node in edge})
    place = {name: number for number, name in enumerate(names)}
    if not names:
        return
    sides = [np.array([place[edge[side]] for edge in listed]) for side in (0, 1)]
    graph = coo_array((np.ones(len(listed)), (sides[0], sides[1])), shape=(len(names), len(names)))
    _, component = connected_components(graph, directed=True, connection="strong")
    members: dict[int, list[str]] = defaultdict(list)
    for name, number in zip(names, component.tolist(), strict=True):
        members[number].append(name)
    selves = {one for one, other in listed if one == other}
    for each in sorted(members.values()):
        if len(each) > 1 or each[0] in selves:
            yield Against(
                kind="circle",
                nodes=tuple(each[:_NODES_SHOWN]),
                message=f"{len(each)} nodes lead to one another: none of them can be the first",
            )
