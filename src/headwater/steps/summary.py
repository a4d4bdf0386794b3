"""What a run comes to, in counts: for the terminal's last lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from headwater.findings.views import connect
from headwater.model.counted import counted
from headwater.origin.queue import LOOK_FIRST
from headwater.origin.rules import GRADES
from headwater.steps.exhibits import SOURCE_LISTED, SOURCE_VERIFIED, KnownSource, bad_sectors, state
from headwater.steps.report_known import Known, known_counts
from headwater.steps.seals import was_unsafe
from headwater.steps.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """One source: what it is, whether its acquired digest holds, what could not be read."""

    exhibit: str
    source: str
    form: str
    items: int
    digest: str  # matches | differs | none stored | not verified | a folder
    sha256: str
    bad_sectors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """Files whose content is a picture. Every one stands in exactly one of these: they add up to `files`.

    not_decoded: of a kind that is described but not decoded. not_looked: fingerprinting was not among the examiners.
    """

    files: int
    fingerprinted: int
    failed: int
    not_decoded: int
    not_looked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Origins:
    """Different pictures and videos by the grade of their origin, and how many stand in tiers 1 to 4 of the queue."""

    camera: int
    generated: int
    edited: int
    undetermined: int
    first: int

    @property
    def total(self) -> int:
        return self.camera + self.generated + self.edited + self.undetermined


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The counts of the exhibits named. failures: files with any; failure_kinds: files with one of that kind."""

    sources: tuple[SourceLine, ...]
    items: int
    embedded: int  # pictures inside pictures, in no other count but those of failures
    media: int
    bytes_read: int
    pictures: Pictures
    different_pictures: int  # fingerprinted ones, by content
    origins: Origins
    known: Known  # of the whole operation
    deleted: int
    damaged: int
    failures: int
    failure_kinds: tuple[tuple[str, int], ...]
    parts: int
    custody_entries: int
    custody_head: str
    unsafe: bool  # some of it was read without a sandbox


_EMBEDDED = "SELECT count(*) FROM one_items WHERE list_contains(?, exhibit) AND kind = 'embedded'"
# Items and contents are counted apart: joined, they would be held in memory.
_ITEMS = """
SELECT count(*), count(*) FILTER (allocation <> 'allocated') FROM file_items WHERE list_contains(?, exhibit)
"""
_CONTENTS = """
SELECT count(DISTINCT sha256), coalesce(sum(bytes_read), 0), count(*) FILTER (damaged)
FROM file_contents WHERE list_contains(?, exhibit_folder)
"""
# Pictures by content, with what the perceptual examiner came to. A worker that was lost at one leaves a failure only.
_PICTURES = """
SELECT coalesce(sum(p.files), 0), coalesce(sum(p.files) FILTER (coalesce(f.found, false)), 0),
  coalesce(sum(p.files) FILTER (NOT coalesce(f.found, false) AND (coalesce(f.failed, false) OR p.lost)), 0),
  count(*) FILTER (coalesce(f.found, false))
FROM (
  SELECT sha256, count(*) AS files, sha256 IN (
    SELECT sha256 FROM part_failures WHERE examiner IN ('perceptual', 'worker') AND sha256 IS NOT NULL
  ) AS lost
  FROM file_contents WHERE list_contains(?, exhibit_folder) AND media_type LIKE 'image/%' GROUP BY sha256
) p LEFT JOIN (
  SELECT sha256, bool_or(claim = 'perceptual.pdq' AND state = 'found') AS found, bool_or(state = 'failed') AS failed
  FROM part_findings WHERE examiner = 'perceptual' GROUP BY sha256
) f ON f.sha256 = p.sha256
"""
_GRADED = ", ".join(f"count(*) FILTER (o.grade = '{grade}')" for grade in GRADES)
_ORIGINS = f"""
WITH there AS (SELECT sha256 FROM one_contents WHERE list_contains(?, exhibit_folder))
SELECT {_GRADED}, (SELECT count(*) FROM queue q SEMI JOIN there t ON t.sha256 = q.sha256 WHERE q.tier <= {LOOK_FIRST})
FROM origins o SEMI JOIN there c ON c.sha256 = o.sha256
"""  # noqa: S608 - our own words
_KINDS = """
SELECT kind, count(DISTINCT item) FROM failures WHERE list_contains(?, exhibit)
GROUP BY kind ORDER BY count(DISTINCT item) DESC, kind
"""
_FAILED = "SELECT count(DISTINCT item) FROM failures WHERE list_contains(?, exhibit)"


