"""Benign bytes for the camera examiner: JPEG headers written by hand, with an Exif block of an invented camera."""

import struct

from headwater.examine.examiner import Example
from headwater.formats.jpeg_standard import chroma_table, luma_table

_QUALITY = 80


def camera_file(width: int, height: int, exif_width: int, exif_height: int, make: str = "Lanthorn") -> bytes:
    """The headers of a JPEG, without a scan: Exif (make, L-12, a size), tables at quality 80, a frame, the end."""
    tables = b"\0" + bytes(luma_table(_QUALITY)) + b"\1" + bytes(chroma_table(_QUALITY))
    frame = struct.pack(">BHHB", 8, height, width, 3) + bytes((1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1))
    segments = (b"\xe1", b"Exif\0\0" + _exif(make, exif_width, exif_height)), (b"\xdb", tables), (b"\xc0", frame)
    body = b"".join(b"\xff" + code + struct.pack(">H", len(data) + 2) + data for code, data in segments)
    return b"\xff\xd8" + body + b"\xff\xd9"


def _exif(make: str, width: int, height: int) -> bytes:
    name = make.encode() + b"\0"
    model_at = 8 + 2 + 3 * 12 + 4
    make_at, inside_at = model_at + 6, model_at + 6 + len(name) + len(name) % 2
    main = struct.pack("<H", 3)
    main += struct.pack("<HHII", 0x010F, 2, len(name), make_at)
    main += struct.pack("<HHII", 0x0110, 2, 5, model_at)
    main += struct.pack("<HHII", 0x8769, 4, 1, inside_at) + struct.pack("<I", 0)
    inside = struct.pack("<HHHIIHHIII", 2, 0xA002, 4, 1, width, 0xA003, 4, 1, height, 0)
    return b"II*\0\x08\0\0\0" + main + b"L-12\0\0" + name.ljust(len(name) + len(name) % 2, b"\0") + inside


EXAMPLES = (
    Example(
        name="coherent.jpg",
        data=camera_file(640, 480, 640, 480),
        expected=(("camera.coherence", None), ("camera.encoder", None)),
    ),
    Example(
        name="of_another_size.jpg",
        data=camera_file(640, 480, 4000, 3000, "Canon"),
        expected=(("camera.coherence", None), ("camera.encoder", None)),
    ),
)
