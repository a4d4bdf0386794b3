"""Files made by code that carry small JPEGs in every way there is."""

import base64
import io
import struct
import zlib

import numpy as np
from PIL import Image


def scene(side=64, seed=0, size=None):
    """A drawn slope with waves, as a JPEG of `side` x 3/4 `side` pixels; another seed, another scene."""
    rng = np.random.default_rng(seed)
    width, height = size or (side, side * 3 // 4)
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    x, y = x / width, y / height
    plane = 128.0 + sum(
        rng.uniform(20, 50) * np.sin(2 * np.pi * (rng.uniform(-2, 2) * x + rng.uniform(-2, 2) * y) + rng.uniform(0, 6))
        for _ in range(6)
    )
    plane = np.where(y > 0.5 + 0.2 * np.sin(5 * x + seed), plane - 60, plane)
    return jpeg_of(plane.clip(0, 255).astype(np.uint8))


def jpeg_of(plane):
    buffer = io.BytesIO()
    Image.fromarray(plane).save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def segment(code, data):
    return struct.pack(">BBH", 0xFF, code, len(data) + 2) + data


def with_segments(jpeg, *segments):
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def exif(thumbnail, rest=b""):
    """EXIF whose second directory names the thumbnail; `rest` stands behind it, named by nothing."""
    first = struct.pack("<2sHIHI", b"II", 42, 8, 0, 14)
    second = struct.pack("<HHHIIHHIII", 2, 0x0201, 4, 1, 44, 0x0202, 4, 1, len(thumbnail), 0)
    return segment(0xE1, b"Exif\0\0" + first + second + thumbnail + rest)


def photoshop(thumbnail):
    body = struct.pack(">6I2H", 1, 64, 48, 192, 9216, len(thumbnail), 24, 1) + thumbnail
    resource = b"8BIM" + struct.pack(">HH", 0x040C, 0) + struct.pack(">I", len(body)) + body + b"\0" * (len(body) % 2)
    return segment(0xED, b"Photoshop 3.0\0" + resource)


def jfxx(thumbnail):
    return segment(0xE0, b"JFXX\0\x10" + thumbnail)


def with_frame(jpeg, frame, attributes=0x010002):
    """A Multi-Picture file of two pictures (CIPA DC-007)."""
    index = struct.pack("<2sHIHHHII", b"II", 42, 8, 1, 0xB002, 7, 32, 26) + bytes(4)
    segment_bytes = 4 + 4 + len(index) + 32
    base = 2 + 4 + 4
    start = len(jpeg) + segment_bytes - base
    entries = struct.pack("<3I4x", 0x030000, len(jpeg) + segment_bytes, 0)
    entries += struct.pack("<3I4x", attributes, len(frame), start)
    made = with_segments(jpeg, segment(0xE2, b"MPF\0" + index + entries)) + frame
    assert made[base + start :] == frame
    return made


def box(kind, *data):
    body = b"".join(data)
    return struct.pack(">I", len(body) + 8) + kind + body


def superbox(label, *boxes, uuid=bytes(16)):
    return box(b"jumb", box(b"jumd", uuid, b"\3", label.encode() + b"\0"), *boxes)


def thumbnail_box(label, data, media_type=b"image/jpeg"):
    return superbox(label, box(b"bfdb", b"\0" + media_type + b"\0"), box(b"bidb", data))


def store(*manifests):
    """A C2PA store of manifests, each a list of assertion boxes."""
    made = (superbox(f"urn:{n}", superbox("c2pa.assertions", *boxes)) for n, boxes in enumerate(manifests))
    return superbox("c2pa", *made)


def in_app11(jumbf, room=300):
    """The store cut into APP11 segments, each with the header of the box (ISO/IEC 19566-5)."""
    head, body = jumbf[:8], jumbf[8:]
    cuts = [body[at : at + room] for at in range(0, len(body), room)]
    return [segment(0xEB, b"JP" + struct.pack(">HI", 1, n) + head + cut) for n, cut in enumerate(cuts, 1)]


def xmp(thumbnail, path="xmp:Thumbnails"):
    text = base64.b64encode(thumbnail).decode()
    packet = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:xmpGImg="http://ns.adobe.com/xap/1.0/g/img/">'
        f'<{path}><rdf:Alt><rdf:li rdf:parseType="Resource"><xmpGImg:image>{text}</xmpGImg:image></rdf:li></rdf:Alt>'
        f"</{path}></rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    return segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet.encode())


def seft(**blocks):
    """Samsung's trailer with these blocks."""
    made, entries = b"", []
    for name, data in blocks.items():
        entries.append((len(made), 8 + len(name) + len(data)))
        made += struct.pack("<HHI", 0, 0x0A01, len(name)) + name.encode() + data
    directory = b"SEFH" + struct.pack("<II", 107, len(entries))
    for start, length in entries:
        directory += struct.pack("<HHII", 0, 0x0A01, len(made) - start, length)
    return made + directory + struct.pack("<I", len(directory)) + b"SEFT"


def png(*chunks):
    """A grey PNG of one pixel, further chunks before its data."""
    parts = [(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)), *chunks]
    parts += [(b"IDAT", zlib.compress(b"\0\x80")), (b"IEND", b"")]
    made = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(made)
