"""Whether it can be relied on: verify, doctor, examiners."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import click

from headwater.cli.options import json_option, progress_options, quiet_option, unsafe_option, workspace_option
from headwater.cli.progress import Progress
from headwater.model.errors import ExitCode, MissingDependency
from headwater.model.visible import shown
from headwater.sandbox.jail import support
from headwater.sandbox.probe import run_probes
from headwater.steps import run as steps
from headwater.steps.known_checks import check_known_sets
from headwater.steps.materials import check_materials
from headwater.steps.rederive import Rederivation, rederive, with_asked_for
from headwater.steps.seals import Check, check_head, check_of, check_seals
from headwater.steps.verify import VERIFIED, check_copy, check_report, check_sources, moved_source
from headwater.steps.verify_target import Meant, meant_by, read_head
from headwater.steps.workspace import Workspace


@click.command()
@click.argument("target", required=False)
@click.option(
    "--head", metavar="DIGEST", help="A head of the custody chain known from outside, such as a hand-over sheet."
)
@click.option(
    "--evidence",
    metavar="IMAGE",
    type=click.Path(path_type=Path),
    help="Where the source lies now: the one of TARGET, or the one of the same size.",
)
@click.option("--key", "keys", metavar="ID", multiple=True, help="The id of a key that may have signed custody.")
@click.option("--seals-only", is_flag=True, help="Only the chain and the parts; leave the sources alone.")
@click.option("--record", is_flag=True, help="Write the outcome into custody. Without it nothing is written anywhere.")
@unsafe_option
@workspace_option
@progress_options
@json_option
def verify(  # noqa: PLR0913 - one argument an option
    target: str | None,
    head: str | None,
    evidence: Path | None,
    keys: tuple[str, ...],
    folder: Path,
    *,
    seals_only: bool,
    record: bool,
    unsafe: bool,
    quiet: bool,
    plain: bool,
    as_json: bool,
) -> ExitCode:
    """Check every seal, chain and source; given an item or a finding, derive it again from the evidence.

    TARGET is an exhibit, the path of a source, a report or a part, an item, a finding or a SHA-256; everything where it
    is not given. Exit 5 names what does not hold.

    \b
    Examples:
      headwater verify
      headwater verify DK-01
      headwater verify DK-01 --evidence /mnt/elsewhere/DK-01.E01
      headwater verify 3f9a0c1e77b2d4a81f20c6e5b7a99310
    """
    known_head = read_head(head) if head is not None else None
    progress = Progress(quiet=quiet or as_json, plain=plain)
    with Workspace.open(folder, read_only=not record) as workspace:
        workspace.hold_still()
        custody = workspace.verify_custody(tuple(key.strip().lower() for key in keys))
        checks = [check_of(custody)]
        if known_head:
            checks.append(check_head(workspace, known_head))
        meant = Meant() if custody.problems else meant_by(workspace, target)
        checks += check_seals(workspace, custody, exhibit=meant.exhibit)
        checks += check_materials(workspace, custody)
        checks += check_known_sets(workspace, custody)
        if custody.problems or (meant.items and any(check.problems for check in checks)):
            return _show_checks(checks, as_json=as_json)  # what is sealed cannot be relied on
        if meant.file:
            return _show_checks([*checks, check_copy(workspace, meant.file)], as_json=as_json)
        moved = moved_source(workspace, evidence, meant.exhibit) if evidence else None
        outcomes: list[Rederivation] = []
        if meant.items:
            with_asked_for(workspace, meant.items)
            with steps.open_pool(workspace, unsafe=unsafe) as pool:
                outcomes = [rederive(workspace, pool, item, moved=moved) for item in meant.items]
        else:
            checks += check_report(workspace)
            if not seals_only:
                with steps.open_pool(workspace, unsafe=unsafe) as pool:
                    checks += check_sources(workspace, pool, progress, exhibit=meant.exhibit, moved=moved)
        if record:
            broken = sum(bool(check.problems) for check in checks) + sum(bool(each.differences) for each in outcomes)
            asked = {"target": target or "", "head": head or "", "evidence": str(evidence or ""), "keys": [*keys]}
            counts = {"seals_only": seals_only, "checks": len(checks), "items": len(outcomes), "broken": broken}
            workspace.record(VERIFIED, asked | counts)
            workspace.checkpoint()
    if meant.items:
        return _show_rederived(outcomes, as_json=as_json)
    return _show_checks(checks, as_json=as_json)


def _show_checks(checks: Iterable[Check], *, as_json: bool) -> ExitCode:
    broken = False
    for check in checks:
        broken = broken or bool(check.problems)
        if as_json:
            click.echo(json.dumps(asdict(check)))
            continue
        state = "DOES NOT HOLD" if check.problems else "holds"
        click.echo(f"{check.what:<8} {check.name}  {check.checked:,} checked  {state}")
        for problem in check.problems:
            click.echo(f"    {shown(problem)}")
        for note in check.notes:
            click.echo(f"    note: {shown(note)}")
    return ExitCode.DOES_NOT_VERIFY if broken else ExitCode.DONE


def _show_rederived(outcomes: Iterable[Rederivation], *, as_json: bool) -> ExitCode:
    broken = False
    for outcome in outcomes:
        broken = broken or bool(outcome.differences)
        if as_json:
            click.echo(json.dumps(asdict(outcome)))
            continue
        state = "differs" if outcome.differences else "same"
        click.echo(f"item {outcome.item}  {outcome.path}  {outcome.same} findings derived again  {state}")
        for note in outcome.notes:
            click.echo(f"    note: {shown(note)}")
        for difference in outcome.differences:
            click.echo(f"    {shown(difference)}")
    return ExitCode.DOES_NOT_VERIFY if broken else ExitCode.DONE


@click.command()
@quiet_option
@json_option
def doctor(*, quiet: bool, as_json: bool) -> None:  # noqa: ARG001 - no hints here
    """Say what this machine can and cannot do safely.

    \b
    Example:
      headwater doctor
    """
    found = support()
    probes = run_probes() if found.complete else ()
    if as_json:
        rows = [{"check": "landlock", "ok": found.landlock_abi > 0}, {"check": "seccomp", "ok": found.seccomp}]
        rows += [{"check": f"denied: {probe.name}", "ok": probe.denied} for probe in probes]
        for row in rows:
            click.echo(json.dumps(row))
    else:
        click.echo(f"landlock  {f'ABI {found.landlock_abi}' if found.landlock_abi else 'absent'}")
        click.echo(f"seccomp   {'yes' if found.seccomp else 'absent'}")
        for probe in probes:
            click.echo(
                f"  a jailed worker tries: {probe.name:<18} {'denied' if probe.denied else 'NOT DENIED'}  {probe.error}"
            )
        click.echo("not checked: whether the disk of the workspace is encrypted, which it should be")
    if not found.complete or not all(probe.denied for probe in probes):
        raise MissingDependency(f"evidence cannot be read safely here: {found.reason or 'a probe was not denied'}")
