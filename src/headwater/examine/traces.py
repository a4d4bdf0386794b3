"""Traces for a person to look at. Runs only where it is asked for; nothing it says has weight."""

import zlib
from collections.abc import Iterator

import numpy as np

from headwater.examine.decode import decodable
from headwater.examine.examiner import Example
from headwater.examine.metadata_json import json_text
from headwater.examine.traces_measured import block_grid, coefficient_counts, colour_phases, middle, spectrum
from headwater.examine.view import View
from headwater.formats.jpeg_coding import read_coding
from headwater.model.errors import EvidenceError
from headwater.model.finding import Seen, State

_MODES = (1, 2)  # of the zigzag: the lowest frequency across, and down
_SIDE_MIN = 16


class Traces:
    """Claims of a picture whose pixels can be decoded; each is FAILED with the decoder's reason where they cannot.

    traces.spectrum {"levels": 64 rows of 64 from 0 to 255}; traces.cfa {"red", "green", "blue": [four phases]};
    traces.blocks {"levels": 8 rows of 8}; traces.coefficients {"counts": {place of the zigzag: 49 counts}, "steps"}.
    NOT_RUN for a picture too small.
    """

    name = "traces"
    version = "1"
    claims = ("traces.spectrum", "traces.cfa", "traces.blocks", "traces.coefficients")

    def accepts(self, view: View) -> bool:
        return decodable(view.media_type)

    def examine(self, view: View) -> Iterator[Seen]:
        try:
            picture = view.picture()
            plane, colours = picture.luma(), picture.colours()
        except EvidenceError as fault:
            reason = f"{fault.kind}: {fault.message}"
            yield from (Seen(claim=claim, state=State.FAILED, reason=reason) for claim in self.claims)
            return
        if min(plane.shape) < _SIDE_MIN:
            reason = f"a picture of less than {_SIDE_MIN} pixels a side"
            yield from (Seen(claim=claim, state=State.NOT_RUN, reason=reason) for claim in self.claims)
            return
        luma = middle(plane)
        levels = spectrum(luma)
        if levels:
            yield Seen(claim="traces.spectrum", value=json_text({"levels": levels}))
        else:
            yield Seen(claim="traces.spectrum", state=State.NOT_RUN, reason="smaller than one tile of 64 x 64")
        red, green, blue = colour_phases(middle(colours))
        yield Seen(claim="traces.cfa", value=json_text({"blue": blue, "green": green, "red": red}))
        yield Seen(claim="traces.blocks", value=json_text({"levels": block_grid(luma)}))
        steps = _steps(view)
        whole = np.rint(np.clip(plane, 0, 255)).astype(np.uint8)
        counts = {str(mode): coefficient_counts(whole, steps, mode) for mode in _MODES}
        yield Seen(
            claim="traces.coefficients", value=json_text({"counts": counts, "steps": [steps[m] for m in _MODES]})
        )

    def examples(self) -> tuple[Example, ...]:
        found = tuple((claim, None) for claim in self.claims)
        return (Example(name="slope.png", data=_grey_png(72, 66), expected=found),)


def _steps(view: View) -> tuple[int, ...]:
    """The luma steps of a JPEG; of all else one unit."""
    structure = view.structure()
    coding = read_coding(view.bytes, structure) if structure and structure.format == "jpeg" else None
    return coding.tables[0] if coding and coding.tables else (1,) * 64


def _grey_png(width: int, height: int) -> bytes:
    """A grey slope as a PNG, written by hand (PNG specification, section 11)."""
    rows = b"".join(b"\0" + bytes((3 * x + 7 * y) % 200 + 20 for x in range(width)) for y in range(height))
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes((8, 0, 0, 0, 0))
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    sealed = (kind + body + zlib.crc32(kind + body).to_bytes(4, "big") for kind, body in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join((len(each) - 8).to_bytes(4, "big") + each for each in sealed)
