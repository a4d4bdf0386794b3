"""Turns what the format readers say of a file as a whole into Seen records, each with the bytes relied on."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import groupby

from headwater.examine.metadata_json import bounded_text
from headwater.examine.metadata_spans import Spans
from headwater.formats.jpeg import quantisation_tables
from headwater.formats.structure import Damage, Part, Piece, Range, Source, Structure
from headwater.formats.trailing import first_signature, last_signature, signature_behind_zeros
from headwater.model.finding import Seen, State

_RUNS_MAX = 400
_TABLES_MAX = 64
_KIND_LETTERS_MAX = 64
_DAMAGE_KEPT = 1000
_KINDS_SHOWN = 24
_WORDS = {"png": "chunks", "jpeg": "segments", "webp": "chunks", "gif": "blocks", "bmp": "headers", "tiff": "ifds"}
_HEAD_BYTES = 16


class FileClaims:
    """The claims about one file."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.spans = Spans(source)
        self.damage: list[Damage] = []  # found inside pieces
        self.unread: list[Part] = []  # likewise
        self.said_something = False

    def seen(
        self, claim: str, value: Mapping[str, object], ranges: Sequence[Range], role: str, unreadable: str = ""
    ) -> Seen:
        """One finding; where it is `unreadable`, one that failed, or was not run where a limit kept it from being."""
        self.said_something = True
        state = State.FOUND
        if unreadable:
            state = State.NOT_RUN if unreadable.startswith("limit") else State.FAILED
        text = bounded_text(value)
        return Seen(claim=claim, value=text, state=state, reason=unreadable, spans=self.spans.of(ranges, role))

    def structure(self, structure: Structure) -> Iterator[Seen]:
        """Give the summary of the parts, and the quantisation tables of a JPEG."""
        claim = f"{structure.format}.{_WORDS.get(structure.format, 'boxes')}"
        if structure.format != "xmp":
            headers = [Range(part.offset_bytes, _header_bytes(part)) for part in structure.parts]
            yield self.seen(claim, _summary(structure), headers, "header")
        tables = [part for part in structure.parts if part.kind == "DQT"]
        if structure.format == "jpeg" and tables:
            yield self._quantisation(tables[:_TABLES_MAX])
        self.said_something = False

    def _quantisation(self, parts: list[Part]) -> Seen:
        data = [self.source.read_at(part.data_offset_bytes, part.data_length_bytes) for part in parts]
        tables = [
            {"id": table.identifier, "precision_bits": table.precision_bits, "values": table.values}
            for body in data
            for table in quantisation_tables(body)
        ]
        value = {"sha256": sha256(b"".join(data)).hexdigest(), "tables": tables[:_TABLES_MAX]}
        return self.seen("jpeg.quantisation", value, [_data(part) for part in parts], "table")

    def around(self, structure: Structure) -> Iterator[Seen]:
        """Give data after the end, C2PA stores and pictures the containers name."""
        end = structure.end_bytes
        if end is not None and end < self.source.size_bytes:
            yield self._trailing(end)
        for piece in structure.pieces:
            if piece.kind == "c2pa":
                length = sum(where.length_bytes for where in piece.sources)
                value = {"carrier": piece.carrier, "length_bytes": length}
                yield self.seen("c2pa.present", value, piece.sources, "store")
            elif piece.kind == "embedded":
                yield self.picture(piece.carrier, piece.sources, piece.form)

    def _trailing(self, end: int) -> Seen:
        length = self.source.size_bytes - end
        zeros, signature = signature_behind_zeros(self.source, end)
        value = {
            "ends_with": last_signature(self.source, end),
            "first_bytes": self.source.read_at(end, _HEAD_BYTES).hex(),
            "length_bytes": length,
            "offset_bytes": end,
            "signature": signature,
        } | ({"zeros_before_bytes": zeros} if zeros else {})
        return self.seen("trailing", value, (Range(end, length),), "trailing")

    def picture(self, carrier: str, ranges: Sequence[Range], form: str = "") -> Seen:
        """Name an embedded picture by where it lies in the file."""
        start = ranges[0].offset_bytes
        head = self.source.read_at(start, min(_HEAD_BYTES, ranges[0].length_bytes))
        value = {
            "carrier": carrier,
            "length_bytes": sum(where.length_bytes for where in ranges),
            "offset_bytes": start,
            "signature": form or first_signature(head),
        }
        return self.seen("embedded.picture", value, ranges, "picture")

    def picture_inside(self, carrier: str, data: bytes, sources: Sequence[Range]) -> Seen:
        """Name an embedded picture that lies nowhere in the file as such: it was compressed, or spelled otherwise."""
        value = {"carrier": carrier, "length_bytes": len(data), "signature": first_signature(data[:_HEAD_BYTES])}
        return self.seen("embedded.picture", value, sources, "what holds the picture")

    def texts(self, structure: Structure) -> Iterator[Seen]:
        """Give the texts of a PNG, and what else the container says."""
        for text in structure.texts:
            value: dict[str, object] = {
                "charset": text.charset,
                "chunk": text.carrier,
                "keyword": text.keyword,
                "language": text.language,
                "translated_keyword": text.translated_keyword,
            }
            value |= {} if text.unreadable else {"text": text.text}
            value |= {"cut": True} if text.cut else {}
            value |= {} if text.checksum_ok else {"checksum_ok": False}
            yield self.seen("png.text", value, (text.source,), "chunk", text.unreadable)
        for field in structure.fields:
            yield self.seen(field.claim, field.value, field.ranges, field.role, field.unreadable)

    def note(self, piece: Piece, damage: Sequence[Damage]) -> None:
        """Keep damage found inside a piece, with its place in the file."""
        for found in damage[: _DAMAGE_KEPT - len(self.damage)]:
            spans = piece.spans(found.offset_bytes, found.length_bytes) or piece.sources
            where = spans[0] if spans else Range(0, 0)
            what = f"{piece.carrier}: {found.what}"
            self.damage.append(Damage(what, where.offset_bytes, where.length_bytes, found.lost))

    def broken(self, damage: Damage) -> Seen:
        """One place of damage."""
        value = {"length_bytes": damage.length_bytes, "offset_bytes": damage.offset_bytes, "what": damage.what}
        there = max(0, min(damage.length_bytes, self.source.size_bytes - damage.offset_bytes))
        spans = (self.spans.one(Range(damage.offset_bytes, there), "damage"),) if there else ()
        return Seen(claim="damage.structure", value=bounded_text(value), spans=spans)

    def silence(self, structure: Structure) -> Iterator[Seen]:
        """Give what was not read and may be metadata; where nothing was said at all, why. Asked last."""
        unread = (*structure.unread, *self.unread)
        lost = [damage for damage in (*structure.damage, *self.damage) if damage.lost]
        reason = f"not read: {_kinds(unread)}" if unread else ""
        if lost and not self.said_something:
            kind = "truncated" if structure.end_bytes is None and not self.damage else "malformed"
            reason = "; ".join(
                filter(None, (f"{kind}: damage kept metadata, if there was any, from being read", reason))
            )
            yield Seen(claim="metadata", state=State.FAILED, reason=reason)
        elif unread:
            ranges = [Range(part.offset_bytes, part.length_bytes) for part in unread]
            spans = self.spans.of(ranges, "not read")
            yield Seen(claim="metadata", state=State.NOT_RUN, reason=reason, spans=spans)
        elif not self.said_something:
            yield Seen(claim="metadata", state=State.NOTHING, reason="looked: the file carries no metadata")


def _kinds(unread: Sequence[Part]) -> str:
    kinds = sorted({_short(part.kind) for part in unread})
    more = f" and {len(kinds) - _KINDS_SHOWN} more kinds" if len(kinds) > _KINDS_SHOWN else ""
    return f"{', '.join(kinds[:_KINDS_SHOWN])}{more}"


def _short(kind: str) -> str:
    return kind[:_KIND_LETTERS_MAX]


def _header_bytes(part: Part) -> int:
    return max(0, min(part.length_bytes, part.data_offset_bytes - part.offset_bytes))


def _data(part: Part) -> Range:
    return Range(part.data_offset_bytes, part.data_length_bytes)


def _summary(structure: Structure) -> dict[str, object]:
    runs = [[kind, len(list(parts))] for kind, parts in groupby(_short(part.kind) for part in structure.parts)]
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
