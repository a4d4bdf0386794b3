"""The one module that turns picture bytes into pixels; `laundering.worker` alone imports a decoder too, to encode.

Luma is what the perceptual hash is made of. The rules, so that a hash can be repeated elsewhere:

- JPEG: the Y plane as stored (libjpeg-turbo, no colour conversion, full size). All else: Pillow's conversion to RGB,
  weighed by `luma_from_rgb`. Alpha is dropped, not composited; a palette is looked up; CMYK by Pillow's formula.
- 16-bit grey keeps its upper byte. 32-bit and float grey outside 0 to 255 is stretched, least to greatest value; a
  picture with samples that are no numbers is malformed.
- The first frame of an animation, the primary picture of a HEIC file.
- The orientation in EXIF, TIFF or AVIF is NOT applied: pixels are taken as stored; the eight turned hashes cover it. A
  HEIC file's own rotation and mirror (irot, imir) are: libheif gives no other picture.

Everything is imported, and every Pillow plug-in registered, when this module is: inside the jail nothing can be opened.
Decoders run on one thread, except that libheif starts a second one for HEVC and aborts the process where it may not.
"""

import struct
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import pi_heif
import simplejpeg
from numpy.typing import NDArray
from PIL import AvifImagePlugin, Image, TiffImagePlugin, UnidentifiedImageError

from headwater.kernels.pdq import luma_from_rgb
from headwater.model.errors import EvidenceError, LimitReached, Malformed, Truncated

Image.init()
pi_heif.register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)
AvifImagePlugin.DEFAULT_MAX_THREADS = 1

# Media type -> the one Pillow plug-in that may read it. What is not here is not decoded.
PLUGINS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/gif": "GIF",
    "image/bmp": "BMP",
    "image/webp": "WEBP",
    "image/tiff": "TIFF",
    "image/heic": "HEIF",
    "image/heif": "HEIF",
    "image/avif": "AVIF",
    "image/jp2": "JPEG2000",
    "image/x-jp2-codestream": "JPEG2000",
    "image/vnd.microsoft.icon": "ICO",
    "image/vnd.adobe.photoshop": "PSD",
    "image/x-portable-anymap": "PPM",
}

# Bytes a pixel that decoding holds at once, where that is more than the picture itself (measured, rounded up).
_WORKING_BYTES = {"HEIF": 10, "AVIF": 12, "WEBP": 12, "JPEG2000": 16, "GIF": 9, "TIFF": 8}
_COPY_BYTES = 10  # a pixel of the flattened copy, and of what it is resized from
_MODE_BYTES = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2}
_JPEG_MODES = {"Gray": "L", "YCbCr": "RGB", "RGB": "RGB", "CMYK": "CMYK", "YCCK": "CMYK"}
_ORIENTATION = 0x0112
_SIDEWAYS = (5, 6, 7, 8)
_PACKETS = ("xmp", "XML:com.adobe.xmp")
_PNG_CRITICAL = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoding:
    """Where decoding stops on purpose.

    full_size: False lets a JPEG be decoded at a fraction of its size, at least 512 pixels a side.
    """

    max_pixels: int = 178_956_970  # Pillow's own hard limit: 512 MiB of 24-bit pixels
    max_working_bytes: int = 640 << 20  # a worker is watched at 1 GiB
    full_size: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureHeader:
    """What a picture's header says. `mode` is Pillow's word for the kind of pixel, `format` its name of the format."""

    format: str
    width_pixels: int
    height_pixels: int
    mode: str
    frames: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A decoded picture. It is a `headwater.kernels.pdq.Rows`: luma is made row by row.

    colours: all pixels as uint8, height x width x 3 (RGB) or 4 (RGBA, where there is alpha), made anew at each call; of
    a JPEG full size, decoded again. partial: pixels are missing or damaged; what could be decoded is there. note: what
    the decoder complained of.
    """

    header: PictureHeader
    height_pixels: int
    width_pixels: int
    rows: Callable[[int, int], NDArray[np.uint8] | NDArray[np.float32]]
    colours: Callable[[], NDArray[np.uint8]]
    partial: bool = False
    note: str = ""

    def luma(self) -> NDArray[np.uint8] | NDArray[np.float32]:
        """All rows at once: uint8 for a JPEG, float32 for others."""
        return self.rows(0, self.height_pixels)


def decodable(media_type: str) -> bool:
    """Whether pictures of this type are decoded at all."""
    return media_type in PLUGINS


def read_header(data: bytes, media_type: str, decoding: Decoding) -> PictureHeader:
    """Size, mode and number of frames, without decoding pixels. Raises EvidenceError."""
    if media_type == "image/jpeg":
        header = _jpeg_header(data)
        if header is not None:
            return header
    with _faults(media_type, decoding):
        return _header(_open(data, media_type)[0])


def read_picture(data: bytes, media_type: str, decoding: Decoding) -> Picture:
    """Decode a whole file of a type in PLUGINS. Raises EvidenceError: Malformed, Truncated or LimitReached."""
    if media_type == "image/jpeg":
        header = _jpeg_header(data)
        if header is not None and header.mode != "CMYK":
            return _jpeg(data, header, decoding)
    with _faults(media_type, decoding):
        return _by_pillow(data, media_type, decoding)


@contextmanager
def opened_image(data: bytes, media_type: str, decoding: Decoding) -> Iterator[Image.Image]:
    """The first frame as Pillow has it, as stored, to make a copy of. Faults, the caller's too, are EvidenceErrors."""
    with _faults(media_type, decoding):
        image, _ = _open(data, media_type)
        _check_size(image.width, image.height, _WORKING_BYTES.get(PLUGINS[media_type], 4) + _COPY_BYTES, decoding)
        _header(image)
        image.load()
        yield image


