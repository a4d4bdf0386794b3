"""init, run, ingest, examine, match, trace, attribute: the steps of the main job."""

import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from headwater.cli.options import (
    country_option,
    exhibit_option,
    json_option,
    progress_options,
    quiet_option,
    unsafe_option,
    workspace_option,
)
from headwater.cli.output import say
from headwater.cli.places import check_own_places, check_workspace
from headwater.cli.progress import Progress
from headwater.cli.summary import show_summary
from headwater.model.counted import counted
from headwater.model.errors import ExitCode, WrongUse
from headwater.model.visible import visible
from headwater.steps import run as steps
from headwater.steps.attribute import Attributed
from headwater.steps.conclude import conclude
from headwater.steps.exhibits import KnownSource, not_as_acquired
from headwater.steps.group import Grouped
from headwater.steps.group import group as steps_group
from headwater.steps.match import Matched
from headwater.steps.match import match as steps_match
from headwater.steps.report import write_report
from headwater.steps.seals import require_sound
from headwater.steps.summary import Summary, summarise
from headwater.steps.workspace import SETTINGS, Workspace

_EVIDENCE = click.argument("evidence", nargs=-1, required=True, type=click.Path(path_type=Path))
_AS_BEFORE = ", as before: nothing has changed since"
_GOES_ON = "^C stops after the current files; the same command goes on from there"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--operation", required=True, metavar="NAME", help="The operation's name.")
@quiet_option
@json_option
def init(folder: Path, operation: str, *, quiet: bool, as_json: bool) -> None:
    """Make an empty workspace for an operation in FOLDER.

    \b
    Example:
      headwater init springhead --operation "Operation Springhead"
    """
    _check_empty(folder)
    check_own_places()
    workspace = Workspace.init(folder, operation)
    if as_json:
        say(json.dumps({"workspace": str(workspace.folder), "operation": operation}))
        return
    say(f"workspace {visible(os.fsencode(workspace.folder))}")
    if not quiet:
        say("next: cd there, then headwater run IMAGE.E01 --exhibit REF")


def _check_empty(folder: Path) -> None:
    """A workspace is never made among other files. Where there is one already, Workspace.init says so itself."""
    names = sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []
    if names and SETTINGS not in names:
        raise WrongUse(
            f"{visible(os.fsencode(folder))} is not empty: {counted(len(names), 'entry', 'entries')}, "
            f"the first {visible(os.fsencode(names[0]))}",
            next_step="Name an empty folder, or one that is not there yet.",
        )


@click.command()
@_EVIDENCE
@exhibit_option
@country_option
@unsafe_option
@workspace_option
@progress_options
@json_option
def run(
    evidence: tuple[Path, ...],
    exhibit: str | None,
    country: str,
    folder: Path,
    *,
    unsafe: bool,
    quiet: bool,
    plain: bool,
    as_json: bool,
) -> ExitCode:
    """Read, examine and report seized EVIDENCE: images, archives or folders.

    Opened read-only. Every file is listed, digested, fingerprinted and described, and what could not be read is said.
    Stopped at any moment, the same command goes on from there; done, it is safe to repeat.

    \b
    Example:
      headwater run LH-07.E01 --exhibit LH-07/3 --country DK
    """
    began = time.monotonic()
    progress = Progress(quiet=quiet or as_json, plain=plain)
    check_own_places(evidence)
    with Workspace.open(folder) as workspace:
        steps.check_evidence(workspace, evidence, exhibit=exhibit, country=country)
        check_workspace(workspace)
        _say_sources(progress, evidence)
        with steps.begin_work(workspace, progress, "run", unsafe=unsafe) as pool:
            outcomes = steps.run(workspace, pool, evidence, progress, exhibit=exhibit, country=country)
        conclude(workspace, progress, unsafe=unsafe)
        return _ended(workspace, outcomes, began, as_json=as_json)


@click.command()
@_EVIDENCE
@exhibit_option
@country_option
@unsafe_option
@workspace_option
@progress_options
@json_option
def ingest(
    evidence: tuple[Path, ...],
    exhibit: str | None,
    country: str,
    folder: Path,
    *,
    unsafe: bool,
    quiet: bool,
    plain: bool,
    as_json: bool,
) -> ExitCode:
    """Open, list and verify EVIDENCE, without examining it yet.

    \b
    Example:
      headwater ingest LH-07.E01 --exhibit LH-07/3
    """
    began = time.monotonic()
    progress = Progress(quiet=quiet or as_json, plain=plain)
    check_own_places(evidence)
    with Workspace.open(folder) as workspace:
        steps.check_evidence(workspace, evidence, exhibit=exhibit, country=country)
        check_workspace(workspace)
        _say_sources(progress, evidence)
        with steps.begin_work(workspace, progress, "ingest", unsafe=unsafe) as pool:
            known = steps.ingest(workspace, pool, evidence, progress, exhibit=exhibit, country=country)
        summary = summarise(workspace, known)
        code = _code(workspace, summary, known, ())
    show_summary(summary, None, time.monotonic() - began, code, as_json=as_json)
    steps.raise_if_differs(workspace, known)
    return code


@click.command()
@unsafe_option
@workspace_option
@progress_options
@json_option
def examine(folder: Path, *, unsafe: bool, quiet: bool, plain: bool, as_json: bool) -> ExitCode:
    """Examine everything that was ingested and is not examined yet.

    \b
    Example:
      headwater examine -w springhead
    """
    began = time.monotonic()
    progress = Progress(quiet=quiet or as_json, plain=plain)
    check_own_places()
    with Workspace.open(folder) as workspace:
        check_workspace(workspace)
        progress.note(_GOES_ON)
        with steps.begin_work(workspace, progress, "examine", unsafe=unsafe) as pool:
            outcomes = steps.examine(workspace, pool, progress)
        conclude(workspace, progress, unsafe=unsafe)
        return _ended(workspace, outcomes, began, as_json=as_json)


