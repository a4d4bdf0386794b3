"""What follows an examination, with no evidence read: origins and ties, then the queue."""

from dataclasses import dataclass

from headwater.steps.ingest import Listener
from headwater.steps.queue import Queued, order_queue
from headwater.steps.trace import Traced, trace
from headwater.steps.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Concluded:
    """What each step came to."""

    traced: Traced
    queued: Queued


def conclude(workspace: Workspace, listener: Listener) -> Concluded:
    """Weigh, then order; each only as far as something changed since the last time."""
    return Concluded(traced=trace(workspace, listener), queued=order_queue(workspace, listener))
