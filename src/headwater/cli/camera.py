"""camera: sensor patterns of seized cameras."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import click

from headwater.cli.options import json_option, progress_options, quiet_option, unsafe_option, workspace_option
from headwater.cli.output import complain, say
from headwater.cli.places import check_own_places, check_workspace
from headwater.cli.progress import Progress
from headwater.model.errors import ExitCode
from headwater.model.visible import visible
from headwater.steps import cameras as steps
from headwater.steps import run as work
from headwater.steps.references import Body
from headwater.steps.workspace import Workspace

_MOST = 200
_NO_SERIAL = "EXIF gives no serial: two bodies of this model would not be told apart among the references"


@click.group()
def camera() -> None:
    """Sensor patterns of seized cameras: enrol one, list them, compare pictures with them.

    \b
    Example:
      headwater camera enrol LH-07 --exhibit LH-07/3
    """


@click.command()
@click.argument("name", metavar="NAME")
@click.option("--exhibit", required=True, metavar="REF", help="The exhibit whose own pictures it is learned from.")
@click.option("--make", default="", help="Only pictures whose EXIF has this make.")
@click.option("--model", default="", help="Only pictures whose EXIF has this model.")
@click.option("--serial", default="", help="Only pictures whose EXIF has this serial number of the body.")
@click.option("--where", default="", metavar="CONDITION", help="Only these items, such as \"path like 'DCIM/%'\".")
@click.option(
    "--max",
    "most",
    type=click.IntRange(min=10, max=_MOST),
    default=50,
    show_default=True,
    metavar="N",
    help="How many references at most.",
)
@unsafe_option
@workspace_option
@progress_options
@json_option
def enrol(  # noqa: PLR0913, PLR0917 - one argument an option
    name: str,
    exhibit: str,
    make: str,
    model: str,
    serial: str,
    where: str,
    most: int,
    folder: Path,
    *,
    unsafe: bool,
    quiet: bool,
    plain: bool,
    as_json: bool,
) -> ExitCode:
    """Learn the sensor pattern of a camera from an exhibit's own pictures, and call it NAME.

    The exhibit must have been examined. References are whole pictures of one size and, by EXIF, of one body; the
    brightest and evenest are taken. They are read again from the evidence, in a jailed worker; no picture is kept.

    \b
    Example:
      headwater camera enrol LH-07 --exhibit LH-07/3 --where "path like 'DCIM/%'"
    """
    steps.check_name(name)
    progress = Progress(quiet=quiet or as_json, plain=plain)
    check_own_places()
    with Workspace.open(folder) as workspace:
        check_workspace(workspace)
        found = steps.find_references(workspace, exhibit, Body(make=make, model=model, serial=serial), where)
        progress.note(f"{len(found.references):,} pictures of {found.body}, {found.width} x {found.height}")
        if not found.body.serial:
            progress.note(_NO_SERIAL)
        steps.one_worker(workspace)
        with work.begin_work(workspace, progress, "camera enrol", unsafe=unsafe) as pool:
            made = steps.enrol(workspace, pool, found, progress, name=name, exhibit=exhibit, most=most)
    _show([made], as_json=as_json)
    if not quiet and not as_json:
        complain("next: headwater camera match compares every picture of that size with it")
    return ExitCode.DONE


@click.command(name="list")
@workspace_option
@quiet_option
@json_option
def list_cameras(folder: Path, *, quiet: bool, as_json: bool) -> None:
    """List the cameras that are enrolled.

    \b
    Example:
      headwater camera list
    """
    with Workspace.open(folder, read_only=True) as workspace:
        cameras = steps.enrolled(workspace)
    _show(cameras, as_json=as_json)
    if not cameras and not quiet and not as_json:
        complain("no camera is enrolled")


@click.command()
@unsafe_option
@workspace_option
@progress_options
@json_option
def match(folder: Path, *, unsafe: bool, quiet: bool, plain: bool, as_json: bool) -> ExitCode:
    """Compare every picture of the operation with the enrolled cameras of its size.

    Its findings are sealed in a set of their own. Stopped at any moment, the same command goes on.

    \b
    Example:
      headwater camera match
    """
    progress = Progress(quiet=quiet or as_json, plain=plain)
    check_own_places()
    with Workspace.open(folder) as workspace:
        check_workspace(workspace)
        steps.to_match(workspace)
        with work.begin_work(workspace, progress, "camera match", unsafe=unsafe) as pool:
            outcomes = work.examine(workspace, pool, progress)
        compared = steps.comparisons(workspace)
    for each in compared:
        if as_json:
            say(json.dumps(asdict(each)))
        else:
            say(
                f"{visible(each.camera)}  bear its pattern: {each.over:,}  below its threshold: {each.below:,}  "
                f"of another size: {each.other_size:,}  its own references: {each.references:,}  "
                f"not readable: {each.failed:,}"
            )
    work.raise_if_changed(outcomes)
    if not quiet and not as_json:
        complain("next: headwater trace weighs them; headwater explain SHA-256 says what they mean for one picture")
    return ExitCode.DONE_WITH_FAILURES if any(each.failed for each in compared) else ExitCode.DONE


def _show(cameras: Iterable[steps.Enrolled], *, as_json: bool) -> None:
    for each in cameras:
        if as_json:
            say(json.dumps(asdict(each)))
            continue
        body = Body(make=each.make, model=each.model, serial=each.serial)
        say(
            f"{visible(each.name)}  exhibit {visible(each.exhibit)}  {body}  {each.width} x {each.height}  "
            f"{each.references} references  threshold {each.threshold}  pattern {each.sha256[:16]}"
        )


camera.add_command(enrol)
camera.add_command(list_cameras)
camera.add_command(match)
