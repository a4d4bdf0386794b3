"""Figures in rows and columns as SVG text: one square each, darker or lighter by its figure, none of them a picture."""

from collections.abc import Sequence

from markupsafe import Markup

_SHADES = 32  # as many as an eye tells apart; equal neighbours in a row are one rectangle


def draw_heat(
    says: str,
    rows: Sequence[Sequence[float]],
    *,
    scale: tuple[float, float],
    cell: int,
    figures: bool = False,
) -> Markup:
    """Draw rows of figures, faint at the lower end of `scale`, full at its upper one and beyond. Empty for no rows.

    The scale is the same for every picture: a small difference must not look like a large one. says: the drawing in a
    sentence, for who cannot see it. cell: pixels a side. figures: whether each is written too.
    """
    if not rows or not rows[0]:
        return Markup()
    shades = [[_shade(figure, *scale) for figure in row] for row in rows]
    body = Markup().join(_row(row, down, cell) for down, row in enumerate(shades))
    if figures:
        body += Markup().join(
            Markup('<text class="{ink}" x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{figure:.2f}</text>').format(
                ink="on" if shades[down][across] > _SHADES // 2 else "n",
                x=(across + 0.5) * cell,
                y=(down + 0.5) * cell + 4,
                figure=figure,
            )
            for down, row in enumerate(rows)
            for across, figure in enumerate(row)
        )
    return Markup(
        '<svg class="heat" role="img" aria-label="{says}" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}">'
        '<rect class="ground" width="{wide}" height="{high}"/>{body}</svg>'
    ).format(says=says, wide=len(rows[0]) * cell, high=len(rows) * cell, body=body)


def _shade(figure: float, low: float, high: float) -> int:
    return round(min(1.0, max(0.0, (figure - low) / (high - low))) * (_SHADES - 1))


def _row(shades: Sequence[int], down: int, cell: int) -> Markup:
    """One row, runs of the same shade as one rectangle."""
    body = Markup()
    start = 0
    for across in range(1, len(shades) + 1):
        if across < len(shades) and shades[across] == shades[start]:
            continue
        body += Markup('<rect class="h" x="{x}" y="{y}" width="{w}" height="{h}" fill-opacity="{o:.2f}"/>').format(
            x=start * cell, y=down * cell, w=(across - start) * cell, h=cell, o=shades[start] / (_SHADES - 1)
        )
        start = across
    return body
