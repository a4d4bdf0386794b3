"""XMP paths of ours and of ``exiftool -struct`` brought to one spelling: the namespace's prefix, then the names."""

import re
from collections.abc import Iterator
from typing import Any

from headwater.bench.corpus_metadata_exif import exif_cause
from headwater.bench.corpus_metadata_values import number, whole

_INDEX = re.compile(r"\[\d+\]|\[@x-default\]")
_LANGUAGE = re.compile(r"\[@([^\]]+)\]")
_DEGREES = re.compile(r"^(\d+),(\d+(?:\.\d+)?)([NSEW])$")
# Our prefix of a namespace, where exiftool has another for it.
_GROUPS = {"Iptc4xmpCore": "iptccore", "Iptc4xmpExt": "iptcext", "MicrosoftPhoto": "microsoft"}
_PLUS_TERMS = "http://ns.useplus.org/ldf/vocab/"
_POSITION_DEGREES = 2e-6


def our_xmp(value: dict[str, Any]) -> list[tuple[tuple[str, str], Any]]:
    """``xmpMM:History[1]/stEvt:action`` becomes ``xmpmm:history/action``."""
    path = _LANGUAGE.sub(lambda match: f"-{match[1]}", _INDEX.sub("", value["path"]))
    names = [_plain(name.rpartition(":")[2].lstrip("?")) for name in path.split("/")]
    prefix = path.split("/")[0].rpartition(":")[0]
    return [(("XMP", f"{_plain(_GROUPS.get(prefix, prefix))}:{'/'.join(names)}"), whole(value, "value"))]


def _plain(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())


def their_xmp(group: str, identifier: str, value: object) -> Iterator[tuple[tuple[str, str], Any]]:
    """Give the leaves of a tag of a group like XMP-dc, under the same spelling; `identifier` is the property's name."""
    yield from _leaves(f"{_plain(group.removeprefix('XMP-'))}:{_plain(identifier.rpartition(':')[2])}", value)


def _leaves(path: str, value: object) -> Iterator[tuple[tuple[str, str], Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(f"{path}/{_plain(name)}", inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(path, inner)
    else:
        yield ("XMP", path), value


def xmp_cause(key: str, left: str, right: str) -> str | None:
    """Give the cause of a difference in one property; `key` is ``exif:aperturevalue``."""
    name = key.rpartition(":")[2]
    apex = {"shutterspeedvalue": "9201", "aperturevalue": "9202", "maxaperturevalue": "9205"}.get(name)
    if apex:
        return exif_cause(f"XMP {apex}", left, right) or (
            "text where a figure is due" if number(left) is None else None
        )
    if left == _PLUS_TERMS + right:
        return "a term of PLUS by its URI by us, by its last word by exiftool"
    if _position(left, right):
        return "degrees and minutes as stored by us, as degrees by exiftool"
    if _digits(left) == _digits(right) and len(_digits(left)) >= 8:
        return "date with other separators"
    return None


def _position(left: str, right: str) -> bool:
    match, given = _DEGREES.match(left), number(right)
    if match is None or given is None:
        return False
    degrees = int(match[1]) + float(match[2]) / 60
    return abs((-degrees if match[3] in "SW" else degrees) - given) < _POSITION_DEGREES


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())
