"""A jailed worker that makes laundered copies of a laboratory's own files (`recipes`), for validation.

It runs as `headwater.sandbox.entry` starts it; each request brings a descriptor to read and one to write. Copies are
encoded from pixels, so this module and `decode` are the two that import Pillow.
"""

import os
from collections.abc import Callable
from io import BytesIO
from typing import Any

import msgspec
from PIL import Image

from headwater.examine.decode import Decoding, decodable, opened_image
from headwater.examine.laundering.recipes import (
    CANVAS,
    CANVAS_GREY,
    HIGH_QUALITY,
    RECIPES,
    SMALL_QUALITY,
    Ask,
    Made,
)
from headwater.examine.laundering.strip import strip
from headwater.formats.signature import media_type
from headwater.model.errors import EvidenceError, UnknownFormat
from headwater.sandbox.channel import Channel

_HEAD_BYTES = 1 << 16
_SEGMENT_BYTES = 65_000  # of one JPEG segment, its name left out
_AS_STORED = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "I;16"})  # modes that a PNG holds
_TRIED = ("JPEG", "PNG", "WEBP", "GIF")


def prepare() -> None:
    """Load every coder by making each copy of a small picture in several formats: a jailed worker opens no file."""
    for kind in _TRIED:
        out = BytesIO()
        Image.new("RGB", (16, 16)).save(out, kind)
        for recipe in RECIPES:
            launder(out.getvalue(), recipe.name)


def serve(channel: Channel) -> None:
    """Answer each `Ask` with a `Made`, until the broker hangs up."""
    while message := channel.receive():
        ask = msgspec.json.decode(message.payload, type=Ask)
        source, target = message.fds
        try:
            _write(target, launder(_read(source, ask.size_bytes), ask.recipe))
            made = Made()
        except EvidenceError as error:
            made = Made(why=f"{error.kind}: {error.message}")
        finally:
            os.close(source)
            os.close(target)
        channel.send(msgspec.json.encode(made))


def launder(data: bytes, recipe: str) -> bytes:
    """The copy of one picture file that a recipe makes. Raises EvidenceError where it is none, or not decodable."""
    kind = media_type(data[:_HEAD_BYTES], len(data))
    if recipe == "stripped" and (stripped := strip(data, kind)) is not None:
        return stripped
    if not decodable(kind):
        raise UnknownFormat(f"{kind} is not decoded")
    with opened_image(data, kind, Decoding()) as image:
        return _MADE[recipe](image)


def _read(source: int, size_bytes: int) -> bytes:
    with os.fdopen(os.dup(source), "rb") as file:
        return file.read(size_bytes)


def _write(target: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(target, rest) :]


def _jpeg(image: Image.Image, quality: int, *, halve: bool = False) -> bytes:
    flat = _flat(image)
    if halve:
        flat = flat.resize((max(1, flat.width // 2), max(1, flat.height // 2)), Image.Resampling.LANCZOS)
    out = BytesIO()
    flat.save(out, "JPEG", quality=quality, subsampling=2, **_carried(image))
    return out.getvalue()


def _carried(image: Image.Image) -> dict[str, Any]:
    """What a re-save keeps: EXIF, XMP and colour profile, each where one segment holds it."""
    packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    found = {
        "exif": image.info.get("exif") or b"",
        "xmp": packet.encode() if isinstance(packet, str) else packet,
        "icc_profile": image.info.get("icc_profile") or b"",
    }
    return {name: value for name, value in found.items() if value and len(value) <= _SEGMENT_BYTES}


def _flat(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    above = image.convert("RGBA")
    below = Image.new("RGBA", above.size, (255, 255, 255, 255))
    return Image.alpha_composite(below, above).convert("RGB")


def _screenshot(image: Image.Image) -> bytes:
    flat = _flat(image)
    flat.thumbnail(CANVAS, Image.Resampling.LANCZOS)
    canvas = Image.new("RGB", CANVAS, (CANVAS_GREY,) * 3)
    canvas.paste(flat, ((CANVAS[0] - flat.width) // 2, (CANVAS[1] - flat.height) // 2))
    return _bare_png(canvas, 1)


def _stripped(image: Image.Image) -> bytes:
    return _bare_png(image if image.mode in _AS_STORED else image.convert("RGB"))


def _bare_png(image: Image.Image, compress_level: int = 3) -> bytes:
    bare = image.copy()
    transparency = image.info.get("transparency")
    bare.info = {} if transparency is None else {"transparency": transparency}
    out = BytesIO()
    bare.save(out, "PNG", compress_level=compress_level)
    return out.getvalue()


_MADE: dict[str, Callable[[Image.Image], bytes]] = {
    "jpeg_q75": lambda image: _jpeg(image, SMALL_QUALITY),
    "resize_half_q75": lambda image: _jpeg(image, SMALL_QUALITY, halve=True),
    "stripped": _stripped,
    "screenshot": _screenshot,
    "reencode_q90_both": lambda image: _jpeg(image, HIGH_QUALITY),
}
