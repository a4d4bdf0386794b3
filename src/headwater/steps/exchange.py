"""What was found, for the tools a laboratory already uses: a CSV keyed by digest, and VICS tags."""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb

from headwater.export.csv_cells import csv_lines
from headwater.export.vics import Medium, vics_lines
from headwater.findings.views import connect
from headwater.model.errors import WrongUse
from headwater.model.visible import visible
from headwater.seal.files import TEMPORARY, sync_folder
from headwater.steps.workspace import Workspace

EXPORTED = "exported"
Writer = Callable[[duckdb.DuckDBPyConnection, list[int]], Iterable[bytes]]
COLUMNS = (
    "sha256", "sha1", "md5", "media_type", "size_bytes", "occurrences", "exhibits", "path", "origin", "strength",
    "rule", "tier", "visual_group", "group_medoid", "matches", "pdq", "pdq_quality", "pdq_parts",
)  # fmt: skip
_ROWS = 4096
_CONTENTS = """
SELECT i.sha256, any_value(i.sha1) AS sha1, any_value(i.md5) AS md5, any_value(i.media_type) AS media_type,
  max(i.size_bytes) AS size_bytes, count(*) AS occurrences,
  array_agg({'exhibit': i.exhibit, 'path': i.path, 'allocation': i.allocation} ORDER BY i.exhibit, i.path) AS places,
  any_value(o.grade) AS grade, any_value(o.strength) AS strength, any_value(o.rule) AS rule,
  any_value(q.tier) AS tier, any_value(g."group") AS visual_group, any_value(g.is_medoid) AS is_medoid,
  any_value(m.matches) AS matches, any_value(h.pdq) AS pdq, any_value(h.quality) AS quality, any_value(h.parts) AS parts
FROM items i
LEFT JOIN origins o ON o.sha256 = i.sha256 LEFT JOIN queue q ON q.sha256 = i.sha256
LEFT JOIN (SELECT * FROM groups WHERE kind = 'visual') g ON g.sha256 = i.sha256
LEFT JOIN (
  SELECT sha256, array_agg({'set': "set", 'record': record, 'category': category, 'scheme': scheme, 'kind': kind,
    'distance_bits': distance_bits, 'set_aside': set_aside} ORDER BY "set", record, kind) AS matches
  FROM matches GROUP BY sha256
) m ON m.sha256 = i.sha256
LEFT JOIN (
  SELECT sha256, arg_max(value, examined_at) FILTER (claim = 'perceptual.pdq') AS pdq,
    arg_max(value, examined_at) FILTER (claim = 'perceptual.pdq_quality') AS quality,
    arg_max(value, examined_at) FILTER (claim = 'perceptual.pdq_parts') AS parts
  FROM part_findings WHERE state = 'found' AND examiner = 'perceptual' GROUP BY sha256
) h ON h.sha256 = i.sha256
WHERE i.sha256 IS NOT NULL AND i.kind IN ('file', 'stream')
GROUP BY i.sha256 ORDER BY i.sha256
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A file that was written, with what custody has of it."""

    path: Path
    sha256: str
    contents: int


def export_csv(workspace: Workspace, path: Path | None) -> Exported:
    """Write one line a content. Raises WrongUse where the file is there already."""
    target = path or workspace.out_folder / "contents.csv"
    return write_export(
        workspace, target, "csv", lambda connection, counts: _csv(counted_rows(_rows(connection), counts))
    )


def export_vics(workspace: Workspace, path: Path | None, version: str) -> Exported:
    """Write one Media a content that has an MD5. Raises WrongUse where the file is there already."""
    target = path or workspace.out_folder / "contents.vics.json"
    return write_export(
        workspace,
        target,
        f"vics {version}",
        lambda connection, counts: vics_lines(version, map(_medium, counted_rows(_rows(connection), counts))),
    )


