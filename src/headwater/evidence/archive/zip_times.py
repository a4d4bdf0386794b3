"""The times of a zip member. DOS times are wall clock without a zone; three extra fields keep UTC.

Sources: APPNOTE 6.3.10 sections 4.4.6 (DOS) and 4.5.5 (NTFS, 0x000a); Info-ZIP's extrafld.txt (0x5455, 0x5855).
"""

import struct
from datetime import UTC, datetime, timedelta

from headwater.evidence.archive.zip_records import Record, extra_fields
from headwater.model.item import Times, Zone

_NTFS, _EXTENDED, _OLD_UNIX = 0x000A, 0x5455, 0x5855
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WINDOWS_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


def times_of(record: Record, local: Record | None) -> Times:
    """Give the times of one member; the local header's extra fields say more than the central directory's."""
    found: dict[str, datetime | None] = {}
    for extra in (record.extra, local.extra if local else b""):
        for tag, data in extra_fields(extra):
            found |= {name: time for name, time in _utc(tag, data).items() if time}
    if found:
        return Times(zone=Zone.UTC, **found)
    modified = _dos(record.dos_date, record.dos_time)
    return Times(zone=Zone.UNKNOWN, modified=modified) if modified else Times()


def _utc(tag: int, data: bytes) -> dict[str, datetime | None]:
    if tag == _NTFS and len(data) >= 32 and struct.unpack_from("<HH", data, 4) == (1, 24):
        names = ("modified", "accessed", "created")
        return {name: _windows(ticks) for name, ticks in zip(names, struct.unpack_from("<3Q", data, 8), strict=True)}
    if tag == _EXTENDED and data:
        return _extended(data)
    if tag == _OLD_UNIX and len(data) >= 8:
        accessed, modified = struct.unpack_from("<2i", data)
        return {"accessed": _unix(accessed), "modified": _unix(modified)}
    return {}


def _extended(data: bytes) -> dict[str, datetime | None]:
    """Read a flag byte, then those of modified, accessed, created it names; the central copy stops after modified."""
    times: dict[str, datetime | None] = {}
    position = 1
    for bit, name in enumerate(("modified", "accessed", "created")):
        if data[0] >> bit & 1 and position + 4 <= len(data):
            times[name] = _unix(struct.unpack_from("<i", data, position)[0])
            position += 4
    return times


def _unix(seconds: int) -> datetime:
    return _EPOCH + timedelta(seconds=seconds)


def _windows(ticks: int) -> datetime | None:
    try:
        return _WINDOWS_EPOCH + timedelta(microseconds=ticks // 10) if ticks else None
    except OverflowError:
        return None


def _dos(date: int, time: int) -> datetime | None:
    try:
        return datetime(
            1980 + (date >> 9), date >> 5 & 15, date & 31, time >> 11, time >> 5 & 63, (time & 31) * 2, tzinfo=UTC
        )
    except ValueError:
        return None
