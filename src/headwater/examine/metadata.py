"""Metadata at byte level: what a picture file says of itself, and exactly where.

Claims (values are JSON with sorted keys and no spaces unless said otherwise):

- ``png.chunks``, ``jpeg.segments``, ``webp.chunks``, ``gif.blocks``, ``bmp.headers``, ``tiff.ifds``,
  ``isobmff.boxes``:
  {"parts": [[kind, how many in a row], ...], "count", "end_bytes", "after_idat"?}
- ``png.text`` {"charset", "chunk", "keyword", "language", "text", "translated_keyword", "checksum_ok"?: false};
  ``png.time`` {"time"}; ``comment`` {"carrier", "text"}
- ``jpeg.quantisation`` {"tables": [{"id", "precision_bits", "values" in zigzag order}], "sha256"};
  ``jpeg.picture_info`` {"key", "section", "value"}
- ``isobmff.tag`` {"carrier", "key", "value" or "hex" or "length_bytes" and "sha256", "language"?, "type"?};
  ``isobmff.time`` {"carrier", "created_seconds" and "modified_seconds" since 1904, "created"?, "modified"?}
- ``exif.tag`` {"ifd", "tag", "name", "type", "value"}; ``exif.maker_note`` {"length_bytes", "maker",
  "parsed", "sha256"}
- ``xmp.property`` {"path", "value"}; ``iptc.dataset`` {"charset", "dataset", "name", "record", "value"};
  ``icc.profile``
- ``trailing`` {"offset_bytes", "length_bytes", "first_bytes", "signature", "ends_with", "zeros_before_bytes"?}
- ``embedded.picture`` {"carrier", "length_bytes", "offset_bytes" where it lies in the file as such, "signature"};
  ``c2pa.present`` {"carrier", "length_bytes"}
- ``damage.structure`` {"length_bytes", "offset_bytes", "what"}
- ``metadata`` as NOTHING (the whole file was read, and it says nothing of itself), NOT_RUN (parts that may be metadata
  are not read; named) or FAILED (damage kept it from being read, and nothing was); ``limit`` as NOT_RUN (more than was
  recorded).

A value whose end is missing has ``"cut": true``; one that could not be read at all is FAILED and has no value. A text
over 64 KiB as JSON, or a word over 4 KiB, is cut; its full length and SHA-256 are then beside it and the span covers
all of it.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from headwater.examine.examiner import Example
from headwater.examine.metadata_claims import FileClaims
from headwater.examine.metadata_examples import EXAMPLES
from headwater.examine.metadata_pieces import pieces
from headwater.examine.view import View
from headwater.formats.pieces import Read, read_pieces
from headwater.formats.structure import Source, Structure
from headwater.model.finding import Seen, State

FINDINGS_MAX = 2_000
_DAMAGE_FIRST = 200


class Metadata:
    """The examiner. Reads one file's structure once and yields what it carries."""

    name = "metadata"
    version = "1"
    claims = (
        "bmp.headers",
        "c2pa.present",
        "comment",
        "damage.structure",
        "embedded.picture",
        "exif.maker_note",
        "exif.tag",
        "gif.blocks",
        "icc.profile",
        "iptc.dataset",
        "isobmff.boxes",
        "isobmff.tag",
        "isobmff.time",
        "jpeg.picture_info",
        "jpeg.quantisation",
        "jpeg.segments",
        "limit",
        "metadata",
        "png.chunks",
        "png.text",
        "png.time",
        "tiff.ifds",
        "trailing",
        "webp.chunks",
        "xmp.property",
    )

    def accepts(self, view: View) -> bool:
        return view.structure() is not None

    def examine(self, view: View) -> Iterator[Seen]:
        structure = view.structure()
        if structure is not None:
            yield from _claims(view.bytes, structure, view.read())

    def examples(self) -> tuple[Example, ...]:
        return EXAMPLES


def examine_source(source: Source, read: Callable[[Source], Structure]) -> Iterator[Seen]:
    """Everything one file says, read by `read`."""
    structure = read(source)
    return _claims(source, structure, read_pieces(source, structure))


def _claims(source: Source, structure: Structure, parsed: Iterable[Read]) -> Iterator[Seen]:
    """At most `FINDINGS_MAX` claims, the general before the particular."""
    claims = FileClaims(source)
    summary = claims.structure(structure)
    said = chain(claims.around(structure), claims.texts(structure), pieces(claims, parsed))
    count = 0
    more = 0
    for seen in chain(summary, said, _damage(claims, structure), claims.silence(structure)):
        if count < FINDINGS_MAX:
            count += 1
            yield seen
        else:
            more += 1
    if more:
        yield Seen(
            claim="limit",
            value=str(more),
            state=State.NOT_RUN,
            reason=f"{FINDINGS_MAX} findings of one file are recorded; {more} more were not",
        )


def _damage(claims: FileClaims, structure: Structure) -> Iterator[Seen]:
    every = (*structure.damage, *claims.damage)
    yield from (claims.broken(damage) for damage in every[:_DAMAGE_FIRST])
    if len(every) > _DAMAGE_FIRST:
        more = len(every) - _DAMAGE_FIRST
        reason = f"{more} further places of damage not listed"
        yield Seen(claim="limit", value=f"{more} places of damage", state=State.NOT_RUN, reason=reason)