def write_export(workspace: Workspace, path: Path, form: str, lines: Writer) -> Exported:
    """Write a file line by line, whole or not at all, and tell custody.

    lines: from a connection, and a list whose first number is to become how much the file holds. Raises WrongUse where
    the file is there already or cannot be written.
    """
    digest, counts = sha256(), [0]
    temporary = path.with_name(f"{TEMPORARY}{path.name}")
    if path.exists():
        raise WrongUse(
            f"{visible(os.fsencode(path))} is there already", next_step="Name another file: --out FILE, or move it."
        )
    try:
        with closing(connect(workspace.folder)) as connection, temporary.open("xb") as file:
            for line in lines(connection, counts):
                digest.update(line)
                file.write(line)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
        sync_folder(path.parent)
    except OSError as error:
        raise WrongUse(f"{visible(os.fsencode(path))}: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)
    body = {"form": form, "name": visible(os.fsencode(path.name)), "sha256": digest.hexdigest(), "contents": counts[0]}
    workspace.record(EXPORTED, body)
    workspace.checkpoint()
    return Exported(path=path, sha256=digest.hexdigest(), contents=counts[0])


def _rows(connection: duckdb.DuckDBPyConnection) -> Iterator[dict[str, Any]]:
    for batch in connection.sql(_CONTENTS).to_arrow_reader(_ROWS):
        yield from batch.to_pylist()


def counted_rows(rows: Iterable[dict[str, Any]], counts: list[int]) -> Iterator[dict[str, Any]]:
    """The same rows, counted in the first of `counts`."""
    for row in rows:
        counts[0] += 1
        yield row


def _csv(rows: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    return csv_lines(COLUMNS, map(_cells, rows))


def _cells(row: dict[str, Any]) -> dict[str, str]:
    places = row["places"]
    parts = json.loads(row["parts"])["hashes"] if row["parts"] else []
    told = {
        "exhibits": " ".join(sorted({place["exhibit"] for place in places})), "path": places[0]["path"],
        "origin": row["grade"], "visual_group": row["visual_group"],
        "group_medoid": {True: "yes", False: "no", None: ""}[row["is_medoid"]],
        "matches": "; ".join(map(_match_words, row["matches"] or [])), "pdq_quality": row["quality"],
        "pdq_parts": " ".join(part or "-" for part in parts),
    }  # fmt: skip
    merged = row | told
    return {name: "" if merged[name] is None else str(merged[name]) for name in COLUMNS}


def _match_words(match: dict[str, Any]) -> str:
    how = match["kind"] if match["distance_bits"] is None else f"{match['kind']} {match['distance_bits']}/256"
    category = f" category {match['category']} ({match['scheme']})" if match["category"] else ""
    aside = f" set aside: {match['set_aside']}" if match["set_aside"] else ""
    return f"{match['set']} {match['record']} {how}{category}{aside}"


def _medium(row: dict[str, Any]) -> Medium:
    files = [
        {
            "FileName": place["path"].rpartition("/")[2], "FilePath": place["path"].replace("/", "\\"),
            "Deleted": str(place["allocation"] != "allocated").lower(), "SourceID": place["exhibit"],
        }
        for place in row["places"]
    ]  # fmt: skip
    told = [
        ("headwater:origin", f"{row['grade']}/{row['strength']}".rstrip("/") if row["grade"] else ""),
        ("headwater:rule", row["rule"] or ""),
        ("headwater:tier", "" if row["tier"] is None else str(row["tier"])),
        ("headwater:group", row["visual_group"] or ""),
        *(("headwater:match", _match_words(match)) for match in row["matches"] or []),
    ]
    told = [(name, value) for name, value in told if value]
    return Medium(
        md5=row["md5"] or "", sha1=row["sha1"] or "", size_bytes=row["size_bytes"],
        media_type=row["media_type"] or "", files=files,
        tags=[f"{name}={value}".replace(",", ";") for name, value in told if name != "headwater:match"],
        properties=told,
    )  # fmt: skip
