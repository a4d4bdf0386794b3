"""completion: the script that a shell reads."""

import json

import click
from click.shell_completion import get_completion_class

from headwater.cli.options import json_option, quiet_option
from headwater.cli.output import say
from headwater.model.errors import WrongUse


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@quiet_option
@json_option
@click.pass_context
def completion(context: click.Context, shell: str, *, quiet: bool, as_json: bool) -> None:  # noqa: ARG001 - no hints here
    """Print the completion script of a SHELL.

    \b
    Example:
      mkdir -p ~/.local/share/bash-completion/completions
      headwater completion bash > ~/.local/share/bash-completion/completions/headwater
    """
    maker = get_completion_class(shell)
    if maker is None:
        raise WrongUse(f"no completion for {shell}")
    program = context.find_root().command
    script = maker(program, {}, "headwater", "_HEADWATER_COMPLETE").source()
    say(json.dumps({"shell": shell, "script": script}) if as_json else script)
