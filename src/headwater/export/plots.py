"""Plots as SVG text: zero-based bars drawn by us, so that the same figures give the same drawing."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

_WIDTH = 640
_LABEL = 210
_ROW = 24
_COLUMNS_HEIGHT = 150
_AXIS = 22
_WIDEST_COLUMN = 64
_LABEL_ROOM = 62  # of one label under a column


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar: what it counts and how many."""

    label: str
    count: int


def draw_bars(title: str, bars: Sequence[Bar]) -> Markup:
    """Horizontal bars with their figures, one row each, longest scale shared. Empty for no bars."""
    if not bars:
        return Markup()
    largest = max(bar.count for bar in bars) or 1
    height = _ROW * len(bars) + 4
    rows = Markup().join(_row(index, bar, largest) for index, bar in enumerate(bars))
    return _svg(title, height, rows)


def _row(index: int, bar: Bar, largest: int) -> Markup:
    top = index * _ROW
    room = _WIDTH - _LABEL - 80
    length = max(1.0, room * bar.count / largest) if bar.count else 0.0
    label = bar.label if len(bar.label) <= 30 else f"{bar.label[:29]}…"
    return Markup(
        '<text class="t" x="{x}" y="{y}" text-anchor="end">{label}</text>'
        '<rect class="b" x="{left}" y="{top}" width="{length:.1f}" height="16"/>'
        '<text class="n" x="{after:.1f}" y="{y}">{count}</text>'
    ).format(
        x=_LABEL - 8,
        y=top + 16,
        label=label,
        left=_LABEL,
        top=top + 4,
        length=length,
        after=_LABEL + length + 6,
        count=f"{bar.count:,}",
    )


def draw_columns(title: str, bars: Sequence[Bar]) -> Markup:
    """Upright columns in the order given, for a time line or a distribution; first, last and largest are labelled."""
    if not bars:
        return Markup()
    largest = max(bar.count for bar in bars) or 1
    step = min(_WIDEST_COLUMN, (_WIDTH - 20) / len(bars))
    columns = Markup().join(_column(index, bar, step, largest) for index, bar in enumerate(bars))
    axis = Markup('<line class="x" x1="10" x2="{x}" y1="{y}" y2="{y}"/>').format(x=_WIDTH - 10, y=_COLUMNS_HEIGHT + 16)
    every = max(1, -(-_LABEL_ROOM // int(step)))
    labels = Markup().join(
        Markup('<text class="s" x="{x:.1f}" y="{y}" text-anchor="middle">{label}</text>').format(
            x=10 + step * (index + 0.5), y=_COLUMNS_HEIGHT + 16 + _AXIS - 6, label=bar.label
        )
        for index, bar in enumerate(bars)
        if index % every == 0
    )
    return _svg(title, _COLUMNS_HEIGHT + 16 + _AXIS, columns + axis + labels)


def _column(index: int, bar: Bar, step: float, largest: int) -> Markup:
    height = max(1.0, (_COLUMNS_HEIGHT - 6) * bar.count / largest) if bar.count else 0.0
    figure = Markup()
    if bar.count == largest:
        figure = Markup('<text class="n" x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{count}</text>').format(
            x=10 + step * (index + 0.5), y=_COLUMNS_HEIGHT + 12 - height, count=f"{bar.count:,}"
        )
    return figure + Markup('<rect class="b" x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}"/>').format(
        x=10 + step * index + min(2.0, step * 0.1),
        y=_COLUMNS_HEIGHT + 16 - height,
        w=max(1.0, step - min(4.0, step * 0.2)),
        h=height,
    )


def _svg(title: str, height: int, body: Markup) -> Markup:
    return Markup(
        '<svg role="img" aria-label="{title}" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        "{body}</svg>"
    ).format(title=escape(title), width=_WIDTH, height=height, body=body)
