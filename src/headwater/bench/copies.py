"""What happens to pictures on their way: the copies that a recall table is made of. Of benign pictures only."""

from collections.abc import Callable, Mapping
from io import BytesIO

from PIL import Image, ImageDraw, ImageOps

Picture = Image.Image
_PHONE = (1170, 2532)  # a phone's screen, in pixels
_PHONE_BARS = 300
_DARK, _LIGHT = (18, 18, 18), (255, 255, 255)


def jpeg(picture: Picture, quality: int) -> Picture:
    """Encoded and decoded again."""
    data = BytesIO()
    picture.save(data, "JPEG", quality=quality)
    return Image.open(BytesIO(data.getvalue())).convert("RGB")


def _crop(picture: Picture, left: float, top: float, right: float, bottom: float) -> Picture:
    width, height = picture.size
    return picture.crop(
        (round(left * width), round(top * height), width - round(right * width), height - round(bottom * height))
    )


def _border(picture: Picture, share: float, tone: tuple[int, int, int]) -> Picture:
    return ImageOps.expand(picture, (round(share * picture.width), round(share * picture.height)), fill=tone)


def _banner(picture: Picture) -> Picture:
    height = max(24, picture.height * 8 // 100)
    made = Image.new("RGB", (picture.width, picture.height + height), _LIGHT)
    made.paste(picture, (0, 0))
    words = "shared from the coast gallery: lighthouses of 2026"
    ImageDraw.Draw(made).text((10, picture.height + height // 4), words, fill=(0, 0, 0), font_size=height // 2)
    return made


def _screenshot(picture: Picture) -> Picture:
    """Shown on a phone, as wide as the screen, with a status bar and a bar to swipe."""
    width, height = _PHONE
    scale = min(width / picture.width, (height - _PHONE_BARS) / picture.height)
    shown = picture.resize((max(1, round(scale * picture.width)), max(1, round(scale * picture.height))))
    made = Image.new("RGB", _PHONE, _DARK)
    made.paste(shown, ((width - shown.width) // 2, (height - shown.height) // 2))
    draw = ImageDraw.Draw(made)
    draw.text((60, 40), "09:41", fill=_LIGHT, font_size=44)
    draw.text((950, 40), "5G 82%", fill=_LIGHT, font_size=44)
    draw.rectangle((400, 2500, 770, 2510), fill=(230, 230, 230))
    return made


def _overlay(picture: Picture) -> Picture:
    made = picture.copy()
    size = max(12, made.height // 14)
    ImageDraw.Draw(made).text((made.width // 20, made.height * 85 // 100), "COAST GALLERY", fill=_LIGHT, font_size=size)
    return made


def _half(picture: Picture) -> Picture:
    return picture.resize((max(1, picture.width // 2), max(1, picture.height // 2)), Image.Resampling.LANCZOS)


def _turned(way: Image.Transpose) -> Callable[[Picture], Picture]:
    return lambda picture: picture.transpose(way)


COPIES: Mapping[str, Callable[[Picture], Picture]] = {
    "JPEG q90": lambda picture: picture,  # every copy is encoded at q90 in the end
    "JPEG q75": lambda picture: jpeg(picture, 75),
    "JPEG q50": lambda picture: jpeg(picture, 50),
    "JPEG q20": lambda picture: jpeg(picture, 20),
    "half size": _half,
    "grey": lambda picture: picture.convert("L").convert("RGB"),
    "crop 2 % off each side": lambda picture: _crop(picture, 0.02, 0.02, 0.02, 0.02),
    "crop 5 % off each side": lambda picture: _crop(picture, 0.05, 0.05, 0.05, 0.05),
    "crop 10 % off each side": lambda picture: _crop(picture, 0.1, 0.1, 0.1, 0.1),
    "crop 5 % off one side": lambda picture: _crop(picture, 0.05, 0, 0, 0),
    "crop 10 % off one side": lambda picture: _crop(picture, 0, 0, 0, 0.1),
    "crop 5 % off two sides": lambda picture: _crop(picture, 0, 0, 0.05, 0.05),
    "crop 1, 4, 4, 2 % off the sides": lambda picture: _crop(picture, 0.01, 0.04, 0.04, 0.02),
    "border 5 %, white": lambda picture: _border(picture, 0.05, _LIGHT),
    "border 10 %, white": lambda picture: _border(picture, 0.1, _LIGHT),
    "border 10 %, black, q75": lambda picture: jpeg(_border(picture, 0.1, (0, 0, 0)), 75),
    "mirror": ImageOps.mirror,
    "quarter turn": _turned(Image.Transpose.ROTATE_90),
    "half turn": _turned(Image.Transpose.ROTATE_180),
    "three quarter turn": _turned(Image.Transpose.ROTATE_270),
    "rotation 1 degree": lambda picture: picture.rotate(1, Image.Resampling.BICUBIC),
    "rotation 5 degrees": lambda picture: picture.rotate(5, Image.Resampling.BICUBIC),
    "banner": _banner,
    "screenshot of": _screenshot,
    "overlay text": _overlay,
    "mirror and crop 5 %": lambda picture: _crop(ImageOps.mirror(picture), 0.05, 0.05, 0.05, 0.05),
}
FINAL_QUALITY = 90
