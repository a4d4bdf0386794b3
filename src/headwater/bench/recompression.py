"""How often `jpeg.history` sees an earlier compression: `python -m headwater.bench.recompression`.

Landscapes made by code are compressed once, and twice at each pair of qualities, and counted by answer. None of them is
one that the threshold was chosen on. The earlier quality counts as right within 3.
"""

import json
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from itertools import product

import numpy as np
from PIL import Image

from headwater.bench.inputs import Rgb, photograph
from headwater.evidence.content import BytesSource
from headwater.examine.history import History
from headwater.examine.view import View

LATER = (60, 75, 85, 90, 95)
BEFORE = (50, 60, 70, 80, 88, 92, 96)
FIRST, PICTURES = 100, 12  # of the series; the threshold was chosen on its beginning
_NEAR = 3


def pictures(count: int) -> Iterator[Rgb]:
    """Grainy landscapes of 1200 x 900, every other one halved from 2400 x 1800, so with less grain."""
    for number in range(FIRST, FIRST + count):
        whole = photograph(number).rgb
        if number % 2:
            yield whole[600:1500, 900:2100]
            continue
        part = whole[300:2100, 600:3000].reshape(900, 2, 1200, 2, 3).mean(axis=(1, 3))
        yield np.rint(part).astype(np.uint8)


def answers(count: int, *, shift: int = 0) -> Counter[tuple[int | None, int, str]]:
    """Count by earlier quality (None: there was none), later quality and answer. shift: pixels cropped in between."""
    found: Counter[tuple[int | None, int, str]] = Counter()
    for pixels in pictures(count):
        for before, later in product((None, *BEFORE), LATER):
            once = pixels if before is None else _decoded(_compressed(pixels, before))
            found[before, later, answer(_compressed(once[shift:, shift:], later), before)] += 1
    return found


def answer(data: bytes, before: int | None) -> str:
    """What is said of one file, and for a yes whether the quality that is named is the one it had before."""
    view = View(sha256="", size_bytes=len(data), name=b"", source=BytesSource(data=data))
    value = json.loads(next(History().examine(view)).value)
    if value["recompressed"] != "yes" or before is None:
        return str(value["recompressed"])
    low, high = value["earlier_quality"]
    return "yes, near" if low - _NEAR <= before <= high + _NEAR else "yes, other quality"


def _compressed(pixels: Rgb, quality: int) -> bytes:
    out = BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=quality)
    return out.getvalue()


def _decoded(data: bytes) -> Rgb:
    with Image.open(BytesIO(data), formats=["JPEG"]) as picture:
        return np.asarray(picture.convert("RGB"))


def main() -> None:
    """Print a line for each pair of qualities."""
    for shift in (0, 3):
        print(f"cropped by {shift} pixels in between" if shift else "on the same grid of blocks")
        found = answers(PICTURES, shift=shift)
        for before, later in product((None, *BEFORE), LATER):
            each = {said: count for (*pair, said), count in found.items() if pair == [before, later]}
            said = ", ".join(f"{said} {count}" for said, count in sorted(each.items()))
            print(f"  {before or 'once':>4} -> {later}: {said}")


if __name__ == "__main__":
    main()
