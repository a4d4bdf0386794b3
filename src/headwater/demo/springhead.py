"""Operation Springhead: four exhibits, known sets and a register, made by code from a seed. Nothing is downloaded.

A producer in DK drew lighthouses with local generators, partly with a model trained on photographs of one REAL
lighthouse, and sold access to a platform for 5 EUR. Seized: his workstation and phone, the platform's server, and a
subscriber's laptop in DE. Lighthouses stand in for the contraband; they are harmless.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from headwater.demo.disk_image import write_disk
from headwater.demo.known_sets import KnownSet, known_sets
from headwater.demo.laptop import Laptop, build_laptop
from headwater.demo.outcome import cameras, chains, near_duplicates, origins, person_truths
from headwater.demo.packers import build_gzip, build_tar_gz, build_zip, write_folder
from headwater.demo.persons import Account, Person, make_accounts, make_persons
from headwater.demo.phone import build_phone
from headwater.demo.placed import Placed, file_truths
from headwater.demo.register import build_register
from headwater.demo.server import Upload, make_uploads, platform_tables, server_files
from headwater.demo.story import BEGIN, FULL, NOTICE, Size, Story, tell
from headwater.demo.tables import Table, build_csv, build_sqlite
from headwater.demo.truth import ExhibitTruth, FileTruth, RefusedTruth, Truth, write_truth
from headwater.demo.workstation import Workstation, build_workstation
from headwater.model.errors import WrongUse
from headwater.model.visible import visible

DEFAULT_SEED = 19
OPERATION = "Springhead"
WORKSTATION, PHONE, SERVER, LAPTOP = "DK-01", "DK-02", "SRV-01", "DE-01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything of one operation, before it is written."""

    story: Story
    phone: list[Placed]
    workstation: Workstation
    persons: list[Person]
    accounts: list[Account]
    uploads: list[Upload]
    laptop: Laptop


def build_springhead(folder: Path, seed: int = DEFAULT_SEED, size: Size = FULL) -> Truth:
    """Write the operation below `folder` (new or empty) and return its truth, also written as ``truth.json``.

    The same seed gives the same bytes. Raises WrongUse where the folder holds something.
    """
    if folder.exists() and any(folder.iterdir()):
        raise WrongUse(f"{visible(str(folder))} is not empty", next_step="Name a new folder.")
    (folder / "exhibits").mkdir(parents=True)
    scene = _invent(seed, size)
    exhibits = _exhibits()
    files = [
        *_write_workstation(folder, scene),
        *_write_phone(folder, scene),
        *_write_server(folder, scene),
        *_write_laptop(folder, scene),
    ]
    known = _known(scene)
    (folder / "known").mkdir()
    for one in known:
        (folder / "known" / one.name).write_bytes(one.data)
    register = build_register(scene.story, scene.persons, exhibits)
    (folder / "register.json").write_text(json.dumps(register, indent=1) + "\n", encoding="utf-8")
    truth = _truth(scene, exhibits, files, known)
    write_truth(truth, folder / "truth.json")
    return truth


def _invent(seed: int, size: Size) -> Scene:
    story = tell(seed, size)
    phone = build_phone(story)
    workstation = build_workstation(story, phone[0])
    persons = make_persons(story)
    accounts = make_accounts(story, persons)
    uploads = make_uploads(story, workstation.outputs, accounts)
    laptop = build_laptop(story, uploads)
    return Scene(
        story=story, phone=phone, workstation=workstation, persons=persons, accounts=accounts, uploads=uploads,
        laptop=laptop,
    )  # fmt: skip


def _exhibits() -> dict[str, ExhibitTruth]:
    def exhibit(name: str, form: str, country: str, kind: str) -> ExhibitTruth:
        return ExhibitTruth(path=f"exhibits/{name}", form=form, country=country, kind=kind)

    return {
        WORKSTATION: exhibit("DK-01.E01", "e01 gpt fat", "DK", "workstation"),
        PHONE: exhibit("DK-02.zip", "zip", "DK", "phone"),
        SERVER: exhibit("SRV-01", "folder with tar.gz", "NL", "server"),
        LAPTOP: exhibit("DE-01", "folder", "DE", "laptop"),
    }


