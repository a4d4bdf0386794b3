"""Sensor patterns, against a slow plain implementation of the same papers and on invented sensors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from headwater.kernels import local_wiener, prnu, wavelet
from headwater.kernels.local_wiener import noise_share

SHAPE = (160, 208)


def sensor(seed, shape=SHAPE, strength=0.01):
    return np.random.default_rng(seed).standard_normal(shape) * strength


def shot(pattern, seed, *, texture=0.0, noise=2.0, level=130.0):
    """A picture of a soft slope, with stripes of `texture` grey levels, by the sensor of that pattern."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: pattern.shape[0], : pattern.shape[1]]
    phase = rng.uniform(0, 6)
    scene = level + 30 * np.sin(x / 90 + phase) + texture * np.sin(x / 3 + phase) * np.sin(y / 5)
    return np.clip(np.rint(scene * (1 + pattern) + rng.standard_normal(scene.shape) * noise), 0, 255).astype(np.uint8)


def learned(pattern, count=12):
    estimate = prnu.Estimate(*pattern.shape)
    for number in range(count):
        estimate.add(shot(pattern, 1000 + number))
    return estimate.pattern()


def pce(picture, pattern, **options):
    return prnu.compare(prnu.signature(picture), prnu.exposed(picture), pattern, **options)


# --- the slow plain reference


def plain_share(squares, variance):
    """Mihcak's estimate, coefficient by coefficient."""
    share = np.empty(squares.shape)
    for y in range(squares.shape[0]):
        for x in range(squares.shape[1]):
            means = [
                squares[max(0, y - r) : y + r + 1, max(0, x - r) : x + r + 1].sum() / (2 * r + 1) ** 2
                for r in (1, 2, 3, 4)
            ]
            of_signal = min(max(0.0, mean - variance) for mean in means)
            share[y, x] = variance / (variance + of_signal)
    return share


