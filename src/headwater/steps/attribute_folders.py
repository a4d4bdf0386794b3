"""The folders that models were trained on, and the photographs in them: found again on the devices."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from headwater.attribute.edges import Edge, device, folder
from headwater.steps.attribute_models import Model, Models

_SPECIFIC = re.compile(r"\d+_.")  # repeats and a subject, as the trainer asks for: told apart on any exhibit
_FOLDERS = """
SELECT exhibit, dir, lower(last) AS last, count(DISTINCT sha256) FILTER (allocation = 'allocated') AS pictures,
  max(modified) FILTER (allocation = 'allocated') AS newest
FROM places SEMI JOIN wanted_folders w ON w.last = lower(places.last)
WHERE is_picture GROUP BY ALL ORDER BY exhibit, dir
"""
_TRAINERS = "SELECT k.value, p.exhibit FROM keys_now k JOIN places p USING (sha256) WHERE k.kind = 'trainer'"
_HELD = """
SELECT DISTINCT p.exhibit, p.dir, p.sha256, p.allocation FROM places p
SEMI JOIN training_folders t ON t.exhibit = p.exhibit AND t.dir = p.dir
WHERE p.is_picture ORDER BY ALL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """One folder that has the name of a training folder. pictures: allocated ones; newest: the last change of any."""

    exhibit: str
    path: str
    last: str
    pictures: int
    newest: datetime | None


def folder_edges(connection: duckdb.DuckDBPyConnection, models: Models) -> Iterator[Edge]:
    """From each model to the folders that it says it was trained on, and from those to the pictures in them."""
    wanted = {
        one.sha256: [named for named in _named(one.header) if named[0]]
        for one in models.all
        if one.header.get("training_folders")
    }
    names = sorted({name for listed in wanted.values() for name, _ in listed})
    connection.execute("DROP TABLE IF EXISTS wanted_folders")
    connection.from_arrow(pa.table({"last": pa.array(names, pa.string())})).create("wanted_folders")
    found: dict[str, list[Folder]] = {}
    for row in connection.sql(_FOLDERS).to_arrow_table().to_pylist():
        one = Folder(
            exhibit=row["exhibit"], path=row["dir"], last=row["last"], pictures=row["pictures"], newest=row["newest"]
        )
        found.setdefault(one.last, []).append(one)
    trainers = _trainers(connection)
    used: dict[tuple[str, str], Folder] = {}
    for sha256, listed in wanted.items():
        model = models.by_content[sha256]
        for name, images in listed:
            for one, edge in _trained_on(model, name, images, found.get(name, []), trainers):
                used[one.exhibit, one.path] = one
                yield edge
    yield from _held(connection, used)


def _named(header: Mapping[str, Any]) -> Iterator[tuple[str, int | None]]:
    """The last part of each training folder's name, with how many pictures it is said to hold."""
    for one in header.get("training_folders") or ():
        if isinstance(one, dict):
            name = str(one.get("name", "")).replace("\\", "/").rstrip("/").rpartition("/")[2].lower()
            images = one.get("images")
            yield name, images if isinstance(images, int) else None


def _trained_on(
    model: Model, name: str, images: int | None, folders: Sequence[Folder], trainers: Sequence[tuple[str, str]]
) -> Iterator[tuple[Folder, Edge]]:
    """Only where one folder fits, lies where the model lies, and what it holds agrees, do two records agree."""
    here = [one for one in folders if one.exhibit in model.exhibits]
    elsewhere = [one for one in folders if one.exhibit not in model.exhibits] if _SPECIFIC.match(name) else []
    for one in here or elsewhere:
        said = [f"its header names the training folder {name}"]
        counted, agrees, doubts = _agreements(model, one, images, trainers)
        if one not in here:
            doubts.append("it lies on another exhibit than the model")
        if len(here or elsewhere) > 1:
            doubts.append(f"one of {len(here or elsewhere)} folders of that name")
        strength = "consistent" if len(doubts) > 1 or (doubts and one not in here) else "declared"
        if counted and not doubts:
            strength = "corroborated"
        yield one, Edge(
            source=model.sha256, target=folder(one.exhibit, one.path), edge="trained_on", strength=strength,
            reason="; ".join([*said, *agrees, *doubts]), source_kind="model", target_kind="folder",
        )  # fmt: skip


def _agreements(
    model: Model, one: Folder, images: int | None, trainers: Sequence[tuple[str, str]]
) -> tuple[bool, list[str], list[str]]:
    """Whether the number of pictures agrees, what else does, and what does not.

    The trainer's own settings are told and do not corroborate: they are of the same writer as the header.
    """
    agrees, doubts = [], []
    counted = images is not None and images == one.pictures
    if counted:
        agrees.append(f"that folder holds {images} pictures, as the header says")
    elif images is not None:
        doubts.append(f"that folder holds {one.pictures} pictures, the header says {images}")
    finished = _moment(model, "finished")
    if finished and one.newest and one.newest > finished:
        doubts.append(f"pictures in it were changed after the training ended ({one.newest:%Y-%m-%d %H:%M})")
    above = one.path.rpartition("/")[0].rpartition("/")[2].lower()
    if above and any(exhibit == one.exhibit and last == above for last, exhibit in trainers):
        agrees.append(f"the trainer's settings on that exhibit name the folder above it ({above})")
    return counted, agrees, doubts


def _moment(model: Model, which: str) -> datetime | None:
    training = model.header.get("training")
    text = training.get(which) if isinstance(training, dict) else None
    return datetime.fromisoformat(text) if isinstance(text, str) else None


def _trainers(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """The last part of each folder that a trainer's settings name, and where those settings lie."""
    return [
        (value.replace("\\", "/").rstrip("/").rpartition("/")[2].lower(), exhibit)
        for value, exhibit in connection.execute(_TRAINERS).fetchall()
    ]


def _held(connection: duckdb.DuckDBPyConnection, used: Mapping[tuple[str, str], Folder]) -> Iterator[Edge]:
    rows = [{"exhibit": exhibit, "dir": path} for exhibit, path in used]
    schema = pa.schema([("exhibit", pa.string()), ("dir", pa.string())])
    connection.execute("DROP TABLE IF EXISTS training_folders")
    connection.from_arrow(pa.Table.from_pylist(rows, schema)).create("training_folders")
    for exhibit, path, sha256, allocation in connection.execute(_HELD).fetchall():
        state = "" if allocation == "allocated" else f", {allocation}"
        yield Edge(
            source=folder(exhibit, path), target=sha256, edge="contains", strength="verified",
            reason=f"it lies in that folder{state}", source_kind="folder",
        )  # fmt: skip
    for one in used.values():
        yield Edge(
            source=folder(one.exhibit, one.path), target=device(one.exhibit), edge="found_on", strength="verified",
            reason=f"{one.pictures} pictures", source_kind="folder", target_kind="device",
        )  # fmt: skip
