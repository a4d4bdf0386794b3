"""show: looking at what is sealed, as tables."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import duckdb

from headwater.cli.options import json_option, quiet_option, workspace_option
from headwater.cli.output import complain, say
from headwater.cli.table import draw_table, plain
from headwater.findings.query import Query
from headwater.findings.query import run as run_query
from headwater.findings.views import connect
from headwater.origin.queue import RULE
from headwater.steps.prompts import NEEDED, Hiding
from headwater.steps.workspace import Workspace

_FIRST_COLUMNS = {
    "items": ("item", "exhibit", "path", "size_bytes", "allocation", "damaged", "media_type", "sha256"),
    "findings": ("sha256", "examiner", "claim", "value", "state", "reason"),
    "failures": ("exhibit", "path", "examiner", "kind", "message"),
    "matches": (
        "set",
        "record",
        "kind",
        "distance_bits",
        "category",
        "scheme",
        "role",
        "variant",
        "set_aside",
        "sha256",
    ),
    "groups": ("kind", "group", "is_medoid", "distance_bits", "variant", "sha256"),
    "origins": ("sha256", "grade", "strength", "rule", "g", "e", "c", "k", "f", "signals"),
    "queue": ("rank", "tier", "reason", "place", "sha256", "control_at"),
    "sources": ("exhibit", "source", "form", "size_bytes", "bad_ranges"),
}
_FIRST_ORDER = {"groups": "kind,group,-is_medoid,distance_bits,sha256"}  # members beside their medoid
_ON_A_TERMINAL = 50  # rows in words, where no limit is given
_MOST_ROWS = (1 << 63) - 1


@click.command()
@click.argument("table", metavar="TABLE")
@click.option("--where", metavar="CONDITION", help="""Such as "media_type = 'image/jpeg' and damaged = true".""")
@click.option("--sort", metavar="COLUMN", help="A column; -COLUMN for the largest first.")
@click.option(
    "--limit",
    type=click.IntRange(min=1, max=_MOST_ROWS),
    default=None,
    metavar="N",
    help="How many rows; 50 where not given, all with --json.",
)
@click.option("--columns", metavar="A,B,...", help="These columns, in this order; with --json all where not given.")
@click.option("--prompts", is_flag=True, help="Show what generators keep of a prompt; hidden where not given.")
@workspace_option
@quiet_option
@json_option
def show(  # noqa: PLR0913 - one argument an option
    table: str,
    where: str | None,
    sort: str | None,
    limit: int | None,
    columns: str | None,
    folder: Path,
    *,
    prompts: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Show a TABLE: exhibits, sources, items, media, findings, matches, groups, origins, queue.

    \b
    Examples:
      headwater show items --where "allocation = 'deleted'" --sort path
      headwater show failures --json > failures.jsonl
    """
    query = Query(
        table=table,
        columns=_columns(table, columns, as_json=as_json),
        where=where or "",
        sort=sort or _FIRST_ORDER.get(table, ""),
        limit=limit if limit or as_json else _ON_A_TERMINAL + 1,
    )
    with Workspace.open(folder, read_only=True) as workspace:
        connection = connect(workspace.folder)
        try:
            rows = _rows(connection, query, prompts=prompts)
            if as_json:
                for row in rows:
                    say(json.dumps(plain(row)))
                return
            kept = list(rows)
        finally:
            connection.close()
    is_cut = limit is None and len(kept) > _ON_A_TERMINAL
    lines, left_out = draw_table(kept[:_ON_A_TERMINAL] if is_cut else kept, may_leave_out=columns is None)
    for line in lines:
        say(line)
    if not quiet:
        _hint(left_out, is_cut=is_cut)
        if table == "queue":
            complain(RULE)


def _rows(connection: duckdb.DuckDBPyConnection, query: Query, *, prompts: bool) -> Iterator[dict[str, Any]]:
    """The rows, what holds a prompt hidden; columns that are read only to tell it are left out again."""
    may_hold_one = query.table == "findings" and not prompts and (not query.columns or "value" in query.columns)
    added = [name for name in NEEDED if name not in query.columns] if may_hold_one and query.columns else []
    hiding = Hiding(connection)
    for batch in run_query(connection, replace(query, columns=(*query.columns, *added))):
        rows = batch.to_pylist()
        for row in hiding.hide(rows) if may_hold_one else rows:
            yield {name: value for name, value in row.items() if name not in added}


def _columns(table: str, wanted: str | None, *, as_json: bool) -> tuple[str, ...]:
    """Those asked for; else all of them as JSON, and as words those a person looks for first."""
    if wanted:
        return tuple(wanted.split(","))
    return () if as_json else _FIRST_COLUMNS.get(table, ())


def _hint(left_out: list[str], *, is_cut: bool) -> None:
    if is_cut:
        complain(f"(the first {_ON_A_TERMINAL}; --limit N for more, --json for all)")
    if left_out:
        complain(f"(too narrow for {', '.join(left_out)}; --columns A,B,... chooses, --json has all)")
