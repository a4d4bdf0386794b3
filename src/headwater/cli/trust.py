"""trust: the lists of signers that content credentials are checked against."""

import json
import os
from dataclasses import asdict
from pathlib import Path

import click

from headwater.cli.options import json_option, quiet_option, workspace_option
from headwater.cli.output import complain, say
from headwater.model.counted import counted
from headwater.model.errors import WrongUse
from headwater.model.visible import visible
from headwater.steps.trust import LIST_BYTES_MAX, TrustList, add_trust_list, trust_lists
from headwater.steps.workspace import Workspace


@click.group()
def trust() -> None:
    """Install and list trust lists: whose signatures under content credentials count.

    \b
    Example:
      headwater trust add C2PA-TRUST-LIST.pem
    """


@trust.command()
@click.argument("file", metavar="PEM", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--name", metavar="NAME", help="What it is called here; the file's name where not given.")
@workspace_option
@quiet_option
@json_option
def add(file: Path, name: str | None, folder: Path, *, quiet: bool, as_json: bool) -> None:
    """Install the certificates in PEM as a trust list; the newest of a name counts.

    The list is kept in the workspace under its digest, and custody says so. The next run examines every content anew,
    under the list; what was found before stays.

    \b
    Example:
      headwater trust add C2PA-TRUST-LIST.pem --name "C2PA list of 1 November 2026"
    """
    data = _read(file)
    with Workspace.open(folder) as workspace:
        added, is_new = add_trust_list(workspace, name or visible(os.fsencode(file.name)), data)
    _show(added, as_json=as_json)
    if not quiet and not as_json:
        complain("next: headwater examine, which examines every content anew" if is_new else "it was installed already")


@trust.command("list")
@workspace_option
@quiet_option
@json_option
def list_(folder: Path, *, quiet: bool, as_json: bool) -> None:
    """List every trust list that was installed, and which of them count.

    \b
    Example:
      headwater trust list
    """
    with Workspace.open(folder, read_only=True) as workspace:
        found = trust_lists(workspace)
    for each in found:
        _show(each, as_json=as_json)
    if not found and not quiet:
        complain("no trust list loaded: a sound signature counts as valid, and nobody vouches for who signed")


def _show(each: TrustList, *, as_json: bool) -> None:
    if as_json:
        say(json.dumps(asdict(each)))
        return
    replaced = "" if each.counts else "   replaced"
    say(
        f"{visible(each.name)}   {counted(each.certificates, 'certificate')}   added {each.added_at}   "
        f"sha256 {each.sha256}{replaced}"
    )


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(LIST_BYTES_MAX + 1)
    except OSError as error:
        raise WrongUse(f"{visible(os.fsencode(file))}: {error.strerror or error}") from error
