"""Tags and times of videos, ours and exiftool's, brought to one spelling; and the conventions they differ by."""

import base64
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from headwater.bench.corpus_metadata_values import number, raw_of, whole

Pair = tuple[tuple[str, str], Any]
_TRACK = re.compile(r"^trak\[(\d+)\]")
_FROM_1904_TO_1970_SECONDS = (66 * 365 + 17) * 24 * 3600
_HEADERS = {"mvhd": "", "tkhd": "Track", "mdhd": "Media"}
_TIMES = {
    f"{prefix}{word}Date": f"{box} {name}"
    for box, prefix in _HEADERS.items()
    for word, name in (("Create", "created"), ("Modify", "modified"))
}
_NAMES = {"HandlerDescription": "handler name", "CompressorName": "compressor name"}
_GROUPS = ("QuickTime", "Track", "Keys", "UserData", "ItemList")
_KEY_PREFIX = "com.apple.quicktime."


def our_tag(value: dict[str, Any]) -> list[Pair]:
    """A tag, under its key alone."""
    said = whole(value, "value") if "value" in value else value.get("hex", value)
    return [(("video tags", value["key"].removeprefix(_KEY_PREFIX)), said)]


def our_times(value: dict[str, Any]) -> list[Pair]:
    """Both times of a header: ``trak[1] tkhd created``."""
    box = value["carrier"].rpartition("/")[2]
    track = _TRACK.search(value["carrier"].removeprefix("moov/"))
    place = f"{track[1]} {box}" if track else box
    return [(("times", f"{place} {name}"), value[f"{name}_seconds"]) for name in ("created", "modified")]


def their_tag(group: str, tag: str, identifier: object, value: object) -> Iterator[Pair]:
    """The same of exiftool's groups; all others give nothing."""
    if not group.startswith(_GROUPS):
        return
    track = group.removeprefix("Track") if group.startswith("Track") else ""
    if tag in _TIMES:
        yield ("times", f"{track} {_TIMES[tag]}".strip()), value
    elif tag in _NAMES:
        yield ("video tags", _NAMES[tag]), value
    elif group in ("Keys", "UserData", "ItemList"):
        name = str(identifier)
        if name.startswith("base64:"):
            name = base64.b64decode(name[7:]).decode("latin-1")
        if name not in ("TAGS", "covr"):  # a maker's block, and a picture
            yield ("video tags", name), value


def time_cause(left: str, right: str) -> str | None:
    """Seconds since 1904 by us, a date by exiftool; which takes small figures for seconds since 1970."""
    seconds = number(left)
    if seconds is None:
        same = left.replace("-", ":").replace("T", " ").removesuffix("Z") == right
        return "tIME as ISO 8601 by us, with colons by exiftool" if same else None
    if seconds == 0 and right == "0000:00:00 00:00:00":
        return "no time: 0 seconds by us, 0000:00:00 by exiftool"
    if _spelled(seconds - _FROM_1904_TO_1970_SECONDS) == right:
        return "time in seconds since 1904 by us, as a date by exiftool"
    if _spelled(seconds) == right:
        return "time in seconds as stored by us, taken for seconds since 1970 by exiftool"
    return None


def app12_cause(key: str, left: str, right: str) -> str | None:
    """Where exiftool works a value of the APP12 text out."""
    stored, given = number(left), number(right)
    if key == "TimeDate" and stored is not None and _spelled(stored) == right:
        return "time in seconds since 1970 as stored by us, as a date by exiftool"
    if key in ("Shutter", "shtr") and stored is not None and given is not None and abs(stored * 1e-6 - given) < 1e-9:
        return "microseconds as stored by us, seconds by exiftool"
    if key == "FNumber" and left.lstrip("Ff ") == right:
        return "f-number with its letter by us, without by exiftool"
    return None


def tag_cause(left: str, right: str) -> str | None:
    """Pairs that exiftool spells out; the four zeros before a text, which are its box's version and flags."""
    if left.replace(" ", " of ") == right:
        return "a pair of figures by us, 'n of m' by exiftool"
    if raw_of(right) == bytes(4) + left.encode():
        return "the text by us, version and flags of its box before it by exiftool"
    return None


def _spelled(seconds: float) -> str:
    try:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).strftime("%Y:%m:%d %H:%M:%S")
    except OverflowError:
        return ""
