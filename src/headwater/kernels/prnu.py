"""The pattern a sensor leaves in every picture (photo-response non-uniformity), and how strongly a picture bears it.

Sources:
- residual: J. Lukas, J. Fridrich, M. Goljan, "Digital camera identification from sensor pattern noise", IEEE TIFS 1(2),
  2006: the picture less its denoised self, by the wavelet filter of Mihcak et al. (1999). The noise it is told to
  expect is 3 grey levels where a pattern is learned and 2 where a picture is compared, as in the program that those
  authors published later (DDE Laboratory, Binghamton University, "Camera Fingerprint"); the paper of 2006 has 5.
- pattern: M. Chen, J. Fridrich, M. Goljan, J. Lukas, "Determining image origin and integrity using sensor noise", IEEE
  TIFS 3(1), 2008: most likely factor K = sum(W I) / sum(I I); then the means of rows and columns of each of the four
  sublattices of a colour filter array are taken out, and what stands out in its spectrum.
- comparison: M. Goljan, J. Fridrich, T. Filler, "Large scale test of sensor fingerprint camera identification", SPIE
  7254, 2009: peak to correlation energy (PCE), the peak's neighbourhood of 11 x 11 left out, with the peak's sign.

Memory: planes are 32-bit floats, spectra half-planes of complex64. At most LONG_SIDE by SHORT_SIDE pixels are looked
at: of a larger picture its middle (`window`), the same of every picture of that size, so a comparison holds about eight
planes at once, 400 MiB. Sums that a figure hangs on are 64-bit, in one order.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headwater.kernels import wavelet
from headwater.kernels.local_wiener import noise_share
from headwater.kernels.wavelet import BLOCK, Plane

LONG_SIDE, SHORT_SIDE = 4096, 3072  # of the window, in pixels
SATURATED = 250  # grey level from which a pixel says nothing of its sensitivity
_LEARNED, _COMPARED = 3.0, 2.0  # the noise to expect, in grey levels
_AROUND = 5  # of the peak, to each side: 11 x 11
Spectrum = NDArray[np.complex64]  # of a plane, the half that says all of it
Luma = NDArray[np.uint8] | NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The rows and columns of a picture that are looked at. A picture turned by quarters has the same, turned."""

    top: int
    left: int
    height: int
    width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """Peak to correlation energy, negative where the peak is; where it lies: columns and rows that were shifted."""

    pce: float
    x: int
    y: int


