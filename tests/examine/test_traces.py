"""Traces of pictures made by code: what repeats shows at its place, what does not leaves the figures even."""

import json
from contextlib import suppress
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from headwater.bench.recompression import pictures
from headwater.evidence.content import BytesSource
from headwater.examine import registry
from headwater.examine.traces import Traces
from headwater.examine.traces_measured import TILE, block_grid, colour_phases, spectrum
from headwater.examine.view import View
from headwater.model.errors import EvidenceError
from headwater.model.finding import State


def noise(shape=(256, 256), seed=3):
    return np.random.default_rng(seed).integers(30, 220, shape).astype(float)


def saved(pixels, kind, **options):
    out = BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(out, kind, **options)
    return out.getvalue()


def seen(data):
    view = View(sha256="", size_bytes=len(data), name=b"", source=BytesSource(data=data))
    return {each.claim: each for each in Traces().examine(view)}


def test_it_runs_only_where_it_is_asked_for():
    assert "traces" not in registry.default_names(slow=True)
    assert "traces" in registry.methods(["traces"], "")


def test_a_wave_shows_at_its_frequency_and_its_mirror():
    _, x = np.mgrid[0:256, 0:256]
    levels = np.array(spectrum(noise() * 0.05 + 100 + 40 * np.cos(2 * np.pi * x * 16 / TILE)))
    assert levels.shape == (TILE, TILE)
    assert (levels.min(), levels.max()) == (0, 255)
    row = levels[TILE // 2]
    assert row[16] == row[48] == 255  # 16 periods a tile, left and right of the middle
    assert np.median(levels) < 150


def test_interpolated_places_are_foretold_better():
    colours = np.repeat(noise()[:, :, None], 3, axis=2)
    green = colours[:, :, 1]
    inner = (green[:-2, 1:-1] + green[2:, 1:-1] + green[1:-1, :-2] + green[1:-1, 2:]) / 4
    checks = (np.add.outer(np.arange(254), np.arange(254)) % 2).astype(bool)  # every other place, as in a Bayer array
    green[1:-1, 1:-1][checks] = inner[checks]
    red, found, _ = colour_phases(colours)
    assert max(found) - min(found) > 1
    assert found[0] == pytest.approx(found[3], rel=0.2)
    assert max(red) - min(red) < 0.1


def test_the_blocks_of_a_jpeg_stand_at_the_edges_of_the_grid():
    landscape = next(iter(pictures(1)))
    with Image.open(BytesIO(saved(landscape, "JPEG", quality=40))) as image:
        luma = np.asarray(image.convert("L")).astype(float)
    grid = np.array(block_grid(luma))
    edge = np.ones((8, 8), bool)
    edge[1:-1, 1:-1] = False
    assert grid[edge].min() > grid[~edge].max()
    moved = np.array(block_grid(luma[3:, 3:]))
    assert np.unravel_index(moved.argmax(), (8, 8))[0] in (4, 5)


def test_every_claim_of_a_jpeg_and_its_steps():
    found = seen(saved(next(iter(pictures(1)))[:400, :400], "JPEG", quality=70))
    assert set(found) == set(Traces.claims)
    assert {each.state for each in found.values()} == {State.FOUND}
    value = json.loads(found["traces.coefficients"].value)
    assert value["steps"] == [7, 7]
    assert [len(counts) for counts in value["counts"].values()] == [49, 49]


def test_too_small_and_undecodable_are_told_apart():
    small = seen(saved(noise((8, 8)), "PNG"))
    assert {each.state for each in small.values()} == {State.NOT_RUN}
    narrow = seen(saved(noise((40, 40)), "PNG"))
    assert narrow["traces.spectrum"].state is State.NOT_RUN
    assert narrow["traces.blocks"].state is State.FOUND
    broken = seen(saved(noise(), "PNG")[:60])
    assert {each.state for each in broken.values()} == {State.FAILED}


def test_a_flat_picture_divides_by_nothing():
    found = seen(saved(np.full((80, 80), 90.0), "PNG"))
    assert json.loads(found["traces.cfa"].value)["green"] == [1.0] * 4


@settings(max_examples=60)
@given(st.integers(0, 3000), st.integers(0, 255), st.integers(30, 3000))
def test_changed_and_cut_bytes_raise_nothing_but_faults_of_evidence(at, byte, end):
    data = bytearray(WHOLE)
    data[2 + at % (len(data) - 2)] = byte
    with suppress(EvidenceError):
        seen(bytes(data[:end]))


WHOLE = saved(noise((48, 48)), "JPEG", quality=60)
