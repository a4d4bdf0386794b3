"""Compares each picture inside a picture with the picture it lies in."""

from collections.abc import Iterator, Mapping
from hashlib import sha256

from headwater.examine.decode import Decoding, Picture, decodable, read_picture
from headwater.examine.examiner import Example
from headwater.examine.metadata_json import json_text
from headwater.examine.previews_compare import Comparison, compare
from headwater.examine.previews_examples import EXAMPLES
from headwater.examine.view import View
from headwater.formats.embedded import Embedded
from headwater.formats.signature import media_type
from headwater.kernels.pdq import Pdq
from headwater.model.errors import EvidenceError
from headwater.model.finding import Seen, Span, State

_CARRIER_LETTERS_MAX = 200
_HEAD_BYTES = 64 << 10
_DECODED_BYTES_MAX = 32 << 20


class Previews:
    """One claim for each picture inside the picture.

    embedded.compared: JSON {"carrier", "role", "sha256", "length_bytes", "width"?, "height"?, "pdq"?, "quality"?,
    "distance_bits"?, "variant"?, "bars_pixels"?, "same": "yes" | "no" | "cannot say", "why"?}. role: `thumbnail` where
    the carrier means it to show the same picture, `ingredient` where it shows what the picture was made from,
    `picture` for any other. pdq, quality and distance are of the preview without its black bars.
    """

    name = "previews"
    version = "1"
    claims = ("embedded.compared",)

    def accepts(self, view: View) -> bool:
        return bool(view.embedded().pictures)

    def examine(self, view: View) -> Iterator[Seen]:
        outer = _Outer(view)
        for each in view.embedded().pictures:
            yield _seen(view, each, outer)

    def examples(self) -> tuple[Example, ...]:
        return EXAMPLES


class _Outer:
    """The picture that holds the others, hashed when it is first asked for; or why it cannot be."""

    def __init__(self, view: View) -> None:
        self._view = view

    def hashes(self) -> tuple[tuple[Pdq, ...], tuple[int, int]] | str:
        if not decodable(self._view.media_type):
            return f"what holds it ({self._view.media_type}) is of a kind that is not decoded"
        try:
            picture = self._view.picture()
            return self._view.dihedral(), (picture.width_pixels, picture.height_pixels)
        except EvidenceError as fault:
            return f"the picture that holds it cannot be decoded: {fault.kind}: {fault.message}"


def _seen(view: View, embedded: Embedded, outer: _Outer) -> Seen:
    data = embedded.read(view)
    value: dict[str, object] = {
        "carrier": embedded.carrier[:_CARRIER_LETTERS_MAX],
        "length_bytes": len(data),
        "role": embedded.role,
        "sha256": sha256(data).hexdigest(),
    }
    value |= _compared(data, embedded, outer)
    spans = tuple(
        Span(offset_bytes=each.offset_bytes, length_bytes=each.length_bytes, sha256="", role="picture")
        for each in embedded.ranges or embedded.sources
    )
    return Seen(claim="embedded.compared", value=json_text(value), state=State.FOUND, spans=spans)


def _compared(data: bytes, embedded: Embedded, outer: _Outer) -> Mapping[str, object]:
    inner = _decoded(data, embedded)
    if isinstance(inner, str):
        return _cannot_say(inner)
    size = {"height": inner.header.height_pixels, "width": inner.header.width_pixels}
    hashes = outer.hashes()
    if isinstance(hashes, str):
        return size | _cannot_say(hashes)
    return size | _told(compare(inner, *hashes))


def _told(found: Comparison) -> dict[str, object]:
    value: dict[str, object] = {
        "distance_bits": found.distance_bits,
        "pdq": str(found.pdq),
        "quality": found.pdq.quality,
        "same": found.same,
        "variant": found.variant,
    }
    value |= {"bars_pixels": list(found.bars_pixels)} if any(found.bars_pixels) else {}
    return value | ({"why": found.why} if found.why else {})


def _cannot_say(why: str) -> dict[str, object]:
    return {"same": "cannot say", "why": why}


def _decoded(data: bytes, embedded: Embedded) -> Picture | str:
    """The pixels, a JPEG's at a fraction of its size; or why there are none."""
    if embedded.form:
        return f"rows of pixels without a file format ({embedded.form})"
    if len(data) > _DECODED_BYTES_MAX:
        return f"limit: {len(data)} bytes are more than is decoded of a picture inside a picture"
    kind = media_type(data[:_HEAD_BYTES], len(data))
    if not decodable(kind):
        return f"no picture that is decoded begins there ({kind})"
    try:
        return read_picture(data, kind, Decoding(full_size=False))
    except EvidenceError as fault:
        return f"{fault.kind}: {fault.message}"
