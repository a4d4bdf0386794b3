"""Everything known of one file: where it lies, what was found on which bytes, what could not be seen."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from headwater.findings.views import connect
from headwater.model.errors import WrongUse
from headwater.model.item import WITH_CONTENT, ItemKind
from headwater.model.visible import visible
from headwater.steps.explain_origin import OriginExplained, explain_origin
from headwater.steps.prompts import without_prompts
from headwater.steps.upstream import UpstreamExplained, explain_upstream
from headwater.steps.workspace import Workspace

Row = dict[str, Any]
_KINDS = {ItemKind.SYMLINK.value: "a symbolic link", ItemKind.OTHER.value: "a device node, socket or pipe"}
_INSIDE = """
SELECT * FROM items
WHERE kind = 'embedded' AND parent_item IN (SELECT item FROM items WHERE sha256 = ?) ORDER BY exhibit, path, item
"""
_MATCHES = 'SELECT * FROM matches WHERE sha256 = ? ORDER BY "set", record, kind'
_GROUPS = """
SELECT g.*, m.sha256 AS medoid,
  (SELECT count(*) FROM groups o WHERE o.kind = g.kind AND o."group" = g."group") AS members
FROM groups g LEFT JOIN groups m ON m.kind = g.kind AND m."group" = g."group" AND m.is_medoid
WHERE g.sha256 = ? ORDER BY g.kind
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One content with all its occurrences, findings and failures.

    silence: why there is no digest, where there is none: nothing to digest, not examined yet, or failed.
    """

    sha256: str | None
    silence: str
    media: Row | None
    items: tuple[Row, ...]
    inside: tuple[Row, ...]  # the items of pictures inside it
    findings: tuple[Mapping[str, Any], ...]
    failures: tuple[Row, ...]
    matches: tuple[Row, ...] = ()
    groups: tuple[Row, ...] = ()
    origin: OriginExplained | None = None
    upstream: UpstreamExplained | None = None


def explain(workspace: Workspace, name: str, *, prompts: bool = False) -> Explanation:
    """Explain an item id, a SHA-256, or the beginning of either (8 digits or more). Raises WrongUse.

    prompts: whether to give what generators keep of a prompt.

    Digits may stand in groups and in capitals, as people and other programs write them.
    """
    digits = re.sub(r"\s", "", name).lower()
    if not re.fullmatch(r"[0-9a-f]{8,64}", digits):
        raise WrongUse(
            f"not an item or a SHA-256: {visible(name)}",
            next_step="Copy one from: headwater show items",
        )
    connection = connect(workspace.folder)
    try:
        found = _explain(connection, digits)
        origin = explain_origin(workspace, connection, found.sha256) if found.sha256 else None
        upstream = explain_upstream(connection, found.sha256) if found.sha256 else None
        findings = found.findings if prompts else without_prompts(found.findings)
        return replace(found, origin=origin, upstream=upstream, findings=findings)
    finally:
        connection.close()


def _explain(connection: duckdb.DuckDBPyConnection, name: str) -> Explanation:
    items = _rows(connection, "SELECT * FROM items WHERE starts_with(item, ?) ORDER BY exhibit, path", [name])
    digests = {row["sha256"] for row in items}
    if not items:
        found = _rows(connection, "SELECT sha256 FROM media WHERE starts_with(sha256, ?)", [name])
        digests = {row["sha256"] for row in found}
    if len(digests) > 1:
        raise WrongUse(f"{name} is the beginning of {len(digests)} names", next_step="Give more digits.")
    if not digests and not items:
        raise WrongUse(
            f"nothing in this operation is called {name}", next_step="headwater show items lists what there is."
        )
    digest = next(iter(digests), None)
    if digest is None:
        ids = [row["item"] for row in items]
        failures = _rows(connection, "SELECT * FROM failures WHERE list_contains(?, item)", [ids])
        silence = _silence(items, failures)
        return Explanation(
            sha256=None,
            silence=silence,
            media=None,
            items=tuple(items),
            inside=(),
            findings=(),
            failures=tuple(failures),
        )
    media = _rows(connection, "SELECT * FROM media WHERE sha256 = ?", [digest])
    return Explanation(
        sha256=digest,
        silence="",
        media=media[0] if media else None,
        items=tuple(_rows(connection, "SELECT * FROM items WHERE sha256 = ? ORDER BY exhibit, path", [digest])),
        inside=tuple(_rows(connection, _INSIDE, [digest])),
        findings=tuple(
            _rows(
                connection, "SELECT * FROM findings WHERE sha256 = ? ORDER BY examiner, claim, value, finding", [digest]
            )
        ),
        matches=tuple(_rows(connection, _MATCHES, [digest])),
        groups=tuple(_rows(connection, _GROUPS, [digest])),
        failures=tuple(
            _rows(
                connection,
                "SELECT * FROM failures WHERE sha256 = ? OR item IN (SELECT item FROM items WHERE sha256 = ?)"
                " ORDER BY path, examiner",
                [digest, digest],
            )
        ),
    )


def _silence(items: Sequence[Row], failures: Sequence[Row]) -> str:
    if failures:
        return f"failed: {failures[0]['kind']}: {failures[0]['message']}"
    kinds = {row["kind"] for row in items}
    if not kinds & WITH_CONTENT:
        return f"no content of its own ({', '.join(_KINDS.get(kind, kind) for kind in sorted(kinds))})"
    return "not examined yet; headwater examine goes on with what was listed"


def _rows(connection: duckdb.DuckDBPyConnection, query: str, values: Sequence[object]) -> list[Row]:
    rows: list[Row] = connection.sql(query, params=list(values)).to_arrow_table().to_pylist()
    return rows