@contextmanager
def _faults(media_type: str, decoding: Decoding) -> Iterator[None]:
    """Decoder faults as EvidenceErrors; Pillow's warnings silent, except that its pixel limit is an error."""
    Image.MAX_IMAGE_PIXELS = decoding.max_pixels
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            yield
        except EvidenceError:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as fault:
            raise LimitReached(f"more than {decoding.max_pixels} pixels") from fault
        except MemoryError as fault:
            raise LimitReached("out of memory while decoding") from fault
        except UnidentifiedImageError as fault:
            raise Malformed(f"not readable as {media_type}") from fault
        except _FAULTS as fault:
            raise _named(fault) from fault


def _named(fault: BaseException) -> EvidenceError:
    text = str(fault) or type(fault).__name__
    return Truncated(text) if "truncated" in text.lower() or isinstance(fault, EOFError) else Malformed(text)


def _check_size(width: int, height: int, bytes_per_pixel: float, decoding: Decoding) -> None:
    if width * height > decoding.max_pixels:
        raise LimitReached(f"{width} x {height} is more than {decoding.max_pixels} pixels")
    if width * height * bytes_per_pixel > decoding.max_working_bytes:
        raise LimitReached(f"{width} x {height} needs more than {decoding.max_working_bytes >> 20} MiB to decode")


# --- JPEG


def _jpeg_header(data: bytes) -> PictureHeader | None:
    """None where libjpeg-turbo cannot make sense of the header; Pillow is asked then."""
    try:
        height, width, colour, _ = simplejpeg.decode_jpeg_header(data, strict=False)
    except (ValueError, KeyError):
        return None
    mode = _JPEG_MODES.get(colour)
    if mode is None:
        return None
    return PictureHeader(format="JPEG", width_pixels=width, height_pixels=height, mode=mode, frames=1)


def _jpeg(data: bytes, header: PictureHeader, decoding: Decoding) -> Picture:
    channels = 1 if header.mode == "L" else 3
    held = 1 + 2 * channels if _is_progressive(data) else 1  # a progressive file's coefficients are all held
    _check_size(header.width_pixels, header.height_pixels, held, decoding)
    side = 0 if decoding.full_size else 512
    note = ""
    try:
        plane = simplejpeg.decode_jpeg(data, "GRAY", min_height=side, min_width=side)
    except ValueError as fault:
        note = str(fault)
        plane = _tolerant_jpeg(data, side)
    luma = plane[:, :, 0]
    return Picture(
        header=header,
        height_pixels=luma.shape[0],
        width_pixels=luma.shape[1],
        rows=lambda first, stop: luma[first:stop],
        colours=lambda: _jpeg_colours(data, header, decoding),
        partial=bool(note),
        note=note,
    )


def _tolerant_jpeg(data: bytes, side: int) -> NDArray[np.uint8]:
    try:
        plane: NDArray[np.uint8] = simplejpeg.decode_jpeg(data, "GRAY", min_height=side, min_width=side, strict=False)
    except ValueError as fault:
        raise _named(fault) from fault
    return plane


def _jpeg_colours(data: bytes, header: PictureHeader, decoding: Decoding) -> NDArray[np.uint8]:
    """RGB of a whole JPEG. Raises EvidenceError."""
    _check_size(header.width_pixels, header.height_pixels, 10, decoding)
    try:
        colours: NDArray[np.uint8] = simplejpeg.decode_jpeg(data, "RGB", strict=False)
    except ValueError as fault:
        raise _named(fault) from fault
    return colours


def _is_progressive(data: bytes) -> bool:
    """Whether the frame header (ITU-T T.81, B.2.2) is a progressive or other multi-scan one."""
    position = 2
    while position + 4 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return marker not in (0xC0, 0xC1, 0xC9)
        else:
            position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return True  # no frame header where one should be: assume the costlier


# --- everything else, by Pillow


