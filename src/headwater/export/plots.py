"""Plots as SVG text: zero-based bars drawn by us, so that the same figures give the same drawing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

_WIDTH = 640
_HEIGHT = 150
_TOP = 16  # room for the figure on the highest
_AXIS = 22
_EDGE = 10
_WIDEST = 64
_LETTER = 7.2  # of a figure or label at 12 px, rounded up
_GAP = 92  # of a stretch without any


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar: what it counts and how many. is_gap: a stretch of the axis that is left out, with none in it."""

    label: str
    count: int
    is_gap: bool = False


def draw_bar(count: int, largest: int) -> Markup:
    """One horizontal bar for a table's row; the figure stands beside it as text."""
    length = 100 * count / largest if largest else 0
    return Markup(
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<rect class="b" x="0" y="0" width="{length:.2f}" height="8"/></svg>'
    ).format(length=max(length, 0.4) if count else 0)


def draw_stack(parts: Sequence[tuple[str, int]]) -> Markup:
    """One horizontal bar of a table's row, cut into (class of the style, count); its figures stand beside it."""
    total = sum(count for _, count in parts)
    body, at = Markup(), 0.0
    for kind, count in parts:
        width = 100 * count / total if total else 0.0
        if count:
            body += Markup('<rect class="{kind}" x="{x:.2f}" y="0.5" width="{w:.2f}" height="7"/>').format(
                kind=kind, x=at, w=width
            )
        at += width
    return Markup(
        '<svg class="stack" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        "{body}</svg>"
    ).format(body=body)


def draw_columns(title: str, bars: Sequence[Bar]) -> Markup:
    """Upright columns in the order given, for a time line. A gap is a dashed break with its words.

    Every column that has room carries its figure; the highest always does. Empty for no bars.
    """
    if not bars:
        return Markup()
    gaps = sum(bar.is_gap for bar in bars)
    columns = len(bars) - gaps
    step = min(_WIDEST, max(6.0, (_WIDTH - 2 * _EDGE - _GAP * gaps) / max(1, columns)))
    places, width = _places(bars, step)
    largest = max(bar.count for bar in bars) or 1
    body = Markup().join(_one(bar, at, step, largest) for bar, at in zip(bars, places, strict=True))
    figures = Markup().join(_figures(bars, places, step, width))
    floor = _HEIGHT + _TOP
    axis = Markup('<line class="x" x1="{left}" x2="{right:.1f}" y1="{y}" y2="{y}"/>').format(
        left=_EDGE, right=width - _EDGE, y=floor
    )
    labels = Markup().join(_labels(bars, places, step, width))
    return Markup(
        '<svg class="columns" role="img" aria-label="{says}" viewBox="0 0 {width:.0f} {height}" '
        'width="{width:.0f}" height="{height}">{body}</svg>'
    ).format(says=summary(title, bars), width=width, height=floor + _AXIS, body=body + figures + axis + labels)


def summary(title: str, bars: Sequence[Bar]) -> str:
    """A plot in one sentence, for who cannot see it."""
    drawn = [bar for bar in bars if not bar.is_gap]
    if not drawn:
        return f"{title}: none"
    most = max(drawn, key=lambda bar: bar.count)
    total = sum(bar.count for bar in drawn)
    gaps = "".join(f"; none {bar.label}" for bar in bars if bar.is_gap)
    span = f"{drawn[0].label} to {drawn[-1].label}"
    return f"{title}: {total:,} in all, {span}, the most {most.count:,} at {most.label}{gaps}"


def _places(bars: Sequence[Bar], step: float) -> tuple[list[float], float]:
    places, at = [], float(_EDGE)
    for bar in bars:
        places.append(at)
        at += _GAP if bar.is_gap else step
    return places, max(at + _EDGE, 160.0)


def _one(bar: Bar, at: float, step: float, largest: int) -> Markup:
    return _gap(bar, at) if bar.is_gap else _column(bar, at, step, largest)


def _gap(bar: Bar, at: float) -> Markup:
    floor = _HEIGHT + _TOP
    line = Markup('<line class="g" x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{floor}"/>')
    words = Markup('<text class="s" x="{x:.1f}" y="{y}" text-anchor="middle">{words}</text>')
    return (
        line.format(x=at + 4, top=_TOP + 40, floor=floor)
        + line.format(x=at + _GAP - 4, top=_TOP + 40, floor=floor)
        + words.format(x=at + _GAP / 2, y=floor - 26, words="none")
        + words.format(x=at + _GAP / 2, y=floor - 10, words=bar.label)
    )


def _column(bar: Bar, at: float, step: float, largest: int) -> Markup:
    height = _height(bar, largest)
    inset = min(2.0, step * 0.1)
    return Markup(
        '<rect class="b" x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}">'
        "<title>{label}: {figure}</title></rect>"
    ).format(
        x=at + inset,
        y=_HEIGHT + _TOP - height,
        w=max(1.0, step - 2 * inset),
        h=height,
        label=bar.label,
        figure=f"{bar.count:,}",
    )


def _height(bar: Bar, largest: int) -> float:
    return max(1.0, _HEIGHT * bar.count / largest) if bar.count else 0.0


def _figures(bars: Sequence[Bar], places: Sequence[float], step: float, width: float) -> Iterator[Markup]:
    """The highest column's figure, and that of every other that finds room beside it."""
    largest = max(bar.count for bar in bars) or 1
    highest = next(index for index, bar in enumerate(bars) if bar.count == max(each.count for each in bars))
    taken = _room(f"{bars[highest].count:,}", places[highest] + step / 2, width)
    for index, (bar, at) in enumerate(zip(bars, places, strict=True)):
        figure = f"{bar.count:,}"
        room = _room(figure, at + step / 2, width)
        fits = len(figure) * _LETTER <= step and (room[1] <= taken[0] or room[0] >= taken[1])
        if bar.count and (index == highest or fits):
            yield Markup('<text class="n" x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{figure}</text>').format(
                x=sum(room) / 2, y=_HEIGHT + _TOP - _height(bar, largest) - 4, figure=figure
            )


def _room(text: str, middle: float, width: float) -> tuple[float, float]:
    """From where to where a text reaches, moved inside the drawing where it would leave it."""
    half = len(text) * _LETTER / 2
    middle = min(max(middle, half), width - half)
    return middle - half, middle + half


def _labels(bars: Sequence[Bar], places: Sequence[float], step: float, width: float) -> Iterator[Markup]:
    """A label under each column, or under every so manyth where they are narrow; never two in one place."""
    taken = 0.0
    for bar, at in zip(bars, places, strict=True):
        left, right = _room(bar.label, at + step / 2, width)
        if bar.is_gap or left < taken:
            continue
        taken = right + _LETTER
        yield Markup('<text class="s" x="{x:.1f}" y="{y}" text-anchor="middle">{label}</text>').format(
            x=(left + right) / 2, y=_HEIGHT + _TOP + _AXIS - 6, label=bar.label
        )
