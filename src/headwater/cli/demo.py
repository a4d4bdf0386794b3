"""demo: builds Operation Springhead, a harmless stand-in, and runs everything on it."""

import json
import os
import time
from dataclasses import asdict
from pathlib import Path

import click

from headwater.cli.options import json_option, progress_options, unsafe_option
from headwater.cli.output import say, send_out
from headwater.cli.places import check_own_places
from headwater.cli.progress import Progress, duration
from headwater.cli.summary import show_counts
from headwater.demo.check_row import CheckRow
from headwater.demo.demonstrate import Outcome, demonstrate
from headwater.model.errors import DoesNotVerify, ExitCode
from headwater.model.visible import visible

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
    check_own_places()
    if not as_json:
        say(f"Operation Springhead, seed {seed}. Its contraband is pictures of lighthouses: a harmless stand-in.")
        send_out()
    progress.note("It is built first, which takes most of the time; ^C stops it.")
    outcome = demonstrate(folder, seed, progress, unsafe=unsafe)
    as_planted = not any(row.missed or row.surplus for row in outcome.checks)
    if as_json:
        for row in outcome.checks:
            say(json.dumps(asdict(row)))
    else:
        _show(outcome, time.monotonic() - began, as_planted=as_planted)
    if not as_planted:
        raise DoesNotVerify("the demo did not find what its truth says", next_step="The lines above say what.")
    return ExitCode.DONE


def _show(outcome: Outcome, seconds: float, *, as_planted: bool) -> None:
    words = "Done, with failures that were planted (exit 0)" if as_planted else "Not as planted (exit 5)"
    say(f"{words}    {duration(seconds)}")
    show_counts(outcome.summary, outcome.report)
    say("\nFound beside truth")
    for row in outcome.checks:
        say(_line(row))
    workspace = visible(os.fsencode(outcome.workspace))
    say(f"\nworkspace {workspace}\nlook at   headwater show items -w {workspace}")


def _line(row: CheckRow) -> str:
    state = "as planted" if row.holds else f"missed {_some(row.missed)}; surplus {_some(row.surplus)}"
    return f"  {row.check:<58} {row.found:>6,} of {row.expected:,}  {state}"


def _some(words: tuple[str, ...]) -> str:
    more = f" and {len(words) - _SHOWN:,} more" if len(words) > _SHOWN else ""
    return (", ".join(words[:_SHOWN]) or "nothing") + more
