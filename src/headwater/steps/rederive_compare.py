"""What is sealed of one item, and how the findings of its content compare with those derived again."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from headwater.examine import registry
from headwater.examine.messages import Found, Result
from headwater.findings.views import connect
from headwater.model.canonical import canonical_text
from headwater.model.errors import WrongUse
from headwater.model.finding import Method, Seen, Span, State, finding_id
from headwater.model.material import TRUST_LIST
from headwater.model.visible import shown
from headwater.steps.examine import library_versions
from headwater.steps.workspace import Workspace

_EXCERPT = 80
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedItem:
    """An item as sealed. top: the listed item it lies in (itself, mostly). contents: empty where it was not read."""

    item: str
    top: str
    exhibit: str
    source: str
    path: str
    kind: str
    entry: Row
    contents: Row


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingsCompared:
    """How many findings came out the same, what differs, and what could not be compared."""

    same: int
    differences: tuple[str, ...]
    notes: tuple[str, ...]


def sealed_item(workspace: Workspace, item: str) -> SealedItem:
    """Everything sealed of one item. Raises WrongUse for an item there is none of."""
    connection = connect(workspace.folder)
    try:
        found = _rows(connection, "SELECT * EXCLUDE (set_number, exhibit_folder) FROM one_items WHERE item = ?", item)
        if not found:
            raise WrongUse(f"no item is called {item}", next_step="headwater show items lists what there is.")
        entry = found[0]
        contents = _rows(
            connection, "SELECT * EXCLUDE (set_number, exhibit_folder) FROM one_contents WHERE item = ?", item
        )
        top, parent = item, entry["parent_item"]
        while parent:
            above = connection.execute("SELECT item, parent_item FROM one_items WHERE item = ?", [parent]).fetchall()
            top, parent = above[0]
    finally:
        connection.close()
    return SealedItem(
        item=item,
        top=top,
        exhibit=entry["exhibit"],
        source=entry["source"],
        path=entry["path"],
        kind=entry["kind"],
        entry=entry,
        contents=contents[0] if contents else {},
    )


def sealed_findings(workspace: Workspace, sha256: str) -> Sequence[Row]:
    """Every finding sealed of a content."""
    connection = connect(workspace.folder)
    try:
        return _rows(connection, "SELECT * FROM findings WHERE sha256 = ?", sha256)
    finally:
        connection.close()


def _rows(connection: duckdb.DuckDBPyConnection, query: str, name: str) -> list[Row]:
    rows: list[Row] = connection.sql(query, params=[name]).to_arrow_table().to_pylist()
    return rows


def compare_findings(sealed: Sequence[Row], result: Result, methods: Mapping[str, Method]) -> FindingsCompared:
    """Hold what is sealed, examiner by examiner, against what the examiners of now found.

    One of the same id is the same finding, whatever else its examiner was given. Findings made by another version,
    code, settings or material of an examiner are compared where nothing else was sealed of it; a difference then names
    that as its cause. A library of another version than the one they were sealed under is a difference by itself: the
    same outcome was not reached by the same means.
    """
    now = {each.finding: each for each in result.found}
    differences: list[str] = []
    notes: list[str] = []
    others: list[Row] = []
    same = 0
    for row in sealed:
        seen = seen_of(row)
        method = _method_of(row)
        if finding_id(row["sha256"], method, seen) != row["finding"]:
            differences.append(
                f"value: the sealed finding {row['finding'][:16]}… of {row['claim']} is not that of its row"
            )
        elif now.pop(row["finding"], None):
            same += 1
        elif _is_of_now(row, methods):
            differences.append(f"{_cause(row)}: {_words(seen)} is sealed and was not derived again")
        else:
            others.append(row)
    of_now = {row["examiner"] for row in sealed if _is_of_now(row, methods)}
    differences += [
        f"value: {_words(found.seen)} was derived and is not sealed"
        for found in now.values()
        if found.examiner in of_now
    ]
    for examiner in sorted({row["examiner"] for row in others} - of_now):
        rows = [row for row in others if row["examiner"] == examiner]
        again = [found for found in now.values() if found.examiner == examiner]
        older = _older(examiner, rows, again, methods.get(examiner))
        same, differences, notes = same + older.same, [*differences, *older.differences], [*notes, *older.notes]
    differences += _libraries([row for row in sealed if _is_of_now(row, methods)])
    missing = {found.examiner for found in now.values()} - {row["examiner"] for row in sealed}
    notes += [f"{examiner}: nothing is sealed of it for this content" for examiner in sorted(missing)]
    return FindingsCompared(same=same, differences=tuple(sorted(differences)), notes=tuple(notes))


def _libraries(sealed: Sequence[Row]) -> list[str]:
    """One difference for each library that was another when findings of the methods of now were sealed."""
    now = library_versions()
    found = set()
    for text in {row["library_versions"] for row in sealed}:
        was = json.loads(text)
        for name in sorted({*was, *now}):
            if was.get(name) != now.get(name):
                found.add(f"library: {name} {was.get(name, 'not recorded')}, now {now.get(name, 'not recorded')}")
    return sorted(found)


def _older(examiner: str, rows: Sequence[Row], again: Sequence[Found], method: Method | None) -> FindingsCompared:
    """Findings of another method than that of now: compared by what they say."""
    if method is None:
        return FindingsCompared(same=0, differences=(), notes=(f"{examiner}: not chosen in headwater.toml now",))
    cause = _changed_method(rows[0], method)
    were = {_essence(seen_of(row)) for row in rows}
    are = {_essence(found.seen) for found in again}
    note = f"{examiner}: sealed under another {cause}; compared by what they say, not by id"
    differences = [f"{cause}: {claim} = {_short(value)} is sealed, not derived now" for claim, value, *_ in were - are]
    differences += [f"{cause}: {claim} = {_short(value)} is derived now, not sealed" for claim, value, *_ in are - were]
    return FindingsCompared(same=len(were & are), differences=tuple(differences), notes=(note,))


def _changed_method(row: Row, method: Method) -> str:
    if (row["version"], row["code_digest"]) != (method.version, method.code_digest):
        was, now = f"{row['version']}, code {row['code_digest'][:12]}", f"{method.version}, {method.code_digest[:12]}"
        return f"version ({was}, now {now})"
    if row["settings_digest"] != method.settings_digest:
        return f"settings ({row['settings_digest'][:12]}, now {method.settings_digest[:12]})"
    was, now = (each[:12] or "none" for each in (_method_of(row).material_digest, method.material_digest))
    return f"{registry.means_of(method.examiner)} ({was}, now {now})"


def seen_of(row: Row) -> Seen:
    """What an examiner saw, from its sealed row."""
    return Seen(
        claim=row["claim"],
        value=row["value"],
        state=State(row["state"]),
        reason=row["reason"],
        spans=tuple(Span(**span) for span in row["spans"]),
    )


def _method_of(row: Row) -> Method:
    return Method(
        examiner=row["examiner"],
        version=row["version"],
        code_digest=row["code_digest"],
        settings_digest=row["settings_digest"],
        model_digest=row["model_digest"],
        material_digest=_material_of(row),
    )


def _material_of(row: Row) -> str:
    """What its examiner compared with: trust lists stand beside a finding, all else is part of its method."""
    of_list = registry.material_of(row["examiner"]) == TRUST_LIST
    return (row["trust_list_digest"] or "") if of_list else row["model_digest"]


def _is_of_now(row: Row, methods: Mapping[str, Method]) -> bool:
    return methods.get(row["examiner"]) == _method_of(row)


def _cause(row: Row) -> str:
    """Why the same code under the same settings found something else: the libraries, where they are others."""
    return "value" if row["library_versions"] == canonical_text(library_versions()) else "library"


def _essence(seen: Seen) -> tuple[str, str, str, tuple[Span, ...]]:
    return seen.claim, seen.value, seen.state.value, seen.spans


def _words(seen: Seen) -> str:
    return f"{seen.claim} = {_short(seen.value)}" if seen.state is State.FOUND else f"{seen.claim} ({seen.state.value})"


def _short(value: str) -> str:
    text = shown(value)
    return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]}…"
