"""What validation does to a laboratory's own files before it examines them again, and how a worker is asked for it."""

from dataclasses import dataclass

import msgspec

CANVAS = (1920, 1080)  # width, height in pixels
CANVAS_GREY = 32  # of 255
SMALL_QUALITY = 75
HIGH_QUALITY = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One way to launder a file. words: all of it, so that another program can do the same."""

    name: str
    words: str


_KEPT = "EXIF, XMP and colour profile carried over where one segment holds them, as editors do; all else is lost"
_FLAT = "first frame, orientation as stored, alpha laid on white"
RECIPES = (
    Recipe(name="jpeg_q75", words=f"baseline JPEG, quality 75, 4:2:0; {_FLAT}; {_KEPT}"),
    Recipe(
        name="resize_half_q75",
        words="half the width and height, rounded down, Lanczos; then baseline JPEG, quality 75, 4:2:0; "
        f"{_FLAT}; {_KEPT}",
    ),
    Recipe(
        name="stripped",
        words="metadata removed, pixels the same: of a JPEG every APP segment but JFIF (without thumbnail) and Adobe, "
        "comments, and what follows the end; of a PNG all but IHDR, PLTE, tRNS, IDAT, IEND; of a WebP EXIF, XMP, ICCP "
        "and unknown chunks; without another encoding. Other formats: the decoded pixels as a PNG without metadata",
    ),
    Recipe(
        name="screenshot",
        words="shrunk to fit, never enlarged, Lanczos, in the middle of a dark grey canvas of 1920 x 1080, saved as "
        f"PNG without metadata; {_FLAT}",
    ),
    Recipe(name="reencode_q90_both", words=f"baseline JPEG, quality 90, 4:2:0; {_FLAT}; {_KEPT}"),
)


class Ask(msgspec.Struct, frozen=True):
    """Sent with two descriptors: the file to read, and an empty memory file to write into."""

    recipe: str
    size_bytes: int


class Made(msgspec.Struct, frozen=True):
    """The answer. why: empty, or the kind and the words of what kept the copy from being made."""

    why: str = ""
