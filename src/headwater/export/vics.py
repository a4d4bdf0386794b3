"""Project VIC's JSON, 1.3 and 2.0: what was found of each content, as tags and metadata. Never a category of ours.

The origin of a picture is no category: it goes into Tags, and in 2.0 into MediaMetadata as well. A category is only
ever the one that the laboratory's own set gave.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

VERSIONS = ("2.0", "1.3")
_CONTEXT = {
    "2.0": ("@odata.context", "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/Default/$metadata#Media"),
    "1.3": ("odata.metadata", "http://github.com/ICMEC/ProjectVic/DataModels/1.3.xml#Media"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Medium:
    """One content: its digests, where it lies (path, name, deleted, exhibit), tags, and properties for people."""

    md5: str
    sha1: str
    size_bytes: int | None
    media_type: str
    files: Sequence[Mapping[str, str]]
    tags: Sequence[str]
    properties: Sequence[tuple[str, str]]


def vics_lines(version: str, media: Iterable[Medium]) -> Iterator[bytes]:
    """The document, one Media a line. MediaID counts from 1."""
    name, address = _CONTEXT[version]
    yield f'{{{json.dumps(name)}: {json.dumps(address)},\n"value": ['.encode()
    for number, medium in enumerate(media, 1):
        yield (b",\n" if number > 1 else b"\n") + json.dumps(_as_json(version, number, medium)).encode()
    yield b"\n]}\n"


def _as_json(version: str, number: int, medium: Medium) -> dict[str, object]:
    told: dict[str, object] = {
        "MediaID": number,
        "Category": None,
        "MD5": medium.md5.upper(),
        "SHA1": medium.sha1.upper(),
        "MediaSize": medium.size_bytes,
        "Tags": ",".join(medium.tags),
        "MediaFiles": [{"MD5": medium.md5.upper(), **file} for file in medium.files],
    }
    if version == "2.0":
        told["MimeType"] = medium.media_type
        told["MediaMetadata"] = [
            {"MD5": medium.md5.upper(), "PropertyName": name, "PropertyValue": value}
            for name, value in medium.properties
        ]
    return told
