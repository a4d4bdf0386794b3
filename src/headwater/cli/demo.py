"""demo: builds Operation Springhead, a harmless stand-in, and runs everything on it."""

import json
import time
from dataclasses import asdict
from pathlib import Path

import click

from headwater.cli.options import json_option, progress_options, unsafe_option
from headwater.cli.progress import Progress, duration
from headwater.cli.summary import show_summary
from headwater.demo.check import CheckRow
from headwater.demo.demonstrate import demonstrate
from headwater.model.errors import DoesNotVerify, ExitCode

_DEFAULT_SEED = 19
_SHOWN = 5  # of what is missed or surplus in one line


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path("springhead"))
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=_DEFAULT_SEED,
    show_default=True,
    help="Another seed, another operation.",
)
@unsafe_option
@progress_options
@json_option
def demo(folder: Path, *, seed: int, unsafe: bool, quiet: bool, plain: bool, as_json: bool) -> ExitCode:
    """Build Operation Springhead in FOLDER and run everything on it.

    Its contraband is pictures of lighthouses: a harmless stand-in, drawn by code. Nothing is downloaded.

    \b
    Example:
      headwater demo springhead
    """
    began = time.monotonic()
    progress = Progress(quiet=quiet or as_json, plain=plain)
    if not as_json:
        click.echo(
            f"Operation Springhead, seed {seed}. Its contraband is pictures of lighthouses: a harmless stand-in."
        )
    outcome = demonstrate(folder, seed, progress, unsafe=unsafe)
    if as_json:
        for row in outcome.checks:
            click.echo(json.dumps(asdict(row)))
    else:
        took = duration(time.monotonic() - began)
        show_summary(
            outcome.summary, outcome.report, took, as_json=False, words="Done, with failures that were planted"
        )
        click.echo("\nFound beside truth")
        for row in outcome.checks:
            click.echo(_line(row))
        click.echo(f"\nworkspace {outcome.workspace}\nlook at   headwater show items -w {outcome.workspace}")
    if any(row.missed or row.surplus for row in outcome.checks):
        raise DoesNotVerify("the demo did not find what its truth says", next_step="The lines above say what.")
    return ExitCode.DONE


def _line(row: CheckRow) -> str:
    state = "as planted" if row.holds else f"missed {_some(row.missed)}; surplus {_some(row.surplus)}"
    return f"  {row.check:<58} {row.found:>6,} of {row.expected:,}  {state}"


def _some(words: tuple[str, ...]) -> str:
    more = f" and {len(words) - _SHOWN:,} more" if len(words) > _SHOWN else ""
    return (", ".join(words[:_SHOWN]) or "nothing") + more
