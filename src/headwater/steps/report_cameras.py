"""The cameras that files name: make and model of the same directory of the same content."""

import duckdb

from headwater.export.records import CameraLine
from headwater.model.visible import visible
from headwater.steps.workspace import Workspace

_SHOWN = 100
_LONGEST = 60
# A content is named by the first half of its digest, as a number: so a million of them fit into memory.
_TAGS = """
SELECT substr(sha256, 1, 32)::UUID AS content, json_extract_string(value, '$.ifd') AS ifd,
  json_extract_string(value, '$.name') AS name,
  rtrim(split_part(json_extract_string(value, '$.value'), chr(0), 1)) AS said,
  coalesce(spans[1].offset_bytes, 0) AS place
FROM part_findings
WHERE claim = 'exif.tag' AND state = 'found'
  AND json_extract_string(value, '$.name') IN ('Make', 'Model', 'DateTimeOriginal')
"""
_NEAR = 4096  # bytes between a Make and the Model of the same directory, at most
# Most contents have one directory of each kind at most; only the others need their tags in order: the tags of a
# directory stand in the order of their numbers, so a Model belongs to the Make right before it, if any.
_NAMED = f"""
CREATE OR REPLACE TEMP TABLE named AS
WITH each AS (
  SELECT content, any_value(said) FILTER (ifd = 'IFD0' AND name = 'Make') AS make,
    any_value(said) FILTER (ifd = 'IFD0' AND name = 'Model') AS model,
    count(*) FILTER (ifd = 'IFD0' AND name = 'Make') AS makes,
    count(*) FILTER (ifd = 'IFD0' AND name = 'Model') AS models,
    max(place) FILTER (ifd = 'IFD0' AND name <> 'DateTimeOriginal') AS last_place,
    min(place) FILTER (ifd = 'IFD0' AND name <> 'DateTimeOriginal') AS first_place,
    min(said) FILTER (
      name = 'DateTimeOriginal' AND regexp_matches(said, '^[1-9][0-9]{{3}}:(0[1-9]|1[0-2]):[0-3][0-9]')
    ) AS taken
  FROM ({_TAGS}) GROUP BY content
)
SELECT content, make, model, taken, makes > 1 OR models > 1 OR last_place - first_place > {_NEAR} AS is_several
FROM each WHERE makes + models > 0
"""  # noqa: S608 - our own words
_SEVERAL = f"""
INSERT INTO named
WITH tags AS (
  SELECT content, name, said, lead(said) OVER ordered AS said_after,
    lead(name) OVER ordered = 'Model' AND lead(place) OVER ordered - place <= {_NEAR} AS model_after,
    lag(name) OVER ordered = 'Make' AND place - lag(place) OVER ordered <= {_NEAR} AS make_before
  FROM ({_TAGS}) WHERE ifd = 'IFD0' AND name IN ('Make', 'Model')
    AND content IN (SELECT content FROM named WHERE is_several)
  WINDOW ordered AS (PARTITION BY content ORDER BY place, name)
), pairs AS (
  SELECT DISTINCT content, CASE WHEN name = 'Make' THEN said END AS make,
    CASE WHEN name = 'Model' THEN said WHEN model_after THEN said_after END AS model
  FROM tags WHERE name = 'Make' OR NOT coalesce(make_before, false)
)
SELECT content, p.make, p.model, n.taken, false FROM pairs p JOIN named n USING (content)
"""  # noqa: S608 - likewise
_CLEAN = "DELETE FROM named WHERE is_several"
_CAMERAS = """
WITH most AS (
  SELECT make, model, count(*) AS contents, min(taken) AS first, max(taken) AS last FROM named
  GROUP BY make, model ORDER BY contents DESC, make, model LIMIT ?
), places AS (
  SELECT DISTINCT n.make, n.model, c.exhibit_folder
  FROM one_contents c JOIN named n ON n.content = substr(c.sha256, 1, 32)::UUID
)
SELECT m.make, m.model, list(DISTINCT p.exhibit_folder ORDER BY p.exhibit_folder), any_value(m.contents),
  any_value(m.first), any_value(m.last)
FROM most m LEFT JOIN places p ON p.make IS NOT DISTINCT FROM m.make AND p.model IS NOT DISTINCT FROM m.model
GROUP BY m.make, m.model ORDER BY any_value(m.contents) DESC, m.make, m.model
"""
_TOTAL = "SELECT count(*) FROM (SELECT DISTINCT make, model FROM named)"


def cameras(
    workspace: Workspace, connection: duckdb.DuckDBPyConnection, exhibits: list[str]
) -> tuple[list[CameraLine], int]:
    """The makes and models named most, and how many there are."""
    for query in (_NAMED, _SEVERAL, _CLEAN):
        connection.execute(query)
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
