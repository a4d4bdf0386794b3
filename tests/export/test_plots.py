import re
from itertools import pairwise

import pytest

from headwater.export.plots import Bar, draw_bar, draw_columns, summary

YEARS = [Bar(label="1980", count=3), Bar(label="1981 to 2023", count=0, is_gap=True), Bar(label="2024", count=1_200)]


def test_a_plot_says_its_figures_to_who_cannot_see_it():
    says = "Files by year: 1,203 in all, 1980 to 2024, the most 1,200 at 2024; none 1981 to 2023"
    assert summary("Files by year", YEARS) == says
    assert f'aria-label="{says}"' in draw_columns("Files by year", YEARS)
    assert summary("Files by year", []) == "Files by year: none"


def test_a_gap_is_drawn_as_one():
    drawn = draw_columns("Files by year", YEARS)
    assert drawn.count('class="g"') == 2
    assert ">1981 to 2023<" in drawn
    assert drawn.count("<rect") == 2


@pytest.mark.parametrize("count", [1, 2, 12, 60, 150])
def test_labels_and_figures_never_overlap_and_none_is_cut(count):
    bars = [Bar(label=f"{1900 + number}", count=number * 1_000) for number in range(count)]
    drawn = draw_columns("x", bars)
    width = float(re.search(r'viewBox="0 0 (\d+)', drawn)[1])
    for kind in ("s", "n"):
        texts = [
            (float(x) - len(text) * 3.6, float(x) + len(text) * 3.6)
            for x, text in re.findall(rf'<text class="{kind}" x="([\d.]+)"[^>]*>([^<]+)<', drawn)
        ]
        assert kind == "n" or texts
        assert all(left >= -1 and right <= width + 1 for left, right in texts)
        assert all(one[1] <= other[0] + 1 for one, other in pairwise(texts))
    assert f">{bars[-1].count:,}<" in drawn or count == 1


def test_the_highest_column_carries_its_figure_however_narrow():
    bars = [Bar(label=str(number), count=1_234_567 if number == 70 else 1_000) for number in range(140)]
    assert ">1,234,567<" in draw_columns("x", bars)


def test_a_bar_is_as_long_as_its_share():
    lengths = [float(re.search(r'width="([\d.]+)" height', draw_bar(count, 200))[1]) for count in (0, 1, 100, 200)]
    assert lengths == [0, 0.5, 50, 100]
