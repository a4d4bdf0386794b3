"""Which parts of a picture are fingerprinted beside the whole, so that a crop of it is still found."""

from dataclasses import dataclass

GRID = "1"  # of the parts below; another list is another grid
_EVEN = tuple(0.1 / 6 * step for step in range(1, 7))  # off each side: PDQ bears about one part in a hundred
_ONE_SIDE = (0.025, 0.05, 0.075, 0.1, 0.125)
_TWO_SIDES = (0.025, 0.05, 0.075, 0.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part by what is cut off each side, as shares of the picture's width and height."""

    name: str
    left: float = 0.0
    top: float = 0.0
    right: float = 0.0
    bottom: float = 0.0

    def box(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Left, top, right, bottom in pixels; the last two are not part of it."""
        return (
            round(self.left * width),
            round(self.top * height),
            width - round(self.right * width),
            height - round(self.bottom * height),
        )


def _parts() -> tuple[Part, ...]:
    even = [
        Part(name=f"{share:.1%} off each side", left=share, top=share, right=share, bottom=share) for share in _EVEN
    ]
    one = [
        Part(name=f"{share:.1%} off the {side}", **{side: share})
        for share in _ONE_SIDE
        for side in ("left", "top", "right", "bottom")
    ]
    two = [
        Part(name=f"{share:.1%} off the {across} and the {down}", **{across: share, down: share})
        for share in _TWO_SIDES
        for across in ("left", "right")
        for down in ("top", "bottom")
    ]
    across = [Part(name=f"{share:.1%} off left and right", left=share, right=share) for share in (0.03, 0.06, 0.125)]
    down = [Part(name=f"{share:.1%} off top and bottom", top=share, bottom=share) for share in (0.03, 0.06, 0.125)]
    halves = [Part(name=f"without the {side} half", **{side: 0.5}) for side in ("left", "top", "right", "bottom")]
    quarters = [
        Part(name=f"without the {across_half} and the {down_half} half", **{across_half: 0.5, down_half: 0.5})
        for across_half in ("left", "right")
        for down_half in ("top", "bottom")
    ]
    middle = Part(name="the middle half", left=0.25, top=0.25, right=0.25, bottom=0.25)
    return (*even, *one, *two, *across, *down, *halves, *quarters, middle)


PARTS = _parts()
