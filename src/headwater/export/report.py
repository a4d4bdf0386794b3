"""The report of a run as one self-contained HTML page: no script, no picture, nothing loaded from elsewhere."""

from headwater.export.page import environment, in_groups, render_page
from headwater.export.plots import draw_bar, draw_columns
from headwater.export.records import Report
from headwater.export.upstream_chart import draw_chart
from headwater.model.counted import counted

_GRADE_MARKS = {"camera": "\u25ce", "generated": "\u2b21", "edited": "\u25a3", "undetermined": "\u25cc"}


def write_html(report: Report) -> str:
    """The page. Its foot carries the SHA-256 of everything above the foot."""
    templates = environment()
    templates.filters["thousands"] = lambda number: f"{number:,}"
    templates.filters["groups"] = in_groups
    templates.filters["bytes"] = size_words
    templates.filters["counted"] = counted
    templates.globals["draw_bar"] = draw_bar
    templates.globals["draw_columns"] = draw_columns
    templates.globals["draw_chart"] = draw_chart
    templates.filters["grade_mark"] = lambda grade: _GRADE_MARKS.get(grade, "")
    return render_page(templates, "report", {"report": report})


def size_words(count: int | None) -> str:
    """A number of bytes in words."""
    if count is None:
        return "not stated"
    for unit, size in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return counted(count, "byte")