def plain_matrix(size):
    """One level of the transform of an axis, as a matrix: its lower half are the coarse terms."""
    low, high = wavelet._LOW.astype(float), wavelet._HIGH.astype(float)
    matrix = np.zeros((size, size))
    for k in range(size // 2):
        for tap in range(8):
            matrix[k, (2 * k + tap) % size] += low[tap]
            matrix[size // 2 + k, (2 * k + tap) % size] += high[tap]
    return matrix


def plain_residual(luma, deviation):
    height, width = luma.shape
    padded = np.pad(luma.astype(float), [(16, 16 + -side % 16) for side in luma.shape], mode="symmetric")
    layers, coarse = [], padded
    for _ in range(4):
        down, across = (plain_matrix(side) for side in coarse.shape)
        terms = down @ coarse @ across.T
        tall, wide = (side // 2 for side in terms.shape)
        noise = np.zeros_like(terms)
        for rows, columns in ((slice(0, tall), slice(wide, None)), (slice(tall, None), slice(0, wide)),
                              (slice(tall, None), slice(wide, None))):  # fmt: skip
            band = terms[rows, columns]
            noise[rows, columns] = band * plain_share(band**2, deviation**2)
        layers.append((down, across, noise))
        coarse = terms[:tall, :wide]
    result = np.zeros_like(coarse)
    for down, across, noise in reversed(layers):
        noise[: result.shape[0], : result.shape[1]] = result
        result = down.T @ noise @ across
    return result[16 : 16 + height, 16 : 16 + width]


def plain_cleaned(plane):
    plane = plane - plane.mean()
    for y in (0, 1):
        for x in (0, 1):
            part = plane[y::2, x::2]
            part -= part.mean(axis=0)
            part -= part.mean(axis=1, keepdims=True)
    spectrum = np.fft.rfft2(plane)
    return np.fft.irfft2(spectrum * plain_share(np.abs(spectrum) ** 2 / plane.size, plane.var()), s=plane.shape)


def plain_pce(luma, pattern):
    noise = plain_cleaned(plain_residual(luma, 2.0))
    expected = np.where(luma >= 250, 0.0, luma) * pattern
    expected -= expected.mean()
    correlation = np.real(np.fft.ifft2(np.fft.fft2(noise) * np.conj(np.fft.fft2(expected))))
    peak = correlation[0, 0]
    far = [
        value**2
        for (y, x), value in np.ndenumerate(correlation)
        if min(y, luma.shape[0] - y) > 5 or min(x, luma.shape[1] - x) > 5
    ]
    return np.sign(peak) * peak**2 / np.mean(far)


# --- tests


def test_the_filter_is_orthogonal_and_what_it_splits_it_joins():
    matrix = plain_matrix(32)
    assert matrix @ matrix.T == pytest.approx(np.eye(32), abs=1e-6)
    assert wavelet._LOW.sum() == pytest.approx(2**0.5, abs=1e-6)
    for power in range(4):  # four moments of the high-pass filter vanish
        assert (wavelet._HIGH.astype(float) * np.arange(8.0) ** power).sum() == pytest.approx(0, abs=1e-4)
    plane = np.random.default_rng(1).standard_normal((48, 80)).astype(np.float32)
    copy, spare = plane.copy(), np.empty_like(plane)
    wavelet.forward(copy, spare)
    assert not np.allclose(copy, plane, atol=0.1)
    wavelet.backward(copy, spare)
    assert np.allclose(copy, plane, atol=1e-5)


@pytest.mark.parametrize("shape", [(1, 1), (2, 9), (3, 3), (9, 2), (4, 30), (31, 17)])
def test_the_share_of_noise_is_the_plain_one_in_any_size(shape):
    squares = (np.random.default_rng(2).standard_normal(shape) ** 2 * 30).astype(np.float32)
    share = noise_share(squares, 25.0)
    assert share == pytest.approx(plain_share(squares.astype(float), 25.0), rel=1e-5)


@pytest.mark.parametrize("shape", [(64, 80), (61, 83), (33, 130)])
@pytest.mark.parametrize("deviation", [2.0, 5.0])
def test_the_residual_is_the_plain_one(shape, deviation):
    luma = shot(sensor(3, shape), 4, texture=20)
    assert np.allclose(prnu.residual(luma, deviation), plain_residual(luma, deviation), atol=2e-3)


def test_the_figure_is_the_plain_one():
    pattern = sensor(5, (64, 80))
    estimate = learned(pattern)
    for picture in (shot(pattern, 6, texture=10), shot(sensor(7, (64, 80)), 8)):
        assert pce(picture, estimate).pce == pytest.approx(
            plain_pce(picture, estimate.astype(float)), rel=1e-2, abs=0.05
        )


def test_the_estimate_is_near_the_pattern_and_the_most_likely_one():
    pattern = sensor(9)
    few, many = learned(pattern, 3), learned(pattern, 30)
    assert np.corrcoef(few.ravel(), pattern.ravel())[0, 1] < np.corrcoef(many.ravel(), pattern.ravel())[0, 1]
    assert np.corrcoef(many.ravel(), pattern.ravel())[0, 1] > 0.8
    pictures = [shot(pattern, 40 + number) for number in range(4)]
    estimate = prnu.Estimate(*SHAPE)
    for picture in pictures:
        estimate.add(picture)
    above = sum(plain_residual(each, 3.0) * each for each in pictures)
    below = sum(each.astype(float) ** 2 for each in pictures)
    assert np.allclose(estimate.pattern(), plain_cleaned(above / below), atol=2e-4)


def test_a_picture_bears_the_pattern_of_its_own_sensor_and_of_no_other():
    pattern = sensor(10)
    own, other = learned(pattern), learned(sensor(11))
    for number in range(6):
        picture = shot(pattern, 50 + number, texture=15)
        assert pce(picture, own).pce > 200
        assert abs(pce(picture, other).pce) < 30


def test_a_turned_picture_bears_the_turned_pattern_only():
    pattern = sensor(12)
    own = learned(pattern)
    turned = np.ascontiguousarray(np.rot90(shot(pattern, 60)))
    assert pce(turned, np.ascontiguousarray(np.rot90(own))).pce > 200
    assert abs(pce(turned, np.ascontiguousarray(np.rot90(own, 3))).pce) < 30


def test_a_shift_is_found_only_where_it_is_asked_for():
    pattern = sensor(13)
    own = learned(pattern)
    moved = np.roll(shot(pattern, 70), (7, 12), axis=(0, 1))
    assert abs(pce(moved, own).pce) < 30
    found = pce(moved, own, search=True)
    assert (found.x, found.y) == (12, 7)
    assert found.pce > 200


def test_a_negative_of_the_pattern_gives_a_negative_figure():
    pattern = sensor(14)
    assert pce(shot(pattern, 80), -learned(pattern)).pce < -200


def test_saturated_pixels_say_nothing():
    pattern = sensor(15)
    burnt = np.full(SHAPE, 255, np.uint8)
    assert prnu.exposed(burnt).max() == 0
    assert pce(burnt, learned(pattern)).pce == 0
    estimate = prnu.Estimate(*SHAPE)
    estimate.add(burnt)
    assert np.all(estimate.pattern() == 0)


def test_the_same_picture_gives_the_same_bits():
    picture, own = shot(sensor(16), 90), learned(sensor(16))
    assert pce(picture, own) == pce(picture.copy(), own.copy())


def test_luma_in_floats_is_treated_as_luma_in_bytes():
    picture = shot(sensor(17), 91)
    assert np.array_equal(prnu.residual(picture, 2.0), prnu.residual(picture.astype(np.float32), 2.0))


@given(height=st.integers(1, 20_000), width=st.integers(1, 20_000))
def test_the_window_is_in_the_middle_and_turns_with_the_picture(height, width):
    place, turned = prnu.window(height, width), prnu.window(width, height)
    assert place.height * place.width <= prnu.LONG_SIDE * prnu.SHORT_SIDE
    assert height - place.height - place.top == place.top
    assert width - place.width - place.left == place.left
    if height != width:
        assert (turned.top, turned.left, turned.height, turned.width) == (
            place.left, place.top, place.width, place.height
        )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(luma=arrays(np.uint8, st.tuples(st.integers(2, 40), st.integers(2, 40))))
def test_any_plane_gives_finite_figures(luma):
    estimate = prnu.Estimate(*luma.shape)
    estimate.add(luma)
    found = prnu.compare(prnu.signature(luma), prnu.exposed(luma), estimate.pattern())
    assert np.isfinite(found.pce)


def test_warmed_kernels_need_nothing_more_compiled_for_real_pictures():
    """In the jail no file can be opened, so no kernel may meet an array of a kind that it was not warmed with."""
    prnu.warm()
    kernels = (local_wiener._share, wavelet._split_rows, wavelet._split_columns, wavelet._join_columns,
               wavelet._join_rows)  # fmt: skip
    before = [len(each.signatures) for each in kernels]
    for shape in ((161, 207), (512, 1040)):
        own = learned(sensor(18, shape), 1)
        pce(shot(sensor(18, shape), 92), np.ascontiguousarray(np.rot90(own, 2)))
        prnu.likeness(own, shot(sensor(18, shape), 93).astype(np.float32))
    assert [len(each.signatures) for each in kernels] == before
    assert before == [1] * len(kernels)
