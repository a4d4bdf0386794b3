"""Asking one view: names from an allow-list, values bound, answers as Arrow batches."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from headwater.findings.views import VIEWS
from headwater.findings.where import Condition, Value, parse_where, quoted
from headwater.model.errors import WrongUse
from headwater.model.nearest import unknown

_KINDS = {
    "VARCHAR": "text",
    "BIGINT": "number",
    "INTEGER": "number",
    "HUGEINT": "number",
    "DOUBLE": "number",
    "BOOLEAN": "bool",
    "TIMESTAMP WITH TIME ZONE": "time",
}
_BATCH_ROWS = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What to show of one view.

    columns: which, in order; all where empty. where: the language of where.py. sort: a column, ``-column`` for
    descending, several with commas; nulls come last, and text that spells a number comes first, as that number.
    limit: rows at most, None for all.
    """

    table: str
    columns: Sequence[str] = ()
    where: str = ""
    sort: str = ""
    limit: int | None = None


def column_kinds(connection: duckdb.DuckDBPyConnection, table: str) -> Mapping[str, str]:
    """The columns of a view, in order, each text | number | bool | time | other. Raises WrongUse for another table."""
    if table not in VIEWS:
        problem = unknown("table", table, VIEWS)
        raise WrongUse(problem, problems=(problem,), next_step=f"Tables: {', '.join(VIEWS)}")
    relation = connection.table(table)
    return {name: _KINDS.get(str(kind), "other") for name, kind in zip(relation.columns, relation.types, strict=True)}


def build(query: Query, kinds: Mapping[str, str]) -> tuple[str, tuple[Value, ...]]:
    """The SQL of `query` and the values it binds. Raises WrongUse with every problem at once."""
    problems = [unknown("column", name, kinds) for name in query.columns if name not in kinds]
    order, wrong = _order(query.sort, kinds)
    problems += wrong
    condition = Condition(sql="", values=())
    if query.where.strip():
        try:
            condition = parse_where(query.where, kinds)
        except WrongUse as error:
            problems += error.problems
    if query.limit is not None and query.limit < 0:
        problems.append(f"limit {query.limit}: it cannot be negative")
    if problems:
        problems = list(dict.fromkeys(problems))
        what = problems[0] if len(problems) == 1 else f"{len(problems)} things about {query.table} are not understood"
        raise WrongUse(what, problems=tuple(problems), next_step=f"Columns: {', '.join(kinds)}")
    clauses = ["SELECT", ", ".join(map(quoted, query.columns or kinds)), "FROM", quoted(query.table)]
    clauses += ["WHERE", condition.sql] if condition.sql else []
    clauses += ["ORDER BY", ", ".join(order)] if order else []
    clauses += ["LIMIT", str(query.limit)] if query.limit is not None else []
    return " ".join(clauses), condition.values


def run(connection: duckdb.DuckDBPyConnection, query: Query) -> Iterator[pa.RecordBatch]:
    """The rows of `query`, batch by batch; at least one batch, so that the columns are known. Raises WrongUse."""
    sql, values = build(query, column_kinds(connection, query.table))
    relation = connection.sql(sql, params=list(values)) if values else connection.sql(sql)
    return _batches(relation.to_arrow_reader(_BATCH_ROWS))


def _batches(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    empty = True
    for batch in reader:
        empty = False
        yield batch
    if empty:
        yield from reader.schema.empty_table().to_batches() or [_no_rows(reader.schema)]


def _no_rows(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array([], field.type) for field in schema], schema=schema)


def _order(sort: str, kinds: Mapping[str, str]) -> tuple[list[str], list[str]]:
    order: list[str] = []
    problems: list[str] = []
    for word in filter(None, map(str.strip, sort.split(","))):
        name = word.removeprefix("-")
        if name not in kinds:
            problems.append(unknown("column", name, kinds))
        elif kinds[name] == "other":
            problems.append(f"column {name}: it has no order")
        else:
            way = f"{'DESC' if word.startswith('-') else 'ASC'} NULLS LAST"
            if kinds[name] == "text":  # figures first, as figures
                order.append(f"try_cast({quoted(name)} AS DOUBLE) {way}")
            order.append(f"{quoted(name)} {way}")
    return order, problems
