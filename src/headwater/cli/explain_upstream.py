"""What one content came from, in lines: each edge with its strength, and that of the way up to it."""

from collections.abc import Iterator
from itertools import groupby

from headwater.attribute.chain import Step
from headwater.attribute.edges import EDGES
from headwater.cli.output import dots
from headwater.model.counted import counted
from headwater.model.visible import shown
from headwater.steps.upstream import UpstreamExplained

_MARKS = {"verified": 4, "corroborated": 3, "declared": 2, "consistent": 1, "lead": 0}
_BECAUSE_SHOWN, _ALIKE_SHOWN = 5, 3
_NONE = "  in no edge: nothing that it came from was found, or headwater attribute has not run since it was found"


def upstream_lines(upstream: UpstreamExplained | None) -> Iterator[str]:
    """Everything said of where a content came from."""
    yield "\nUpstream"
    if upstream is None:
        yield _NONE
        return
    above = [""]  # the strength of the way, by depth
    for (depth, edge), group in groupby(upstream.chain.steps, key=lambda one: (one.depth, one.row["edge"])):
        steps = list(group)
        for step in steps[:_ALIKE_SHOWN]:
            yield from _step(upstream, step, above[min(depth, len(above) - 1)])
            above[depth + 1 :] = [step.along]
        if more := len(steps) - _ALIKE_SHOWN:
            yield from [f"  {'  ' * depth}and {more:,} more: {EDGES[edge]}"] * (more > 0)
    if upstream.chain.is_cut:
        yield f"  {dots()} and more: headwater show upstream has every edge"
    if upstream.strength:
        yield f"  the chain as a whole is no stronger than its weakest edge: {upstream.strength}"
    yield from (f"  gap: {shown(gap)}" for gap in upstream.gaps)
    if upstream.hand:
        yield from _hand(upstream)


def _step(upstream: UpstreamExplained, step: Step, above: str) -> Iterator[str]:
    row, indent = step.row, "  " * (step.depth + 1)
    said = f"joined by {row['edge']} with" if step.turned else EDGES[row["edge"]]
    marks = "\u25ae" * _MARKS[row["strength"]] + "\u25af" * (4 - _MARKS[row["strength"]])
    name = shown(upstream.names.get(step.reached, step.reached))
    yield f"{indent}{said}: {name}  {marks} {row['strength']}"
    yield f"{indent}    {shown(row['reason'])}"
    if step.along not in (row["strength"], above):
        yield f"{indent}    the way up to here is no stronger than {step.along}"


def _hand(upstream: UpstreamExplained) -> Iterator[str]:
    hand = upstream.hand or {}
    judged = f"; {hand['judged']}" if hand["judged"] else ""
    yield f"  one hand: {hand['hand']}, {counted(hand['members'], 'picture')}{judged}"
    for one in hand["because"][:_BECAUSE_SHOWN]:
        yield f"      shares {shown(one)}"
