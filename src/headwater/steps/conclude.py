"""What follows an examination, with no evidence read: known sets, groups, origins, what they came from, the queue."""

from dataclasses import dataclass

from headwater.steps.attribute import Attributed, attribute
from headwater.steps.group import Grouped, group
from headwater.steps.ingest import Listener
from headwater.steps.match import Matched, match
from headwater.steps.queue import Queued, order_queue
from headwater.steps.trace import Traced, trace
from headwater.steps.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Concluded:
    """What each step came to."""

    matched: Matched
    grouped: Grouped
    traced: Traced
    attributed: Attributed
    queued: Queued


def conclude(workspace: Workspace, listener: Listener, *, unsafe: bool) -> Concluded:
    """Match, gather, weigh, follow upstream, order; each only as far as something changed since the last time."""
    return Concluded(
        matched=match(workspace, listener, unsafe=unsafe),
        grouped=group(workspace, listener, unsafe=unsafe),
        traced=trace(workspace, listener),
        attributed=attribute(workspace, listener),
        queued=order_queue(workspace, listener),
    )
