"""What a file says that has to do with a camera: its Exif, its real size, its encoding, its thumbnail's size."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from headwater.examine.view import View
from headwater.formats.exif import Exif, Tag
from headwater.formats.jpeg import read_jpeg
from headwater.formats.jpeg_coding import Coding, read_coding, segment_order
from headwater.formats.pieces import Read
from headwater.formats.structure import Bytes, Range
from headwater.model.errors import EvidenceError

Size = tuple[int, int]
_MOMENT = re.compile(r"(\d{4}):(\d{2}):(\d{2})[ T](\d{2}):(\d{2}):(\d{2})")
_NOT_THE_CAMERAS = ("APP13", "APP3", "8BIM")  # copies that programs make, and Kodak's own directories
_THUMBNAIL = "IFD1"
_TIFF_TYPES = ("image/tiff", "image/x-")  # TIFF and raw files: their first directory need not be the picture
NAMES = {
    "make": ("IFD0", 0x010F), "model": ("IFD0", 0x0110), "software": ("IFD0", 0x0131),
    "width": ("ExifIFD", 0xA002), "height": ("ExifIFD", 0xA003), "taken": ("ExifIFD", 0x9003),
    "digitised": ("ExifIFD", 0x9004), "exposure": ("ExifIFD", 0x829A), "shutter": ("ExifIFD", 0x9201),
    "f_number": ("ExifIFD", 0x829D), "aperture": ("ExifIFD", 0x9202), "colour_space": ("ExifIFD", 0xA001),
    "maker_note": ("ExifIFD", 0x927C), "serial": ("ExifIFD", 0xA431),
    "dng_serial": ("IFD0", 0xC62F), "interoperability": ("InteropIFD", 0x0001), "gps_date": ("GPS", 0x001D),
}  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Facts:
    """Everything the rules look at. `used` collects the tags that were asked for, for the spans.

    size: the picture's own, as stored; None where it is not known. thumbnail: of IFD1, as its own header says.
    coding: of a JPEG. order: its segments up to the first scan.
    """

    exif: Exif
    read: Read
    tags: Mapping[tuple[str, int], Tag]
    size: Size | None
    thumbnail: Size | None
    coding: Coding | None
    order: tuple[str, ...]
    used: dict[int, Tag] = field(default_factory=dict)

    def tag(self, name: str) -> Tag | None:
        """The first tag of that name in NAMES, if its value could be read whole."""
        found = self.tags.get(NAMES[name])
        if found is None or found.unreadable or found.cut:
            return None
        self.used[found.entry_offset_bytes] = found
        return found

    def text(self, name: str) -> str:
        """A text without the spaces around it; empty where there is none."""
        found = self.tag(name)
        return found.value.strip(" \0") if found is not None and isinstance(found.value, str) else ""

    def number(self, name: str) -> Fraction | None:
        """A whole number or a rational; None where it is absent or no number."""
        found = self.tag(name)
        return None if found is None else _number(found.value)

    def moment(self, name: str) -> datetime | None:
        """A date and time as stored, without a zone; None where it is absent, blank or none that exists."""
        return read_moment(self.text(name))

    def ranges(self) -> tuple[Range, ...]:
        """Where the tags lie that were asked for."""
        found: list[Range] = []
        for _, tag in sorted(self.used.items()):
            found += self.read.piece.spans(tag.entry_offset_bytes, tag.entry_length_bytes)
        return tuple(found)


def read_moment(text: str) -> datetime | None:
    """Read ``YYYY:MM:DD HH:MM:SS``; None for anything else, the year 0 included."""
    match = _MOMENT.match(text)
    if match is None:
        return None
    try:
        return datetime(*(int(part) for part in match.groups()))  # type: ignore[arg-type]  # noqa: DTZ001 - no zone is stored
    except ValueError:
        return None


def gather(view: View) -> Facts | None:
    """Everything the rules need; None where the file has no Exif of its own."""
    read = next((each for each in view.read() if _is_own(each)), None)
    structure = view.structure()
    if read is None or structure is None or not isinstance(read.content, Exif):
        return None
    tags: dict[tuple[str, int], Tag] = {}
    for tag in read.content.tags:
        tags.setdefault((tag.ifd, tag.tag), tag)
    coding = read_coding(view.bytes, structure) if structure.format == "jpeg" else None
    return Facts(
        exif=read.content,
        read=read,
        tags=tags,
        size=_size(view, coding),
        thumbnail=_thumbnail(read),
        coding=coding,
        order=segment_order(structure.parts) if structure.format == "jpeg" else (),
    )


def _is_own(read: Read) -> bool:
    carrier = read.piece.carrier
    return isinstance(read.content, Exif) and not any(mark in carrier for mark in _NOT_THE_CAMERAS)


def _size(view: View, coding: Coding | None) -> Size | None:
    if coding is not None:
        return coding.width_pixels, coding.height_pixels
    if view.media_type.startswith(_TIFF_TYPES):
        return None
    try:
        header = view.header()
    except EvidenceError:
        return None
    return header.width_pixels, header.height_pixels


def _thumbnail(read: Read) -> Size | None:
    """Size of the JPEG that IFD1 points to, by its own frame header."""
    exif = read.content
    if not isinstance(exif, Exif):
        return None
    where = next((place for name, place in exif.pictures if name == _THUMBNAIL), None)
    data = read.piece.data[where.offset_bytes : where.offset_bytes + where.length_bytes] if where else b""
    if not data.startswith(b"\xff\xd8"):
        return None
    source = Bytes(data)
    coding = read_coding(source, read_jpeg(source))
    return (coding.width_pixels, coding.height_pixels) if coding else None


def _number(value: object) -> Fraction | None:
    if isinstance(value, int):
        return Fraction(value)
    if not isinstance(value, str):
        return None
    upper, _, lower = value.partition("/")
    try:
        return Fraction(int(upper), int(lower))
    except (ValueError, ZeroDivisionError):
        return None
