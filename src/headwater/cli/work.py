"""init, run, ingest, examine: the commands that work on evidence."""

import json
import time
from pathlib import Path

import click

from headwater.cli.options import json_option, progress_options, unsafe_option, workspace_option
from headwater.cli.progress import Progress, duration
from headwater.cli.summary import show_summary
from headwater.model.errors import ExitCode
from headwater.steps import run as steps
from headwater.steps.report import write_report
from headwater.steps.summary import summarise
from headwater.steps.workspace import Workspace

_EVIDENCE = click.argument("evidence", nargs=-1, required=True, type=click.Path(path_type=Path))
_EXHIBIT = click.option("--exhibit", metavar="REF", help="The exhibit reference; the source's name where not given.")
_COUNTRY = click.option("--country", metavar="CC", default="", help="The country that seized it, two letters.")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--operation", required=True, metavar="NAME", help="The operation's name.")
@json_option
def init(folder: Path, operation: str, *, as_json: bool) -> None:
    """Make an empty workspace for an operation in FOLDER.

    \b
    Example:
      headwater init springhead --operation "Operation Springhead"
    """
    workspace = Workspace.init(folder, operation)
    if as_json:
        click.echo(json.dumps({"workspace": str(workspace.folder), "operation": operation}))
    else:
        click.echo(f"workspace {workspace.folder}\nnext: cd there, then headwater run IMAGE.E01 --exhibit REF")


@click.command()
@_EVIDENCE
@_EXHIBIT
@_COUNTRY
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
    with Workspace.open(folder) as workspace:
        steps.check_evidence(workspace, evidence, exhibit=exhibit, country=country)
        with steps.begin_work(workspace, progress, "run", unsafe=unsafe) as pool:
            outcomes = steps.run(workspace, pool, evidence, progress, exhibit=exhibit, country=country)
        report = write_report(workspace)
        summary = summarise(workspace, tuple(outcome.known for outcome in outcomes))
    show_summary(summary, report, duration(time.monotonic() - began), as_json=as_json)
    steps.raise_if_changed(outcomes)
    steps.raise_if_differs(workspace, [outcome.known for outcome in outcomes])
    return ExitCode.DONE_WITH_FAILURES if summary.failures else ExitCode.DONE


@click.command()
@_EVIDENCE
@_EXHIBIT
@_COUNTRY
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
    with Workspace.open(folder) as workspace:
        steps.check_evidence(workspace, evidence, exhibit=exhibit, country=country)
        with steps.begin_work(workspace, progress, "ingest", unsafe=unsafe) as pool:
            known = steps.ingest(workspace, pool, evidence, progress, exhibit=exhibit, country=country)
        summary = summarise(workspace, known)
    show_summary(summary, None, duration(time.monotonic() - began), as_json=as_json)
    steps.raise_if_differs(workspace, known)
    return ExitCode.DONE_WITH_FAILURES if summary.failures else ExitCode.DONE


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
    with Workspace.open(folder) as workspace:
        with steps.begin_work(workspace, progress, "examine", unsafe=unsafe) as pool:
            outcomes = steps.examine(workspace, pool, progress)
        report = write_report(workspace)
        summary = summarise(workspace, tuple(outcome.known for outcome in outcomes))
    show_summary(summary, report, duration(time.monotonic() - began), as_json=as_json)
    steps.raise_if_changed(outcomes)
    steps.raise_if_differs(workspace, [outcome.known for outcome in outcomes])
    return ExitCode.DONE_WITH_FAILURES if summary.failures else ExitCode.DONE
