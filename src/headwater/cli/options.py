"""Options that many commands share, and what is wrong with a value whatever else is given."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from headwater.cli.guard import Told

Command = TypeVar("Command", bound=Callable[..., Any])
_COUNTRY = re.compile(r"[A-Z]{2}")  # ISO 3166-1 alpha-2, its user-assigned codes XA to XZ among them


def workspace_option(command: Command) -> Command:
    """-w DIR: the workspace; the current folder where it is not given."""
    return click.option(
        "-w",
        "--workspace",
        "folder",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path(),
        show_default="the current folder",
        help="The operation's workspace.",
        callback=_remembered,
    )(command)


def _remembered(context: click.Context, _: click.Parameter, folder: Path) -> Path:
    context.ensure_object(Told).workspace = folder
    return folder


def json_option(command: Command) -> Command:
    """--json: JSON lines on standard output, nothing else there."""
    return click.option("--json", "as_json", is_flag=True, help="JSON lines on standard output.")(command)


def quiet_option(command: Command) -> Command:
    """--quiet: nothing but results and errors."""
    return click.option("--quiet", is_flag=True, help="No progress and no hints.")(command)


def progress_options(command: Command) -> Command:
    """--quiet and --plain."""
    command = quiet_option(command)
    return click.option("--plain", is_flag=True, help="Progress as plain lines, never redrawn.")(command)


def unsafe_option(command: Command) -> Command:
    """--unsafe-no-sandbox: recorded in custody and printed on every report."""
    return click.option(
        "--unsafe-no-sandbox",
        "unsafe",
        is_flag=True,
        help="Read evidence without a sandbox. Written into custody and printed on every report.",
    )(command)


def country_option(command: Command) -> Command:
    """--country CC."""
    return click.option(
        "--country", metavar="CC", callback=_country, help="The country that seized it, two letters (ISO 3166-1)."
    )(command)


def _country(_: click.Context, __: click.Parameter, given: str | None) -> str:
    code = (given or "").strip().upper()
    if given is not None and not _COUNTRY.fullmatch(code):
        raise click.BadParameter("two letters, as in DK (ISO 3166-1 alpha-2; XA to XZ are free for use)")
    return code


def exhibit_option(command: Command) -> Command:
    """--exhibit REF."""
    return click.option(
        "--exhibit",
        metavar="REF",
        callback=_exhibit,
        help="The exhibit reference; the source's name where not given.",
    )(command)


def _exhibit(_: click.Context, __: click.Parameter, given: str | None) -> str | None:
    if given is not None and not given.strip():
        raise click.BadParameter("a reference of at least one letter or digit")
    return given
