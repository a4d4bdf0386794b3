"""From the texts of a row to a record: what cannot match is named and left out, what is left is kept whole."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from headwater.match.degenerate import shown, unusable
from headwater.model.known import Frame, Record, Refused
from headwater.model.parts import PARTS
from headwater.model.photodna import VALUE_BYTES, value_of

_SHOWN = 40
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
        yield _refused(row, "quality", f"no whole number: {shown(row.quality)}")
    for kind, text in row.hashes.items():
        value = text.strip().lower()
        if not value:
            continue
        if why := unusable(kind, value, quality):
            has_fault = True
            yield _refused(row, kind, why)
        else:
            kept[kind] = value
    has_photodna = value_of(row.photodna) is not None
    if row.photodna and not has_photodna:
        has_fault = True
        yield _refused(row, "photodna", f"no value of {VALUE_BYTES} bytes, or one of nothing: {shown(row.photodna)}")
    if not (kept or row.frames or has_photodna):
        if not has_fault:
            yield _refused(row, "", "nothing in it that can match")
        return
    parts = row.parts if "pdq" in kept and _are_parts(row.parts) else ()
    yield Record(
        key=row.key, line=row.line, **kept, pdq_quality=quality, parts=parts,
        frames=row.frames, photodna=row.photodna, category=row.category, series=row.series,
        victim_identified=row.victim_identified, source=row.source,
    )  # fmt: skip


def _are_parts(parts: tuple[str, ...]) -> bool:
    """Whether they are the hashes of this version's grid: another grid's would be named wrongly."""
    return len(parts) == len(PARTS) and not any(each and unusable("pdq", each.lower()) for each in parts)


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
