"""PDQ against its reference, on a corpus.

`python -m headwater.bench.corpus_pdq FOLDER...` needs the bench group (pdqhash). It prints three tables: bits of the
kernel from the same luma; bits of what a worker stores, JPEG by its Y plane, against Pillow and pdqhash; speed at 12
Mpx on three made pictures, with both outputs compared.
"""

import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TypeVar

import click
import numpy as np
import pdqhash  # type: ignore[import-not-found, import-untyped, unused-ignore]
from numpy.typing import NDArray
from PIL import Image

from headwater.examine.decode import Decoding, decodable, read_picture
from headwater.formats.signature import media_type
from headwater.kernels import pdq
from headwater.model.errors import EvidenceError
from headwater.model.visible import visible

HEIGHT, WIDTH = 3000, 4000
_REPEATS = 5
_ORIENTATION = 0x0112
_TURNED = "TIFF that Pillow turns"
_USABLE_QUALITY = 50  # what the reference advises for matching
Rgb = NDArray[np.uint8]
Result = TypeVar("Result")


def main(folders: list[str]) -> int:
    """0 where every hash from the same luma equals the reference's, 1 otherwise."""
    pdq.warm()
    with _quiet():
        wrong = compare(folders)
    speed()
    return 1 if wrong else 0


def compare(folders: list[str]) -> int:
    """Tables of bits; returns how many pictures differ from the same luma."""
    same: list[tuple[str, int, int]] = []
    stored: dict[str, list[int]] = {}
    unread = 0
    for path in _files(folders):
        data = path.read_bytes()
        kind = media_type(data[: 64 << 10], len(data))
        if not decodable(kind):
            continue
        try:
            picture = read_picture(data, kind, Decoding())
        except EvidenceError:
            unread += 1
            continue
        rgb = _pillow_rgb(data)
        if rgb is None:
            unread += 1
            continue
        reference = _reference(rgb)
        turned = _reference_dihedral(rgb)
        luma = pdq.luma_from_rgb(rgb)
        ours = pdq.dihedral(luma)
        single = pdq.pdq(luma)
        # The reference blurs a 64 x 64 picture for its eight turns but not for its one hash: no turns to compare.
        pairs = [] if luma.shape == (pdq.SIDE, pdq.SIDE) else zip(ours, turned, strict=True)
        apart = max((_distance(a.bits, b) for a, b in pairs), default=0)
        distance = _distance(single.bits, reference[0])
        same.append((visible(os.fsencode(path)), max(distance, apart), abs(single.quality - reference[1])))
        label = "JPEG, Y plane" if kind == "image/jpeg" else "other formats"
        label = _TURNED if kind == "image/tiff" and _is_turned(data) else label
        label += ", quality 50 or more" if reference[1] >= _USABLE_QUALITY else ", quality below 50"
        stored.setdefault(label, []).append(_distance(pdq.pdq(picture).bits, reference[0]))
    _show_same(same, unread)
    for label, distances in sorted(stored.items()):
        values = np.array(distances)
        click.echo(
            f"stored hash, {label}: n {len(values)}, distance 0 on {int((values == 0).sum())}, "
            f"median {np.median(values):g}, p99 {np.percentile(values, 99):g}, max {values.max()}"
        )
    return sum(1 for _, distance, _ in same if distance)


def _show_same(same: list[tuple[str, int, int]], unread: int) -> None:
    exact = sum(1 for _, distance, _ in same if not distance)
    quality = sum(1 for _, _, apart in same if not apart)
    click.echo(f"kernel and pdqhash from the same RGB luma, all eight turns: distance 0 on {exact}/{len(same)}")
    click.echo(f"quality equal on {quality}/{len(same)}; not decodable by us or by Pillow: {unread}")
    for name, distance, apart in same:
        if distance or apart:
            click.echo(f"  distance {distance}, quality differs by {apart}: {name}")


