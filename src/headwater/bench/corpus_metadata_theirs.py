"""What exiftool says of the files of a folder, by family and name. Binary values come whole, in base64."""

import json
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from headwater.bench.corpus_metadata_exif import EXIF_NOT_COMPARED
from headwater.bench.corpus_metadata_ours import Key, Values
from headwater.bench.corpus_metadata_video import their_tag
from headwater.bench.corpus_metadata_xmp import their_xmp

_DIRECTORIES = ("IFD", "SubIFD", "ExifIFD", "GPS", "InteropIFD", "GlobParamIFD")
_OPTIONS = ("-r", "-j", "-b", "-D", "-G1:4", "-n", "-a", "-u", "-struct", "-api", "largefilesupport=1")
# Pictures inside pictures and the data of films: named by us, and too long to print; and what is not compared.
_LEFT_OUT = (
    *("MediaData", "ThumbnailImage", "PreviewImage", "JpgFromRaw", "OtherImage", "MPImage2", "MPImage3"),
    *("ThumbnailTIFF", "PreviewTIFF", "PhotoshopThumbnail", "CoverArt"),
    *("JUMBF:all", "CBOR:all", "ICC_Profile:all", "MakerNotes:all"),
)
_PNG_NOT_TEXT = frozenset(
    {
        *(
            "iCCP",
            "iCCP-name",
            "iDOT",
            "sRGB",
            "gAMA",
            "sBIT",
            "bKGD",
            "tIME",
            "tRNS",
            "hIST",
            "sPLT",
            "sTER",
            "PLTE",
            "cHRM",
        ),
        *("oFFs", "pCAL", "sCAL", "acTL", "vpAg"),
    }
)
_DUCKY = {2: "comment", 3: "copyright"}
Pairs = Iterator[tuple[Key, Any]]


def run_exiftool(folder: Path) -> list[dict[str, Any]]:
    """Every file of the folder by one exiftool process."""
    left_out = [word for tag in _LEFT_OUT for word in ("-x", tag)]
    command = ["exiftool", *_OPTIONS, "-i", "SYMLINKS", *left_out, "--", str(folder)]
    done = subprocess.run(command, capture_output=True, check=False)
    files: list[dict[str, Any]] = json.loads(done.stdout or b"[]")
    return files


def their_values(file: dict[str, Any]) -> Values:
    """Give one file of exiftool's answer by family and name."""
    values: Values = defaultdict(list)
    for name, record in file.items():
        group, _, tag = name.rpartition(":")
        if isinstance(record, dict) and group:
            for key, value in _theirs(group.split(":")[0], tag, record):
                values[key].append(value)
    return values


def _theirs(group: str, tag: str, record: dict[str, Any]) -> Pairs:
    number, value = record["id"], record["val"]
    if group.startswith(_DIRECTORIES) and isinstance(number, int):
        if number not in EXIF_NOT_COMPARED:
            yield ("EXIF", f"{group} {number:04X}"), value
    elif group.startswith("XMP-"):
        yield from their_xmp(group, str(number), value)
    elif group in _READERS:
        yield from _READERS[group](tag, number, value)
    elif group.startswith("IPTC"):
        yield from _iptc(tag, number, value)
    else:
        yield from their_tag(group, tag, number, value)


def _iptc(tag: str, number: object, value: object) -> Pairs:
    """Record 1 is told by its tags' own words; all else compared here is of record 2."""
    record = 1 if tag in ("CodedCharacterSet", "EnvelopeRecordVersion", "Destination", "TimeSent", "DateSent") else 2
    if isinstance(number, int):
        yield from ((("IPTC", f"{record}:{number}"), item) for item in (value if isinstance(value, list) else [value]))


def _png(_tag: str, number: object, value: object) -> Pairs:
    if number == "tIME":
        yield ("times", "tIME"), value
    elif isinstance(number, str) and number not in _PNG_NOT_TEXT and not number.startswith("Raw profile type "):
        yield ("PNG text", number), value


def _file(tag: str, _number: object, value: object) -> Pairs:
    if tag == "Comment":
        yield ("comment", "comment"), value


def _picture_info(_tag: str, number: object, value: object) -> Pairs:
    yield ("APP12", str(number)), value


def _ducky(_tag: str, number: object, value: object) -> Pairs:
    if isinstance(number, int) and number in _DUCKY:
        yield ("APP12", _DUCKY[number]), value


_READERS: dict[str, Callable[[str, object, object], Pairs]] = {
    "PNG": _png,
    "File": _file,
    "GIF": _file,
    "PictureInfo": _picture_info,
    "Ducky": _ducky,
}
