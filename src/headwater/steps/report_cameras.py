"""The cameras that files name: make and model of the same directory of the same content."""

import duckdb

from headwater.export.records import CameraLine
from headwater.model.visible import visible
from headwater.steps.workspace import Workspace

_SHOWN = 100
_LONGEST = 60
# The tags of a directory stand in the order of their numbers: a Model belongs to the Make right before it, if any.
_PAIRS = """
WITH tags AS (
  SELECT sha256, json_extract_string(value, '$.ifd') AS ifd, json_extract_string(value, '$.name') AS name,
    rtrim(split_part(json_extract_string(value, '$.value'), chr(0), 1)) AS said,
    coalesce(spans[1].offset_bytes, 0) AS place
  FROM part_findings WHERE claim = 'exif.tag' AND state = 'found'
    AND json_extract_string(value, '$.name') IN ('Make', 'Model', 'DateTimeOriginal')
), named AS (
  SELECT sha256, name, said, lead(said) OVER ordered AS said_after,
    lead(name) OVER ordered = 'Model' AND lead(place) OVER ordered - place <= 4096 AS model_after,
    lag(name) OVER ordered = 'Make' AND place - lag(place) OVER ordered <= 4096 AS make_before
  FROM tags WHERE ifd = 'IFD0' AND name IN ('Make', 'Model')
  WINDOW ordered AS (PARTITION BY sha256 ORDER BY place, name)
), pairs AS (
  SELECT DISTINCT sha256, CASE WHEN name = 'Make' THEN said END AS make,
    CASE WHEN name = 'Model' THEN said WHEN model_after THEN said_after END AS model
  FROM named WHERE name = 'Make' OR NOT coalesce(make_before, false)
), taken AS (
  SELECT sha256, min(said) AS first, max(said) AS last FROM tags
  WHERE name = 'DateTimeOriginal' AND regexp_matches(said, '^[1-9][0-9]{3}:(0[1-9]|1[0-2]):[0-3][0-9]')
  GROUP BY sha256
), places AS (
  SELECT DISTINCT sha256, exhibit_folder FROM one_contents WHERE sha256 IN (SELECT sha256 FROM pairs)
)
"""
_CAMERAS = f"""
{_PAIRS}, of_each AS (
  SELECT make, model, list(DISTINCT exhibit_folder ORDER BY exhibit_folder) AS folders
  FROM pairs JOIN places USING (sha256) GROUP BY make, model
)
SELECT p.make, p.model, any_value(e.folders), count(DISTINCT p.sha256), min(t.first), max(t.last)
FROM pairs p LEFT JOIN taken t ON t.sha256 = p.sha256
LEFT JOIN of_each e ON e.make IS NOT DISTINCT FROM p.make AND e.model IS NOT DISTINCT FROM p.model
GROUP BY p.make, p.model ORDER BY count(DISTINCT p.sha256) DESC, p.make, p.model LIMIT ?
"""  # noqa: S608 - our own words
_TOTAL = f"{_PAIRS} SELECT count(*) FROM (SELECT DISTINCT make, model FROM pairs)"  # noqa: S608 - likewise


def cameras(
    workspace: Workspace, connection: duckdb.DuckDBPyConnection, exhibits: list[str]
) -> tuple[list[CameraLine], int]:
    """The makes and models named most, and how many there are."""
    names = {workspace.slug(exhibit): visible(exhibit) for exhibit in exhibits}
    lines = [
        CameraLine(
            make=_short(make),
            model=_short(model),
            exhibits=", ".join(names.get(folder, folder) for folder in folders or ()) or "none",
            contents=count,
            first=visible(first) if first else "not stated",
            last=visible(last) if last else "not stated",
        )
        for make, model, folders, count, first, last in connection.execute(_CAMERAS, [_SHOWN]).fetchall()
    ]
    return lines, connection.execute(_TOTAL).fetchall()[0][0]


def _short(said: str | None) -> str:
    """A name as it stands in the file; of a long one the beginning, and how long it is."""
    if not said:
        return "not stated"
    text = visible(said[:_LONGEST])
    return text if len(said) <= _LONGEST else f"{text}... ({len(said):,} characters)"
