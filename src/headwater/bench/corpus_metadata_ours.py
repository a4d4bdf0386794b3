"""Our findings of a file, by family and by the name that exiftool's tags are brought to as well."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from headwater.bench.corpus_metadata_exif import EXIF_NOT_COMPARED
from headwater.bench.corpus_metadata_values import whole
from headwater.bench.corpus_metadata_video import our_tag, our_times
from headwater.bench.corpus_metadata_xmp import our_xmp
from headwater.examine.metadata import examine_source
from headwater.formats.readers import reader_for
from headwater.formats.structure import Bytes
from headwater.model.finding import Seen, State

Key = tuple[str, str]  # (family, name)
Values = dict[Key, list[Any]]
Pairs = list[tuple[Key, Any]]
_HEAD_BYTES = 64 << 10


def read_ours(path: Path) -> tuple[list[Seen], str]:
    """Our findings of a file; a reason where the format is not ours."""
    data = path.read_bytes()
    read = reader_for(data[:_HEAD_BYTES], len(data))
    return (list(examine_source(Bytes(data), read)), "") if read else ([], "not a picture format read here")


def our_values(seen: Iterable[Seen]) -> Values:
    """Give our findings by family and name; those that failed say nothing."""
    values: Values = defaultdict(list)
    for record in seen:
        reader = _OURS.get(record.claim)
        if reader is not None and record.state is State.FOUND:
            for key, value in reader(json.loads(record.value)):
                values[key].append(value)
    return values


def _exif(value: dict[str, Any]) -> Pairs:
    if value["tag"] in EXIF_NOT_COMPARED or value["ifd"].startswith(("Kodak", "MetaIFD")):
        return []
    return [(("EXIF", f"{value['ifd']} {value['tag']:04X} {value['name']}"), whole(value, "value"))]


def _iptc(value: dict[str, Any]) -> Pairs:
    return [(("IPTC", f"{value['record']}:{value['dataset']}"), whole(value, "value"))]


def _text(value: dict[str, Any]) -> Pairs:
    keyword = value["keyword"]
    if keyword.startswith("Raw profile type "):
        return []
    return [(("PNG text", f"{keyword}-{value['language']}" if value["language"] else keyword), whole(value, "text"))]


def _comment(value: dict[str, Any]) -> Pairs:
    if value["carrier"].startswith("APP12 Ducky"):
        return [(("APP12", value["carrier"].rpartition(" ")[2]), value["text"])]
    return (
        [(("comment", "comment"), value["text"])] if value["carrier"] in ("COM", "APP10", "comment extension") else []
    )


_OURS: dict[str, Callable[[dict[str, Any]], Pairs]] = {
    "exif.tag": _exif,
    "iptc.dataset": _iptc,
    "png.text": _text,
    "png.time": lambda value: [(("times", "tIME"), value["time"])],
    "comment": _comment,
    "jpeg.picture_info": lambda value: [(("APP12", value["key"]), value["value"])],
    "isobmff.tag": our_tag,
    "isobmff.time": our_times,
    "xmp.property": our_xmp,
}
