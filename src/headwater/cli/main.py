"""The program `headwater`: its commands, and what becomes of an error."""

import os
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from click.shell_completion import get_completion_class

from headwater import __version__
from headwater.cli.bench import bench
from headwater.cli.check import doctor, examiners, verify
from headwater.cli.demo import demo
from headwater.cli.look import explain, show
from headwater.cli.work import examine, ingest, init, run
from headwater.model.errors import DoesNotVerify, ExitCode, HeadwaterError, WrongUse
from headwater.model.visible import shown, visible


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="headwater")
def headwater() -> None:
    """Follow each picture of a seizure upstream.

    \b
    Start here:
      headwater demo                     build a harmless operation and run everything on it
      headwater init OP --operation OP   an empty workspace for an operation
      cd OP; headwater run IMAGE.E01     read, examine and report a seized exhibit
    """


for command in (init, run, ingest, examine, show, explain, verify, demo, doctor, examiners, bench):
    headwater.add_command(command)


@headwater.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of a SHELL.

    \b
    Example:
      headwater completion bash > ~/.local/share/bash-completion/completions/headwater
    """
    maker = get_completion_class(shell)
    if maker is None:
        raise WrongUse(f"no completion for {shell}")
    click.echo(maker(headwater, {}, "headwater", "_HEADWATER_COMPLETE").source())


def main() -> None:
    """Run the program and exit with a code of model/errors.py."""
    os.umask(0o077)
    sys.exit(int(_guarded(lambda: headwater.main(standalone_mode=False))))


def _guarded(call: Callable[[], Any]) -> ExitCode:
    try:
        code = call()
    except (click.exceptions.Exit, click.Abort, click.ClickException, KeyboardInterrupt) as stop:
        return _stopped(stop)
    except HeadwaterError as error:
        _say(error.message, *_details(error), next_step=error.next_step)
        return error.exit_code
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.DONE
    except OSError as error:
        where = f" {visible(os.fsencode(error.filename))}" if error.filename else ""
        step = "What was sealed stays. Once there is room or permission, the same command goes on."
        _say(f"{error.strerror or error}:{where}", f"the trace lies in {_keep_trace()}", next_step=step)
        return ExitCode.FAULT
    except Exception as error:  # noqa: BLE001 - the user is told where the trace lies, not shown it
        _say(f"a fault in Headwater: {type(error).__name__}", f"the trace lies in {_keep_trace()}")
        return ExitCode.FAULT
    return code if isinstance(code, ExitCode) else ExitCode.DONE


def _stopped(stop: BaseException) -> ExitCode:
    if isinstance(stop, click.exceptions.Exit):
        return ExitCode(stop.exit_code)
    if isinstance(stop, click.ClickException):
        stop.show(sys.stderr)
        return ExitCode.WRONG_USE
    _say("interrupted", next_step="The same command goes on from there.")
    return ExitCode.INTERRUPTED


def _details(error: HeadwaterError) -> tuple[str, ...]:
    if isinstance(error, WrongUse):
        return error.problems
    if isinstance(error, DoesNotVerify):
        return error.names
    return ()


def _say(message: str, *details: str, next_step: str = "") -> None:
    lines = [f"error: {shown(message)}", *(f"  {shown(detail)}" for detail in details)]
    if next_step:
        lines.append(f"  {next_step}")
    click.echo("\n".join(lines), err=True)


def _keep_trace() -> Path:
    handle, name = tempfile.mkstemp(prefix="headwater-fault-", suffix=".txt")
    with os.fdopen(handle, "w") as file:
        traceback.print_exc(file=file)
    return Path(name)
