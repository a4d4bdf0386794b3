"""Turns what the format readers give into Seen records, each with the bytes relied on."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import groupby

import msgspec

from headwater.formats.exif import Exif, Tag, read_exif
from headwater.formats.exif_values import TYPE_NAMES
from headwater.formats.icc import read_icc
from headwater.formats.iptc import read_iptc, read_resources
from headwater.formats.jpeg import quantisation_tables
from headwater.formats.maker_note import maker_of
from headwater.formats.structure import Bytes, Damage, Part, Piece, Range, Source, Structure
from headwater.formats.trailing import first_signature, last_signature
from headwater.formats.xmp import read_xmp
from headwater.model.finding import Seen, Span

TEXT_BYTES_MAX = 64 << 10
_HASHED_BYTES_MAX = 256 << 20  # of one file, beyond the file's own digest
_RUNS_MAX = 400
_WORDS = {"png": "chunks", "jpeg": "segments", "webp": "chunks", "gif": "blocks", "bmp": "headers", "tiff": "ifds"}
_FIRST_DIRECTORY = {"CMT2": "ExifIFD", "CMT4": "GPS"}  # Canon CR3 keeps each directory in a box of its own
_encode = msgspec.json.Encoder(order="deterministic").encode


def json_text(value: object) -> str:
    """JSON with sorted keys and no spaces; letters beyond ASCII stay as they are, for people read it."""
    return _encode(value).decode()


class FileClaims:
    """The claims about one file. Digests of spans are made once each, within a budget."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.damage: list[Damage] = []
        self.said_something = False
        self._digests: dict[tuple[int, int], str] = {}
        self._budget = _HASHED_BYTES_MAX

    def span(self, where: Range, role: str) -> Span:
        """Give a span with the digest of its bytes; without one where the budget of the file is spent."""
        key = (where.offset_bytes, where.length_bytes)
        digest = self._digests.get(key)
        if digest is None:
            digest = self._digests[key] = self._digest(*key)
        return Span(offset_bytes=key[0], length_bytes=key[1], sha256=digest, role=role)

    def _digest(self, offset: int, length: int) -> str:
        if length > self._budget:
            return ""
        self._budget -= length
        if length <= 1 << 20:
            return sha256(self.source.read_at(offset, length)).hexdigest()
        running = sha256()
        for at in range(offset, offset + length, 1 << 20):
            running.update(self.source.read_at(at, min(1 << 20, offset + length - at)))
        return running.hexdigest()

    def seen(self, claim: str, value: object, ranges: tuple[Range, ...], role: str) -> Seen:
        self.said_something = True
        return Seen(claim=claim, value=json_text(value), spans=tuple(self.span(where, role) for where in ranges[:64]))

    # -- the file as a whole

    def structure(self, structure: Structure) -> Iterator[Seen]:
        """Give the summary of the parts, and the quantisation tables of a JPEG."""
        claim = f"{structure.format}.{_WORDS.get(structure.format, 'boxes')}"
        if structure.format != "xmp":
            headers = tuple(Range(part.offset_bytes, _header_bytes(part)) for part in structure.parts[:64])
            yield self.seen(claim, _summary(structure), headers, "header")
        tables = [part for part in structure.parts if part.kind == "DQT"]
        if structure.format == "jpeg" and tables:
            yield self._quantisation(tables)
        self.said_something = False

    def _quantisation(self, parts: list[Part]) -> Seen:
        data = [self.source.read_at(part.data_offset_bytes, part.data_length_bytes) for part in parts[:16]]
        tables = [
            {"id": table.identifier, "precision_bits": table.precision_bits, "values": table.values}
            for body in data
            for table in quantisation_tables(body)
        ]
        value = {"sha256": sha256(b"".join(data)).hexdigest(), "tables": tables[:64]}
        return self.seen("jpeg.quantisation", value, tuple(_data(part) for part in parts[:16]), "table")

    def around(self, structure: Structure) -> Iterator[Seen]:
        """Give data after the end, C2PA stores and pictures the containers name."""
        end = structure.end_bytes
        if end is not None and end < self.source.size_bytes:
            yield self._trailing(end)
        for piece in structure.pieces:
            if piece.kind == "c2pa":
                length = sum(where.length_bytes for where in piece.sources)
                yield self.seen(
                    "c2pa.present", {"carrier": piece.carrier, "length_bytes": length}, piece.sources, "store"
                )
            elif piece.kind == "embedded":
                yield self._picture(piece.carrier, piece.sources)

    def _trailing(self, end: int) -> Seen:
        length = self.source.size_bytes - end
        head = self.source.read_at(end, 16)
        value = {
            "ends_with": last_signature(self.source, end),
            "first_bytes": head.hex(),
            "length_bytes": length,
            "offset_bytes": end,
            "signature": first_signature(head),
        }
        return self.seen("trailing", value, (Range(end, length),), "trailing")

    def _picture(self, carrier: str, ranges: tuple[Range, ...]) -> Seen:
        start = ranges[0].offset_bytes
        value = {
            "carrier": carrier,
            "length_bytes": sum(where.length_bytes for where in ranges),
            "offset_bytes": start,
            "signature": first_signature(self.source.read_at(start, 16)),
        }
        return self.seen("embedded.picture", value, ranges, "picture")

    def broken(self, damage: Damage) -> Seen:
        """One place of damage."""
        value = {"length_bytes": damage.length_bytes, "offset_bytes": damage.offset_bytes, "what": damage.what}
        there = max(0, min(damage.length_bytes, self.source.size_bytes - damage.offset_bytes))
        spans = (self.span(Range(damage.offset_bytes, there), "damage"),) if there else ()
        return Seen(claim="damage.structure", value=json_text(value), spans=spans)

    # -- texts and pieces

    def texts(self, structure: Structure) -> Iterator[Seen]:
        for text in structure.texts:
            value = {
                "charset": text.charset,
                "chunk": text.carrier,
                "keyword": text.keyword,
                "language": text.language,
                "translated_keyword": text.translated_keyword,
            } | _capped("text", text.text)
            yield self.seen("png.text", value, (text.source,), "chunk")

    def pieces(self, structure: Structure) -> Iterator[Seen]:
        """Everything in the metadata blocks, in the order of the file."""
        for piece in structure.pieces:
            claims = _PIECES.get(piece.kind)
            if claims is not None:
                yield from claims(self, piece)

    def exif(self, piece: Piece) -> Iterator[Seen]:
        """Give TIFF and Exif tags, maker notes, embedded previews."""
        whole = self.source if piece.carrier == "TIFF" else Bytes(piece.data)
        exif = read_exif(whole, _FIRST_DIRECTORY.get(piece.carrier, "IFD0"))
        self._note(piece, exif.damage)
        for directory, where in exif.pictures:
            yield self._picture(directory, piece.spans(where.offset_bytes, where.length_bytes) or piece.sources)
        yield from self._tags(piece, exif)

    def _tags(self, piece: Piece, exif: Exif) -> Iterator[Seen]:
        for tag in exif.tags:
            spans = piece.spans(tag.entry_offset_bytes, tag.entry_length_bytes)
            if not tag.entry_offset_bytes < tag.value_offset_bytes < tag.entry_offset_bytes + tag.entry_length_bytes:
                spans += piece.spans(tag.value_offset_bytes, tag.value_length_bytes) if tag.value_length_bytes else ()
            if tag.tag == 0x927C:
                yield self.seen("exif.maker_note", _maker_note(tag, exif.tags), spans, "entry and value")
                continue
            value = {"ifd": tag.ifd, "name": tag.name, "tag": tag.tag, "type": TYPE_NAMES[tag.type]}
            value |= _capped("value", tag.value) if isinstance(tag.value, str) else {"value": tag.value}
            yield self.seen("exif.tag", value, spans, "entry and value")

    def xmp(self, piece: Piece) -> Iterator[Seen]:
        """Give the properties of one packet."""
        packet = read_xmp(piece.data)
        if packet.problem:
            self._note(piece, (Damage(f"XMP: {packet.problem}", 0, len(piece.data)),))
        for found in packet.properties:
            yield self.seen(
                "xmp.property", {"path": found.path} | _capped("value", found.value), piece.sources, "packet"
            )

    def iptc(self, piece: Piece) -> Iterator[Seen]:
        """Give the datasets of one IPTC block."""
        datasets, damage = read_iptc(piece.data)
        self._note(piece, damage)
        for found in datasets:
            value: dict[str, object] = {
                "charset": found.charset,
                "dataset": found.dataset,
                "name": found.name,
                "record": found.record,
            }
            value |= _capped("value", found.value) if isinstance(found.value, str) else {"value": found.value}
            yield self.seen("iptc.dataset", value, piece.spans(found.offset_bytes, found.length_bytes), "dataset")

    def photoshop(self, piece: Piece) -> Iterator[Seen]:
        """Give what Photoshop image resources carry of the other kinds."""
        resources, damage = read_resources(piece.data)
        self._note(piece, damage)
        for resource in resources:
            start, length = resource.offset_bytes, resource.length_bytes
            kind = _RESOURCES.get(resource.identifier)
            if resource.identifier in (0x0409, 0x040C) and length > 28:
                yield self._picture(
                    f"{piece.carrier} 8BIM {resource.identifier:04X}", piece.spans(start + 28, length - 28)
                )
            elif kind is not None and length:
                data = piece.data[start : start + length]
                where = piece.spans(start, length)
                inner = Piece(
                    kind, data, where if piece.ranges else (), where, f"{piece.carrier} 8BIM {resource.identifier:04X}"
                )
                yield from _PIECES[kind](self, inner)

    def icc(self, piece: Piece) -> Iterator[Seen]:
        """Give what one ICC profile says of itself."""
        profile = read_icc(piece.data)
        if profile is None:
            self._note(piece, (Damage("ICC: no profile signature", 0, len(piece.data)),))
            return
        if profile.problem:
            self._note(piece, (Damage(f"ICC: {profile.problem}", 0, len(piece.data)),))
        value = msgspec.to_builtins(profile)
        value |= {"carrier": piece.carrier, "sha256": sha256(piece.data).hexdigest()}
        yield self.seen("icc.profile", value, piece.sources, "profile")

    def comment(self, piece: Piece) -> Iterator[Seen]:
        """Give a JPEG or GIF comment."""
        try:
            text = piece.data.decode("utf-8")
        except UnicodeDecodeError:
            text = piece.data.decode("latin-1")
        yield self.seen("comment", {"carrier": piece.carrier} | _capped("text", text), piece.sources, "comment")

    def _note(self, piece: Piece, damage: tuple[Damage, ...]) -> None:
        """Keep damage found inside a piece, with its place in the file."""
        for found in damage[: 1000 - len(self.damage)]:
            spans = piece.spans(found.offset_bytes, found.length_bytes) or piece.sources
            where = spans[0] if spans else Range(0, 0)
            self.damage.append(Damage(f"{piece.carrier}: {found.what}", where.offset_bytes, where.length_bytes))


