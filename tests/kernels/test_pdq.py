"""PDQ against a slow, plain reading of the paper, and against hashes the reference implementation gave."""

import subprocess
import sys
from math import cos, pi, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from headwater.kernels import pdq as kernel
from headwater.kernels import pdq_rounding

Plane = NDArray[np.float64]


def box(plane: Plane, window: int) -> Plane:
    """Mean over a window along axis 0, cut off at the ends."""
    right = (window + 2) // 2 - 1
    left = window - 1 - right
    size = plane.shape[0]
    return np.stack([plane[max(0, i - left) : min(size, i + right + 1)].mean(axis=0) for i in range(size)])


def slow_pdq(luma: Plane) -> tuple[NDArray[np.bool_], int]:
    """The paper's steps, one after the other, in 64-bit floats: (16, 16) bits and quality."""
    height, width = luma.shape
    blurred = luma.astype(np.float64)
    for _ in range(2):
        blurred = box(blurred, (height + 127) // 128)
        blurred = box(blurred.T, (width + 127) // 128).T
    rows = [int((i + 0.5) * height / 64) for i in range(64)]
    columns = [int((i + 0.5) * width / 64) for i in range(64)]
    small = blurred[np.ix_(rows, columns)]
    steps = [np.abs(np.diff(small, axis=axis) * 100 / 255).astype(int).sum() for axis in (0, 1)]
    matrix = np.array([[sqrt(2 / 64) * cos(pi / 128 * (i + 1) * (2 * j + 1)) for j in range(64)] for i in range(16)])
    terms = matrix @ small @ matrix.T
    return terms > np.sort(terms.ravel())[127], min(100, int(sum(steps)) // 90)


def text_of(bits: NDArray[np.bool_]) -> str:
    """Term (i, j) is bit 16 i + j of a 256-bit number, printed in hexadecimal."""
    return f"{sum(1 << k for k, bit in enumerate(bits.ravel()) if bit):064x}"


def waves(y: Plane, x: Plane, weights: Plane) -> Plane:
    """Sum of ``weights[a - 1, b - 1] * cos(pi (a x + b y) + a)``, as two matrix products."""
    a = np.arange(1, len(weights) + 1)[:, None]
    across, down = pi * a * x + a, pi * a * y
    return np.cos(down).T @ weights.T @ np.cos(across) - np.sin(down).T @ weights.T @ np.sin(across)


def scene(height: int, width: int, seed: int = 0) -> NDArray[np.uint8]:
    """Hills, a lamp and some grain: no two cosine terms of it are alike."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    y, x = y / height, x / width
    plane = 120 + 50 * np.sin(5 * x + 3 * y * y) + 40 * np.cos(11 * y + 2 * x)
    plane += waves(y[:, 0], x[0], random.normal(0, 9, (11, 11)))
    plane += 60 * (np.hypot(x - 0.7, y - 0.3) < 0.12)
    return np.clip(plane + random.normal(0, 4, plane.shape), 0, 255).astype(np.uint8)


# size, seed -> what pdqhash 0.2.8 gives for `scene` (grey as RGB)
GOLDEN: dict[tuple[int, int, int], tuple[str, int]] = {
    (48, 80, 1): (
        "d42d9473a8ed3c4ba8ed019b05fdafc9f7938e001867e9da57902d1d027aacc5",
        100,
    ),
    (300, 401, 2): (
        "f9a9a0822fcd780fc6e97c0a4138437354e7ad8f597d87e0a9582b91ebbe5221",
        100,
    ),
    (1200, 900, 3): (
        "fe6cf28da46a2f497c6ee9c9a81340fe47aced48d310ac395f09285353f6c611",
        100,
    ),
    (2001, 3003, 4): (
        "32b04d6bb8926371d883077feed0d0a22ecfd8a8956f2ddc015502fb27c6cba5",
        100,
    ),
}
# pictures whose bits the reference's rounding decides
GOLDEN_FLAT: dict[str, tuple[str, int]] = {
    "flat": (
        "00002c4b2c4b0000000000008200017e0000cc530000554b13a0554b585e1706",
        0,
    ),
    "stripes": (
        "00005e554a5549aab5fdfe55ca1041af49aa41d549aa41afb5ffb9aabe50be55",
        100,
    ),
    "half": (
        "25c2970e0c475a0c683d214c1d4f93c11e21a70b4e1517058d5a20e229610237",
        24,
    ),
}

SIZES = [(5, 5), (64, 64), (63, 70), (127, 128), (129, 131), (200, 517), (640, 480)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_equals_the_plain_reading_of_the_paper(size: tuple[int, int], dtype: type) -> None:
    luma = scene(*size)
    bits, quality = slow_pdq(luma.astype(np.float64))
    hashed = kernel.pdq(luma.astype(dtype))
    assert str(hashed) == text_of(bits)
    assert hashed.quality == quality


@pytest.mark.parametrize(("key", "expected"), GOLDEN.items())
def test_equals_the_reference_implementation(key: tuple[int, int, int], expected: tuple[str, int]) -> None:
    hashed = kernel.pdq(scene(*key))
    assert (str(hashed), hashed.quality) == expected


def flat_pictures() -> dict[str, NDArray[np.uint8]]:
    flat = np.full((100, 90), 77, dtype=np.uint8)
    stripes = np.zeros((300, 400), dtype=np.uint8)
    stripes[:, ::7] = 200
    half = np.zeros((777, 640), dtype=np.uint8)
    half[:388] = 90
    return {"flat": flat, "stripes": stripes, "half": half}


@pytest.mark.parametrize(("name", "expected"), GOLDEN_FLAT.items())
def test_rounding_decides_as_in_the_reference(name: str, expected: tuple[str, int]) -> None:
    hashed = kernel.pdq(flat_pictures()[name])
    assert (str(hashed), hashed.quality) == expected


TURNED = (
    lambda plane: plane,
    lambda plane: np.rot90(plane, 1),
    lambda plane: np.rot90(plane, 2),
    lambda plane: np.rot90(plane, 3),
    np.flipud,
    np.fliplr,
    np.transpose,
    lambda plane: np.rot90(plane, 2).T,
)


@pytest.mark.parametrize("index", range(8))
def test_each_derived_turn_is_near_the_hash_of_the_turned_picture(index: int) -> None:
    luma = scene(512, 512)
    derived = kernel.dihedral(luma)[index]
    computed = kernel.pdq(np.ascontiguousarray(TURNED[index](luma)))
    distance = (int(str(derived), 16) ^ int(str(computed), 16)).bit_count()
    assert distance <= 30  # the sampling grid is not quite symmetric; an unrelated hash lies near 128


def test_the_first_turn_is_the_picture_itself() -> None:
    luma = scene(200, 333, seed=3)
    assert kernel.dihedral(luma)[0] == kernel.pdq(luma)
    assert len({str(turned) for turned in kernel.dihedral(luma)}) == len(kernel.VARIANTS)


@pytest.mark.parametrize("size", [(0, 0), (1, 1), (4, 4000), (4000, 4), (0, 7)])
def test_a_tiny_picture_has_an_empty_hash_of_quality_zero(size: tuple[int, int]) -> None:
    assert kernel.pdq(np.zeros(size, dtype=np.uint8)) == kernel.Pdq(bits=bytes(32), quality=0)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 300), st.integers(1, 300), st.integers(0, 2**32))
def test_any_size_gives_eight_hashes_of_at_most_half_the_bits(height: int, width: int, seed: int) -> None:
    luma = np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)
    for hashed in kernel.dihedral(luma):
        assert len(hashed.bits) == 32
        assert sum(byte.bit_count() for byte in hashed.bits) <= 128
        assert 0 <= hashed.quality <= 100


@settings(max_examples=25, deadline=None)
@given(st.integers(5, 400), st.integers(5, 400), st.integers(0, 2**32))
def test_the_exact_order_agrees_where_nothing_is_near_the_median(height: int, width: int, seed: int) -> None:
    source = kernel.Plane(scene(height, width, seed))
    fast, _ = kernel._decimated(source)
    exact = pdq_rounding.decimated(kernel._strips(source), height, width)
    assert np.abs(fast - exact).max() < 0.005


def test_strips_and_memory_order_do_not_change_the_hash() -> None:
    luma = scene(700, 300)
    assert kernel.pdq(np.asfortranarray(luma)) == kernel.pdq(luma)
    assert kernel.pdq(scene(1400, 600)[::2, ::2]) == kernel.pdq(scene(1400, 600)[::2, ::2].copy())


def test_luma_is_weighed_as_in_the_reference() -> None:
    rgb = np.random.default_rng(1).integers(0, 256, (31, 17, 3), dtype=np.uint8)
    expected = (rgb[:, :, 0] * 0.299 + rgb[:, :, 1] * 0.587 + rgb[:, :, 2] * 0.114).astype(np.float32)
    assert np.array_equal(kernel.luma_from_rgb(rgb), expected)


JAILED = """
import sys, numpy as np
from headwater.kernels import pdq
pdq.warm()
seen = []
sys.addaudithook(lambda event, args: seen.append(args) if event in ("open", "import", "os.listdir") else None)
random = np.random.default_rng(1)
for dtype in (np.uint8, np.float32):
    for size in ((300, 200), (64, 64), (7, 900)):
        pdq.dihedral(random.integers(0, 255, size).astype(dtype)); pdq.pdq(np.zeros(size, dtype)[:, ::2])
pdq.luma_from_rgb(random.integers(0, 255, (9, 9, 3)).astype(np.uint8)[::-1])
print(seen)
"""


def test_after_warming_nothing_is_opened_or_imported() -> None:
    done = subprocess.run([sys.executable, "-I", "-c", JAILED], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("bad", [np.nan, np.inf, -1e38])
def test_quality_stays_between_0_and_100_whatever_the_luma(bad):
    y, x = np.mgrid[0:400, 0:600].astype(np.float32)
    luma = (128 + 60 * np.sin(x / 37 + y / 91)).astype(np.float32)
    luma[100:140] = bad
    assert all(0 <= one.quality <= 100 for one in (kernel.pdq(luma), *kernel.dihedral(luma)))
