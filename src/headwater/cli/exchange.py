"""casefile and export: in from the tools a laboratory already uses, and back to them."""

import json
import os
from pathlib import Path

import click

from headwater.cli.options import json_option, progress_options, quiet_option, unsafe_option, workspace_option
from headwater.cli.output import complain, say
from headwater.cli.places import check_workspace
from headwater.cli.progress import Progress
from headwater.export.vics import VERSIONS
from headwater.model.counted import counted
from headwater.model.errors import ExitCode
from headwater.model.visible import visible
from headwater.steps import exchange as steps
from headwater.steps.casefile import FORMS, add_casefile
from headwater.steps.exchange_graph import export_chart, export_graph
from headwater.steps.seals import require_sound
from headwater.steps.workspace import Workspace

_OUT = click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Where to write it.")


@click.group()
def casefile() -> None:
    """Take in what another tool's case file tells of an exhibit, without its evidence.

    \b
    Example:
      headwater casefile add case.json --as vics --exhibit LH-09
    """


@casefile.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--as", "form", required=True, type=click.Choice(FORMS), help="What kind of file it is.")
@click.option("--exhibit", required=True, metavar="REF", help="The exhibit reference: one of its own.")
@unsafe_option
@workspace_option
@progress_options
@json_option
def add(
    file: Path, form: str, exhibit: str, folder: Path, *, unsafe: bool, quiet: bool, plain: bool, as_json: bool
) -> ExitCode:  # fmt: skip
    """Take in FILE, a VICS file or a CSV of digests and paths (IPED, Autopsy, X-Ways, Griffeye).

    Paths, sizes and digests are that tool's words, and every item says so. Rows that cannot be used are failures.

    \b
    Example:
      headwater casefile add case.json --as vics --exhibit LH-09
    """
    listener = Progress(quiet=quiet or as_json, plain=plain)
    with Workspace.open(folder) as workspace:
        check_workspace(workspace)
        require_sound(workspace, listener)
        added = add_casefile(workspace, file, form, exhibit, listener, unsafe=unsafe)
    if as_json:
        told = {"exhibit": added.exhibit, "sha256": added.sha256, "items": added.items, "refused": added.refused}
        say(json.dumps(told))
    else:
        say(f"{visible(added.exhibit)}   {counted(added.items, 'file')} told, none read   {added.refused:,} refused")
        if not quiet:
            complain("next: headwater trace; headwater show matches")
    return ExitCode.DONE_WITH_FAILURES if added.refused else ExitCode.DONE


@click.group()
def export() -> None:
    """Write what was found for the tools a laboratory already uses.

    \b
    Example:
      headwater export csv
    """


@export.command()
@_OUT
@workspace_option
@quiet_option
@json_option
def csv(out: Path | None, folder: Path, *, quiet: bool, as_json: bool) -> None:  # noqa: ARG001 - no hints here
    """Write a CSV keyed by digest: origin, tier, groups, matches, hashes; out/contents.csv where --out is not given.

    \b
    Example:
      headwater export csv --out results.csv
    """
    with Workspace.open(folder) as workspace:
        _say(steps.export_csv(workspace, out), as_json=as_json)


@export.command()
@_OUT
@click.option("--version", type=click.Choice(VERSIONS), default=VERSIONS[0], show_default=True, help="Of VICS.")
@workspace_option
@quiet_option
@json_option
def vics(out: Path | None, version: str, folder: Path, *, quiet: bool, as_json: bool) -> None:  # noqa: ARG001
    """Write a VICS hash set with what was found as Tags; out/contents.vics.json where --out is not given.

    No category is ever written: an origin is none, and grades are people's.

    \b
    Example:
      headwater export vics --version 1.3
    """
    with Workspace.open(folder) as workspace:
        _say(steps.export_vics(workspace, out, version), as_json=as_json)


@export.command()
@_OUT
@workspace_option
@quiet_option
@json_option
def graphml(out: Path | None, folder: Path, *, quiet: bool, as_json: bool) -> None:  # noqa: ARG001 - no hints here
    """Write the upstream graph as GraphML; out/upstream.graphml where --out is not given.

    \b
    Example:
      headwater export graphml
    """
    with Workspace.open(folder) as workspace:
        _say(export_graph(workspace, out, "graphml"), as_json=as_json, what="node")


@export.command()
@_OUT
@workspace_option
@quiet_option
@json_option
def gexf(out: Path | None, folder: Path, *, quiet: bool, as_json: bool) -> None:  # noqa: ARG001 - no hints here
    """Write the upstream graph as GEXF 1.3; out/upstream.gexf where --out is not given.

    \b
    Example:
      headwater export gexf
    """
    with Workspace.open(folder) as workspace:
        _say(export_graph(workspace, out, "gexf"), as_json=as_json, what="node")


@export.command()
@_OUT
@workspace_option
@quiet_option
@json_option
def chart(out: Path | None, folder: Path, *, quiet: bool, as_json: bool) -> None:  # noqa: ARG001 - no hints here
    """Write the upstream chart of the report as SVG; out/upstream.svg where --out is not given.

    The same data gives the same drawing.

    \b
    Example:
      headwater export chart
    """
    with Workspace.open(folder) as workspace:
        _say(export_chart(workspace, out), as_json=as_json, what="box", whats="boxes")


def _say(exported: steps.Exported, *, as_json: bool, what: str = "content", whats: str = "") -> None:
    name = os.fsencode(exported.path)
    if as_json:
        told = {"path": visible(name), "sha256": exported.sha256, "contents": exported.contents}
        say(json.dumps(told))
    else:
        say(f"{visible(name)}   {counted(exported.contents, what, whats or f'{what}s')}   sha256 {exported.sha256}")
