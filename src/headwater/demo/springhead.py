"""Operation Springhead: four exhibits, known sets and a register, made by code from a seed. Nothing is downloaded.

A producer in DK drew lighthouses with local generators, partly with a model trained on photographs of one REAL
lighthouse, and sold access to a platform for 5 EUR. Seized: his workstation and phone, the platform's server, and a
subscriber's laptop in DE. Lighthouses stand in for the contraband; they are harmless.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path

from headwater.demo.conclusions import Evidence, conclude
from headwater.demo.disk_image import Disk, write_disk
from headwater.demo.exhibits.laptop import Laptop, build_laptop
from headwater.demo.exhibits.phone import build_phone, shared_photograph
from headwater.demo.exhibits.server import Server, build_server
from headwater.demo.exhibits.workstation import Workstation, build_workstation
from headwater.demo.gallery.history import Platform, run_platform
from headwater.demo.known.choice import choose_known
from headwater.demo.known.reference import camera_models, ip_countries
from headwater.demo.packers import build_zip, write_folder
from headwater.demo.placed import Placed, file_truths
from headwater.demo.register import build_register
from headwater.demo.sight import look_at_all
from headwater.demo.sizes import Size
from headwater.demo.story import Story, tell
from headwater.demo.studio.shots import phone_shots
from headwater.demo.truth import ExhibitTruth, FileTruth, Truth, write_truth
from headwater.model.errors import WrongUse
from headwater.model.visible import visible

DEFAULT_SEED = 19
WORKSTATION, PHONE, SERVER, LAPTOP = "DK-01", "DK-02", "SRV-01", "DE-01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything of one operation, before it is written."""

    story: Story
    phone: list[Placed]
    workstation: Workstation
    platform: Platform
    server: Server
    laptop: Laptop


def build_springhead(folder: Path, seed: int = DEFAULT_SEED, size: Size | None = None) -> Truth:
    """Write the operation below `folder` (new or empty) and return its truth, also written as ``truth.json``.

    The same seed gives the same bytes; without a size, the seed decides that too. Raises WrongUse where the folder
    holds something.
    """
    _check_empty(folder)
    return write_springhead(folder, invent(tell(seed, size)))


def _check_empty(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise WrongUse(f"{visible(str(folder))} is not empty", next_step="Name a new folder.")


def write_springhead(folder: Path, scene: Scene) -> Truth:
    """Write an invented operation below `folder`, which is empty or not there yet."""
    (folder / "exhibits").mkdir(parents=True)
    exhibits = exhibit_truths(scene.story)
    disk = _write_exhibits(folder / "exhibits", scene)
    files = _files(scene, disk)
    placed = _contents(scene, disk)
    sights = look_at_all(placed)
    known = choose_known(scene.story, scene.workstation, scene.platform, scene.phone, sights)
    register = build_register(scene.story, scene.platform.persons, exhibits)
    _write_beside(folder, scene.story, register, {one.name: one.data for one in known})
    truth = conclude(
        Evidence(
            story=scene.story, phone=scene.phone, workstation=scene.workstation, platform=scene.platform,
            laptop=scene.laptop, exhibits=exhibits, files=files, placed=placed, sights=sights, known=known,
            register=register,
        )
    )  # fmt: skip
    write_truth(truth, folder / "truth.json")
    return truth


def invent(story: Story) -> Scene:
    """Make everything that the exhibits hold."""
    shots = phone_shots(story)
    phone = build_phone(story, shots)
    workstation = build_workstation(story, shots, shared_photograph(phone, shots))
    platform = run_platform(story, workstation.outputs)
    return Scene(
        story=story, phone=phone, workstation=workstation, platform=platform,
        server=build_server(story, platform), laptop=build_laptop(story, platform),
    )  # fmt: skip


def exhibit_truths(story: Story) -> dict[str, ExhibitTruth]:
    """Tell what was seized, where and when."""
    days, layout = story.days, story.layout
    volumes = " ".join(kind for kind, _ in layout.volumes)

    def exhibit(name: str, form: str, country: str, kind: str, seized: object) -> ExhibitTruth:
        return ExhibitTruth(path=f"exhibits/{name}", form=form, country=country, kind=kind, seized_on=str(seized))

    produced, served, subscribed = (
        moment.date() for moment in (days.producer_seized, days.server_seized, days.subscriber_seized)
    )
    return {
        WORKSTATION: exhibit("DK-01.E01", f"e01 gpt {volumes}", "DK", "workstation", produced),
        PHONE: exhibit("DK-02.zip", "zip", "DK", "phone", produced),
        SERVER: exhibit("SRV-01", f"folder with tar.{layout.packing}", "NL", "server", served),
        LAPTOP: exhibit("DE-01", "folder", "DE", "laptop", subscribed),
    }


def _write_exhibits(folder: Path, scene: Scene) -> Disk:
    made = scene.workstation
    disk = write_disk(scene.story, WORKSTATION, made.volumes, made.damaged, folder)
    (folder / "DK-02.zip").write_bytes(build_zip(scene.phone))
    write_folder(scene.server.outside, folder / "SRV-01")
    write_folder(scene.laptop.placed, folder / "DE-01")
    return disk


def _files(scene: Scene, disk: Disk) -> list[FileTruth]:
    server = scene.server
    return [
        *disk.files,
        *file_truths(PHONE, scene.phone),
        *file_truths(SERVER, server.outside),
        *file_truths(SERVER, server.inside, below=server.archive),
        *file_truths(LAPTOP, [*scene.laptop.placed, *scene.laptop.inner]),
    ]


def _contents(scene: Scene, disk: Disk) -> dict[str, Placed]:
    """Every content once, as it can be read: of the damaged copy what the unreadable sectors leave."""
    damaged = scene.workstation.damaged
    last = [disk.damaged if one.path == damaged else one for one in scene.workstation.volumes[-1]]
    every = [
        *(one for volume in scene.workstation.volumes[:-1] for one in volume), *last, *scene.phone,
        *scene.server.inside, *scene.laptop.placed, *scene.laptop.inner,
    ]  # fmt: skip
    found: dict[str, Placed] = {}
    for one in every:
        found.setdefault(one.sha256, replace(one, deleted=False))
    return found


def _write_beside(folder: Path, story: Story, register: dict[str, object], known: dict[str, bytes]) -> None:
    (folder / "known").mkdir()
    beside = {**known, "ip-country.csv": ip_countries(), "cameras.json": camera_models(story)}
    for name, data in beside.items():
        (folder / "known" / name).write_bytes(data)
    (folder / "register.json").write_text(json.dumps(register, indent=1) + "\n", encoding="utf-8")
