"""hand: a person's word on which pictures are of one hand."""

import json
from pathlib import Path

import click

from headwater.cli.options import json_option, quiet_option, workspace_option
from headwater.cli.output import complain, say
from headwater.model.counted import counted
from headwater.steps.judgements import judgements, merge_hands, split_hand
from headwater.steps.workspace import Workspace

_REASON = click.option("--reason", required=True, metavar="WORDS", help="Why, kept in custody.")


@click.group()
def hand() -> None:
    """Say which hands are one, and which of their pictures are another's.

    A hand is a group of pictures that share what is one person's own. What a person says of it is signed in custody and
    outlives every new attribution; a changed mind is a new word.

    \b
    Example:
      headwater hand merge 6066d28abd5bbfed b786788df05e56f2 --reason "one account sold both"
    """


@hand.command()
@click.argument("hands", nargs=-1, required=True)
@_REASON
@workspace_option
@quiet_option
@json_option
def merge(hands: tuple[str, ...], reason: str, folder: Path, *, quiet: bool, as_json: bool) -> None:
    """Say that HANDS are one; the first keeps its id.

    \b
    Example:
      headwater hand merge 6066d28abd5bbfed b786788df05e56f2 --reason "one account sold both"
    """
    with Workspace.open(folder) as workspace:
        merge_hands(workspace, hands, reason)
    _say({"what": "merge", "hands": [*hands]}, f"{counted(len(hands), 'hand')} are one", quiet=quiet, as_json=as_json)


@hand.command()
@click.argument("one", metavar="HAND")
@click.argument("pictures", metavar="SHA256...", nargs=-1, required=True)
@_REASON
@workspace_option
@quiet_option
@json_option
def split(one: str, pictures: tuple[str, ...], reason: str, folder: Path, *, quiet: bool, as_json: bool) -> None:
    """Say that pictures of a HAND, by SHA-256 or its beginning, are another's.

    \b
    Example:
      headwater hand split 6066d28abd5bbfed 3f9a0c1e 77b20c1e --reason "another camera"
    """
    with Workspace.open(folder) as workspace:
        new = split_hand(workspace, one, pictures, reason)
    words = f"{counted(len(pictures), 'picture')} are of another hand: {new}"
    _say({"what": "split", "hands": [one], "new": new}, words, quiet=quiet, as_json=as_json)


@hand.command("list")
@workspace_option
@quiet_option
@json_option
def list_(folder: Path, *, quiet: bool, as_json: bool) -> None:  # noqa: ARG001 - no hints here
    """List what was said, in its order.

    \b
    Example:
      headwater hand list
    """
    with Workspace.open(folder, read_only=True) as workspace:
        said = judgements(workspace)
    for each in said:
        told = {"what": each.what, "hands": [*each.hands], "members": sorted(each.members), "new": each.new}
        words = f"{each.what}  {' '.join(each.hands)}" + (f"  {len(each.members)} to {each.new}" if each.new else "")
        say(json.dumps(told) if as_json else words)


def _say(told: dict[str, object], words: str, *, quiet: bool, as_json: bool) -> None:
    say(json.dumps(told) if as_json else words)
    if not quiet and not as_json:
        complain("next: headwater attribute")
