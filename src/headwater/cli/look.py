"""show and explain: looking at what was found."""

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from headwater.cli.options import json_option, workspace_option
from headwater.findings.query import Query
from headwater.findings.query import run as run_query
from headwater.findings.views import connect
from headwater.model.visible import shown, visible
from headwater.steps.explain import Explanation
from headwater.steps.explain import explain as explain_step
from headwater.steps.workspace import Workspace

_NARROWEST = 6
_EXCERPT = 160
_FIRST_COLUMNS = {
    "items": ("item", "exhibit", "path", "size_bytes", "media_type", "allocation", "damaged", "sha256"),
    "findings": ("sha256", "examiner", "claim", "value", "state", "reason"),
    "failures": ("exhibit", "path", "examiner", "kind", "message"),
    "sources": ("exhibit", "source", "form", "size_bytes", "bad_ranges"),
}
_ON_A_TERMINAL = 50  # rows in words, where no limit is given


@click.command()
@click.argument("table", metavar="TABLE")
@click.option("--where", metavar="CONDITION", help="""Such as "media_type = 'image/jpeg' and damaged = true".""")
@click.option("--sort", metavar="COLUMN", help="A column; -COLUMN for the largest first.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=None, help="How many rows; 50 where not given, all with --json."
)
@click.option("--columns", metavar="A,B,...", help="These columns, in this order; with --json all where not given.")
@workspace_option
@json_option
def show(
    table: str,
    where: str | None,
    sort: str | None,
    limit: int | None,
    columns: str | None,
    folder: Path,
    *,
    as_json: bool,
) -> None:
    """Show a TABLE: exhibits, sources, items, media, findings, failures.

    \b
    Examples:
      headwater show items --where "allocation = 'deleted'" --sort path
      headwater show failures --json > failures.jsonl
    """
    query = Query(
        table=table,
        columns=_columns(table, columns, as_json=as_json),
        where=where or "",
        sort=sort or "",
        limit=limit if limit or as_json else _ON_A_TERMINAL,
    )
    with Workspace.open(folder, read_only=True) as workspace:
        connection = connect(workspace.folder)
        try:
            rows = (row for batch in run_query(connection, query) for row in batch.to_pylist())
            if as_json:
                for row in rows:
                    click.echo(json.dumps(_plain(row)))
                return
            kept = list(rows)
        finally:
            connection.close()
    for line in _table(kept):
        click.echo(line)
    if limit is None and len(kept) == _ON_A_TERMINAL:
        click.echo(f"(the first {_ON_A_TERMINAL}; --limit N for more, --json for all)", err=True)


@click.command()
@click.argument("name", metavar="MEDIA_OR_ITEM")
@workspace_option
@json_option
def explain(name: str, folder: Path, *, as_json: bool) -> None:
    """Explain one file: where it lies, what was found on which bytes, what could not be seen.

    \b
    Example:
      headwater explain 3f9a0c1e77b2
    """
    with Workspace.open(folder, read_only=True) as workspace:
        explanation = explain_step(workspace, name)
    if as_json:
        click.echo(json.dumps(_plain(_as_dict(explanation))))
        return
    for line in _sentences(explanation):
        click.echo(line)


def _columns(table: str, wanted: str | None, *, as_json: bool) -> tuple[str, ...]:
    """Those asked for; else all of them as JSON, and as words those a person looks for first."""
    if wanted:
        return tuple(wanted.split(","))
    return () if as_json else _FIRST_COLUMNS.get(table, ())


def _as_dict(explanation: Explanation) -> dict[str, Any]:
    return {name: getattr(explanation, name) for name in ("sha256", "media", "items", "findings", "failures")}


def _sentences(explanation: Explanation) -> Iterable[str]:
    yield f"SHA-256  {_digest(explanation.sha256) if explanation.sha256 else 'none: the content could not be read'}"
    if explanation.media:
        yield _media_line(explanation.media)
    yield f"\nWhere it lies ({len(explanation.items)})"
    for row in explanation.items:
        state = [row["allocation"]] + (["damaged"] if row["damaged"] else [])
        yield f"  {visible(row['exhibit'])}  {row['path']}  [{', '.join(state)}]  item {row['item']}"
        yield f"      {row['locator']}"
    yield f"\nWhat was found ({len(explanation.findings)})"
    for row in explanation.findings:
        yield f"  {row['examiner']} {row['version']}  {row['claim']} = {_short(row['value'])}{_state(row)}"
        for span in row["spans"]:
            role = f" ({span['role']})" if span["role"] else ""
            yield f"      bytes {span['offset_bytes']}+{span['length_bytes']}{role}  sha256 {span['sha256'][:16]}…"
    yield f"\nWhat could not be seen ({len(explanation.failures)})"
    for row in explanation.failures:
        yield f"  {row['examiner']}: {row['kind']}: {row['message']}"


def _media_line(media: Mapping[str, Any]) -> str:
    size = f"  {media['width_pixels']}x{media['height_pixels']} pixels" if media["width_pixels"] else ""
    pdq = f"\nPDQ      {media['pdq']}  quality {media['pdq_quality']}" if media["pdq"] else ""
    return f"type     {media['media_type']}{size}  occurs {media['occurrences']} times{pdq}"


def _digest(digest: str) -> str:
    return " ".join(digest[start : start + 4] for start in range(0, len(digest), 4))


def _state(row: Mapping[str, Any]) -> str:
    if row["state"] == "found":
        return ""
    return f"  [{row['state'].replace('_', ' ')}{': ' + shown(row['reason']) if row['reason'] else ''}]"


def _short(value: str) -> str:
    text = shown(value)
    return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]}… ({len(text)} characters)"


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a row holds
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


def _cell(value: Any) -> str:  # noqa: ANN401 - whatever a row holds
    if value is None:
        return "-"
    plain = _plain(value)
    return shown(plain if isinstance(plain, str) else json.dumps(plain))


def _table(rows: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    if not rows:
        return ["no rows"]
    names = list(rows[0])
    cells = [[_cell(row[name]) for name in names] for row in rows]
    widths = [max(len(name), *(len(line[index]) for line in cells)) for index, name in enumerate(names)]
    widths = _fit(widths, shutil.get_terminal_size((160, 50)).columns)
    return [_line(names, widths), *(_line(line, widths) for line in cells)]


def _fit(widths: list[int], columns: int) -> list[int]:
    """Narrow the widest columns until a line fits, or until nothing is left to narrow."""
    while sum(widths) + 2 * len(widths) > columns and max(widths) > _NARROWEST:
        widest = widths.index(max(widths))
        widths[widest] -= 1
    return widths


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    cut = (cell if len(cell) <= width else f"{cell[: width - 1]}…" for cell, width in zip(cells, widths, strict=True))
    return "  ".join(f"{cell:<{width}}" for cell, width in zip(cut, widths, strict=True)).rstrip()