_PIECES: dict[str, Callable[[FileClaims, Piece], Iterator[Seen]]] = {
    "exif": FileClaims.exif,
    "xmp": FileClaims.xmp,
    "iptc": FileClaims.iptc,
    "photoshop": FileClaims.photoshop,
    "icc": FileClaims.icc,
    "comment": FileClaims.comment,
}
_RESOURCES = {0x0404: "iptc", 0x0422: "exif", 0x0424: "xmp", 0x040F: "icc"}


def _header_bytes(part: Part) -> int:
    return max(0, min(part.length_bytes, part.data_offset_bytes - part.offset_bytes))


def _data(part: Part) -> Range:
    return Range(part.data_offset_bytes, part.data_length_bytes)


def _summary(structure: Structure) -> dict[str, object]:
    runs = [[kind, len(list(parts))] for kind, parts in groupby(part.kind for part in structure.parts)]
    value: dict[str, object] = {
        "count": len(structure.parts),
        "end_bytes": structure.end_bytes,
        "parts": runs[:_RUNS_MAX],
    }
    if structure.format == "png":
        kinds = [part.kind for part in structure.parts]
        last = max((index for index, kind in enumerate(kinds) if kind == "IDAT"), default=len(kinds))
        value["after_idat"] = [kind for kind in kinds[last + 1 :] if kind != "IEND"][:_RUNS_MAX]
    return value


def _maker_note(tag: Tag, tags: tuple[Tag, ...]) -> dict[str, object]:
    make = next((other.value for other in tags if other.tag == 0x010F), "")
    return {
        "length_bytes": tag.value_length_bytes,
        "maker": maker_of(tag.raw, make if isinstance(make, str) else ""),
        "parsed": False,
        "sha256": sha256(tag.raw).hexdigest(),
    }


def _capped(key: str, text: str) -> dict[str, object]:
    """Give a text under `key`; one too long is cut, with its full length and digest beside it."""
    if len(text) * 4 <= TEXT_BYTES_MAX:
        return {key: text}
    raw = text.encode("utf-8")
    if len(raw) <= TEXT_BYTES_MAX:
        return {key: text}
    cut = raw[:TEXT_BYTES_MAX].decode("utf-8", "ignore")
    return {key: cut, f"{key}_length_bytes": len(raw), f"{key}_sha256": sha256(raw).hexdigest()}
