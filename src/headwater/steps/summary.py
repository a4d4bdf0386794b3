"""What a run comes to, in counts: for the terminal's last lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headwater.findings.views import connect
from headwater.steps.exhibits import SOURCE_LISTED, SOURCE_VERIFIED, KnownSource, bad_sectors, state
from headwater.steps.seals import WORK_BEGUN
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
class Summary:
    """The counts of the exhibits named."""

    sources: tuple[SourceLine, ...]
    items: int
    media: int
    bytes_read: int
    pictures: int
    fingerprinted: int
    deleted: int
    damaged: int
    failures: int
    failure_kinds: tuple[tuple[str, int], ...]
    parts: int
    custody_entries: int
    custody_head: str
    unsafe: bool  # some of it was read without a sandbox


# Items and contents are counted apart: joined, they would be held in memory.
_ITEMS = """
SELECT count(*), count(*) FILTER (allocation <> 'allocated') FROM one_items WHERE list_contains(?, exhibit)
"""
_CONTENTS = """
SELECT count(DISTINCT sha256), coalesce(sum(bytes_read), 0), count(*) FILTER (media_type LIKE 'image/%'),
  count(*) FILTER (damaged)
FROM one_contents WHERE list_contains(?, exhibit_folder)
"""
_FINGERPRINTED = """
SELECT count(DISTINCT sha256) FROM part_findings
WHERE claim = 'perceptual.pdq' AND state = 'found'
  AND sha256 IN (SELECT sha256 FROM one_contents WHERE list_contains(?, exhibit_folder))
"""
_KINDS = """
SELECT kind, count(*) FROM failures WHERE list_contains(?, exhibit) GROUP BY kind ORDER BY count(*) DESC, kind
"""


def summarise(workspace: Workspace, sources: Sequence[KnownSource]) -> Summary:
    """Count what is sealed now about these sources' exhibits."""
    exhibits = sorted({known.exhibit for known in sources})
    folders = [workspace.slug(exhibit) for exhibit in exhibits]
    connection = connect(workspace.folder)
    try:
        items, deleted = connection.execute(_ITEMS, [exhibits]).fetchall()[0]
        media, bytes_read, pictures, damaged = connection.execute(_CONTENTS, [folders]).fetchall()[0]
        fingerprinted = connection.execute(_FINGERPRINTED, [folders]).fetchall()[0][0]
        kinds = connection.execute(_KINDS, [exhibits]).fetchall()
    finally:
        connection.close()
    chain = workspace.custody.verify()
    return Summary(
        sources=tuple(_line(workspace, known) for known in sources),
        items=items,
        media=media,
        bytes_read=int(bytes_read),
        pictures=pictures,
        deleted=deleted,
        damaged=damaged,
        fingerprinted=fingerprinted,
        failures=sum(count for _, count in kinds),
        failure_kinds=tuple((kind, count) for kind, count in kinds),
        parts=sum(1 for _ in workspace.findings_folder.glob("*/*/part-*.parquet")),
        custody_entries=chain.entries,
        custody_head=chain.head,
        unsafe=any(bool(body["unsafe"]) for body in workspace.recorded(WORK_BEGUN)),
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
    said = [f"{name.upper()} {_WORDS[word]}" for name, word in compared.items() if word != "absent"]
    damage = bad_sectors(report)[0]
    because = f" ({damage:,} sectors cannot be read, so it cannot be the same)" if damage else ""
    return (", ".join(said) or "no digest is stored in it") + because * ("differs" in compared.values())


_WORDS = {
    "match": "matches",
    "differs": "DIFFERS",
    "not_computed": "cannot be compared: part of the image is absent",
}
