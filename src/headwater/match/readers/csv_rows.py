"""Any CSV with a line of titles: columns are found by common spellings, every other one is kept beside them."""

import csv
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from headwater.match.readers.lines import Line, read_lines
from headwater.match.readers.sift import Row, sift, truth_value
from headwater.model.errors import Malformed
from headwater.model.known import WIDTHS, Record, Refused

SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "md5": ("md5", "md5hash", "hashmd5"),
    "sha1": ("sha1", "sha1hash", "hashsha1"),
    "sha256": ("sha256", "sha256hash", "hashsha256", "hash(sha256)"),
    "pdq": ("pdq", "pdqhash"),
    "quality": ("pdqquality", "quality"),
    "parts": ("pdqparts",),
    "photodna": ("photodna", "pdna"),
    "category": ("category", "categoryid", "label", "classification"),
    "series": ("series", "seriesname"),
    "victim_identified": ("victimidentified",),
    "key": ("id", "mediaid", "imageid", "recordid"),
}
_HASHES = ("md5", "sha1", "sha256", "pdq")
_ANY_HASH = ("hash", "hash1", "hash2", "hashvalue", "filehash")  # which it is, its length says
_BY_DIGITS = {2 * width: kind for kind, width in WIDTHS.items()}
_DELIMITERS = (";", "\t", ",", "|")


def read_csv(stream: BinaryIO) -> Iterator[Record | Refused]:
    """Each row under its titles. Raises Malformed where no title names a digest or hash."""
    for number, fields, fault in csv_rows(stream, (*_HASHES, "photodna")):
        if fault:
            yield Refused(line=number, key=fields.get("id", str(number)), field="", reason=fault)
        else:
            yield from sift(_row(number, fields))


def csv_rows(stream: BinaryIO, wanted: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str], str]]:
    """Line number, fields by title, and what is wrong with the row.

    Of the columns `wanted`, where any is named, one must be there. Raises Malformed.
    A row whose quoted field goes on over lines is refused.
    """
    lines = read_lines(stream)
    first = next(lines, Line(number=1, text=""))
    titles, delimiter = titles_of(first.text)
    if (
        wanted
        and not any(_plain(title) in _ANY_HASH for title in titles)
        and not any(_named(titles, name) is not None for name in wanted)
    ):
        raise Malformed(f"no column of it is called {', '.join(wanted)}; it begins with: {first.text[:200]}")
    for line in lines:
        if line.fault:
            yield line.number, {}, line.fault
        elif line.text.strip():
            yield line.number, *_fields(titles, line.text, delimiter)


def titles_of(text: str) -> tuple[list[str], str]:
    """The titles of a first line, and what stands between them. Raises Malformed where it is not CSV."""
    delimiter = max(_DELIMITERS, key=text.count)
    try:
        return next(csv.reader([text], delimiter=delimiter), []), delimiter
    except csv.Error as error:
        raise Malformed(f"its first line is not CSV: {error}") from error


def column(fields: Mapping[str, str], name: str) -> str:
    """The field that one of the spellings of `name` titles; empty where there is none."""
    return next((fields[title] for title in fields if _plain(title) in SPELLINGS[name]), "")


def _named(titles: list[str], name: str) -> str | None:
    return next((title for title in titles if _plain(title) in SPELLINGS[name]), None)


def _plain(title: str) -> str:
    return "".join(each for each in title.lower() if each not in " _-:\ufeff")


def _fields(titles: list[str], text: str, delimiter: str) -> tuple[dict[str, str], str]:
    try:
        values = next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        return {}, f"not CSV: {error}"
    if len(values) > len(titles):
        return dict(zip(titles, values, strict=False)), f"{len(values)} fields where {len(titles)} have a title"
    return dict(zip(titles, values + [""] * (len(titles) - len(values)), strict=True)), ""


def _hashes(fields: Mapping[str, str]) -> dict[str, str]:
    found = {name: column(fields, name) for name in _HASHES}
    for title, text in fields.items():
        kind = _BY_DIGITS.get(len(text)) if _plain(title) in _ANY_HASH else None
        if kind and not found[kind]:
            found[kind] = text
    return found


def _row(number: int, fields: dict[str, str]) -> Row:
    parts = column(fields, "parts")
    return Row(
        key=column(fields, "key") or str(number),
        line=number,
        hashes=_hashes(fields),
        quality=column(fields, "quality"),
        parts=tuple(part.strip("-") for part in parts.split()),
        photodna=column(fields, "photodna"),
        category=column(fields, "category"),
        series=column(fields, "series"),
        victim_identified=truth_value(column(fields, "victim_identified")),
        source=fields,
    )
