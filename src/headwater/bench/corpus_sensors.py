"""Sensor patterns measured: pictures of the same and of other devices, as they are and compressed again.

`python -m headwater.bench.corpus_sensors FOLDER [--json]`: FOLDER has a manifest.csv with the columns path, source (the
body) and note; the notes of references begin with "flat field". Every other picture is compared with the pattern of
every body of its size. Beside it the same for invented sensors of the demo, named as such. Runs without the sandbox, on
pictures made for testing only. Needs Pillow of the bench group.
"""

import argparse
import csv
import json
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from headwater.bench.arguments import a_folder
from headwater.demo.body import some_bodies
from headwater.demo.camera import expose
from headwater.demo.scenes import Pixels, Scene, draw
from headwater.examine.decode import Decoding, read_picture
from headwater.export.validation_records import Interval
from headwater.kernels import prnu
from headwater.kernels.wavelet import Plane
from headwater.steps.validation.rates import exact

THRESHOLD = 60.0
_CONDITIONS: Mapping[str, int | None] = {"as they are": None, "quality 90": 90, "quality 75": 75}
_REFERENCE = "flat field"
_SEED = 20261126
_SYNTHETIC_REFERENCES, _SYNTHETIC_PICTURES = 10, 8
_SHOWN = 20
_NOISE = 3.0  # of an invented shot, in grey levels


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One picture: its name, the body that took it, its JPEG."""

    name: str
    body: str
    jpeg: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One picture against one pattern."""

    picture: str
    condition: str
    camera: str
    same: bool
    pce: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """All comparisons of a set in one condition. The interval of false matches is exact, two-sided, 95 %."""

    set: str
    condition: str
    same: int
    same_over: int
    same_median: float
    same_least: float
    other: int
    other_over: int
    other_most: float
    false_from: float
    false_to: float


