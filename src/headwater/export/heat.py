"""Figures in rows and columns as SVG text: one square each, darker or lighter by its figure, none of them a picture."""

from collections.abc import Sequence

from markupsafe import Markup

_SHADES = 32  # as many as an eye tells apart; equal neighbours in a row are one rectangle


def draw_heat(says: str, rows: Sequence[Sequence[float]], *, cell: int, figures: bool = False) -> Markup:
    """Draw rows of figures from the least, faint, to the greatest, full. Empty for no rows.

    says: the drawing in a sentence, for who cannot see it. cell: pixels a side. figures: whether each is written too.
    """
    if not rows or not rows[0]:
        return Markup()
    low = min(min(row) for row in rows)
    span = (max(max(row) for row in rows) - low) or 1.0
    body = Markup()
    for down, row in enumerate(rows):
        body += _row([round((figure - low) / span * (_SHADES - 1)) for figure in row], down, cell)
    if figures:
        body += Markup().join(
            Markup('<text class="n" x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{figure:.2f}</text>').format(
                x=(across + 0.5) * cell, y=(down + 0.5) * cell + 4, figure=figure
            )
            for down, row in enumerate(rows)
            for across, figure in enumerate(row)
        )
    return Markup(
        '<svg class="heat" role="img" aria-label="{says}" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}">'
        '<rect class="ground" width="{wide}" height="{high}"/>{body}</svg>'
    ).format(says=says, wide=len(rows[0]) * cell, high=len(rows) * cell, body=body)


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
