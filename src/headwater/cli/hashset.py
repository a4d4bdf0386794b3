"""hashset: known sets, added, listed, withdrawn."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from headwater.cli.options import json_option, progress_options, quiet_option, unsafe_option, workspace_option
from headwater.cli.output import complain, say
from headwater.cli.places import check_workspace
from headwater.cli.progress import Progress
from headwater.match.schemes import NONE, scheme_names
from headwater.model.counted import counted
from headwater.model.errors import ExitCode
from headwater.model.known import FORMS, QUALITY_MIN, RADIUS_BITS, KnownSet, Role, VideoRule
from headwater.model.visible import visible
from headwater.steps import known as steps
from headwater.steps.known_build import Source, words_of
from headwater.steps.seals import require_sound
from headwater.steps.workspace import Workspace

_NEXT = "next: headwater match"


@click.group()
def hashset() -> None:
    """Known sets: what others know already, so that nobody looks at it again.

    \b
    Example:
      headwater hashset add known.json --as vics --scheme vics-us --name "national set"
    """


@hashset.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--as", "form", required=True, type=click.Choice(FORMS), help="What kind of file it is.")
@click.option(
    "--name", required=True, metavar="NAME", help="What the set is called; a newer version replaces an older."
)
@click.option(
    "--scheme", default=NONE, metavar="SCHEME", help=f"What its categories mean: {', '.join(scheme_names())}."
)
@click.option(
    "--role", type=click.Choice([each.value for each in Role]), help="What it means that the set knows a content."
)
@click.option(
    "--radius", type=click.IntRange(0, RADIUS_BITS), default=RADIUS_BITS, show_default=True, metavar="BITS",
    help="How far a PDQ hash of it may be from a picture's.",
)  # fmt: skip
@click.option(
    "--quality", type=click.IntRange(QUALITY_MIN, 100), default=QUALITY_MIN, show_default=True, metavar="N",
    help="PDQ quality that a picture must have to be compared by its hash.",
)  # fmt: skip
@click.option(
    "--video-rule", type=click.Choice([each.value for each in VideoRule]), default=VideoRule.KNOWN.value,
    show_default=True, help="Of which of two videos 80 % of the frames must be found in the other.",
)  # fmt: skip
@click.option(
    "--delta", "deltas", multiple=True, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="A delta of NSRL (.sql) to take with its database; repeat it, the oldest first.",
)  # fmt: skip
@click.option("--source", "about", default="", metavar="WORDS", help="Where it came from, and when: kept in custody.")
@unsafe_option
@workspace_option
@progress_options
@json_option
def add(  # noqa: PLR0913, PLR0917 - one option each
    file: Path, form: str, name: str, scheme: str, role: str | None, radius: int, quality: int, video_rule: str,
    deltas: tuple[Path, ...], about: str, folder: Path, *, unsafe: bool, quiet: bool, plain: bool, as_json: bool,
) -> ExitCode:  # fmt: skip
    """Read a known set from FILE, and use it from now on.

    Every row that can never match is kept with its line and reason: headwater hashset refused NAME lists them. An NSRL
    database is used where it lies, with what its deltas change of it, and is harmless unless --role says otherwise.

    \b
    Example:
      headwater hashset add known.json --as vics --scheme vics-us --name "national set"
    """
    meant = Role(role) if role else Role.HARMLESS if form == "nsrl" else Role.KNOWN
    source = Source(
        path=file, form=form, name=name, scheme=scheme, role=meant, about=about, radius_bits=radius,
        quality_min=quality, video_rule=VideoRule(video_rule), deltas=deltas,
    )  # fmt: skip
    listener = Progress(quiet=quiet or as_json, plain=plain)
    with Workspace.open(folder) as workspace:
        check_workspace(workspace)
        require_sound(workspace, listener)
        added = steps.add_set(workspace, source, listener, unsafe=unsafe)
    if as_json:
        refused = [
            {"line": row.line, "key": row.key, "field": row.field, "reason": row.reason} for row in added.refused
        ]
        say(
            json.dumps(
                {
                    **_as_json(added.known, "held back" if added.held_back else "in use"),
                    "first_refused": refused,
                    "gained": {**added.gained},
                    "lost": {**added.lost},
                    "not_compared": added.not_compared,
                    "changes": added.changes and msgspec.to_builtins(added.changes),
                }
            )
        )
    else:
        _say_added(file, added)
        if not quiet:
            complain(_NEXT)
    return ExitCode.DONE_WITH_FAILURES if added.known.refused or added.held_back else ExitCode.DONE


def _say_added(file: Path, added: steps.Added) -> None:
    known = added.known
    say(f"{visible(os.fsencode(file))}   {counted(known.records, 'record')}   {known.refused:,} refused")
    for words in words_of(added.refused):
        say(f"  {words}")
    if known.refused > len(added.refused):
        say(f"  and {known.refused - len(added.refused):,} more: headwater hashset refused {visible(known.name)}")
    for words in _changes_words(added):
        say(words)
    if added.held_back:
        say(f"HELD BACK, not in use: {added.held_back}")
        say(f'  look at it, then: headwater hashset release "{visible(known.name)}" --reason WORDS')


def _changes_words(added: steps.Added) -> Iterator[str]:
    """What deltas changed of the database, and what the set changes of the version before."""
    if deltas := added.changes:
        yield (
            f"deltas: {counted(deltas.added, 'row')} new, {deltas.gone:,} gone, {deltas.changed:,} changed; "
            f"{counted(deltas.elsewhere, 'statement')} about tables that are not looked up in"
        )
    if not added.is_new:
        yield "as before: this version is in use already"
    elif added.before:
        change = added.known.records - added.before.records
        yield f"takes the place of {added.before.digest[:16]}: {added.before.records:,} records before, {change:+,}"
    if changes := [
        f"{kind} +{added.gained[kind]:,} -{added.lost[kind]:,}" for kind in added.gained
        if added.gained[kind] or added.lost[kind]
    ]:  # fmt: skip
        yield f"digests it gained and lost: {', '.join(changes)}"
    if added.not_compared:
        yield f"not compared with the version before: {visible(added.not_compared)}"


@hashset.command("list")
@workspace_option
@quiet_option
@json_option
def list_(folder: Path, *, quiet: bool, as_json: bool) -> None:  # noqa: ARG001 - no hints here
    """List every version of every set, and whether it is in use.

    \b
    Example:
      headwater hashset list
    """
    with Workspace.open(folder, read_only=True) as workspace:
        for known, state in steps.all_sets(workspace):
            if as_json:
                say(json.dumps(_as_json(known, state)))
            else:
                scheme = f"   scheme {visible(known.scheme)}" * (known.scheme != NONE)
                say(
                    f"{visible(known.name)}   {known.form}   {known.role}   {counted(known.records, 'record')}   "
                    f"{known.refused:,} refused{scheme}   {visible(state)}   {known.digest[:16]}"
                )


@hashset.command()
@click.argument("name")
@workspace_option
@quiet_option
@json_option
def refused(name: str, folder: Path, *, quiet: bool, as_json: bool) -> None:  # noqa: ARG001 - no hints here
    """List every row of the set NAME that never matches, with its line and reason.

    \b
    Example:
      headwater hashset refused "national set"
    """
    with Workspace.open(folder, read_only=True) as workspace:
        for row in steps.refused_rows(workspace, name):
            if as_json:
                say(json.dumps({"line": row.line, "key": row.key, "field": row.field, "reason": row.reason}))
            else:
                say(*words_of([row]))


@hashset.command()
@click.argument("name")
@click.option("--reason", required=True, metavar="WORDS", help="Why: kept in custody.")
@workspace_option
@quiet_option
@json_option
def withdraw(name: str, reason: str, folder: Path, *, quiet: bool, as_json: bool) -> None:
    """Take the set NAME out of use; the next headwater match leaves it out.

    \b
    Example:
      headwater hashset withdraw "national set" --reason "its source called it back"
    """
    with Workspace.open(folder) as workspace:
        known = steps.withdraw_set(workspace, name, reason)
    _say_told(known, "withdrawn", quiet=quiet, as_json=as_json)


@hashset.command()
@click.argument("name")
@click.option("--reason", required=True, metavar="WORDS", help="Why: kept in custody.")
@workspace_option
@quiet_option
@json_option
def release(name: str, reason: str, folder: Path, *, quiet: bool, as_json: bool) -> None:
    """Use the set NAME, which was held back for how many pictures it would take out of the queue.

    \b
    Example:
      headwater hashset release "stock pictures" --reason "compared with the list of its maker"
    """
    with Workspace.open(folder) as workspace:
        known = steps.release_set(workspace, name, reason)
    _say_told(known, "in use", quiet=quiet, as_json=as_json)


def _say_told(known: KnownSet, state: str, *, quiet: bool, as_json: bool) -> None:
    if as_json:
        say(json.dumps(_as_json(known, state)))
        return
    say(f"{state}: {visible(known.name)} {known.digest[:16]}")
    if not quiet:
        complain(_NEXT)


def _as_json(known: KnownSet, state: str) -> dict[str, object]:
    return {
        "name": known.name, "form": known.form, "role": known.role.value, "scheme": known.scheme,
        "records": known.records, "refused": known.refused, "state": state, "digest": known.digest,
        "source_sha256": known.source_sha256, "radius_bits": known.radius_bits, "quality_min": known.quality_min,
        "video_rule": known.video_rule.value,
    }  # fmt: skip
