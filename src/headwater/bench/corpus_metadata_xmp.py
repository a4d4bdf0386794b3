"""XMP paths of ours and of ``exiftool -struct`` brought to one spelling."""

import re
from collections.abc import Iterator
from typing import Any

from headwater.bench.corpus_metadata_exif import exif_cause
from headwater.bench.corpus_metadata_values import number

_INDEX = re.compile(r"\[\d+\]|\[@x-default\]")
_LANGUAGE = re.compile(r"\[@([^\]]+)\]")


def our_xmp(value: dict[str, Any]) -> tuple[tuple[str, str] | None, object]:
    """``xmpMM:History[1]/stEvt:action`` becomes ``history/action``."""
    path = _LANGUAGE.sub(lambda match: f"-{match[1]}", _INDEX.sub("", value["path"]))
    names = [_plain(name.rpartition(":")[2].lstrip("?")) for name in path.split("/")]
    return ("XMP", "/".join(names)), value["value"]


def _plain(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())


def their_xmp(identifier: str, value: object) -> Iterator[tuple[tuple[str, str], object]]:
    """Give the leaves of a tag, under the same spelling; `identifier` is the property's own name."""
    yield from _leaves(_plain(identifier.rpartition(":")[2]), value)


def _leaves(path: str, value: object) -> Iterator[tuple[tuple[str, str], object]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(f"{path}/{_plain(name)}", inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(path, inner)
    else:
        yield ("XMP", path), value


def xmp_cause(key: str, left: str, right: str) -> str | None:
    """Give the cause of a difference in one property."""
    apex = {"shutterspeedvalue": "9201", "aperturevalue": "9202", "maxaperturevalue": "9205"}.get(key)
    if apex:
        return exif_cause(f"XMP {apex}", left, right) or (
            "text where a figure is due" if number(left) is None else None
        )
    if _digits(left) == _digits(right) and len(_digits(left)) >= 8:
        return "date with other separators"
    return None


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())
