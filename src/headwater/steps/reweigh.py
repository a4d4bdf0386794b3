"""Weighs one content again from findings that were derived again, and compares with the origin that is sealed."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from headwater.examine.messages import Found
from headwater.findings.views import connect
from headwater.origin.claims import Claim, Content
from headwater.origin.digest import rules_digest
from headwater.origin.weigh import weigh
from headwater.steps.origin_rows import origin_row
from headwater.steps.trace import TRACED, inputs_digest, patterns
from headwater.steps.trace_contents import is_told, name_contents, prepare, read_contents
from headwater.steps.trace_context import gather
from headwater.steps.workspace import Workspace

Row = Mapping[str, Any]
_COMPARED = ("rule", "grade", "strength", "g", "e", "c", "k", "f")
_NOT_WEIGHED = "no origin is sealed of it: headwater trace has not run since it was found"
_OLDER = "its origin was weighed before more was found in this operation; headwater trace weighs anew"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reweighed:
    """What differs from the sealed origin, each beginning with its cause, and what should be known beside."""

    differences: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def reweigh(workspace: Workspace, sha256: str, found: Sequence[Found]) -> Reweighed:
    """Weigh `sha256` again. found: all findings derived again; those of examiners that were not run stay as sealed."""
    with closing(connect(workspace.folder)) as connection:
        prepare(connection, workspace.findings_folder, patterns(workspace))
        sealed = _rows(connection, "SELECT * FROM origins WHERE sha256 = ?", sha256)
        if not sealed:
            is_weighed = _rows(connection, "SELECT sha256 FROM weighed WHERE sha256 = ?", sha256)
            return Reweighed(notes=(_NOT_WEIGHED,) if is_weighed else ())
        now = _weighed(workspace, connection, sha256, found)
    was, rules = sealed[0], rules_digest()
    if was["rules_digest"] != rules:
        words = f"rules: weighed under {was['rules_digest'][:12]}…, now {rules[:12]}…: {_words(was)}, now {_words(now)}"
        return Reweighed(differences=(words,))
    if all(was[name] == now[name] for name in _COMPARED):
        return Reweighed()
    traced = [*workspace.recorded(TRACED)]
    if not traced or traced[-1]["inputs_digest"] != inputs_digest(workspace):
        return Reweighed(notes=(f"{_OLDER}: {_words(was)}, now {_words(now)}",))
    return Reweighed(differences=(f"value: the origin is sealed as {_words(was)}, now {_words(now)}",))


def _weighed(workspace: Workspace, connection: duckdb.DuckDBPyConnection, sha256: str, found: Sequence[Found]) -> Row:
    context = gather(workspace, connection)
    name_contents(connection, "again", [sha256])
    content = next(read_contents(connection, "again"), Content(sha256=sha256))
    examiners = {*workspace.settings.examiners}
    kept = [claim for claim in content.claims if claim.examiner not in examiners]
    again = [_claim(one) for one in found if is_told(one.examiner, one.seen) and one.examiner not in content.not_told]
    return origin_row(weigh(replace(content, claims=(*kept, *again)), context))


def _claim(found: Found) -> Claim:
    seen = found.seen
    return Claim(
        finding=found.finding, examiner=found.examiner, claim=seen.claim, value=seen.value, state=seen.state.value,
        reason=seen.reason,
    )  # fmt: skip


def _rows(connection: duckdb.DuckDBPyConnection, query: str, sha256: str) -> Sequence[Row]:
    rows: list[Row] = connection.sql(query, params=[sha256]).to_arrow_table().to_pylist()
    return rows


def _words(row: Row) -> str:
    numbers = " ".join(f"{name}{row[name]}" for name in _COMPARED[3:])
    return f"{row['rule']} {row['grade']} {row['strength'] or '-'} ({numbers})"
