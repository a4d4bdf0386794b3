"""Recall and false matches of near matching on real pictures, beside plain PDQ within 31 bits.

Every picture of the corpora is copied in every way of `bench.copies`; each copy asks for its original among all. A
false match is one with another picture. Run: ``python -m headwater.bench.corpus_matching CORPORA``; --json for lines.
Pictures that are of one scene in the corpora themselves are found too, by both: `--alike FILE`, a CSV of two paths a
line that a person has looked at, leaves those pairs out of the unlike ones, for both alike. `--false FILE` writes the
pairs that were found, for such a look.
"""

import argparse
import csv
import json
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from headwater.bench.copies import COPIES, FINAL_QUALITY, Picture, jpeg
from headwater.examine.fingerprint import of_pixels
from headwater.kernels.pdq import luma_from_rgb, pdq
from headwater.match.near import NearIndex
from headwater.match.sides import Labels, asking_rows, fits, kept_rows
from headwater.model.fingerprint import Fingerprint
from headwater.model.known import QUALITY_MIN, RADIUS_BITS

_LONGEST = 1600
_FORMATS = ("JPEG", "PNG", "WEBP")
_SHORTEST = 64
_KEPT_TOO = ("JPEG q20", "crop 10 % off each side", "border 10 %, white")  # kept as well: more unlike pairs
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Plane:
    luma: NDArray[np.float32]

    @property
    def height_pixels(self) -> int:
        return int(self.luma.shape[0])

    @property
    def width_pixels(self) -> int:
        return int(self.luma.shape[1])

    def rows(self, first: int, stop: int) -> NDArray[np.float32]:
        return self.luma[first:stop]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One way of copying. Shares of the pictures found: by plain PDQ, by ours, by ours with only a hash to go by."""

    copy: str
    pictures: int
    plain: float
    ours: float
    hash_only: float


@dataclass(frozen=True, slots=True, kw_only=True)
class False_:  # noqa: N801 - the word is what it is
    """False matches among pairs of unlike pictures: found by plain PDQ, by ours; and how many pairs of originals."""

    pairs: int
    plain: int
    ours: int
    alike_left_out: int
    pictures_plain: int
    pictures_ours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    index: NearIndex
    owners: Places
    labels: Labels


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; exit 1 where fewer than two pictures could be read."""
    parser = argparse.ArgumentParser(prog="python -m headwater.bench.corpus_matching", description=__doc__)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--alike", type=Path, help="CSV of two paths a line that show the same")
    parser.add_argument("--false", type=Path, help="where to write the pairs that were found")
    given = parser.parse_args(arguments)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of files that are damaged on purpose
        paths = list(read_pictures(given.corpora))
    if len(paths) < 2:
        print(f"{given.corpora}: {len(paths)} pictures of quality {QUALITY_MIN} or more")
        return 1
    rows, false, found = measure([picture for _, picture in paths], _alike(given.alike, [path for path, _ in paths]))
    if given.false:
        with given.false.open("w", newline="") as file:
            csv.writer(file).writerows([str(paths[one][0]), str(paths[other][0])] for one, other in sorted(found))
    if given.json:
        print(*(json.dumps(asdict(row)) for row in rows), json.dumps(asdict(false)), sep="\n")
    else:
        _show(rows, false)
    return 0


def _show(rows: Sequence[Row], false: False_) -> None:
    print(f"{rows[0].pictures} pictures; recall within {RADIUS_BITS} bits, quality {QUALITY_MIN} or more")
    print(f"{'copy':34} {'plain PDQ':>10} {'ours':>8} {'hash only':>10}")
    for row in rows:
        print(f"{row.copy:34} {row.plain:10.1%} {row.ours:8.1%} {row.hash_only:10.1%}")
    print(f"{false.pairs:,} pairs of unlike pictures: {false.plain} found by plain PDQ, {false.ours} by ours")
    print(f"  pairs of originals: {false.pictures_plain} by plain PDQ, {false.pictures_ours} by ours")
    print(f"  left out, of one scene in the corpora themselves: {false.alike_left_out} pairs of originals")


def read_pictures(folder: Path) -> Iterator[tuple[Path, Picture]]:
    """Every picture of quality 50 or more, each content of pixels once, no longer than 1600 pixels."""
    seen: set[str] = set()
    for path in sorted(folder.rglob("*")):
        if "ff-jpg" in path.parts or not path.is_file():  # flat fields show nothing
            continue
        try:
            with Image.open(path, formats=_FORMATS) as opened:
                opened.draft("RGB", (_LONGEST, _LONGEST))
                picture = opened.convert("RGB")
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):  # a corpus holds what no decoder reads
            continue
        picture.thumbnail((_LONGEST, _LONGEST))
        digest = sha256(picture.tobytes()).hexdigest()
        if min(picture.size) < _SHORTEST or digest in seen:
            continue
        seen.add(digest)
        if pdq(luma_from_rgb(np.asarray(picture))).quality >= QUALITY_MIN:
            yield path, picture