def pictures(connection: duckdb.DuckDBPyConnection, folders: Sequence[str], *, looked: bool) -> tuple[Pictures, int]:
    """Count the pictures in exhibits' folders, and the different ones fingerprinted. looked: for fingerprints."""
    files, fingerprinted, failed, different = map(int, connection.execute(_PICTURES, [[*folders]]).fetchall()[0])
    rest = files - fingerprinted - failed
    counts = Pictures(
        files=files,
        fingerprinted=fingerprinted,
        failed=failed,
        not_decoded=rest if looked else 0,
        not_looked=0 if looked else rest,
    )
    return counts, different


def origins(connection: duckdb.DuckDBPyConnection, folders: Sequence[str]) -> Origins:
    """Count what the last trace came to, of the exhibits in these folders."""
    *grades, first = map(int, connection.execute(_ORIGINS, [[*folders]]).fetchall()[0])
    return Origins(**dict(zip(GRADES, grades, strict=True)), first=first)


def summarise(workspace: Workspace, sources: Sequence[KnownSource]) -> Summary:
    """Count what is sealed now about these sources' exhibits."""
    exhibits = sorted({known.exhibit for known in sources})
    folders = [workspace.slug(exhibit) for exhibit in exhibits]
    connection = connect(workspace.folder)
    try:
        items, deleted = connection.execute(_ITEMS, [exhibits]).fetchall()[0]
        embedded = connection.execute(_EMBEDDED, [exhibits]).fetchall()[0][0]
        media, bytes_read, damaged = connection.execute(_CONTENTS, [folders]).fetchall()[0]
        shown, different = pictures(connection, folders, looked="perceptual" in workspace.settings.examiners)
        graded = origins(connection, folders)
        known = known_counts(workspace, connection)
        kinds = connection.execute(_KINDS, [exhibits]).fetchall()
        failures = connection.execute(_FAILED, [exhibits]).fetchall()[0][0]
    finally:
        connection.close()
    chain = workspace.custody.verify()
    return Summary(
        sources=tuple(_line(workspace, known) for known in sources),
        items=items,
        embedded=embedded,
        media=media,
        bytes_read=int(bytes_read),
        pictures=shown,
        different_pictures=different,
        origins=graded,
        known=known,
        deleted=deleted,
        damaged=damaged,
        failures=failures,
        failure_kinds=tuple((kind, count) for kind, count in kinds),
        parts=sum(1 for _ in workspace.findings_folder.glob("*/*/part-*.parquet")),
        custody_entries=chain.entries,
        custody_head=chain.head,
        unsafe=was_unsafe(workspace),
    )


def _line(workspace: Workspace, known: KnownSource) -> SourceLine:
    listed = state(workspace, known, SOURCE_LISTED) or {}
    verified: Any = (state(workspace, known, SOURCE_VERIFIED) or {}).get("report", {})
    return SourceLine(
        exhibit=known.exhibit,
        source=known.files.source,
        form="folder" if known.files.is_folder else str(verified.get("kind", "")),
        items=int(str(listed.get("items", 0))),
        digest=digest_words(known, verified),
        sha256=str(verified.get("sha256", "")),
        bad_sectors=bad_sectors(verified)[0],
    )


def digest_words(known: KnownSource, report: Mapping[str, Any]) -> str:
    """Whether the source is as it was acquired, in words."""
    if known.files.is_folder:
        return "a folder: every file has its own digest"
    if not report:
        return "not verified yet"
    if failed := report.get("failed") or report.get("failure"):
        return f"not verified: {failed}"
    compared = {name: str(report[f"{name}_compared"]) for name in ("md5", "sha1")}
    said = [f"{_NAMES[name]} {_WORDS[word]}" for name, word in compared.items() if word != "absent"]
    damage = bad_sectors(report)[0]
    because = f" ({counted(damage, 'sector')} cannot be read, so it cannot be the same)" if damage else ""
    return (", ".join(said) or "no digest is stored in it") + because * ("differs" in compared.values())


_NAMES = {"md5": "MD5", "sha1": "SHA-1"}
_WORDS = {
    "match": "is the same",
    "differs": "DIFFERS",
    "not_computed": "cannot be compared: part of the image is absent",
}