def speed() -> None:
    """Kernel and decode + PDQ at 12 Mpx against pdqhash and Pillow + pdqhash, both outputs compared."""
    for label, rgb, quality in _inputs():
        buffer = BytesIO()
        Image.fromarray(rgb).save(buffer, "JPEG", quality=quality)
        data = buffer.getvalue()
        grey = np.ascontiguousarray(read_picture(data, "image/jpeg", Decoding()).luma())
        as_rgb = np.repeat(grey[:, :, np.newaxis], 3, axis=2)
        ours, kernel_seconds = _best(lambda grey=grey: pdq.pdq(grey))  # type: ignore[misc]
        theirs, peer_seconds = _best(lambda as_rgb=as_rgb: _reference(as_rgb))  # type: ignore[misc]
        click.echo(
            f"{label}, {len(data) / 1e6:.1f} MB | kernel {kernel_seconds * 1e3:.2f} ms, "
            f"pdqhash {peer_seconds * 1e3:.0f} ms: "
            f"{peer_seconds / kernel_seconds:.0f}x, distance {_distance(ours.bits, theirs[0])}"
        )
        del as_rgb
        mine, seconds = _best(lambda data=data: pdq.pdq(read_picture(data, "image/jpeg", Decoding())))  # type: ignore[misc]
        whole, peer = _best(lambda data=data: _reference(_pillow_rgb(data)))  # type: ignore[misc, arg-type]
        click.echo(
            f"    decode + PDQ {seconds * 1e3:.1f} ms, Pillow + pdqhash {peer * 1e3:.0f} ms: {peer / seconds:.1f}x, "
            f"distance {_distance(mine.bits, whole[0])}"
        )


def _inputs() -> Iterator[tuple[str, Rgb, int]]:
    """A landscape of soft hills under a sky, at three noise levels: (label, RGB, JPEG quality)."""
    random = np.random.default_rng(20261124)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    hills = sum(
        (40.0 / k) * np.sin(x / WIDTH * 6.3 * k + k * k + np.sin(y / HEIGHT * 5 * k) * 1.7) for k in range(1, 25)
    )
    detail = 25.0 * np.sin(x / 9) * np.sin(y / 7) * (y > HEIGHT * 0.55)
    base = 128 + hills + detail + 50 * (0.5 - y / HEIGHT)
    picture = np.stack([base * 0.9, base, base * 1.1 + 8], axis=-1)
    noises = (("clean", 0.0, 85), ("daylight sensor noise", 4.0, 90), ("night sensor noise", 25.0, 92))
    for label, sigma, quality in noises:
        noise = random.normal(0, sigma, picture.shape).astype(np.float32) if sigma else 0
        yield label, np.clip(picture + noise, 0, 255).astype(np.uint8), quality


def _files(folders: list[str]) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(path for path in Path(folder).rglob("*") if path.is_file())


@contextmanager
def _quiet() -> Iterator[None]:
    """Drop what the decoders say of damaged pictures: as Python warnings, and as C libraries do, straight to stderr."""
    sys.stderr.flush()
    kept, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)


def _is_turned(data: bytes) -> bool:
    """Whether Pillow turns this TIFF by its orientation, which we do not."""
    with Image.open(BytesIO(data)) as image:
        return bool(image.getexif().get(_ORIENTATION, 1) != 1)


def _pillow_rgb(data: bytes) -> Rgb | None:
    try:
        with Image.open(BytesIO(data)) as image:
            return np.asarray(image.convert("RGB"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None


def _reference(rgb: Rgb) -> tuple[bytes, int]:
    bits, quality = pdqhash.compute(rgb)
    return np.packbits(bits.astype(np.uint8)).tobytes(), int(quality)


def _reference_dihedral(rgb: Rgb) -> list[bytes]:
    hashes, _ = pdqhash.compute_dihedral(rgb)
    return [np.packbits(bits.astype(np.uint8)).tobytes() for bits in hashes]


def _distance(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()


def _best(work: Callable[[], Result]) -> tuple[Result, float]:
    least = float("inf")
    for _ in range(_REPEATS):
        start = time.perf_counter()
        result = work()
        least = min(least, time.perf_counter() - start)
    return result, least


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