def main(arguments: Sequence[str]) -> int:
    """0 where no picture bears the pattern of another device, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="headwater.bench.corpus_sensors", description=__doc__)
    parser.add_argument("folder", type=a_folder)
    parser.add_argument("--json", action="store_true", help="one row a line, and every comparison")
    given = parser.parse_args(arguments)
    sets = {
        f"{given.folder.name}: real bodies, references flat fields": measured(*of_corpus(given.folder)),
        "Springhead: INVENTED sensors, references coasts": measured(*invented()),
    }
    rows = [row for name, compared in sets.items() for row in rows_of(name, compared)]
    if given.json:
        for row in rows:
            print(json.dumps(asdict(row)))
        for one in (each for compared in sets.values() for each in compared):
            print(json.dumps(asdict(one)))
    else:
        _show(sets, rows)
    return 1 if any(row.other_over for row in rows) else 0


def of_corpus(folder: Path) -> tuple[list[Shot], list[Shot]]:
    """References and pictures of a folder with a manifest."""
    references: list[Shot] = []
    pictures: list[Shot] = []
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            shot = Shot(name=line["path"], body=line["source"], jpeg=(folder / line["path"]).read_bytes())
            (references if line["note"].startswith(_REFERENCE) else pictures).append(shot)
    return references, pictures


def invented() -> tuple[list[Shot], list[Shot]]:
    """References and pictures of four invented bodies, two of them of one model, all cut to one size."""
    bodies = some_bodies(_SEED, np.random.default_rng(_SEED))
    references: list[Shot] = []
    pictures: list[Shot] = []
    for number, body in enumerate((bodies.phone, bodies.twin, *bodies.strangers[:2])):
        pattern = body.pattern()[:768, :1024]
        for index in range(_SYNTHETIC_REFERENCES + _SYNTHETIC_PICTURES):
            key = (_SEED, number, index)
            scene = draw(Scene(key=key, width=pattern.shape[1], height=pattern.shape[0]))
            pixels = expose(scene, pattern, key, noise=_NOISE)
            shot = Shot(
                name=f"invented {number}-{index}", body=f"{body.model.model} {body.serial}", jpeg=_jpeg(pixels, 92)
            )
            (references if index < _SYNTHETIC_REFERENCES else pictures).append(shot)
    return references, pictures


def measured(references: Sequence[Shot], pictures: Sequence[Shot]) -> list[Comparison]:
    """Enrol every body, and compare every picture in every condition with every body of its size."""
    patterns = _enrolled(references)
    return [each for shot in pictures for each in _compared(shot, patterns)]


def _enrolled(references: Sequence[Shot]) -> dict[str, Plane]:
    estimates: dict[str, prnu.Estimate] = {}
    for shot in references:
        luma = _luma(shot.jpeg)
        if shot.body not in estimates:
            estimates[shot.body] = prnu.Estimate(*luma.shape)
        estimates[shot.body].add(luma)
    return {body: estimate.pattern() for body, estimate in estimates.items()}


def _compared(shot: Shot, patterns: Mapping[str, Plane]) -> Iterator[Comparison]:
    for condition, quality in _CONDITIONS.items():
        luma = _luma(shot.jpeg if quality is None else _again(shot.jpeg, quality))
        noise, lit = prnu.signature(luma), prnu.exposed(luma)
        for body, pattern in patterns.items():
            if pattern.shape == luma.shape:
                turned = np.ascontiguousarray(pattern[::-1, ::-1])  # as a worker tries it
                pce = max(prnu.compare(noise, lit, each).pce for each in (pattern, turned))
                same = body == shot.body
                yield Comparison(picture=shot.name, condition=condition, camera=body, same=same, pce=round(pce, 2))


def rows_of(name: str, compared: Sequence[Comparison]) -> Iterator[Row]:
    """One row a condition."""
    for condition in _CONDITIONS:
        here = [each for each in compared if each.condition == condition]
        same, other = [each.pce for each in here if each.same], [each.pce for each in here if not each.same]
        over = sum(pce > THRESHOLD for pce in other)
        false = exact(over, len(other)) or Interval(lower=0.0, upper=1.0)  # of no comparison nothing is known
        yield Row(
            set=name,
            condition=condition,
            same=len(same),
            same_over=sum(pce > THRESHOLD for pce in same),
            same_median=round(statistics.median(same), 1) if same else 0.0,
            same_least=min(same, default=0.0),
            other=len(other),
            other_over=over,
            other_most=max(other, default=0.0),
            false_from=round(false.lower, 4),
            false_to=round(false.upper, 4),
        )


def _show(sets: Mapping[str, Sequence[Comparison]], rows: Sequence[Row]) -> None:
    for name, compared in sets.items():
        print(f"\n{name}, threshold PCE {THRESHOLD:.0f}")
        print(f"{'':<12}{'same device':>44}{'other devices':>24}   false matches, 95 % interval")
        for row in (each for each in rows if each.set == name):
            same = f"{row.same_over} of {row.same} over, median {row.same_median}, least {row.same_least}"
            other = f"{row.other_over} of {row.other}, most {row.other_most}"
            rate = f"{row.other_over} of {row.other}: {row.false_from:.1%} to {row.false_to:.1%}"
            print(f"{row.condition:<12}{same:>44}{other:>24}   {rate}")
        _show_each([each for each in compared if each.same])


def _show_each(same: Sequence[Comparison]) -> None:
    """Each picture against its own device, where they are few."""
    names = list(dict.fromkeys(each.picture for each in same))
    for name in names if len(names) <= _SHOWN else ():
        figures = ", ".join(f"{each.condition} {each.pce}" for each in same if each.picture == name)
        print(f"    {name:<34} {figures}")


def _luma(jpeg: bytes) -> prnu.Luma:
    return read_picture(jpeg, "image/jpeg", Decoding()).luma()


def _again(jpeg: bytes, quality: int) -> bytes:
    with Image.open(BytesIO(jpeg)) as picture:
        return _jpeg(np.asarray(picture.convert("RGB")), quality)


def _jpeg(pixels: Pixels, quality: int) -> bytes:
    out = BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=quality)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
