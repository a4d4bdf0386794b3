"""The report of a run as one self-contained HTML page: no script, no picture, nothing loaded from elsewhere."""

from hashlib import sha256

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from headwater.export.plots import draw_bar, draw_columns
from headwater.export.records import Report
from headwater.model.counted import counted

_GRADE_MARKS = {"camera": "\u25ce", "generated": "\u2b21", "edited": "\u25a3", "undetermined": "\u25cc"}


def write_html(report: Report) -> str:
    """The page. Its foot carries the SHA-256 of everything above the foot."""
    environment = Environment(
        loader=PackageLoader("headwater.export"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["thousands"] = lambda number: f"{number:,}"
    environment.filters["groups"] = lambda digest: " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))
    environment.filters["bytes"] = size_words
    environment.filters["counted"] = counted
    environment.globals["draw_bar"] = draw_bar
    environment.globals["draw_columns"] = draw_columns
    environment.filters["grade_mark"] = lambda grade: _GRADE_MARKS.get(grade, "")
    body = Markup(environment.get_template("report_body.html").render(report=report))  # noqa: S704 - the template escapes by itself
    return environment.get_template("report.html").render(
        report=report, body=body, digest=sha256(body.encode()).hexdigest()
    )


def size_words(count: int | None) -> str:
    """A number of bytes in words."""
    if count is None:
        return "not stated"
    for unit, size in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return counted(count, "byte")
