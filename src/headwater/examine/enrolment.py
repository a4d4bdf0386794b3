"""Learning a camera's pattern inside the worker: its references are looked at three times, and none is kept.

First each is rated (`score`), then the chosen ones are added up (`add`), then the pattern is held against each
(`check`): whether anything of a picture stands in it.
"""

import mmap
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from headwater.examine.decode import decodable
from headwater.examine.messages import Enrol, WritePattern
from headwater.examine.sensor_picture import window_luma
from headwater.examine.view import View
from headwater.formats.sensor_pattern import PatternHeader, SensorPattern, pack_pattern
from headwater.kernels import prnu
from headwater.kernels.wavelet import Plane
from headwater.model.canonical import Json, canonical_text
from headwater.model.errors import LimitReached, Malformed
from headwater.model.finding import Method, Seen

METHOD = "prnu 1"
REFERENCE = "sensor.reference"  # the claim by which the broker hears of each
_APART = 4  # pixels between which a picture's unevenness is measured


class Enrolment:
    """Looks at references: it lives as long as its worker. What it sees are answers to the broker, and never sealed."""

    name = "reference"
    version = "1"
    claims = (REFERENCE,)

    def __init__(self, request: Enrol) -> None:
        self._sides = (request.height, request.width)
        self._part = prnu.window(*self._sides)
        self._estimate: prnu.Estimate | None = prnu.Estimate(self._part.height, self._part.width)
        self._pattern: Plane | None = None
        self._highest = 0.0
        self._stage, self._wanted = request.stage, frozenset(request.digests)
        self._stages: Mapping[str, Callable[[prnu.Luma], dict[str, Json]]] = {
            "score": _rated,
            "add": self._add,
            "check": self._check,
        }

    @property
    def method(self) -> Method:
        return Method(examiner=self.name, version=self.version, code_digest="", settings_digest="")

    def begin(self, request: Enrol) -> None:
        """Look at these contents in this way from now on."""
        self._stage, self._wanted = request.stage, frozenset(request.digests)

    def accepts(self, view: View) -> bool:
        return view.sha256 in self._wanted and decodable(view.media_type)

    def examine(self, view: View) -> Iterator[Seen]:
        header = view.header()
        if (header.height_pixels, header.width_pixels) != self._sides:
            raise Malformed("another size than was found before")
        yield Seen(claim=REFERENCE, value=canonical_text(self._stages[self._stage](window_luma(view))))

    def write(self, request: WritePattern, descriptor: int) -> tuple[int, float]:
        """Write the pattern's file into the shared memory of `descriptor`: how many bytes it has, and its likeness."""
        pattern = self._learned()
        deviation = float(pattern.std(dtype=np.float64))
        header = PatternHeader(
            method=METHOD,
            make=request.make,
            model=request.model,
            serial=request.serial,
            picture_height=self._sides[0],
            picture_width=self._sides[1],
            top=self._part.top,
            left=self._part.left,
            height=self._part.height,
            width=self._part.width,
            deviation=deviation,
            references=request.references,
            threshold=request.threshold,
            likeness=round(self._highest, 6),
        )
        samples = (pattern / np.float32(deviation or 1)).astype("<f2").tobytes()
        data = pack_pattern(SensorPattern(header=header, samples=samples))
        if len(data) > request.room_bytes:
            raise LimitReached(f"a pattern of {len(data)} bytes is more than there is room for")
        with mmap.mmap(descriptor, request.room_bytes) as memory:
            memory[: len(data)] = data
        return len(data), header.likeness

    def _add(self, luma: prnu.Luma) -> dict[str, Json]:
        if self._estimate is None:
            raise Malformed("the pattern is learned already")
        self._estimate.add(luma)
        return {}

    def _check(self, luma: prnu.Luma) -> dict[str, Json]:
        likeness = prnu.likeness(self._learned(), luma)
        self._highest = max(self._highest, abs(likeness))
        return {"likeness": round(likeness, 6)}

    def _learned(self) -> Plane:
        if self._pattern is None and self._estimate is not None:
            self._pattern, self._estimate = self._estimate.pattern(), None
        if self._pattern is None:
            raise Malformed("nothing was learned")
        return self._pattern


def _rated(luma: prnu.Luma) -> dict[str, Json]:
    """Mean grey level, share of saturated pixels, and how uneven it is: mean difference of pixels a little apart."""
    uneven = 0.0
    for row in range(0, luma.shape[0], 256):
        strip = luma[row : row + 256].astype(np.float32)
        uneven += float(np.abs(strip[:, _APART:] - strip[:, :-_APART]).sum(dtype=np.float64))
    return {
        "mean": round(float(luma.mean(dtype=np.float64)), 3),
        "saturated": round(float((luma >= prnu.SATURATED).mean()), 6),
        "uneven": round(uneven / max(1, luma.shape[0] * (luma.shape[1] - _APART)), 3),
    }