def _alike(path: Path | None, paths: Sequence[Path]) -> set[tuple[int, int]]:
    if path is None:
        return set()
    places = {str(each): place for place, each in enumerate(paths)}
    with path.open(newline="") as file:
        pairs = [(places[one], places[other]) for one, other in csv.reader(file) if {one, other} <= places.keys()]
    return {(min(pair), max(pair)) for pair in pairs}


def fingerprint(picture: Picture) -> Fingerprint:
    """As the examiner makes it."""
    return of_pixels(_Plane(luma_from_rgb(np.asarray(picture))), "")


def measure(
    pictures: Sequence[Picture], alike: set[tuple[int, int]]
) -> tuple[list[Row], False_, set[tuple[int, int]]]:  # fmt: skip
    """The rows, the false matches, and the pairs of originals that are false for either."""
    number = len(pictures)
    kept = [_kept([fingerprint(picture) for picture in pictures])]
    kept += [_kept([fingerprint(_copied(name, picture)) for picture in pictures]) for name in _KEPT_TOO]
    rows: list[Row] = []
    found: dict[str, set[tuple[int, int]]] = {"plain": set(), "ours": set()}
    counts = {"plain": 0, "ours": 0}
    for name in COPIES:
        asking = [fingerprint(_copied(name, picture)) for picture in pictures]
        for place, one in enumerate(kept):
            hits = {"plain": _plain(one, asking, number), "ours": _ours(one, asking, number)}
            if place == 0:
                rows.append(_row(name, hits, _hash_only(one, asking, number)))
            for method, matrix in hits.items():
                wrong = _unlike(matrix, alike)
                counts[method] += len(wrong)
                found[method].update((min(pair), max(pair)) for pair in wrong)
    false = False_(
        pairs=len(COPIES) * len(kept) * (number * (number - 1) - 2 * len(alike)), plain=counts["plain"],
        ours=counts["ours"], alike_left_out=len(alike), pictures_plain=len(found["plain"]),
        pictures_ours=len(found["ours"]),
    )  # fmt: skip
    return rows, false, found["plain"] | found["ours"]


def _copied(name: str, picture: Picture) -> Picture:
    return jpeg(COPIES[name](picture), FINAL_QUALITY)


def _kept(prints: Sequence[Fingerprint]) -> _Kept:
    rows = [kept_rows(each) for each in prints]
    owners = np.repeat(np.arange(len(rows)), [len(labels) for _, labels in rows])
    return _Kept(
        index=NearIndex.build(np.concatenate([hashes for hashes, _ in rows])),
        owners=owners,
        labels=np.concatenate([labels for _, labels in rows]),
    )


def _ours(kept: _Kept, asking: Sequence[Fingerprint], number: int) -> NDArray[np.bool_]:
    return _hits(kept, asking, number, only_whole=False, plain=False)


def _hash_only(kept: _Kept, asking: Sequence[Fingerprint], number: int) -> NDArray[np.bool_]:
    return _hits(kept, asking, number, only_whole=True, plain=False)


def _plain(kept: _Kept, asking: Sequence[Fingerprint], number: int) -> NDArray[np.bool_]:
    return _hits(kept, asking, number, only_whole=True, plain=True)


def _hits(
    kept: _Kept, asking: Sequence[Fingerprint], number: int, *, only_whole: bool, plain: bool
) -> NDArray[np.bool_]:  # fmt: skip
    """Which asks find which kept picture: (number, number)."""
    good = [(place, *asking_rows(each)) for place, each in enumerate(asking) if each.quality >= QUALITY_MIN]
    matrix = np.zeros((number, number), np.bool_)
    hashes = np.concatenate([each[1] for each in good])
    labels = np.concatenate([each[2] for each in good])
    askers = np.repeat([each[0] for each in good], [len(each[2]) for each in good])
    for pairs in kept.index.near(hashes):
        of_kept, of_asking = kept.labels[pairs.place], labels[pairs.query]
        counts = fits(of_kept, of_asking, pairs.distance_bits, RADIUS_BITS)
        if only_whole:
            counts &= of_kept == 0
        if plain:
            counts &= of_asking == 0
        matrix[askers[pairs.query[counts]], kept.owners[pairs.place[counts]]] = True
    return matrix


def _row(name: str, hits: dict[str, NDArray[np.bool_]], hash_only: NDArray[np.bool_]) -> Row:
    plain, ours, only = (float(each.diagonal().mean()) for each in (hits["plain"], hits["ours"], hash_only))
    return Row(copy=name, pictures=len(hash_only), plain=plain, ours=ours, hash_only=only)


def _unlike(matrix: NDArray[np.bool_], alike: set[tuple[int, int]]) -> list[tuple[int, int]]:
    pairs = [(int(one), int(other)) for one, other in np.argwhere(matrix) if one != other]
    return [pair for pair in pairs if (min(pair), max(pair)) not in alike]


if __name__ == "__main__":
    raise SystemExit(main())
