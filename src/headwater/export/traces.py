"""The page of one picture's traces: drawings to look at, self-contained, without a script and without the picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from headwater.export.heat import draw_heat
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
    environment = Environment(
        loader=PackageLoader("headwater.export"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["draw_heat"] = draw_heat
    environment.globals["draw_counts"] = _counts
    body = Markup(environment.get_template("traces_body.html").render(page=page))  # noqa: S704 - the template escapes by itself
    digest = sha256(body.encode()).hexdigest()
    return environment.get_template("traces.html").render(page=page, body=body, digest=digest)


def _counts(title: str, counts: Sequence[int]) -> Markup:
    """A histogram about 0; the highest column would hide the rest where most coefficients are 0, so 0 is left out."""
    reach = len(counts) // 2
    bars = [Bar(label=str(at - reach), count=count) for at, count in enumerate(counts) if at != reach]
    return draw_columns(title, bars)
