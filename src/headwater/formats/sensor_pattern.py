"""The file of a sensor's pattern, a format of our own: one line that names it, one line of JSON, then the samples.

The samples are 16-bit floats (IEEE 754, little endian), row by row, in units of the pattern's deviation. It holds no
picture: what stands in it of any reference is measured when it is made, and said in `likeness`.
"""

from dataclasses import asdict, dataclass
from typing import Annotated

import msgspec

from headwater.model.canonical import canonical_bytes
from headwater.model.errors import Malformed, Truncated

MAGIC = b"headwater sensor pattern 1\n"
HEADER_BYTES = 64 << 10  # at most
SAMPLE_BYTES = 2
_Side = Annotated[int, msgspec.Meta(ge=1, le=1 << 20)]
_Place = Annotated[int, msgspec.Meta(ge=0, le=1 << 20)]
_Text = Annotated[str, msgspec.Meta(max_length=256)]
_Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternHeader:
    """What a pattern is of, and how it was made.

    method: name and version of the arithmetic. make, model, serial: as EXIF has them in every reference, empty where
    it says nothing. picture_height, picture_width: of the pictures, in pixels as stored; top, left, height, width: the
    part of them that was looked at. deviation: by which the samples are multiplied. references: SHA-256 of the pictures
    it was learned from. threshold: the PCE from which a comparison counts. likeness: the highest correlation, by
    magnitude, of the pattern with the edges of any reference.
    """

    method: _Text
    make: _Text
    model: _Text
    serial: _Text
    picture_height: _Side
    picture_width: _Side
    top: _Place
    left: _Place
    height: _Side
    width: _Side
    deviation: float
    references: tuple[_Sha256, ...]
    threshold: _Side
    likeness: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorPattern:
    """A pattern's header and its samples, height x width of SAMPLE_BYTES each."""

    header: PatternHeader
    samples: bytes


def pack_pattern(pattern: SensorPattern) -> bytes:
    """Give the bytes of the file."""
    header = asdict(pattern.header)
    return MAGIC + canonical_bytes({**header, "references": [*header["references"]]}) + b"\n" + pattern.samples


def read_pattern(data: bytes) -> SensorPattern:
    """Read the file. Raises Malformed or Truncated."""
    if not data.startswith(MAGIC):
        raise Malformed("not a sensor pattern, or of another version")
    end = data.find(b"\n", len(MAGIC), len(MAGIC) + HEADER_BYTES)
    if end < 0:
        raise Malformed("a sensor pattern without the end of its header")
    try:
        header = msgspec.json.decode(data[len(MAGIC) : end], type=PatternHeader)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"the header of a sensor pattern: {error}") from error
    if header.top + header.height > header.picture_height or header.left + header.width > header.picture_width:
        raise Malformed("a sensor pattern that reaches beyond its pictures")
    samples = data[end + 1 :]
    if len(samples) != header.height * header.width * SAMPLE_BYTES:
        raise Truncated(f"{len(samples)} bytes of samples for {header.height} x {header.width}")
    return SensorPattern(header=header, samples=samples)