@click.command()
@unsafe_option
@workspace_option
@progress_options
@json_option
def match(folder: Path, *, unsafe: bool, quiet: bool, plain: bool, as_json: bool) -> None:
    """Compare everything that was examined with the known sets, and gather near copies.

    By digest and by look. No evidence is read. Where neither contents nor sets nor rules have changed since the last
    time, nothing is written.

    \b
    Example:
      headwater match -w springhead
    """
    progress = Progress(quiet=quiet or as_json, plain=plain)
    with Workspace.open(folder) as workspace:
        check_workspace(workspace)
        require_sound(workspace, progress)
        matched = steps_match(workspace, progress, unsafe=unsafe)
        grouped = steps_group(workspace, progress, unsafe=unsafe)
    if as_json:
        say(json.dumps({"matches": asdict(matched), "groups": asdict(grouped)}))
        return
    _say_matched(matched, grouped)
    if not quiet:
        say("next: headwater trace; headwater show matches")


def _say_matched(matched: Matched, grouped: Grouped) -> None:
    sets = counted(matched.sets, "known set")
    if matched.sets:
        found = f"{matched.matches:,} known or near"
        say(f"{counted(matched.contents, 'content')} against {sets}: {found}{_AS_BEFORE * (not matched.is_new)}")
    else:
        say("no known set is in use: headwater hashset add")
    groups = counted(grouped.groups, "group")
    say(f"pictures and videos: {grouped.pictures:,} in {groups} of near copies{_AS_BEFORE * (not grouped.is_new)}")


@click.command()
@unsafe_option
@workspace_option
@progress_options
@json_option
def trace(folder: Path, *, unsafe: bool, quiet: bool, plain: bool, as_json: bool) -> None:
    """Weigh what was found of each picture into its origin: camera, generated, edited, undetermined; order the queue.

    Known sets and near copies come first, as headwater match does them; what each came from is followed, as headwater
    attribute does it. No evidence is read. Where nothing has changed
    since the last time, nothing is written.

    \b
    Example:
      headwater trace -w springhead
    """
    progress = Progress(quiet=quiet or as_json, plain=plain)
    with Workspace.open(folder) as workspace:
        check_workspace(workspace)
        require_sound(workspace, progress)
        concluded = conclude(workspace, progress, unsafe=unsafe)
    if as_json:
        told = asdict(concluded)
        names = {
            "matched": "matches", "grouped": "groups", "traced": "origins", "attributed": "upstream", "queued": "queue",
        }  # fmt: skip
        say(json.dumps({names[name]: told[name] for name in names}))
        return
    traced, queued = concluded.traced, concluded.queued
    _say_matched(concluded.matched, concluded.grouped)
    say(f"{counted(traced.contents, 'content')} weighed{_AS_BEFORE * (not traced.is_new)}")
    _say_attributed(concluded.attributed)
    say(f"{counted(queued.pictures, 'picture')} in the queue{_AS_BEFORE * (not queued.is_new)}")
    if not quiet:
        say("next: headwater show queue")


def _say_sources(progress: Progress, evidence: Sequence[Path]) -> None:
    for path in evidence:
        progress.note(f"{visible(os.fsencode(path))}   read only: yes")
    progress.note(_GOES_ON)


def _ended(workspace: Workspace, outcomes: Sequence[steps.RunOutcome], began: float, *, as_json: bool) -> ExitCode:
    """Write the report, print the summary with the code it ends with, and end with it."""
    report = write_report(workspace)
    known = tuple(outcome.known for outcome in outcomes)
    summary = summarise(workspace, known)
    code = _code(workspace, summary, known, [name for outcome in outcomes for name in outcome.changed])
    show_summary(summary, report, time.monotonic() - began, code, as_json=as_json)
    steps.raise_if_changed(outcomes)
    steps.raise_if_differs(workspace, known)
    return code


def _code(workspace: Workspace, summary: Summary, sources: Sequence[KnownSource], changed: Sequence[str]) -> ExitCode:
    """What a command is about to end with."""
    if changed or any(words for known in sources for words in not_as_acquired(workspace, known)):
        return ExitCode.DOES_NOT_VERIFY
    return ExitCode.DONE_WITH_FAILURES if summary.failures else ExitCode.DONE


@click.command()
@unsafe_option
@workspace_option
@progress_options
@json_option
def attribute(folder: Path, *, unsafe: bool, quiet: bool, plain: bool, as_json: bool) -> None:
    """Follow every picture upstream, to the model, the training folder and the device; find ties.

    Known sets, near copies and origins come first. No evidence is read. Where nothing has changed since the last time,
    nothing is written.

    \b
    Example:
      headwater attribute -w springhead
    """
    progress = Progress(quiet=quiet or as_json, plain=plain)
    with Workspace.open(folder) as workspace:
        check_workspace(workspace)
        require_sound(workspace, progress)
        attributed = conclude(workspace, progress, unsafe=unsafe).attributed
    if as_json:
        say(json.dumps({"upstream": asdict(attributed)}))
        return
    _say_attributed(attributed)
    if not quiet:
        say("next: headwater show upstream; headwater show ties; headwater show models; headwater explain SHA256")


def _say_attributed(one: Attributed) -> None:
    against = f", {counted(one.contradictions, 'contradiction')}" if one.contradictions else ""
    say(
        f"{counted(one.pictures, 'picture')} followed upstream: {counted(one.edges, 'edge')}, "
        f"{counted(one.ties, 'tie')} by rare keys, {counted(one.hands, 'hand')}{against}{_AS_BEFORE * (not one.is_new)}"
    )
