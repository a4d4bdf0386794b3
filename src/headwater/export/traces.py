"""The page of one picture's traces: drawings to look at, self-contained, without a script and without the picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from headwater.export.heat import draw_heat
from headwater.export.page import environment, render_page
from headwater.export.plots import Bar, draw_columns

Rows = Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TracesPage:
    """What is drawn. silences: claim -> why there is no drawing of it.

    colours: of each colour, the four places of 2 x 2 pixels. counts: of each place of the zigzag, from -24 to 24 steps.
    """

    item: str
    sha256: str
    path: str
    tool_version: str
    method: str
    spectrum: Rows
    colours: Mapping[str, Sequence[float]]
    blocks: Rows
    counts: Mapping[str, Sequence[int]]
    steps: Sequence[int]
    silences: Mapping[str, str]


def write_traces(page: TracesPage) -> str:
    """The page. Its foot carries the SHA-256 of everything above the foot."""
    templates = environment()
    templates.globals["draw_heat"] = draw_heat
    templates.globals["draw_counts"] = _counts
    return render_page(templates, "traces", {"page": page})


def _counts(title: str, counts: Sequence[int]) -> Markup:
    """A histogram about 0; the highest column would hide the rest where most coefficients are 0, so 0 is left out."""
    reach = len(counts) // 2
    bars = [Bar(label=str(at - reach), count=count) for at, count in enumerate(counts) if at != reach]
    return draw_columns(title, bars)
