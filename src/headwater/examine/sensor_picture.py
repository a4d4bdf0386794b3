"""The part of a picture that is compared with sensor patterns, as luma."""

from headwater.examine.view import View
from headwater.kernels.prnu import Luma, window
from headwater.model.errors import Truncated


def window_luma(view: View) -> Luma:
    """The middle of the picture, as `prnu.window` has it. Raises EvidenceError, also where pixels are missing."""
    picture = view.picture()
    if picture.partial:
        raise Truncated("pixels are missing or damaged")
    part = window(picture.height_pixels, picture.width_pixels)
    rows = picture.rows(part.top, part.top + part.height)
    return rows[:, part.left : part.left + part.width].copy()
