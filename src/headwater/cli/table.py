"""Rows as a table for a person: whole in a pipe, fitted to a terminal, one line a field where that is narrow."""

import json
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from headwater.cli.output import dots
from headwater.model.visible import shown

Row = Mapping[str, Any]
_GAP = 2
_NARROW = 60  # columns; below them a table is no use
_DIGITS = 8  # of a digest or an id that are always seen
_PATH = 16  # characters of a path that are always seen: its end
_TEXT = 9  # of any other text
_DIGESTS = frozenset({"item", "finding", "parent_item", "sha256", "sha1", "md5", "pdq", "locator"})
_PATHS = frozenset({"path"})


def plain(value: Any) -> Any:  # noqa: ANN401 - whatever a row holds
    """A value as JSON has it: times as text, bytes as hexadecimal digits."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


def draw_table(rows: Sequence[Row], *, may_leave_out: bool) -> tuple[list[str], list[str]]:
    """The lines of a table, and the columns that were left out for want of width, where that is allowed."""
    if not rows:
        return ["no rows"], []
    names = list(rows[0])
    columns = [[_cell(row[name]) for row in rows] for name in names]
    widest = [_widest(name, cells) for name, cells in zip(names, columns, strict=True)]
    width = _width()
    if width is None:
        return list(_lines(names, columns, widest)), []
    if width < _NARROW:
        return list(_fields(names, columns)), []
    least = [_least(name, cells, rows) for name, cells in zip(names, columns, strict=True)]
    kept = _fitting(least, width) if may_leave_out else len(names)
    if not kept or _total(least[:kept]) > width:
        return list(_fields(names, columns)), []
    widths = _narrowed(names[:kept], widest[:kept], least, width)
    return list(_lines(names[:kept], columns[:kept], widths)), names[kept:]


def _width() -> int | None:
    """Of the terminal; none in a pipe, where nothing is cut."""
    return shutil.get_terminal_size((80, 24)).columns if sys.stdout.isatty() else None


def _cell(value: Any) -> str:  # noqa: ANN401 - whatever a row holds
    if value is None:
        return "-"
    given = plain(value)
    return shown(given if isinstance(given, str) else json.dumps(given))


def _widest(name: str, cells: Sequence[str]) -> int:
    return max(len(name), *map(len, cells))


def _least(name: str, cells: Sequence[str], rows: Sequence[Row]) -> int:
    """How narrow a column may become: figures, times and words of true and false are never cut."""
    widest = _widest(name, cells)
    if name in _DIGESTS:
        return min(widest, _DIGITS + len(dots()))
    if name in _PATHS:
        return min(widest, _PATH)
    if all(isinstance(row[name], int | float | datetime | None) for row in rows):
        return widest
    return min(widest, _TEXT)


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + _GAP * (len(widths) - 1)


def _fitting(least: Sequence[int], width: int) -> int:
    """How many columns fit, from the first."""
    return max((count for count in range(1, len(least) + 1) if _total(least[:count]) <= width), default=0)


def _narrowed(names: Sequence[str], widths: list[int], least: Sequence[int], width: int) -> list[int]:
    """Narrow the widest column that may become narrower, until a line fits; digests before all others."""
    while _total(widths) > width:
        room = [wide if wide > small else 0 for wide, small in zip(widths, least, strict=False)]
        digests = [each if name in _DIGESTS else 0 for name, each in zip(names, room, strict=True)]
        chosen = digests if any(digests) else room
        widths[chosen.index(max(chosen))] -= 1
    return widths


def _lines(names: Sequence[str], columns: Sequence[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    yield _line(names, names, widths)
    for cells in zip(*columns, strict=True):
        yield _line(names, cells, widths)


def _line(names: Sequence[str], cells: Sequence[str], widths: Sequence[int]) -> str:
    cut = (_cut(name, cell, width) for name, cell, width in zip(names, cells, widths, strict=True))
    return (" " * _GAP).join(f"{cell:<{width}}" for cell, width in zip(cut, widths, strict=True)).rstrip()


def _cut(name: str, cell: str, width: int) -> str:
    """A cell in its width: of a path the end stays, of all else the beginning."""
    if len(cell) <= width:
        return cell
    sign = dots()
    keep = width - len(sign)
    return sign + cell[len(cell) - keep :] if name in _PATHS and cell != name else cell[:keep] + sign


def _fields(names: Sequence[str], columns: Sequence[Sequence[str]]) -> Iterator[str]:
    """One line a field, an empty line between rows; nothing is cut."""
    widest = max(map(len, names))
    for number, cells in enumerate(zip(*columns, strict=True)):
        if number:
            yield ""
        for name, cell in zip(names, cells, strict=True):
            yield f"{name:<{widest}}  {cell}"
