"""bench: our figure and a named peer's in one run, outputs compared."""

import json
from dataclasses import asdict

import click

from headwater.bench.suite import NAMES, run_bench
from headwater.cli.options import json_option
from headwater.model.errors import ExitCode


@click.command()
@click.argument("name", required=False, type=click.Choice(NAMES))
@json_option
def bench(name: str | None, *, as_json: bool) -> ExitCode:
    """Measure against named peers, in one run, as ratios; both outputs are compared.

    The peers come with the bench group (uv sync --group bench) and, for exiftool and hashdeep, from the distribution.

    \b
    Example:
      headwater bench pdq
    """
    same = True
    for row in run_bench(name):
        same = same and row.same_output is not False
        if as_json:
            click.echo(json.dumps(asdict(row)))
        else:
            click.echo(row.line())
    return ExitCode.DONE if same else ExitCode.FAULT
