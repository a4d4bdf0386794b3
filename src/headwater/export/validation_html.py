"""The validation report as one self-contained HTML page: no script, no picture, nothing loaded from elsewhere."""

from collections.abc import Mapping

from headwater.export.page import environment, in_groups, render_page
from headwater.export.plots import draw_bar, draw_stack
from headwater.export.validation_records import Interval, RateRow, Validation
from headwater.model.counted import counted


def write_validation_html(validation: Validation, result_digest: str) -> str:
    """The page. Its foot carries the SHA-256 of everything above the foot."""
    templates = environment()
    templates.filters |= {
        "thousands": lambda number: f"{number:,}",
        "groups": in_groups,
        "counted": counted,
        "percent": percent,
        "interval": interval_words,
        "summed": lambda cells: sum(cells.values()),
        "largest": _largest,
    }
    templates.globals |= {"draw_bar": draw_bar, "draw_stack": draw_stack, "parts": _parts}
    return render_page(templates, "validation", {"v": validation, "result_digest": result_digest})


def percent(share: float) -> str:
    """A share in words: enough digits that nothing but nought reads as nought."""
    return f"{100 * share:.2f} %"


def interval_words(interval: Interval | None) -> str:
    """From and to; where nothing was named there is no rate."""
    return f"{percent(interval.lower)} to {percent(interval.upper)}" if interval else "no rate"


def _parts(row: RateRow) -> list[tuple[str, int]]:
    """A row as the segments of one bar."""
    right = row.rate.named - row.rate.wrong
    return [
        ("right", right),
        ("wrong", row.rate.wrong),
        ("undetermined", row.undetermined),
        ("lost", row.not_graded),
    ]


def _largest(grades: Mapping[str, Mapping[str, int]]) -> int:
    return max(sum(cells.values()) for cells in grades.values())