def _open(data: bytes, media_type: str) -> tuple[Image.Image, str]:
    """The opened picture, and what had to be left out to open it."""
    plugin = PLUGINS[media_type]
    try:
        return Image.open(BytesIO(data), formats=[plugin]), ""
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise
    except _FAULTS as fault:
        if plugin != "PNG":
            raise
        text = "" if isinstance(fault, UnidentifiedImageError) else f": {fault}"
        return Image.open(BytesIO(_bare_png(data)), formats=["PNG"]), f"read without its ancillary chunks{text}"


def _bare_png(data: bytes) -> bytes:
    """The critical chunks of a PNG (its specification, section 5) with fresh checksums.

    A damaged text chunk cannot hide a picture then.
    """
    kept = [data[:8]]
    position = 8
    while position + 8 <= len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        kind = data[position + 4 : position + 8]
        if kind in _PNG_CRITICAL:
            body = data[position + 4 : position + 8 + length]
            kept += [(len(body) - 4).to_bytes(4, "big"), body, zlib.crc32(body).to_bytes(4, "big")]
        position += 12 + length
    return b"".join(kept)


def _header(image: Image.Image) -> PictureHeader:
    try:
        frames = int(getattr(image, "n_frames", 1))
    except _FAULTS:
        frames = 1  # the first frame stands; what follows it cannot be walked
    _keep_as_stored(image)
    return PictureHeader(
        format=image.format or "",
        width_pixels=image.width,
        height_pixels=image.height,
        mode=image.mode,
        frames=frames,
    )


def _keep_as_stored(image: Image.Image) -> None:
    """Take the orientation out of an opened TIFF: Pillow turns no other picture by itself."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return
    if image.tag_v2.get(_ORIENTATION) in _SIDEWAYS:
        image._size = (image.height, image.width)  # noqa: SLF001 - as its directory has it
    image.tag_v2.pop(_ORIENTATION, None)
    for packet in _PACKETS:  # Pillow looks there where the tag is absent
        image.info.pop(packet, None)
    image.getexif().pop(_ORIENTATION, None)


def _by_pillow(data: bytes, media_type: str, decoding: Decoding) -> Picture:
    image, note = _open(data, media_type)
    bytes_per_pixel = _WORKING_BYTES.get(PLUGINS[media_type], _MODE_BYTES.get(image.mode, 4))
    _check_size(image.width, image.height, bytes_per_pixel, decoding)
    header = _header(image)
    if header.frames > 1:
        image.seek(0)
        _keep_as_stored(image)
    partial = False
    try:
        image.load()
    except _FAULTS as fault:
        if not _has_pixels(image):
            raise
        partial, note = True, str(fault) or type(fault).__name__
    return Picture(
        header=header,
        height_pixels=image.height,
        width_pixels=image.width,
        rows=_rows_of(image),
        colours=lambda: _colours_of(image),
        partial=partial,
        note=note,
    )


def _has_pixels(image: Image.Image) -> bool:
    """After a failed load: keep the rows decoded so far, if the decoder had begun to write any."""
    if not getattr(image, "tile", None) or getattr(image, "_im", None) is None:
        return False
    image.tile = []  # type: ignore[attr-defined]  # of ImageFile: nothing is left to load
    low, high = image.convert("L").getextrema()
    return low != high


def _colours_of(image: Image.Image) -> NDArray[np.uint8]:
    """RGB, or RGBA where there is alpha; 16 bits a sample become the upper 8."""
    if image.mode.startswith("I;16"):
        grey = (np.asarray(image) >> 8).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)
    return np.asarray(image.convert("RGBA" if image.has_transparency_data else "RGB"))


def _rows_of(image: Image.Image) -> Callable[[int, int], NDArray[np.uint8] | NDArray[np.float32]]:
    least, span = _stretch(image)

    def rows(first: int, stop: int) -> NDArray[np.uint8] | NDArray[np.float32]:
        strip = image.crop((0, first, image.width, stop))
        if image.mode == "L":
            return np.asarray(strip)
        if image.mode.startswith("I;16"):
            return (np.asarray(strip) >> 8).astype(np.uint8)
        if image.mode in ("I", "F"):
            return np.ascontiguousarray((np.asarray(strip, np.float64) - least) * (255.0 / span), dtype=np.float32)
        return luma_from_rgb(np.asarray(strip.convert("RGB")))

    return rows


def _stretch(image: Image.Image) -> tuple[float, float]:
    """Least value and span of a 32-bit or float picture; (0, 255) where it needs no stretching.

    Raises Malformed where a sample is no number.
    """
    if image.mode not in ("I", "F"):
        return 0.0, 255.0
    if image.mode == "F" and not np.isfinite(np.asarray(image)).all():
        raise Malformed("samples that are no finite numbers")
    low, high = (float(value) for value in image.getextrema())  # type: ignore[arg-type]  # one band: a pair
    if low >= 0 and high <= 255:
        return 0.0, 255.0
    return low, (high - low) or 255.0
