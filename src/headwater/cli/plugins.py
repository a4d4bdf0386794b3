"""plugins: lists the plug-ins that are installed, with the digest to name each by. It loads none."""

import json

import click

from headwater.cli.options import json_option, quiet_option
from headwater.cli.output import complain, say
from headwater.sandbox.plugins import PHOTODNA, installed


@click.command()
@quiet_option
@json_option
def plugins(*, quiet: bool, as_json: bool) -> None:
    """List the plug-ins that are installed, each with the line that lets it be loaded.

    Nothing of a plug-in is loaded to list it. The line goes into headwater.toml.

    \b
    Example:
      headwater plugins
    """
    there = installed(PHOTODNA)
    if there is None:
        if not (quiet or as_json):
            complain("no plug-in is installed")
        return
    if as_json:
        told = {"kind": there.kind, "distribution": there.distribution, "version": there.version}
        say(json.dumps({**told, "digest": there.digest}))
        return
    say(f"{there.kind}   {there.distribution} {there.version}   {there.digest}")
    if not quiet:
        complain(f'to let it be loaded, write in headwater.toml under [plugins]: {there.kind} = "{there.digest}"')
