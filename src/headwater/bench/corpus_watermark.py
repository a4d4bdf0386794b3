"""The watermark examiner on a corpus: what it names, and how near unmarked pictures come to being named.

`python -m headwater.bench.corpus_watermark FOLDER...`: every picture below the folders, as it is and in eight altered
copies (JPEG quality 75, halved, cut by some pixels, mirrored, turned). A picture counts as marked where a manifest.csv
beside or above it says ``dwtdct`` in its column ``marks``.
"""

import csv
import sys
from collections.abc import Iterator, Mapping
from io import BytesIO, StringIO
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from headwater.examine.decode import Decoding, decodable, read_picture
from headwater.examine.watermark import FALSE_POSITIVES_MAX, LEAST_PIXELS, MESSAGES, agreement, chance
from headwater.formats.signature import media_type
from headwater.kernels.dwtdct import block_bits
from headwater.model.errors import EvidenceError
from headwater.model.visible import visible

Rgb = NDArray[np.uint8]
_MARK = "dwtdct"


def main(folders: list[str]) -> int:
    """0 where every marked picture as it is, and no other, is named; 1 otherwise."""
    best = dict.fromkeys(MESSAGES, 0.0)
    looked = {"as they are": [0, 0], "altered": [0, 0]}  # pictures without a mark, and how many of them were named
    wrong = 0
    for path, is_marked in _files(folders):
        rgb = _pixels(path)
        if rgb is None:
            continue
        named = _look(rgb, {} if is_marked else best)
        if is_marked or named:
            click.echo(f"{visible(path.name)}: {'marked' if is_marked else 'NOT marked'}, named {named or 'nothing'}")
            wrong += is_marked != bool(named)
        if not is_marked:
            copies = [_look(one, best) for one in _altered(rgb)]
            for kind, results in (("as they are", [named]), ("altered", copies)):
                looked[kind][0] += len(results)
                looked[kind][1] += sum(map(bool, results))
    _table(best, looked)
    return 1 if wrong or looked["altered"][1] else 0


def _look(rgb: Rgb, best: dict[str, float]) -> str:
    """What is named; `best` learns the agreement with each message where nothing is."""
    if rgb.shape[0] * rgb.shape[1] < LEAST_PIXELS:
        return ""
    agreeing = agreement(block_bits(rgb))
    named = [name for name, count in agreeing.items() if chance(len(MESSAGES[name]), count) <= FALSE_POSITIVES_MAX]
    for name in best.keys() & agreeing.keys() if not named else ():
        best[name] = max(best[name], agreeing[name] / len(MESSAGES[name]))
    return ", ".join(named)


def _table(best: Mapping[str, float], looked: Mapping[str, list[int]]) -> None:
    for kind, (count, named) in looked.items():
        click.echo(f"unmarked pictures, {kind}: {count:,}, named {named}")
    for name, share in best.items():
        bits = len(MESSAGES[name])
        least = next(count for count in range(bits + 1) if chance(bits, count) <= FALSE_POSITIVES_MAX)
        click.echo(f"{name}: best agreement {share:.1%} of {bits} bits, needed {least / bits:.1%}")


def _files(folders: list[str]) -> Iterator[tuple[Path, bool]]:
    for folder in map(Path, folders):
        marked = {
            (manifest.parent / row["path"]).resolve()
            for manifest in folder.rglob("manifest.csv")
            for row in csv.DictReader(StringIO(manifest.read_text(encoding="utf-8"), newline=""))
            if _MARK in row.get("marks", "").split("+")
        }
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                yield path, path.resolve() in marked


def _pixels(path: Path) -> Rgb | None:
    data = path.read_bytes()
    kind = media_type(data[: 64 << 10], len(data))
    try:
        rgb = read_picture(data, kind, Decoding()).colours()[:, :, :3] if decodable(kind) else None
    except EvidenceError:
        return None
    return rgb if rgb is not None and rgb.shape[0] * rgb.shape[1] >= LEAST_PIXELS else None


def _altered(rgb: Rgb) -> Iterator[Rgb]:
    image = Image.fromarray(np.ascontiguousarray(rgb))
    packed = BytesIO()
    image.save(packed, "JPEG", quality=75)
    yield np.asarray(Image.open(packed).convert("RGB"))
    yield np.asarray(image.resize((max(1, image.width // 2), max(1, image.height // 2)), Image.Resampling.LANCZOS))
    yield from (rgb[down:, right:] for right, down in ((3, 0), (0, 5), (4, 4), (7, 1)))
    yield rgb[:, ::-1]
    yield rgb.transpose(1, 0, 2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
