"""PDQ at 12 Mpx: the kernel alone against pdqhash, and with the JPEG decoding before it against Pillow + pdqhash."""

from collections.abc import Callable, Iterator
from io import BytesIO

import numpy as np
import PIL
from numpy.typing import NDArray
from PIL import Image

from headwater.bench.inputs import Rgb, Scene, jpeg, scenes
from headwater.bench.rows import BenchRow, Turns, by_turns, peak_bytes, peer_module
from headwater.examine.decode import Decoding, read_picture
from headwater.kernels import pdq

Reference = Callable[[Rgb], tuple[bytes, int]]
_KERNEL_TARGET, _DECODE_TARGET = 150.0, 12.0
NEAR_BITS = 8  # two decoders of one JPEG: a hash may differ this much and still count as the same (a match is 31)
_KERNEL_RUNS = 20  # of ours for one of the peer's: a millisecond alone is not a measurement
_PEER = "pdqhash (the reference in C++, by its Python binding)"


def kernel_rows() -> Iterator[BenchRow]:
    """One row a scene, both given the same luma. Raises MissingDependency."""
    reference = reference_pdq()
    pdq.warm()
    for scene in scenes():
        luma = _luma(jpeg(scene))
        grey = np.repeat(luma[:, :, np.newaxis], 3, axis=2)  # equal channels: the peer's own weights give them back
        turns = by_turns(lambda luma=luma: _often(luma), lambda grey=grey: reference(grey))  # type: ignore[misc]
        yield BenchRow(
            name="pdq",
            input=f"{_size(luma)} luma in memory: {scene.label}",
            peer=_PEER,
            ours_per_second=_KERNEL_RUNS / turns.ours_seconds,
            peer_per_second=1 / turns.peer_seconds,
            ratio=turns.ratio * _KERNEL_RUNS,
            same_output=(turns.ours.bits, turns.ours.quality) == turns.peer,
            peak_memory_bytes=peak_bytes(lambda luma=luma: _often(luma)),  # type: ignore[misc]
            unit="pictures",
            target=_KERNEL_TARGET,
            note=f"distance {distance_bits(turns.ours.bits, turns.peer[0])} bits, quality {turns.ours.quality} and "
            f"{turns.peer[1]}; the mean of {_KERNEL_RUNS} of ours a turn; peak is of this process, input included",
        )


def decode_rows() -> Iterator[BenchRow]:
    """One row a scene, from JPEG bytes to hash. Raises MissingDependency."""
    reference = reference_pdq()
    pdq.warm()
    for scene in scenes():
        data = jpeg(scene)
        turns = by_turns(lambda data=data: hash_jpeg(data), lambda data=data: reference(_rgb(data)))  # type: ignore[misc]
        yield _decode_row(scene, data, turns)


def _decode_row(scene: Scene, data: bytes, turns: Turns[pdq.Pdq, tuple[bytes, int]]) -> BenchRow:
    ours, peer = turns.ours, turns.peer
    distance = distance_bits(ours.bits, peer[0])
    return BenchRow(
        name="decode",
        input=f"{scene.rgb.shape[1]} x {scene.rgb.shape[0]} JPEG of {len(data) / 1e6:.1f} MB in memory: {scene.label}",
        peer=f"Pillow {PIL.__version__} to RGB, then pdqhash",
        ours_per_second=1 / turns.ours_seconds,
        peer_per_second=1 / turns.peer_seconds,
        ratio=turns.ratio,
        same_output=distance <= NEAR_BITS,
        peak_memory_bytes=peak_bytes(lambda: hash_jpeg(data)),
        unit="pictures",
        target=_DECODE_TARGET,
        note=f"distance {distance} bits, quality {ours.quality} and {peer[1]}: ours is from the Y plane as stored, the "
        f"peer's from RGB cut to 8 bits; the same means {NEAR_BITS} bits apart at most",
    )


def reference_pdq() -> Reference:
    """The reference: RGB to 32 bytes and the quality. Raises MissingDependency."""
    library = peer_module("pdqhash", "pdqhash")

    def reference(rgb: Rgb) -> tuple[bytes, int]:
        bits, quality = library.compute(rgb)
        return np.packbits(bits.astype(np.uint8)).tobytes(), int(quality)

    return reference


def hash_jpeg(data: bytes) -> pdq.Pdq:
    """The hash as the worker makes it, without the seven turned ones."""
    return pdq.pdq(read_picture(data, "image/jpeg", Decoding()))


def distance_bits(one: bytes, other: bytes) -> int:
    """Hamming distance of two hashes."""
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()


def _often(luma: NDArray[np.uint8]) -> pdq.Pdq:
    for _ in range(_KERNEL_RUNS):
        ours = pdq.pdq(luma)
    return ours


def _luma(data: bytes) -> NDArray[np.uint8]:
    return np.ascontiguousarray(read_picture(data, "image/jpeg", Decoding()).luma(), dtype=np.uint8)


def _rgb(data: bytes) -> Rgb:
    with Image.open(BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


def _size(luma: NDArray[np.uint8]) -> str:
    return f"{luma.shape[1]} x {luma.shape[0]}"
