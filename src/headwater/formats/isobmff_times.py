"""The times in the headers of a movie, its tracks and their media (ISO/IEC 14496-12, 8.2.2, 8.3.2, 8.4.2)."""

from datetime import datetime, timedelta

from headwater.formats.structure import Field, Notes, Part, Range, Said, Source

_ZERO = datetime(1904, 1, 1)  # noqa: DTZ001 - universal time by the standard; many writers put local time there


def header_times(source: Source, notes: Notes, part: Part, place: str) -> None:
    """Read creation and modification: seconds since 1904, and the date they stand for where they are not zero."""
    start = part.data_offset_bytes
    head = source.read_at(start, min(20, part.data_length_bytes))
    width = 8 if head[:1] == b"\1" else 4
    where = (Range(start, 4 + 2 * width),)
    if len(head) < 4 + 2 * width:
        notes.broken(f"{part.kind}: cut off before its times", part.offset_bytes, part.length_bytes)
        return
    value: dict[str, Said] = {"carrier": place}
    for name, at in (("created", 4), ("modified", 4 + width)):
        seconds = int.from_bytes(head[at : at + width], "big")
        value[f"{name}_seconds"] = seconds
        if date := _date(seconds):
            value[name] = date
    notes.fields.append(Field("isobmff.time", value, where, "times"))


def _date(seconds: int) -> str:
    """The date by the standard; empty for zero, which means none, and for what no calendar holds."""
    try:
        return (_ZERO + timedelta(seconds=seconds)).isoformat() if seconds else ""
    except OverflowError:
        return ""
