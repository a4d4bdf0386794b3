"""bench: our figure and a named peer's in one run, outputs compared."""

import json
from dataclasses import asdict

import click

from headwater.bench.suite import NAMES, run_bench
from headwater.cli.options import json_option, quiet_option
from headwater.cli.output import say
from headwater.model.errors import ExitCode


@click.command()
@click.argument("name", required=False, type=click.Choice(NAMES))
@quiet_option
@json_option
def bench(name: str | None, *, quiet: bool, as_json: bool) -> ExitCode:  # noqa: ARG001 - it shows rows only
    """Measure against named peers, in one run, as ratios; both outputs are compared.

    The peers come with the bench group (uv sync --group bench) and, for exiftool and hashdeep, from the distribution.

    \b
    Example:
      headwater bench pdq
    """
    same = True
    for row in run_bench(name):
        same = same and row.same_output is not False
        say(json.dumps(asdict(row)) if as_json else row.line())
    return ExitCode.DONE if same else ExitCode.FAULT
