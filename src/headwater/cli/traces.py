"""traces: drawings of one picture's periodic traces, for looking only."""

import json
from pathlib import Path

import click

from headwater.cli.options import json_option, quiet_option, unsafe_option, workspace_option
from headwater.cli.output import say
from headwater.model.visible import visible
from headwater.steps import run as steps
from headwater.steps.traces import draw_traces
from headwater.steps.workspace import Workspace


@click.command()
@click.argument("item", metavar="ITEM")
@click.option(
    "--out", metavar="FILE", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The page to write."
)
@unsafe_option
@workspace_option
@quiet_option
@json_option
def traces(item: str, out: Path, folder: Path, *, unsafe: bool, quiet: bool, as_json: bool) -> None:
    """Draw one picture's periodic traces on a page, for looking only: they carry no weight.

    \b
    Example:
      headwater traces 3f9a0c1e77b2 --out lighthouse-traces.html
    """
    with Workspace.open(folder, read_only=True) as workspace, steps.open_pool(workspace, unsafe=unsafe) as pool:
        page = draw_traces(workspace, pool, item, out)
    if as_json:
        say(json.dumps({"item": page.item, "sha256": page.sha256, "out": str(out), "not_drawn": dict(page.silences)}))
        return
    say(f"{visible(str(out))}  traces of item {page.item}; weight zero, for looking")
    for claim, why in page.silences.items():
        if not quiet:
            say(f"  {claim}: not drawn, {why}")
