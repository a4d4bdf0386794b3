"""From the texts of a row to a record: what cannot match is named and left out, what is left is kept whole."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from headwater.match.degenerate import refusal_of
from headwater.model.known import WIDTHS, Frame, Record, Refused

_HEX = re.compile(r"[0-9a-f]*")
_SHOWN = 40
_PDQ_DIGITS = 64
_YES, _NO = frozenset({"true", "yes", "y", "1", "t"}), frozenset({"false", "no", "n", "0", "f"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a source says of one record, as texts. Fields as in `Record`; hashes: what each is called and its text."""

    key: str
    line: int
    hashes: Mapping[str, str]
    quality: str = ""
    parts: tuple[str, ...] = ()
    frames: tuple[Frame, ...] = ()
    photodna: str = ""
    category: str = ""
    series: str = ""
    victim_identified: bool | None = None
    source: Mapping[str, object] = field(default_factory=dict)


def sift(row: Row) -> Iterator[Record | Refused]:
    """Give what is refused of a row, then its record, if anything is left that can match.

    A row of which nothing is left has at least one refusal.
    """
    kept: dict[str, str] = {}
    has_fault = False
    quality = whole_number(row.quality)
    if row.quality and quality is None:
        yield _refused(row, "quality", f"no whole number: {_shown(row.quality)}")
    for kind, text in row.hashes.items():
        value = text.strip().lower()
        if not value:
            continue
        if why := unusable(kind, value, quality):
            has_fault = True
            yield _refused(row, kind, why)
        else:
            kept[kind] = value
    if not (kept or row.frames or row.photodna):
        if not has_fault:
            yield _refused(row, "", "nothing in it that can match")
        return
    yield Record(
        key=row.key, line=row.line, **kept, pdq_quality=quality, parts=row.parts if "pdq" in kept else (),
        frames=row.frames, photodna=row.photodna, category=row.category, series=row.series,
        victim_identified=row.victim_identified, source=row.source,
    )  # fmt: skip


def unusable(kind: str, value: str, quality: int | None = None) -> str:
    """Why a lowercase text is no hash of that kind that may match; empty where it is one."""
    digits = _PDQ_DIGITS if kind == "pdq" else 2 * WIDTHS[kind]
    if len(value) != digits:
        return f"{len(value)} characters where {kind} has {digits}: {_shown(value)}"
    if not _HEX.fullmatch(value):
        return f"not hexadecimal: {_shown(value)}"
    return refusal_of(kind, value, quality)


def truth_value(value: object) -> bool | None:
    """A truth value as JSON has it or as text; none where it says neither."""
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    return True if text in _YES else False if text in _NO else None


def whole_number(text: str) -> int | None:
    """A whole number, none where the text is no such one."""
    try:
        return int(text) if len(text) <= _SHOWN else None
    except ValueError:
        return None


def _refused(row: Row, name: str, reason: str) -> Refused:
    return Refused(line=row.line, key=row.key, field=name, reason=reason)


def _shown(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
