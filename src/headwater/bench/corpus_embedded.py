"""Pictures inside pictures, on a corpus: a plain scan for JPEG markers beside what is listed, and distances.

`python -m headwater.bench.corpus_embedded FOLDER...` prints three tables: JPEG start markers in the segments of JPEG
files and behind their end, each a listed picture, inside one, or named as missed; thumbnails beside their own picture;
thumbnails beside all others of the corpus that are not like their own.
"""

import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from headwater.bench.pdq import distance_bits
from headwater.evidence.content import BytesSource
from headwater.examine.decode import Decoding, Picture, decodable, read_picture
from headwater.examine.previews_compare import OTHER_BITS, QUALITY_MIN, SAME_BITS, Comparison, compare
from headwater.examine.view import View
from headwater.formats.embedded import Embedded
from headwater.formats.signature import media_type
from headwater.kernels.pdq import Pdq
from headwater.model.errors import EvidenceError
from headwater.model.visible import visible

_MARK = b"\xff\xd8\xff"
_SEGMENTS = {0xE0: "JFIF", 0xE1: "APP1", 0xE2: "APP2", 0xEB: "C2PA", 0xED: "Photoshop"}
_UNLIKE_BITS = 90  # of two pictures whose own hashes are further apart, one's thumbnail cannot be the other's


@dataclass(frozen=True, slots=True, kw_only=True)
class Small:
    """One thumbnail that was decoded, with the hashes and the size of its own picture."""

    path: Path
    carrier: str
    picture: Picture
    own: tuple[Pdq, ...]
    own_size: tuple[int, int]


def main(folders: Sequence[str]) -> int:
    """0 where every marker is accounted for, 1 otherwise."""
    paths = [path for folder in folders for path in sorted(Path(folder).rglob("*")) if path.is_file()]
    missed = scan(paths)
    thumbnails, pictures = look(paths)
    own = [compare(each.picture, each.own, each.own_size) for each in thumbnails]
    _show("thumbnails beside their own picture", own)
    for each, found in zip(thumbnails, own, strict=True):
        if found.same != "yes":
            click.echo(f"  {found.same}, {found.distance_bits} bits: {_named(each.path)}: {each.carrier} {found.why}")
    _show("thumbnails beside unlike pictures", list(_crossed(thumbnails, pictures)))
    return 1 if missed else 0


def scan(paths: Sequence[Path]) -> int:
    """Print the first table; returns how many markers belong to no listed picture."""
    counts: Counter[tuple[str, str]] = Counter()
    listed: Counter[str] = Counter()
    missed = 0
    for path in paths:
        data = path.read_bytes()
        if not data.startswith(_MARK):
            continue
        found = _view(data).embedded().pictures
        listed.update(each.carrier.partition(" manifest")[0] for each in found)
        for segment, at in _markers(data):
            fate = _fate(at, found)
            counts[segment, fate] += 1
            if fate == "missed":
                missed += 1
                click.echo(f"  missed: {_named(path)}: {segment}, byte {at}: {data[at : at + 16].hex(' ')}")
    for (segment, fate), count in sorted(counts.items()):
        click.echo(f"{segment}: {count} markers {fate}")
    click.echo(f"{counts.total()} markers; listed in the same files: {listed.total()}: {dict(listed.most_common())}")
    return missed


def _markers(data: bytes) -> Iterator[tuple[str, int]]:
    """Where JPEG start markers stand: in application segments up to the scan, and behind the end."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at + 1] in _SEGMENTS:
            yield from ((_SEGMENTS[data[at + 1]], place) for place in _places(data, at + 4, end))
        at = end
    end = data.find(b"\xff\xd9" + _MARK, at)
    if end >= 0:
        yield from (("behind the end", place) for place in _places(data, end + 2, len(data)))


def _places(data: bytes, start: int, end: int) -> Iterator[int]:
    at = data.find(_MARK, start, end)
    while at >= 0:
        yield at
        at = data.find(_MARK, at + 1, end)


def _fate(at: int, found: Sequence[Embedded]) -> str:
    ranges = [each.ranges for each in found if each.ranges]
    if any(each[0].offset_bytes == at for each in ranges):
        return "begin a listed picture"
    inside = (part for each in ranges for part in each)
    within = any(part.offset_bytes <= at < part.offset_bytes + part.length_bytes for part in inside)
    return "inside a listed picture" if within else "missed"


def look(paths: Sequence[Path]) -> tuple[list[Small], list[tuple[Path, tuple[Pdq, ...], tuple[int, int]]]]:
    """The thumbnails that can be decoded, each content once, and the pictures of good quality."""
    thumbnails: list[Small] = []
    pictures = []
    for path in paths:
        data = path.read_bytes()
        view = _view(data)
        try:
            if not decodable(view.media_type):
                continue
            own, outer = view.dihedral(), view.picture()
        except EvidenceError:
            continue
        size = (outer.width_pixels, outer.height_pixels)
        if own[0].quality >= QUALITY_MIN:
            pictures.append((path, own, size))
        for each in view.embedded().pictures:
            picture = _decoded(each.read(view))
            if picture is not None and each.role == "thumbnail":
                thumbnails.append(Small(path=path, carrier=each.carrier, picture=picture, own=own, own_size=size))
    return thumbnails, pictures


def _decoded(data: bytes) -> Picture | None:
    kind = media_type(data[: 64 << 10], len(data))
    try:
        return read_picture(data, kind, Decoding(full_size=False)) if decodable(kind) else None
    except EvidenceError:
        return None


def _crossed(
    thumbnails: Sequence[Small], pictures: Sequence[tuple[Path, tuple[Pdq, ...], tuple[int, int]]]
) -> Iterator[Comparison]:
    for small in thumbnails:
        for path, hashes, size in pictures:
            if (
                path != small.path
                and min(distance_bits(small.own[0].bits, each.bits) for each in hashes) > _UNLIKE_BITS
            ):
                yield compare(small.picture, hashes, size)


def _show(title: str, found: Sequence[Comparison]) -> None:
    good = [each for each in found if "quality" not in each.why]
    if not good:
        click.echo(f"{title}: none")
        return
    bits = np.array([each.distance_bits for each in good])
    near, far = int((bits <= SAME_BITS).sum()), int((bits >= OTHER_BITS).sum())
    click.echo(
        f"{title}: n {len(found)}, of quality {QUALITY_MIN} or more {len(good)}: least {bits.min()}, median "
        f"{np.median(bits):g}, p99.9 {np.percentile(bits, 99.9):g}, most {bits.max()}; at most {SAME_BITS}: {near}, "
        f"at least {OTHER_BITS}: {far}; said: {dict(Counter(each.same for each in found))}"
    )


def _view(data: bytes) -> View:
    return View(sha256="", size_bytes=len(data), name=b"", source=BytesSource(data))


def _named(path: Path) -> str:
    return visible(os.fsencode(path.name))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
