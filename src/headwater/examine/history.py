"""Whether a JPEG was compressed before: a fact about the file, without weight for its origin."""

from collections.abc import Iterator

from headwater.examine.examiner import Example
from headwater.examine.jpeg_history import look_back
from headwater.examine.metadata_json import json_text
from headwater.examine.metadata_spans import Spans
from headwater.examine.view import View
from headwater.formats.jpeg_coding import Coding, read_coding
from headwater.formats.jpeg_standard import luma_table
from headwater.model.errors import EvidenceError
from headwater.model.finding import Seen, State

SCORE_MIN = 0.05  # nats a coefficient; chosen on pictures made by code, measured on others (bench.recompression)
MODES_MIN = 3
_CLAIM = "jpeg.history"
_WEIGHT = "none: platforms, programs and cameras compress again"


class History:
    """One claim of a JPEG whose pixels can be decoded.

    jpeg.history: {"recompressed": yes | no sign | cannot say, "why"?, "earlier_quality"?: [lowest, highest], "score",
    "frequencies", "blocks", "weight"}. NOT_RUN with the decoder's reason where there are no pixels.
    """

    name = "history"
    version = "1"
    claims = (_CLAIM,)

    def accepts(self, view: View) -> bool:
        return view.media_type == "image/jpeg"

    def examine(self, view: View) -> Iterator[Seen]:
        structure = view.structure()
        coding = read_coding(view.bytes, structure) if structure else None
        if coding is None or not coding.tables:
            reason = "damage: no whole frame header, or no table it uses"
            yield Seen(claim=_CLAIM, state=State.NOT_RUN, reason=reason)
            return
        try:
            value = _look(view, coding)
        except EvidenceError as fault:  # the decoder's failure is told by the examiner picture
            yield Seen(claim=_CLAIM, state=State.NOT_RUN, reason=f"no pixels: {fault.kind}: {fault.message}")
            return
        spans = Spans(view.bytes).of(coding.ranges, "frame or table")
        yield Seen(claim=_CLAIM, value=json_text(value), spans=spans)

    def examples(self) -> tuple[Example, ...]:
        return (Example(name="flat.jpg", data=_flat_jpeg(200, 160), expected=((_CLAIM, None),)),)


def _look(view: View, coding: Coding) -> dict[str, object]:
    if coding.precision_bits != 8 or coding.components[0].across != max(each.across for each in coding.components):
        return {"recompressed": "cannot say", "why": "a kind of JPEG whose blocks are not looked at", "weight": _WEIGHT}
    luma = view.picture().luma()
    if luma.dtype != "uint8" or luma.shape != (coding.height_pixels, coding.width_pixels):
        return {"recompressed": "cannot say", "why": "its luma was not decoded as stored", "weight": _WEIGHT}
    found = look_back(luma.astype("uint8", copy=False), coding.tables[0])
    value: dict[str, object] = {
        "blocks": found.blocks,
        "frequencies": found.modes,
        "recompressed": "no sign",
        "score": round(found.score, 2),
        "weight": _WEIGHT,
    }
    if found.modes < MODES_MIN:
        why = "too few blocks, or too little in them at these steps"
        return value | {"recompressed": "cannot say", "why": why}
    if found.score >= SCORE_MIN and found.qualities:
        return value | {"recompressed": "yes", "earlier_quality": list(found.qualities)}
    return value


def _flat_jpeg(width: int, height: int) -> bytes:
    """A grey plain as a JPEG, written by hand (T.81, Annex B): every block is two codes of one bit, both 0."""
    one_code = bytes((1, *(0,) * 15, 0))  # one code of one bit, for 0
    frame = b"\x08" + height.to_bytes(2, "big") + width.to_bytes(2, "big") + b"\x01\x01\x11\x00"
    segments = (
        (0xDB, b"\0" + bytes(luma_table(80))),
        (0xC0, frame),
        (0xC4, b"\x00" + one_code + b"\x10" + one_code),
        (0xDA, b"\x01\x01\x00\x00\x3f\x00"),
    )
    head = b"".join(bytes((0xFF, code)) + (len(data) + 2).to_bytes(2, "big") + data for code, data in segments)
    blocks = (width // 8) * (height // 8)
    return b"\xff\xd8" + head + bytes((2 * blocks + 7) // 8) + b"\xff\xd9"
