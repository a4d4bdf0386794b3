"""Options that many commands share, and the opening of the workspace."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


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
    )(command)


def json_option(command: Command) -> Command:
    """--json: JSON lines on standard output, nothing else there."""
    return click.option("--json", "as_json", is_flag=True, help="JSON lines on standard output.")(command)


def progress_options(command: Command) -> Command:
    """--quiet and --plain."""
    command = click.option("--quiet", is_flag=True, help="No progress.")(command)
    return click.option("--plain", is_flag=True, help="Progress as plain lines, never redrawn.")(command)


def unsafe_option(command: Command) -> Command:
    """--unsafe-no-sandbox: recorded in custody and printed on every report."""
    return click.option(
        "--unsafe-no-sandbox",
        "unsafe",
        is_flag=True,
        help="Read evidence without a sandbox. Written into custody and printed on every report.",
    )(command)
