"""examiners: lists those that are installed. It loads them, which no command that works on evidence does."""

import json

import click

from headwater.cli.options import json_option, quiet_option
from headwater.examine import registry
from headwater.examine.loaded import EXAMINERS


@click.command()
@quiet_option
@json_option
def examiners(*, quiet: bool, as_json: bool) -> None:  # noqa: ARG001 - no hints here
    """List the examiners that are installed, with their versions and code digests.

    \b
    Example:
      headwater examiners
    """
    for examiner in EXAMINERS:
        method = registry.methods((examiner.name,), "")[examiner.name]
        row = {
            "examiner": examiner.name,
            "version": examiner.version,
            "claims": list(examiner.claims),
            "code_digest": method.code_digest,
        }
        if as_json:
            click.echo(json.dumps(row))
        else:
            code = method.code_digest[:16]
            click.echo(f"{examiner.name:<12} {examiner.version:<8} code {code}  {', '.join(examiner.claims)}")
