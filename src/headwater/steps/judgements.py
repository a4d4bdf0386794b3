"""A person's word on hands: which are one, and which of their pictures are another's. Signed in custody, never undone.

A changed mind is a new word: what was split can be merged, and the other way round; they count in their order.
"""

from collections.abc import Sequence
from contextlib import closing

from headwater.attribute.hands import Judgement, hand_id
from headwater.findings.views import connect
from headwater.model.canonical import digest_of
from headwater.model.errors import WrongUse
from headwater.model.visible import visible
from headwater.steps.run import user_name
from headwater.steps.workspace import Workspace

JUDGED = "hand_judged"  # kind of the custody entry


def judgements(workspace: Workspace) -> list[Judgement]:
    """Everything that was said, in its order."""
    return [
        Judgement(what=body["what"], hands=tuple(body["hands"]), members=frozenset(body["members"]), new=body["new"])
        for body in workspace.recorded(JUDGED)
    ]


def merge_hands(workspace: Workspace, hands: Sequence[str], reason: str) -> None:
    """Say that these hands are one; the first keeps its id. Raises WrongUse for an unknown one, or fewer than two."""
    known = _members(workspace)
    unknown = [hand for hand in hands if hand not in known]
    if unknown or len(set(hands)) < 2:
        problem = f"no hand is called {visible(unknown[0])}" if unknown else "two hands or more are merged"
        raise WrongUse(problem, next_step="headwater show hands lists them.")
    _record(workspace, "merge", list(dict.fromkeys(hands)), [], "", reason)


def split_hand(workspace: Workspace, hand: str, pictures: Sequence[str], reason: str) -> str:
    """Say that these pictures of a hand are another's; gives its id. Raises WrongUse for one that is not in it."""
    members = _members(workspace).get(hand, [])
    chosen = [next((one for one in members if one.startswith(name.lower())), "") for name in pictures]
    wrong = [name for name, one in zip(pictures, chosen, strict=True) if not one]
    if not members or wrong:
        problem = (
            f"{visible(wrong[0])} is no picture of hand {visible(hand)}"
            if members
            else f"no hand is called {visible(hand)}"
        )
        raise WrongUse(problem, next_step='headwater show hands --where "hand = ..." lists its pictures.')
    said = sum(1 for _ in workspace.recorded(JUDGED))
    new = hand_id(" ".join([f"split {said} of {hand}", *sorted(chosen)]))
    _record(workspace, "split", [hand], sorted(chosen), new, reason)
    return new


def _members(workspace: Workspace) -> dict[str, list[str]]:
    with closing(connect(workspace.folder)) as connection:
        rows = connection.execute("SELECT hand, sha256 FROM hands ORDER BY ALL").fetchall()
    found: dict[str, list[str]] = {}
    for hand, sha256 in rows:
        found.setdefault(hand, []).append(sha256)
    return found


def _record(workspace: Workspace, what: str, hands: list[str], members: list[str], new: str, reason: str) -> None:
    if not reason.strip():
        raise WrongUse("a reason is missing", next_step="Say why, in a few words: --reason WORDS")
    before = sum(1 for _ in workspace.recorded(JUDGED))
    body = {"what": what, "hands": hands, "members": members, "new": new, "reason": reason, "by": user_name()}
    workspace.record(JUDGED, {**body, "id": digest_of([before, what, hands, members])[:16]})
    workspace.checkpoint()
