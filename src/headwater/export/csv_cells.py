"""CSV that no spreadsheet takes for formulas (OWASP ASVS 5.0, V1.2.10)."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO

_ACTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def csv_lines(names: Sequence[str], rows: Iterable[Mapping[str, str]]) -> Iterator[bytes]:
    """A line of titles, then one a row, in UTF-8; a cell that would act stands behind an apostrophe."""
    yield _line(names)
    for row in rows:
        yield _line([f"'{row[name]}" if row[name].startswith(_ACTS) else row[name] for name in names])


def _line(cells: Sequence[str]) -> bytes:
    out = StringIO(newline="")
    csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL).writerow(cells)
    return out.getvalue().encode("utf-8", "surrogatepass")
