"""relevance: scores of another tool, which order the queue within a tier."""

import json
import os
from pathlib import Path

import click

from headwater.cli.options import json_option, quiet_option, workspace_option
from headwater.cli.output import complain, say
from headwater.model.counted import counted
from headwater.model.errors import ExitCode
from headwater.model.visible import visible
from headwater.steps.relevance import add_scores, imported
from headwater.steps.workspace import Workspace


@click.group()
def relevance() -> None:
    """Take in relevance scores of another tool: they order within a tier of the queue, they never grade or hide.

    \b
    Example:
      headwater relevance add scores.csv --name "triage tool 4"
    """


@relevance.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--name", required=True, metavar="NAME", help="Which tool or list they are of.")
@workspace_option
@quiet_option
@json_option
def add(file: Path, name: str, folder: Path, *, quiet: bool, as_json: bool) -> ExitCode:
    """Take in a CSV FILE: a column digest (or sha256, sha1, md5) and a column score, higher first.

    Every row that is refused is listed with its line and reason; the others count. The queue is ordered anew by
    headwater trace, and by each run.

    \b
    Example:
      headwater relevance add scores.csv --name "triage tool 4"
    """
    with Workspace.open(folder) as workspace:
        added = add_scores(workspace, file, name)
    refused = [{"line": row.line, "reason": row.reason} for row in added.refused]
    if as_json:
        say(json.dumps({"name": name, "sha256": added.sha256, "rows": added.rows, "refused": refused}))
    else:
        say(f"{visible(os.fsencode(file))}   {counted(added.rows, 'row')}   {len(refused):,} refused")
        for row in refused:
            say(f"  line {row['line']}: {row['reason']}")
        if not quiet:
            complain("next: headwater trace")
    return ExitCode.DONE_WITH_FAILURES if refused else ExitCode.DONE


@relevance.command("list")
@workspace_option
@quiet_option
@json_option
def list_(folder: Path, *, quiet: bool, as_json: bool) -> None:  # noqa: ARG001 - no hints here
    """List what was taken in.

    \b
    Example:
      headwater relevance list
    """
    with Workspace.open(folder, read_only=True) as workspace:
        for added in imported(workspace):
            if as_json:
                say(json.dumps({"name": added.name, "sha256": added.sha256, "rows": added.rows}))
            else:
                say(f"{visible(added.name)}   {counted(added.rows, 'row')}   sha256 {added.sha256}")
