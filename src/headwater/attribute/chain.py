"""From one node upstream: every node that it leads to, by its strongest way. A way is as strong as its weakest edge."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from typing import Any

from headwater.attribute.edges import STRENGTHS, weakest

NODES_MAX, STEPS_MAX = 60, 8
_LOOKS = ("near_duplicate", "bridge", "exact_copy")  # taken from the first node only: likeness of likeness is none
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One edge of a chain. depth: how many edges lie before it. along: strength of the way up to and with this edge.

    turned: the edge is not directed, and is gone against the order in which it is written.
    """

    row: Row
    depth: int
    along: str
    turned: bool = False

    @property
    def reached(self) -> str:
        """The node that it leads to."""
        return str(self.row["source" if self.turned else "target"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """All steps, in the order in which they are told. is_cut: there is more than is told."""

    start: str
    steps: tuple[Step, ...]
    is_cut: bool = False


def chain_from(start: str, edges_of: Callable[[str], Sequence[Row]]) -> Chain:
    """Go upstream. edges_of: the edges at a node, those that leave it and the undirected ones that reach it."""
    order = count()
    waiting: list[tuple[int, int, int, str, Step | None]] = [(0, 0, next(order), start, None)]
    told: dict[str, list[Step]] = {}
    seen: set[str] = set()
    is_cut = False
    while waiting:
        rank, depth, _, node, step = heappop(waiting)
        if step is not None:
            told.setdefault(_from(step), []).append(step)
        if node in seen:
            continue
        seen.add(node)
        if len(seen) > NODES_MAX or depth >= STEPS_MAX:
            is_cut = True
            continue
        for row in edges_of(node):
            turned = row["source"] != node
            if not _goes_on(row, start, node, turned=turned):
                continue
            along = weakest((STRENGTHS[rank], row["strength"]))
            following = Step(row=row, depth=depth, along=along, turned=turned)
            if following.reached not in seen:
                entry = (STRENGTHS.index(along), depth + 1, next(order), following.reached, following)
                heappush(waiting, entry)
    return Chain(start=start, steps=tuple(_ordered(start, told)), is_cut=is_cut)


def _from(step: Step) -> str:
    return str(step.row["target" if step.turned else "source"])


def _goes_on(row: Row, start: str, node: str, *, turned: bool) -> bool:
    if turned and row["directed"]:
        return False
    return node == start or row["edge"] not in _LOOKS


def _ordered(start: str, told: Mapping[str, Sequence[Step]]) -> list[Step]:
    """Depth first, so that what follows from a step stands below it; each step once."""
    found: list[Step] = []
    seen: set[str] = set()
    waiting = [*reversed(told.get(start, ()))]
    while waiting:
        step = waiting.pop()
        found.append(step)
        if step.reached not in seen:
            seen.add(step.reached)
            waiting += reversed(told.get(step.reached, ()))
    return found
