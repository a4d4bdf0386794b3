"""The page of traces: it says that it weighs nothing, escapes what evidence says, and draws the same the same."""

from dataclasses import replace

import pytest

from headwater.export.heat import draw_heat
from headwater.export.traces import TracesPage, write_traces

PAGE = TracesPage(
    item="3f9a0c1e77b2d4a8",
    sha256="ab" * 32,
    path="coast/<img src=x>.jpg",
    tool_version="0",
    method="cd" * 32,
    spectrum=[[float((x * y) % 256) for x in range(64)] for y in range(64)],
    colours={"red": [1.0, 1.0, 1.0, 1.0], "green": [0.7, 1.3, 1.3, 0.7], "blue": [1.0, 1.0, 1.0, 1.0]},
    blocks=[[1.0] * 8 for _ in range(8)],
    counts={"1": list(range(49)), "2": [0] * 49},
    steps=[4, 5],
    silences={},
)


def test_it_says_that_it_weighs_nothing_and_holds_no_picture_and_no_script():
    said = write_traces(PAGE)
    assert "weight zero" in said
    assert "<img" not in said
    assert "<script" not in said
    assert "http" not in said.replace('http-equiv="Content-Security-Policy"', "")
    assert "coast/&lt;img src=x&gt;.jpg" in said
    assert write_traces(PAGE) == said


def test_what_is_not_drawn_is_said_with_its_reason():
    said = write_traces(replace(PAGE, spectrum=[], silences={"traces.spectrum": "smaller than one tile of 64 x 64"}))
    assert "traces.spectrum: not drawn, smaller than one tile of 64 x 64." in said
    assert "Spectrum of what" not in said


def test_every_drawing_is_described_for_who_cannot_see_it():
    said = write_traces(PAGE)
    assert said.count("<svg") == said.count('role="img" aria-label=') == 7


def test_shades_follow_one_scale_and_figures_stay_readable():
    drawn = draw_heat("two", [[1.0, 1.005]], scale=(0.5, 2), cell=10, figures=True)
    assert drawn.count("<rect") == 2  # the ground, and one rectangle: a small difference is not drawn as a large one
    far = draw_heat("two", [[0.0, 9.0]], scale=(0.5, 2), cell=10, figures=True)
    assert 'fill-opacity="0.00"' in far
    assert 'fill-opacity="1.00"' in far
    assert '<text class="on"' in far


@pytest.mark.parametrize("rows", [[], [[]]])
def test_nothing_is_drawn_of_nothing(rows):
    assert draw_heat("none", rows, scale=(0, 1), cell=4) == ""
