"""What the application segments of a JPEG carry.

Exif, XMP, extended XMP, Photoshop resources, IPTC, ICC, MPF, JUMBF, the thumbnails of JFIF, and the text of APP12.
"""

import struct

from headwater.formats.jpeg_app12 import read_app12
from headwater.formats.mpf import multi_pictures
from headwater.formats.structure import PIECE_BYTES_MAX, Notes, Piece, Range, Source

_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_XMP_EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"
_PHOTOSHOP = b"Photoshop 3.0\0"
_OLD_PHOTOSHOP = b"Adobe_Photoshop2.5:"
_ICC = b"ICC_PROFILE\0"
_WIDE_COMMENT = b"UNICODE\0"
_IPTC = (b"\x1c\x01", b"\x1c\x02")
_JFIF_BYTES = 14  # up to its thumbnail (JFIF 1.02)
_PALETTE_BYTES = 768


class Segments:
    """Takes the segments of one file as they come; those that belong together are joined at the end."""

    def __init__(self, source: Source, notes: Notes) -> None:
        self._source = source
        self._notes = notes
        self._exif: list[Range] = []
        self._icc: list[tuple[int, Range]] = []
        self._photoshop: list[Range] = []
        self._extended: dict[bytes, list[tuple[int, int, Range]]] = {}
        self._jumbf: dict[bytes, list[Range]] = {}
        self._mpf: list[Range] = []
        self._readers = {
            0xE0: self._jfif,
            0xE1: self._application_1,
            0xE2: self._application_2,
            0xE3: self._application_3,
            0xE8: self._silent,
            0xEA: self._application_10,
            0xEB: self._application_11,
            0xEC: self._application_12,
            0xED: self._application_13,
            0xEE: self._silent,
        }
        self.losses = 0  # how often the segments were lost

    def take(self, code: int, head: bytes, where: Range) -> bool:
        """Take one application segment whose data begins with `head`; False where it is of no kind read here."""
        reader = self._readers.get(code)
        return reader is not None and reader(head, where)

    def join(self) -> None:
        """Put together what was spread over several segments."""
        self._join_exif()
        self._join_photoshop()
        self._take("icc", [part for _, part in sorted(self._icc, key=lambda pair: pair[0])], "APP2")
        for pieces in self._extended.values():
            self._join_extended(pieces)
        for key, ranges in self._jumbf.items():
            self._join_jumbf(key, ranges)
        for where in self._mpf:
            self._multi_pictures(where)

    # -- segments as they come

    def _jfif(self, head: bytes, where: Range) -> bool:
        """APP0: the thumbnail of a JFIF header in RGB, and that of a JFXX extension in three ways."""
        if head.startswith(b"JFIF\0"):
            if len(head) >= _JFIF_BYTES and head[12] and head[13]:
                self._thumbnail(where, _JFIF_BYTES, head[12], head[13], "rgb")
            return True
        if not head.startswith(b"JFXX\0") or len(head) < 8:
            return head.startswith(b"JFXX\0")
        start, length = where.offset_bytes, where.length_bytes
        if head[5] == 0x10:
            self._notes.named("embedded", start + 6, length - 6, "APP0 JFXX")
        elif head[5] in (0x11, 0x13):
            form = "rgb" if head[5] == 0x13 else "palette"
            self._thumbnail(where, 8, head[6], head[7], form)
        return head[5] in (0x10, 0x11, 0x13)

    def _thumbnail(self, where: Range, skip: int, width: int, height: int, form: str) -> None:
        wanted = 3 * width * height if form == "rgb" else _PALETTE_BYTES + width * height
        there = min(wanted, where.length_bytes - skip)
        carrier = "APP0 JFIF" if skip == _JFIF_BYTES else "APP0 JFXX"
        if there < wanted:
            self._notes.broken(f"{carrier}: the thumbnail is cut off", where.offset_bytes, where.length_bytes)
        if there > 0:
            shown = f"{form}, {width} x {height} pixels"
            self._notes.named("embedded", where.offset_bytes + skip, there, carrier, shown)

    def _application_1(self, head: bytes, where: Range) -> bool:
        start, length = where.offset_bytes, where.length_bytes
        if head[:5].lower() == b"exif\0" and length > 6:
            self._exif_segment(head, Range(start + 6, length - 6))
        elif head.startswith(_XMP):
            self._notes.piece("xmp", self._source, start + len(_XMP), length - len(_XMP), "APP1")
        elif head.startswith(_XMP_EXTENSION) and length > 75:
            fixed = self._source.read_at(start + len(_XMP_EXTENSION), 40)
            total, offset = struct.unpack(">II", fixed[32:40])
            self._extended.setdefault(fixed[:32], []).append((offset, total, Range(start + 75, length - 75)))
        elif head.startswith((b"http://ns.adobe.com/xap/1.0/", b"<?xpacket", b"XMP\0")) and b"<" in head:
            skip = head.index(b"<")
            self._notes.piece("xmp", self._source, start + skip, length - skip, "APP1")
        else:
            return False
        return True

    def _exif_segment(self, head: bytes, where: Range) -> None:
        """A segment without a byte order mark goes on where the last one ended."""
        if self._exif and head[6:8] not in (b"II", b"MM"):
            self._exif.append(where)
            return
        self._join_exif()
        self._exif = [where]

    def _application_2(self, head: bytes, where: Range) -> bool:
        start, length = where.offset_bytes, where.length_bytes
        if head.startswith(_ICC) and length > 14:
            self._icc.append((head[12], Range(start + 14, length - 14)))
        elif head.startswith(b"MPF\0"):
            self._mpf.append(Range(start + 4, length - 4))
        else:
            return False
        return True

    def _application_3(self, head: bytes, where: Range) -> bool:
        """Kodak's Meta: directories as in Exif."""
        if head[:6] not in (b"Meta\0\0", b"META\0\0", b"Exif\0\0"):
            return False
        self._notes.piece("exif", self._source, where.offset_bytes + 6, where.length_bytes - 6, "APP3 Meta")
        return True

    def _application_10(self, head: bytes, where: Range) -> bool:
        """A comment in UTF-16, as PhotoStudio writes it."""
        skip = len(_WIDE_COMMENT)
        if not head.startswith(_WIDE_COMMENT) or not self._notes.room(where.length_bytes, where.offset_bytes):
            return False
        raw = self._read(where)[skip:]
        text = raw[: len(raw) // 2 * 2].decode("utf-16-be", "replace").rstrip("\0")
        self._notes.pieces.append(Piece("comment", text.encode(), (), (where,), "APP10"))
        return True

    def _application_11(self, head: bytes, where: Range) -> bool:
        if head[:2] != b"JP" or where.length_bytes <= 16:
            return False
        self._jumbf.setdefault(head[2:4] + head[12:16], []).append(where)
        return True

    def _application_12(self, head: bytes, where: Range) -> bool:  # noqa: ARG002 - all of it is asked for
        data = self._source.read_at(where.offset_bytes, where.length_bytes)
        return read_app12(self._notes, data, where)

    def _application_13(self, head: bytes, where: Range) -> bool:
        """Photoshop's resources, with its header of today or of version 2.5; or bare IPTC."""
        start, length = where.offset_bytes, where.length_bytes
        skip = head.find(b"8BIM") if head.startswith(_OLD_PHOTOSHOP) else -1
        if head.startswith(_PHOTOSHOP):
            self._photoshop.append(Range(start + len(_PHOTOSHOP), length - len(_PHOTOSHOP)))
        elif skip > 0:
            self._photoshop.append(Range(start + skip, length - skip))
        elif head.startswith(_IPTC):
            self._notes.piece("iptc", self._source, start, length, "APP13")
        else:
            return False
        return True

    def _silent(self, head: bytes, where: Range) -> bool:  # noqa: ARG002 - one shape for every reader
        """Adobe's colour transform (APP14), SPIFF's header (APP8): no metadata."""
        return head.startswith((b"Adobe", b"SPIFF\0"))

    # -- what is joined

    def _take(self, kind: str, ranges: list[Range], carrier: str) -> None:
        total = sum(part.length_bytes for part in ranges)
        if ranges and self._notes.room(total, ranges[0].offset_bytes):
            data = b"".join(self._read(part) for part in ranges)
            self._notes.pieces.append(Piece(kind, data, tuple(ranges), tuple(ranges), carrier))

    def _read(self, where: Range) -> bytes:
        return self._source.read_at(where.offset_bytes, where.length_bytes)

    def _join_exif(self) -> None:
        self._take("exif", self._exif, "APP1")

    def _join_photoshop(self) -> None:
        self._take("photoshop", self._photoshop, "APP13")

    def _join_extended(self, pieces: list[tuple[int, int, Range]]) -> None:
        """Give extended XMP (XMP specification part 3, 1.1.3.1): chunks with their offset in the whole."""
        ranges: list[Range] = []
        reached = 0
        for offset, _, where in sorted(pieces, key=lambda piece: piece[0]):
            if ranges and offset == reached - ranges[-1].length_bytes and self._read(where) == self._read(ranges[-1]):
                continue  # the same chunk once more
            if offset != reached:
                what = "extended XMP: a part is missing or overlaps"
                self._notes.broken(what, where.offset_bytes, where.length_bytes)
                break
            ranges.append(where)
            reached += where.length_bytes
        if reached < min(pieces[0][1], PIECE_BYTES_MAX):
            what = f"extended XMP: {reached} of {pieces[0][1]} bytes are here"
            self._notes.broken(what, pieces[0][2].offset_bytes)
        self._take("xmp", ranges, "APP1 extended")

    def _join_jumbf(self, key: bytes, ranges: list[Range]) -> None:
        where = tuple(ranges)
        if key[2:] == b"jumb" and b"c2pa" in self._source.read_at(where[0].offset_bytes, 64):
            self._notes.pieces.append(Piece("c2pa", b"", where, where, "APP11"))
        else:
            self._notes.passed("APP11 JUMBF", where[0].offset_bytes, where[0].length_bytes)

    def _multi_pictures(self, where: Range) -> None:
        base = where.offset_bytes
        self._notes.piece("mpf", self._source, base, where.length_bytes, "APP2")
        for picture in multi_pictures(self._read(where)):
            if picture.offset_bytes == 0:
                continue
            start = base + picture.offset_bytes
            length = min(picture.length_bytes, self._source.size_bytes - start)
            if length <= 0 or length < picture.length_bytes:
                what = "MPF: a picture of the index lies past the end of the file"
                self._notes.broken(what, start, picture.length_bytes)
            if length > 0:
                self._notes.named("embedded", start, length, f"MPF attributes {picture.attributes:08X}")
