"""Turns pieces of metadata (Exif, XMP, IPTC, Photoshop, ICC, comments) into Seen records."""

from collections.abc import Iterable, Iterator
from hashlib import sha256

import msgspec

from headwater.examine.metadata_claims import FileClaims
from headwater.formats.charset import utf8_or_latin
from headwater.formats.exif import Exif, Tag
from headwater.formats.exif_values import TYPE_NAMES
from headwater.formats.icc import read_icc
from headwater.formats.iptc import SILENT_RESOURCES, Resource
from headwater.formats.maker_note import maker_of
from headwater.formats.pieces import READ_RESOURCES, Content, Datasets, Read, Resources
from headwater.formats.structure import Bytes, Damage, Part, Piece
from headwater.formats.xmp import Xmp
from headwater.model.finding import Seen

_THUMBNAILS = (0x0409, 0x040C)
_THUMBNAIL_HEADER_BYTES = 28
_MAKER_NOTE = 0x927C


def pieces(claims: FileClaims, parsed: Iterable[Read]) -> Iterator[Seen]:
    """Everything in the metadata blocks, in the order of the file."""
    for each in parsed:
        yield from _piece(claims, each.piece, each.content)


def _piece(claims: FileClaims, piece: Piece, content: Content) -> Iterator[Seen]:
    match content:
        case Exif():
            yield from _exif(claims, piece, content)
        case Xmp():
            yield from _xmp(claims, piece, content)
        case Datasets():
            yield from _iptc(claims, piece, content)
        case Resources():
            yield from _photoshop(claims, piece, content)
        case _ if piece.kind == "icc":
            yield from _icc(claims, piece)
        case _ if piece.kind == "comment":
            yield from _comment(claims, piece)


def _exif(claims: FileClaims, piece: Piece, exif: Exif) -> Iterator[Seen]:
    """Give TIFF and Exif tags, maker notes, embedded previews."""
    claims.note(piece, exif.damage)
    for directory, where in exif.pictures:
        if piece.ranges:
            yield claims.picture(directory, piece.spans(where.offset_bytes, where.length_bytes) or piece.sources)
        else:
            whole = claims.source if piece.carrier == "TIFF" else Bytes(piece.data)
            data = whole.read_at(where.offset_bytes, where.length_bytes)
            yield claims.picture_inside(directory, data, piece.sources)
    for tag in exif.tags:
        yield _tag(claims, piece, exif, tag)


def _tag(claims: FileClaims, piece: Piece, exif: Exif, tag: Tag) -> Seen:
    spans = piece.spans(tag.entry_offset_bytes, tag.entry_length_bytes)
    inline = tag.entry_offset_bytes < tag.value_offset_bytes < tag.entry_offset_bytes + tag.entry_length_bytes
    if not inline and tag.value_length_bytes and piece.ranges:
        spans += piece.spans(tag.value_offset_bytes, tag.value_length_bytes)
    role = "entry and value" if piece.ranges else "what holds entry and value"
    if tag.tag == _MAKER_NOTE and not tag.unreadable:
        return claims.seen("exif.maker_note", _maker_note(tag, exif.tags), spans, role)
    value: dict[str, object] = {"ifd": tag.ifd, "name": tag.name, "tag": tag.tag, "type": TYPE_NAMES[tag.type]}
    if not tag.unreadable:
        value["value"] = tag.value
    if tag.cut:
        value["cut"] = True
    return claims.seen("exif.tag", value, spans, role, tag.unreadable)


def _maker_note(tag: Tag, tags: tuple[Tag, ...]) -> dict[str, object]:
    make = next((other.value for other in tags if other.tag == 0x010F), "")
    value: dict[str, object] = {
        "length_bytes": tag.value_length_bytes,
        "maker": maker_of(tag.raw, make if isinstance(make, str) else ""),
        "parsed": False,
        "sha256": sha256(tag.raw).hexdigest(),
    }
    return value | ({"cut": True} if tag.cut else {})


def _xmp(claims: FileClaims, piece: Piece, packet: Xmp) -> Iterator[Seen]:
    """Give the properties of one packet."""
    if packet.problem:
        claims.note(piece, (Damage(f"XMP: {packet.problem}", 0, len(piece.data)),))
    for found in packet.properties:
        value: dict[str, object] = {"path": found.path, "value": found.value}
        if found.cut:
            value["cut"] = True
        yield claims.seen("xmp.property", value, piece.sources, "packet")


def _iptc(claims: FileClaims, piece: Piece, content: Datasets) -> Iterator[Seen]:
    """Give the datasets of one IPTC block."""
    claims.note(piece, content.damage)
    for found in content.datasets:
        value: dict[str, object] = {
            "charset": found.charset,
            "dataset": found.dataset,
            "name": found.name,
            "record": found.record,
            "value": found.value,
        }
        if found.cut:
            value["cut"] = True
        yield claims.seen("iptc.dataset", value, piece.spans(found.offset_bytes, found.length_bytes), "dataset")


def _photoshop(claims: FileClaims, piece: Piece, content: Resources) -> Iterator[Seen]:
    """Give the thumbnails among Photoshop image resources; name those that are not read."""
    claims.note(piece, content.damage)
    for resource in content.resources:
        start, length = resource.offset_bytes, resource.length_bytes
        where = piece.spans(start, length)
        if resource.identifier in _THUMBNAILS and length > _THUMBNAIL_HEADER_BYTES:
            carrier = f"{piece.carrier} 8BIM {resource.identifier:04X}"
            yield _thumbnail(claims, piece, carrier, start + _THUMBNAIL_HEADER_BYTES, length - _THUMBNAIL_HEADER_BYTES)
        elif _is_passed(resource) and where:
            offset = where[0].offset_bytes
            claims.unread.append(
                Part(f"8BIM {resource.identifier:04X}", offset, where[0].length_bytes, offset, where[0].length_bytes)
            )


def _is_passed(resource: Resource) -> bool:
    """Whether a resource holds something, is not read, and may be metadata."""
    known = resource.identifier in READ_RESOURCES or resource.identifier in SILENT_RESOURCES
    return bool(resource.length_bytes) and not known


def _thumbnail(claims: FileClaims, piece: Piece, carrier: str, start: int, length: int) -> Seen:
    if piece.ranges:
        return claims.picture(carrier, piece.spans(start, length))
    return claims.picture_inside(carrier, piece.data[start : start + length], piece.sources)


def _icc(claims: FileClaims, piece: Piece) -> Iterator[Seen]:
    """Give what one ICC profile says of itself."""
    profile = read_icc(piece.data)
    if profile is None:
        claims.note(piece, (Damage("ICC: no profile signature", 0, len(piece.data)),))
        return
    if profile.problem:
        claims.note(piece, (Damage(f"ICC: {profile.problem}", 0, len(piece.data)),))
    value = msgspec.to_builtins(profile)
    value |= {"carrier": piece.carrier, "sha256": sha256(piece.data).hexdigest()}
    yield claims.seen("icc.profile", value, piece.sources, "profile")


def _comment(claims: FileClaims, piece: Piece) -> Iterator[Seen]:
    """Give a comment of a JPEG or GIF."""
    value = {"carrier": piece.carrier, "text": utf8_or_latin(piece.data)[0]}
    yield claims.seen("comment", value, piece.sources, "comment")
