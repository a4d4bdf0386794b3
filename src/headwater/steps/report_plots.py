"""The distributions a report draws: types, times, sizes. Each counts items and contents apart, never joined."""

from collections.abc import Mapping, Sequence

import duckdb

from headwater.export.plots import Bar

_BARS = 24
_MONTHS_SHOWN = 36
_EMPTY_SHOWN = 4  # years without any file that are drawn; a longer stretch becomes a gap
_KIBI, _MEBI, _GIBI = 1 << 10, 1 << 20, 1 << 30
_SIZES = (
    ("0 bytes", 0, 1),
    ("1 byte to under 1 KiB", 1, _KIBI),
    ("1 KiB to under 10 KiB", _KIBI, 10 * _KIBI),
    ("10 KiB to under 100 KiB", 10 * _KIBI, 100 * _KIBI),
    ("100 KiB to under 1 MiB", 100 * _KIBI, _MEBI),
    ("1 MiB to under 10 MiB", _MEBI, 10 * _MEBI),
    ("10 MiB to under 100 MiB", 10 * _MEBI, 100 * _MEBI),
    ("100 MiB to under 1 GiB", 100 * _MEBI, _GIBI),
    ("1 GiB and more", _GIBI, 1 << 62),
)
_TYPES = """
SELECT * FROM (
  SELECT media_type, count(*) AS files FROM file_contents GROUP BY media_type
  UNION ALL
  SELECT 'no content read', (SELECT count(*) FROM file_items) - (SELECT count(*) FROM file_contents)
) WHERE files > 0 ORDER BY files DESC, media_type
"""
_TIMES = "SELECT year(modified), month(modified), count(*) FROM file_items WHERE modified IS NOT NULL GROUP BY 1, 2"
_NO_TIME = "SELECT count(*) FROM file_items WHERE modified IS NULL"


def types(connection: duckdb.DuckDBPyConnection) -> list[Bar]:
    """Files by type of content, the most first; what was not read in a bar of its own. They add up to all files."""
    rows = connection.execute(_TYPES).fetchall()
    bars = [Bar(label=str(label), count=count) for label, count in rows[:_BARS]]
    if len(rows) > _BARS:
        rest = sum(count for _, count in rows[_BARS:])
        bars.append(Bar(label=f"{len(rows) - _BARS} other types", count=rest))
    return bars


def sizes(connection: duckdb.DuckDBPyConnection) -> list[Bar]:
    """Files by size as their container states it. They add up to all files."""
    counts = ", ".join(f"count(*) FILTER (size_bytes >= {low} AND size_bytes < {high})" for _, low, high in _SIZES)
    query = f"SELECT {counts}, count(*) FILTER (size_bytes IS NULL) FROM file_items"  # noqa: S608 - our own figures
    *known, unknown = connection.execute(query).fetchall()[0]
    bars = [Bar(label=label, count=count) for (label, _, _), count in zip(_SIZES, known, strict=True)]
    return bars + ([Bar(label="not stated", count=unknown)] if unknown else [])


def times(connection: duckdb.DuckDBPyConnection) -> tuple[str, list[Bar], int]:
    """Files by year last modified, or by month where they lie within three years of one another; those without."""
    none = connection.execute(_NO_TIME).fetchall()[0][0]
    months = {year * 12 + month - 1: count for year, month, count in connection.execute(_TIMES).fetchall()}
    if not months:
        return "year", [], none
    first, last = min(months), max(months)
    if last - first < _MONTHS_SHOWN:
        each = range(first, last + 1)
        return "month", [Bar(label=f"{at // 12}-{at % 12 + 1:02}", count=months.get(at, 0)) for at in each], none
    years: dict[int, int] = {}
    for at, count in months.items():
        years[at // 12] = years.get(at // 12, 0) + count
    return "year", with_gaps(years), none


def with_gaps(years: Mapping[int, int]) -> list[Bar]:
    """A bar for each year from the first to the last; a long stretch without any is one gap that says so."""
    bars: list[Bar] = []
    before: int | None = None
    for year in sorted(years):
        if before is not None:
            bars += _between(before + 1, year - 1)
        bars.append(Bar(label=str(year), count=years[year]))
        before = year
    return bars


def _between(first: int, last: int) -> Sequence[Bar]:
    if last - first + 1 > _EMPTY_SHOWN:
        return [Bar(label=f"{first} to {last}", count=0, is_gap=True)]
    return [Bar(label=str(year), count=0) for year in range(first, last + 1)]