def window(height: int, width: int) -> Window:
    """The middle of a picture, of at most LONG_SIDE by SHORT_SIDE pixels, as far from one edge as from the other."""
    most_high, most_wide = (SHORT_SIDE, LONG_SIDE) if width >= height else (LONG_SIDE, SHORT_SIDE)
    tall, wide = _even_rest(height, most_high), _even_rest(width, most_wide)
    return Window(top=(height - tall) // 2, left=(width - wide) // 2, height=tall, width=wide)


def _even_rest(side: int, most: int) -> int:
    return side if side <= most else most - (side - most) % 2


def residual(luma: Luma, deviation: float) -> Plane:
    """The noise of a picture, as the filter sees it, in grey levels.

    luma: (height, width), 0 to 255. deviation: of the noise to expect, in grey levels.
    """
    height, width = luma.shape
    plane = np.pad(luma.astype(np.float32), [_margin(side) for side in luma.shape], mode="symmetric")
    spare = np.empty_like(plane)
    wavelet.forward(plane, spare)
    for level in range(1, wavelet.LEVELS + 1):
        tall, wide = plane.shape[0] >> level, plane.shape[1] >> level
        across, down = slice(wide, 2 * wide), slice(tall, 2 * tall)
        for place in ((slice(tall), across), (down, slice(wide)), (down, across)):
            plane[place] *= noise_share(plane[place] ** 2, deviation * deviation)
    plane[:tall, :wide] = 0
    wavelet.backward(plane, spare)
    top, left = _margin(height)[0], _margin(width)[0]
    return np.ascontiguousarray(plane[top : top + height, left : left + width])


def _margin(side: int) -> tuple[int, int]:
    """Mirrored pixels before and after a side, so that it becomes a multiple of BLOCK."""
    return BLOCK, BLOCK + -side % BLOCK


class Estimate:
    """The sums of the most likely pattern, over pictures of one size that are added one by one."""

    def __init__(self, height: int, width: int) -> None:
        self._above = np.zeros((height, width), np.float32)
        self._below = np.zeros((height, width), np.float32)

    def add(self, luma: Luma) -> None:
        """Add one picture of (height, width)."""
        lit = exposed(luma)
        self._below += lit * lit
        lit *= residual(luma, _LEARNED)
        self._above += lit

    def pattern(self) -> Plane:
        """The pattern K, about 0.01 strong: a pixel is (1 + K) times as sensitive as its neighbours."""
        factor = np.divide(self._above, np.maximum(self._below, np.float32(1)), dtype=np.float32)
        return cleaned(factor)


def exposed(luma: Luma) -> Plane:
    """The picture as floats, nought where a pixel is saturated: how much of the pattern each pixel can bear."""
    lit = luma.astype(np.float32)
    lit[luma >= SATURATED] = 0
    return lit


def warm() -> None:
    """Compile or load every kernel, so that nothing is compiled or opened inside the jail."""
    estimate = Estimate(BLOCK, BLOCK)
    for luma in (np.zeros((BLOCK, BLOCK), np.uint8), np.zeros((BLOCK, BLOCK), np.float32)):
        estimate.add(luma)
        compare(signature(luma), exposed(luma), estimate.pattern())


def cleaned(plane: Plane) -> Plane:
    """Take out what sensors and cameras of one model share: rows, columns, blocks of compression."""
    plane = plane - np.float32(plane.mean(dtype=np.float64))
    for part in (plane[0::2, 0::2], plane[0::2, 1::2], plane[1::2, 0::2], plane[1::2, 1::2]):
        np.subtract(part, part.mean(axis=0, dtype=np.float64), out=part, casting="same_kind")
        np.subtract(part, part.mean(axis=1, keepdims=True, dtype=np.float64), out=part, casting="same_kind")
    variance = float(plane.var(dtype=np.float64))
    if not variance:
        return plane
    spectrum = _spectrum(plane)
    squares: Plane = (spectrum.real**2 + spectrum.imag**2) / np.float32(plane.size)
    spectrum *= noise_share(squares, variance)
    return _back(spectrum, plane.shape)


def _spectrum(plane: Plane) -> Spectrum:
    return np.fft.rfft2(plane).astype(np.complex64, copy=False)


def _back(spectrum: Spectrum, shape: tuple[int, ...]) -> Plane:
    return np.fft.irfft2(spectrum, s=shape).astype(np.float32, copy=False)


def signature(luma: Luma) -> Spectrum:
    """The spectrum of a picture's cleaned noise, to be compared with patterns."""
    return _spectrum(cleaned(residual(luma, _COMPARED)))


def compare(noise: Spectrum, lit: Plane, pattern: Plane, *, search: bool = False) -> Peak:
    """Tell how strongly a picture bears a pattern of its own size.

    noise: its `signature`. lit: its `exposed`. search: the pattern may be shifted, to any place; only where it is known
    that a picture was cut, for the highest of so many places is high by chance.
    """
    expected = lit * pattern
    expected -= np.float32(expected.mean(dtype=np.float64))
    product = _spectrum(expected)
    np.conjugate(product, out=product)
    product *= noise
    correlation = _back(product, pattern.shape)
    place = int(np.argmax(correlation)) if search else 0
    return _peak(correlation, *divmod(place, pattern.shape[1]))


def likeness(pattern: Plane, luma: Luma) -> float:
    """How much of a picture's own edges stand in a pattern: the correlation of both, -1 to 1; about 0 where none do.

    The edges are those of the denoised picture, by differences of neighbours: of the picture itself they would be its
    pattern too.
    """
    scene = luma.astype(np.float32)
    scene -= residual(luma, _LEARNED)
    edges = np.zeros_like(scene)
    edges[:, 1:] += np.diff(scene, axis=1)
    edges[:, :-1] -= np.diff(scene, axis=1)
    edges[1:] += np.diff(scene, axis=0)
    edges[:-1] -= np.diff(scene, axis=0)
    return _correlation(pattern, edges)


def _correlation(one: Plane, other: Plane) -> float:
    products = [0.0, 0.0, 0.0]
    first, second = one - np.float32(one.mean(dtype=np.float64)), other - np.float32(other.mean(dtype=np.float64))
    for a, b in zip(_doubles(first.ravel()), _doubles(second.ravel()), strict=True):
        for place, value in enumerate((np.dot(a, b), np.dot(a, a), np.dot(b, b))):
            products[place] += float(value)
    size = (products[1] * products[2]) ** 0.5
    return products[0] / size if size else 0.0


def _peak(correlation: Plane, y: int, x: int) -> Peak:
    height, width = correlation.shape
    rows = np.arange(y - _AROUND, y + _AROUND + 1) % height
    columns = np.arange(x - _AROUND, x + _AROUND + 1) % width
    near = correlation[np.ix_(rows, columns)].astype(np.float64)
    flat = correlation.ravel()
    energy = sum(float(np.dot(part, part)) for part in _doubles(flat)) - float((near * near).sum())
    mean = max(energy, 0.0) / (correlation.size - near.size)
    height_of_peak = float(correlation[y, x])
    pce = height_of_peak * abs(height_of_peak) / mean if mean else 0.0
    return Peak(pce=pce, x=x, y=y)


def _doubles(flat: Plane) -> Iterator[NDArray[np.float64]]:
    for first in range(0, flat.size, 1 << 20):
        yield flat[first : first + (1 << 20)].astype(np.float64)