def _write_workstation(folder: Path, scene: Scene) -> list[FileTruth]:
    made = scene.workstation
    _, truths = write_disk(scene.story, WORKSTATION, (made.main, made.backup), made.damaged_copy, folder / "exhibits")
    return truths


def _write_phone(folder: Path, scene: Scene) -> list[FileTruth]:
    (folder / "exhibits" / "DK-02.zip").write_bytes(build_zip(scene.phone))
    return file_truths(PHONE, scene.phone)


def _write_server(folder: Path, scene: Scene) -> list[FileTruth]:
    """Write the archive of the server, and beside it the dump of its database, as SQLite and as CSV."""
    inside = [*(one.placed for one in scene.uploads), *server_files(scene.story, scene.uploads, scene.accounts)]
    oldest = Placed(path=b"var/log/nginx/access.log.2", data=b"203.0.113.5 - - older lines\n" * 300, modified=BEGIN)
    packed = build_gzip(oldest.data, "access.log.2", BEGIN)
    inside.append(Placed(path=oldest.path + b".gz", data=packed, modified=BEGIN))
    tables = platform_tables(scene.story, scene.uploads, scene.accounts)
    outside = [Placed(path=b"server.tar.gz", data=build_tar_gz(inside, BEGIN), modified=BEGIN), *_dump(tables)]
    write_folder(outside, folder / "exhibits" / "SRV-01")
    unpacked = Placed(path=oldest.path + b".gz/access.log.2", data=oldest.data, modified=BEGIN)
    return file_truths(SERVER, outside) + file_truths(SERVER, [*inside, unpacked], below=b"server.tar.gz")


def _dump(tables: list[Table]) -> list[Placed]:
    files = [Placed(path=b"dump/platform.sqlite", data=build_sqlite(tables), modified=BEGIN)]
    return files + [
        Placed(path=f"dump/csv/{table.name}.csv".encode(), data=build_csv(table), modified=BEGIN) for table in tables
    ]


def _write_laptop(folder: Path, scene: Scene) -> list[FileTruth]:
    write_folder(scene.laptop.placed, folder / "exhibits" / "DE-01")
    return file_truths(LAPTOP, [*scene.laptop.placed, *scene.laptop.inner])


def _known(scene: Scene) -> list[KnownSet]:
    """Choose what others know already: some uploads, some outputs, the programs; never the training photographs."""
    uploads = [one.placed for one in scene.uploads]
    outputs = [one.placed for one in scene.workstation.outputs]
    copied = [one.output.placed for one in scene.uploads if one.output is not None]
    return known_sets(
        scene.story,
        graded=uploads[::6] + outputs[::20],
        listed=uploads[1::9],
        similar=copied[::4],
        programs=scene.workstation.programs,
    )


def _truth(scene: Scene, exhibits: dict[str, ExhibitTruth], files: list[FileTruth], known: list[KnownSet]) -> Truth:
    persons = person_truths(scene.persons, scene.accounts)
    return Truth(
        seed=scene.story.seed,
        operation=OPERATION,
        notice=NOTICE,
        exhibits=exhibits,
        files=tuple(files),
        refused=tuple(RefusedTruth(exhibit=LAPTOP, path=visible(path), kind="limit") for path in scene.laptop.refused),
        sets={one.name: one.truth for one in known},
        near_duplicates=near_duplicates(scene.uploads),
        origins=origins(scene.phone, scene.workstation, scene.uploads, scene.laptop),
        chain=chains(scene.uploads, scene.workstation, PHONE),
        cameras=cameras(scene.story, scene.phone, scene.workstation, scene.laptop),
        persons=persons,
        counts={
            "files": len(files),
            "unique": len({one.sha256 for one in files}),
            "deleted": sum(one.allocation == "deleted" for one in files),
            "damaged": sum(one.damaged for one in files),
            "accounts": len(scene.accounts),
            "persons": len(persons),
            "countries": len({one.country for one in persons}),
        },
    )
