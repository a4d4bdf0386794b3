"""Arrays into picture files and back: the only module of the demo that encodes or decodes pictures."""

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from headwater.demo.scenes import Pixels


def encode_jpeg(
    pixels: Pixels, *, quality: int = 85, tables: Sequence[Sequence[int]] = (), exif: bytes = b"", xmp: bytes = b""
) -> bytes:
    """Write a baseline JPEG; `tables` (luma, chroma: 64 values each, natural order) replace `quality`.

    exif: a TIFF structure without its ``Exif`` prefix. xmp: an XMP packet.
    """
    options: dict[str, object] = {"qtables": [list(table) for table in tables]} if tables else {"quality": quality}
    if exif:
        options["exif"] = b"Exif\0\0" + exif
    if xmp:
        options["xmp"] = xmp
    out = BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", subsampling=2, **options)
    return out.getvalue()


def encode_png(pixels: Pixels, text: Mapping[str, str] | None = None, *, international: Iterable[str] = ()) -> bytes:
    """Write a PNG with its text chunks; keywords named in `international` are written as iTXt, others as tEXt."""
    info = PngInfo()
    wide = frozenset(international)
    for keyword, value in (text or {}).items():
        if keyword in wide:
            info.add_itxt(keyword, value)
        else:
            info.add_text(keyword, value)
    out = BytesIO()
    Image.fromarray(pixels).save(out, "PNG", pnginfo=info, compress_level=1)
    return out.getvalue()


def decode(data: bytes) -> Pixels:
    """Read the pixels of a JPEG or PNG that this demo encoded."""
    with Image.open(BytesIO(data), formats=["JPEG", "PNG"]) as picture:
        return np.asarray(picture.convert("RGB"))


def resize(pixels: Pixels, width: int, height: int) -> Pixels:
    """Scale to width x height with a bicubic filter."""
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC))


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
