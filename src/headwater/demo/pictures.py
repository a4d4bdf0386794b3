"""Arrays into picture files and back: the only module of the demo that encodes or decodes pictures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile
from PIL.PngImagePlugin import PngInfo

from headwater.demo.scenes import Pixels
from headwater.kernels.pdq import luma_from_rgb


def encode_jpeg(
    pixels: Pixels,
    *,
    quality: int = 85,
    tables: Sequence[Sequence[int]] = (),
    exif: bytes = b"",
    xmp: bytes = b"",
    jfif: bool = True,
) -> bytes:
    """Write a baseline JPEG; `tables` (luma, chroma: 64 values each, natural order) replace `quality`.

    exif: a TIFF structure without its ``Exif`` prefix. xmp: an XMP packet. jfif: whether it begins with a JFIF segment,
    as programs write it; cameras begin with Exif (CIPA DC-008, 4.5.5).
    """
    options: dict[str, object] = {"qtables": [list(table) for table in tables]} if tables else {"quality": quality}
    if exif:
        options["exif"] = b"Exif\0\0" + exif
    if xmp:
        options["xmp"] = xmp
    out = BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", subsampling=2, **options)
    data = out.getvalue()
    return data if jfif else data[:2] + data[4 + int.from_bytes(data[4:6], "big") :]


def encode_png(
    pixels: Pixels, text: Mapping[str, str] | None = None, *, international: Iterable[str] = (), exif: bytes = b""
) -> bytes:
    """Write a PNG with its text chunks; keywords named in `international` are written as iTXt, others as tEXt.

    exif: a TIFF structure, written as eXIf.
    """
    info = PngInfo()
    wide = frozenset(international)
    for keyword, value in (text or {}).items():
        if keyword in wide:
            info.add_itxt(keyword, value)
        else:
            info.add_text(keyword, value)
    out = BytesIO()
    Image.fromarray(pixels).save(out, "PNG", pnginfo=info, compress_level=1, **({"exif": exif} if exif else {}))
    return out.getvalue()


def decode(data: bytes) -> Pixels:
    """Read the pixels of a JPEG or PNG that this demo encoded."""
    with Image.open(BytesIO(data), formats=["JPEG", "PNG"]) as picture:
        return np.asarray(picture.convert("RGB"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A picture file as a decoder sees it. `luma` is None where no pixel, or not every one, can be had."""

    width: int
    height: int
    luma: NDArray[np.uint8] | NDArray[np.float32] | None
    partial: bool = False


def see(data: bytes) -> Seen | None:
    """Decode for a fingerprint: a JPEG's own luma, of all else RGB weighed to luma. None: not even a head is there."""
    try:
        picture = Image.open(BytesIO(data), formats=["JPEG", "PNG"])
    except OSError:
        return None
    is_jpeg = picture.format == "JPEG"
    width, height = picture.size
    if is_jpeg:
        picture.draft("L", picture.size)
    try:
        picture.load()
    except (OSError, SyntaxError):
        return Seen(width=width, height=height, luma=None, partial=is_jpeg or _shows_rows(picture))
    pixels = np.asarray(picture if is_jpeg else picture.convert("RGB"))
    return Seen(width=width, height=height, luma=pixels if is_jpeg else luma_from_rgb(pixels))


def _shows_rows(picture: Image.Image) -> bool:
    """Tell whether a decoder that ran out of bytes had written rows; one that met nonsense has given up its tiles."""
    if not cast("ImageFile.ImageFile", picture).tile:
        return False
    cast("ImageFile.ImageFile", picture).tile = []
    low, high = picture.convert("L").getextrema()
    return low != high


def resize(pixels: Pixels, width: int, height: int) -> Pixels:
    """Scale to width x height with a bicubic filter."""
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC, reducing_gap=2.0))


def mirror(pixels: Pixels) -> Pixels:
    """Exchange left and right."""
    return np.ascontiguousarray(pixels[:, ::-1])


def border(pixels: Pixels, share: float, grey: int) -> Pixels:
    """Put a plain frame of `share` of the shorter side around it."""
    size = round(min(pixels.shape[:2]) * share)
    return np.pad(pixels, ((size, size), (size, size), (0, 0)), constant_values=grey)


def crop(pixels: Pixels, share: float) -> Pixels:
    """Cut away `share` of each side."""
    down, across = round(pixels.shape[0] * share), round(pixels.shape[1] * share)
    return np.ascontiguousarray(pixels[down : pixels.shape[0] - down, across : pixels.shape[1] - across])
