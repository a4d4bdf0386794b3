"""An exhibit without its evidence: what another tool's case file tells of it, taken in as that tool's words.

So a laboratory can try Headwater on a case it has. Nothing is opened and nothing digested here: paths, sizes and
digests are told by the file, and every item says so.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from headwater.findings.parts import PartStore, custody_name, part_folder
from headwater.findings.slug import exhibit_slug
from headwater.match.reading import Reading
from headwater.model.errors import WrongUse
from headwater.model.item import Allocation, Entry, Times, Zone
from headwater.model.known import Record, Refused
from headwater.model.locator import Layer, Locator, item_id
from headwater.model.visible import visible
from headwater.seal.files import file_digest
from headwater.steps.exhibits import SOURCE_OPENED
from headwater.steps.rows import Row, Rows, item_row
from headwater.steps.runner import require_sandbox
from headwater.steps.seals import CASEFILE_BEGUN, Listener
from headwater.steps.workspace import Workspace

CASEFILE_ADDED = "casefile_added"
FORMS = ("vics", "csv")
_FOLDER = "casefile"
_UNIT_ROWS = 20_000
_PATHS = ("FilePath", "path", "Path", "Full Path", "Location", "File Path", "RelativeFilePath", "fullpath")
_NAMES = ("FileName", "name", "Name", "File Name", "filename")
_SIZES = ("MediaSize", "size", "Size", "File Size", "LogicalSize", "Logical Size", "length")
_GONE = ("Deleted", "deleted", "Is Deleted", "Unallocated", "Existence", "Flags(Dir)")
_GONE_WORDS = frozenset({"true", "yes", "1", "deleted", "unallocated", "previously existing"})
_TIMES = {"created": ("Created", "created", "Created Time"), "modified": ("Written", "modified", "Modified",
          "Modified Time"), "accessed": ("Accessed", "accessed", "Accessed Time")}  # fmt: skip
_TYPES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp", ".gif": "image/gif",
          ".heic": "image/heic", ".mp4": "video/mp4", ".mov": "video/quicktime", ".avi": "video/x-msvideo"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CasefileAdded:
    """What was taken in: files, and rows of the case file that could not be used."""

    exhibit: str
    sha256: str
    items: int
    refused: int


def add_casefile(
    workspace: Workspace, path: Path, form: str, exhibit: str, listener: Listener, *, unsafe: bool
) -> CasefileAdded:
    """Take in a VICS file or a CSV of digests and paths as an exhibit. Raises WrongUse where it cannot be.

    Stopped at any moment, the same call goes on from there.
    """
    require_sandbox(unsafe=unsafe)
    digest = _digest(path)
    _check_free(workspace, exhibit, digest)
    reading = Reading(path, form, unsafe=unsafe)
    rows = iter(reading)
    first = next(rows, None)
    if first is None:
        raise WrongUse(f"{visible(os.fsencode(path))} has no row")
    folder = part_folder(workspace.findings_folder, exhibit, _FOLDER)
    source = visible(os.fsencode(path.name))
    told_of = {"exhibit": exhibit, "folder": custody_name(folder), "source": source, "form": form}
    body = {**told_of, "sha256": digest, "unsafe": unsafe}
    workspace.record(CASEFILE_BEGUN, body)
    listener.begin("casefile")
    counts = {"items": 0, "refused": 0}
    with PartStore(folder, workspace.custody) as store:
        told = _told(_chain(first, rows), exhibit, source, counts, listener)
        units = iter(lambda: [*islice(told, _UNIT_ROWS)], [])
        for number, unit in enumerate(units):
            _commit(store, f"casefile-{number:06d}", unit)
        if reading.sha256 != digest:
            raise WrongUse(f"{source} changed while it was read", next_step="Take it in again as another exhibit.")
        _commit(store, "casefile-source", [("sources", _source_row(exhibit, source, reading))])
        sealed = store.seal()
    workspace.record(CASEFILE_ADDED, {**body, "digest": sealed, **counts})
    workspace.checkpoint()
    listener.end()
    return CasefileAdded(exhibit=exhibit, sha256=reading.sha256, items=counts["items"], refused=counts["refused"])


def _digest(path: Path) -> str:
    try:
        return file_digest(path)[0]
    except OSError as error:
        raise WrongUse(f"{visible(os.fsencode(path))}: {error.strerror or error}") from error


def _check_free(workspace: Workspace, exhibit: str, digest: str) -> None:
    """Whether the reference is free, or was begun with this very file and not finished."""
    done = {str(body["exhibit"]) for kind in (SOURCE_OPENED, CASEFILE_ADDED) for body in workspace.recorded(kind)}
    begun = {str(body["exhibit"]): body["sha256"] for body in workspace.recorded(CASEFILE_BEGUN)}
    if exhibit not in done and begun.get(exhibit) == digest:
        return
    if exhibit_slug(exhibit) in {exhibit_slug(each) for each in (*done, *begun)}:
        raise WrongUse(
            f"exhibit {visible(exhibit)} is there already",
            next_step="Give the case file an exhibit reference of its own: --exhibit REF.",
        )


def _commit(store: PartStore, unit: str, rows: Iterable[tuple[str, Row]]) -> None:
    """Commit one unit, unless an interrupted call did."""
    if unit not in store.committed():
        made = Rows()
        for table, row in rows:
            made.add(table, row)
        store.commit(unit, made.tables())


def _chain(first: Record | Refused, rest: Iterator[Record | Refused]) -> Iterator[Record | Refused]:
    yield first
    yield from rest


def _told(
    rows: Iterator[Record | Refused], exhibit: str, source: str, counts: dict[str, int], listener: Listener
) -> Iterator[tuple[str, Row]]:  # fmt: skip
    for row in rows:
        if isinstance(row, Refused):
            counts["refused"] += 1
            yield "failures", _failure(row, exhibit, source)
            continue
        for place, file in enumerate(_files(row)):
            counts["items"] += 1
            yield from _item(row, file, place, exhibit, source)
        listener.more(1)
        listener.tick()


def _files(record: Record) -> list[Mapping[str, object]]:
    """The places where a content lies: VICS has them beside it; a CSV row is one."""
    listed = record.source.get("MediaFiles")
    files = [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []
    return [{**record.source, **file} for file in files] or [record.source]


def _item(
    record: Record, file: Mapping[str, object], place: int, exhibit: str, source: str
) -> Iterator[tuple[str, Row]]:  # fmt: skip
    path = _path(file) or f"record {record.key}"
    layer = Layer(kind="casefile", name=path.encode("utf-8", "surrogatepass"), address=f"{record.line}.{place}")
    locator = Locator(layers=(layer,))
    category = f", category {visible(record.category)}" if record.category else ""
    entry = Entry(
        locator=locator,
        size_bytes=_number(_text(file, _SIZES)),
        allocation=Allocation.DELETED if _text(file, _GONE).lower() in _GONE_WORDS else Allocation.ALLOCATED,
        times=_times(file),
        note=f"told by {source}, not read here{category}",
    )
    yield "items", item_row(exhibit, source, entry)
    yield "contents", {
        "item": item_id(exhibit, source, locator), "sha256": key_of(record), "md5": record.md5, "sha1": record.sha1,
        "bytes_read": 0, "media_type": _type(file, path), "extension_disagrees": None, "damaged": False,
        "damaged_ranges": [],
    }  # fmt: skip


def key_of(record: Record) -> str:
    """What names a content: its SHA-256; where the case file has none, `sha1:` or `md5:` and that digest."""
    return record.sha256 or next(f"{kind}:{getattr(record, kind)}" for kind in ("sha1", "md5") if getattr(record, kind))


def _path(file: Mapping[str, object]) -> str:
    path, name = _text(file, _PATHS).replace("\\", "/").strip("/"), _text(file, _NAMES)
    return path if not name or path.endswith(name) else f"{path}/{name}".strip("/")


def _text(file: Mapping[str, object], names: tuple[str, ...]) -> str:
    values = (file[name] for name in names if name in file)
    return next((str(value).strip() for value in values if value not in {None, ""}), "")


def _number(text: str) -> int | None:
    digits = text.replace(",", "").replace(" ", "")
    return int(digits) if digits.isdecimal() and len(digits) < 19 else None


def _times(file: Mapping[str, object]) -> Times:
    found = {name: _time(_text(file, names)) for name, names in _TIMES.items()}
    if not any(found.values()):
        return Times()
    return Times(zone=Zone.UNKNOWN, **found)


def _time(text: str) -> datetime | None:
    """A time as ISO 8601 has it, up to seconds; its zone is not relied on."""
    try:
        return datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)
    except ValueError:
        return None


def _type(file: Mapping[str, object], path: str) -> str:
    told = _text(file, ("MimeType", "MIME Type", "contentType"))
    return told if "/" in told else _TYPES.get(Path(path).suffix.lower(), "application/octet-stream")


def _failure(refused: Refused, exhibit: str, source: str) -> Row:
    field = f", {visible(refused.field)}" * bool(refused.field)
    layer = Layer(kind="casefile", address=str(refused.line))
    return {
        "item": item_id(exhibit, source, Locator(layers=(layer,))), "path": f"{source} row {refused.line}{field}",
        "examiner": "casefile", "kind": "malformed", "message": visible(refused.reason), "sha256": None,
        "exhibit": exhibit,
    }  # fmt: skip


def _source_row(exhibit: str, source: str, reading: Reading) -> dict[str, Any]:
    digest = f'{{"sha256":"{reading.sha256}"}}'
    return {
        "exhibit": exhibit, "source": source, "name": source, "form": "casefile", "size_bytes": reading.bytes_read,
        "segments": "[]", "digests": digest, "bad_ranges": "[]", "notes": '["told by this file: no evidence was read"]',
    }  # fmt: skip
