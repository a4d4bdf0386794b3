"""The upstream chart as SVG: six fixed columns, bundles with their counts; the same data gives the same drawing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log10

from markupsafe import Markup

COLUMNS = ("Pictures", "Workflows", "Models", "Training folders", "Devices", "Persons")
NODES_MAX = 10  # of one column; the rest are one bundle
_WIDTH, _GAP, _EDGE, _TOP = 176, 64, 8, 34
_LINE, _PAD, _BETWEEN = 15, 8, 16
_LETTERS = 26  # of a line of a node
_THICK = 1.4


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartNode:
    """One box: in which column, and its lines, the first its name."""

    id: str
    column: int
    lines: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Strong:
    """How many edges are of one strength."""

    strength: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartEdge:
    """One arrow between boxes: how many edges it stands for, and their strengths with counts, the strongest first."""

    source: str
    target: str
    words: str
    count: int
    strengths: Sequence[Strong]

    @property
    def told(self) -> str:
        """How sure, in words: each strength with its count."""
        return ", ".join(f"{one.strength} {one.count:,}" for one in self.strengths)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What is drawn. Nodes of one column stand in the order in which they are given."""

    nodes: Sequence[ChartNode]
    edges: Sequence[ChartEdge]


def draw_chart(title: str, chart: Chart) -> Markup:
    """The drawing; empty for no nodes. Dashed: no edge of the arrow is more than consistent."""
    if not chart.nodes:
        return Markup()
    places = _places(chart.nodes)
    width = len(COLUMNS) * _WIDTH + (len(COLUMNS) - 1) * _GAP + 2 * _EDGE
    height = max(top + tall for _, top, tall in places.values()) + _EDGE
    body = Markup("").join([*_heads(), *_arrows(chart.edges, places), *_boxes(chart.nodes, places)])
    return Markup(
        '<svg class="upstream" role="img" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'xmlns="http://www.w3.org/2000/svg"><title>{title}</title>{body}</svg>'
    ).format(width=width, height=height, title=title, body=body)


def stand_alone(drawing: Markup) -> str:
    """The drawing as a file of its own, with the few rules of style that it needs."""
    style = Markup(
        "<style>svg{{background:#fff}}text{{fill:#1A1E23;font:12px system-ui,sans-serif}}.s{{fill:#505963}}"
        ".node{{fill:#fff;stroke:#7A7F87}}.arrow{{fill:none;stroke:#1B5E9E}}.weak{{stroke-dasharray:4 4}}</style>"
    ).format()
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{str(drawing).replace("</title>", f"</title>{style}", 1)}\n'


def _places(nodes: Sequence[ChartNode]) -> Mapping[str, tuple[float, float, float]]:
    """Of each node its left edge, its top and its height."""
    tops = [float(_TOP)] * len(COLUMNS)
    places: dict[str, tuple[float, float, float]] = {}
    for node in nodes:
        tall = len(node.lines) * _LINE + 2 * _PAD
        places[node.id] = (_left(node.column), tops[node.column], tall)
        tops[node.column] += tall + _BETWEEN
    return places


def _left(column: int) -> float:
    return _EDGE + column * (_WIDTH + _GAP)


def _heads() -> Iterator[Markup]:
    for column, name in enumerate(COLUMNS):
        yield Markup('<text class="s" x="{x}" y="18">{name}</text>').format(x=_left(column), name=name)


def _boxes(nodes: Sequence[ChartNode], places: Mapping[str, tuple[float, float, float]]) -> Iterator[Markup]:
    for node in nodes:
        left, top, tall = places[node.id]
        lines = Markup("").join(
            Markup('<text{kind} x="{x}" y="{y}">{line}</text>').format(
                kind=Markup(' class="s"') if place else "",
                x=left + _PAD,
                y=top + _PAD + 11 + place * _LINE,
                line=_short(line),
            )
            for place, line in enumerate(node.lines)
        )
        yield Markup(
            '<g><title>{all}</title><rect class="node" x="{x}" y="{y}" width="{w}" height="{h}" rx="3"/>{lines}</g>'
        ).format(all="; ".join(node.lines), x=left, y=top, w=_WIDTH, h=tall, lines=lines)


def _arrows(edges: Sequence[ChartEdge], places: Mapping[str, tuple[float, float, float]]) -> Iterator[Markup]:
    for edge in edges:
        if edge.source not in places or edge.target not in places:
            continue
        (x1, y1, tall1), (x2, y2, tall2) = places[edge.source], places[edge.target]
        same = x1 == x2
        start, end = x1 + _WIDTH, x2 + (_WIDTH if same else 0)
        middle1, middle2 = y1 + tall1 / 2, y2 + tall2 / 2
        bend = 40 if same else max((end - start) / 2, 24)
        weak = " weak" if edge.strengths[0].strength in ("consistent", "lead") else ""
        yield Markup(
            '<path class="arrow{weak}" stroke-width="{thick:.1f}" d="M{x1:.1f} {y1:.1f} C{c1:.1f} {y1:.1f} {c2:.1f} '
            '{y2:.1f} {x2:.1f} {y2:.1f}"><title>{words}</title></path>'
        ).format(
            weak=weak, thick=_THICK + log10(max(edge.count, 1)), x1=start, y1=middle1, c1=start + bend,
            c2=end + bend if same else end - bend, y2=middle2, x2=end, words=f"{edge.words}: {edge.told}",
        )  # fmt: skip


def _short(line: str) -> str:
    return line if len(line) <= _LETTERS else f"{line[: _LETTERS - 1]}\u2026"
