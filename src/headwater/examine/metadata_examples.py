"""Benign bytes made by code, and what must be found in them."""

import struct
import zlib

from headwater.examine.examiner import Example

XMP = (
    b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    b'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="Lighthouse"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)
_XMP_CLAIM = ("xmp.property", '{"path":"xmp:CreatorTool","value":"Lighthouse"}')
_MAKE_CLAIM = ("exif.tag", '{"ifd":"IFD0","name":"Make","tag":271,"type":"ASCII","value":"Beacon"}')


def chunk(kind: bytes, data: bytes) -> bytes:
    """One PNG chunk."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(*chunks: bytes, trailing: bytes = b"") -> bytes:
    """Make a one-pixel grey PNG with further chunks before its data."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + body + trailing


def tiff(make: bytes = b"Beacon\0", order: str = "<") -> bytes:
    """Make a TIFF header with one directory and one tag, Make, of more than four bytes."""
    head = struct.pack(f"{order}2sHI", b"II" if order == "<" else b"MM", 42, 8)
    return head + struct.pack(f"{order}HHHIII", 1, 0x010F, 2, len(make), 26, 0) + make


def segment(code: int, data: bytes) -> bytes:
    """One JPEG segment."""
    return struct.pack(">BBH", 0xFF, code, len(data) + 2) + data


def jpeg(*segments: bytes, trailing: bytes = b"") -> bytes:
    """Make the skeleton of a JPEG: segments, one quantisation table, a frame, a scan of three bytes, the end."""
    table = segment(0xDB, bytes([0, *([16] * 64)]))
    frame = segment(0xC0, bytes([8, 0, 8, 0, 8, 1, 1, 0x11, 0]))
    scan = segment(0xDA, bytes([1, 1, 0, 0, 63, 0])) + b"\x12\xff\x00"
    return b"\xff\xd8" + b"".join(segments) + table + frame + scan + b"\xff\xd9" + trailing


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    """Make a WebP of the chunks given."""
    body = b"WEBP" + b"".join(
        name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2) for name, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def box(kind: bytes, data: bytes) -> bytes:
    """One ISO base media box."""
    return struct.pack(">I", len(data) + 8) + kind + data


def atom(kind: int, value: bytes) -> bytes:
    """One data atom of a list of items: the number of its type, no language, the value."""
    return box(b"data", struct.pack(">II", kind, 0) + value)


def keys(*pairs: tuple[bytes, bytes]) -> bytes:
    """A meta box as phones write it: names in a keys box, values in an ilst box, both by number."""
    names = b"".join(struct.pack(">I", 8 + len(name)) + b"mdta" + name for name, _ in pairs)
    items = b"".join(box(struct.pack(">I", at), atom(1, value)) for at, (_, value) in enumerate(pairs, 1))
    handler = box(b"hdlr", bytes(8) + b"mdta" + bytes(12))
    return box(b"meta", handler + box(b"keys", struct.pack(">II", 0, len(pairs)) + names) + box(b"ilst", items))


def international(kind: bytes, text: bytes, language: int = 0x15C7) -> bytes:
    """A box of user data with one international text, in English where no other language is said."""
    return box(kind, struct.pack(">HH", len(text), language) + text)


def movie(*boxes: bytes, created_seconds: int = 0) -> bytes:
    """A movie without tracks, with further boxes in its moov box."""
    header = box(b"mvhd", struct.pack(">III", 0, created_seconds, created_seconds) + bytes(88))
    return box(b"ftyp", b"qt  \0\0\0\0qt  ") + box(b"moov", header + b"".join(boxes)) + box(b"mdat", b"")


def gif(*blocks: bytes) -> bytes:
    """Make a GIF of one pixel with further blocks before its picture."""
    return b"GIF89a\1\0\1\0\0\0\0" + b"".join(blocks) + b",\0\0\0\0\1\0\1\0\0\2\2D\1\0;"


def bmp(trailing: bytes = b"") -> bytes:
    """Make a BMP of one pixel."""
    return (
        b"BM"
        + struct.pack("<I4xI", 58, 54)
        + struct.pack("<IiiHHIIiiII", 40, 1, 1, 1, 24, 0, 4, 0, 0, 0, 0)
        + b"\0" * 4
        + trailing
    )


def iptc(dataset: int, value: bytes) -> bytes:
    """One IPTC dataset of record 2."""
    return struct.pack(">BBBH", 0x1C, 2, dataset, len(value)) + value


def resource(identifier: int, data: bytes) -> bytes:
    """One Photoshop image resource."""
    return b"8BIM" + struct.pack(">HHI", identifier, 0, len(data)) + data + b"\0" * (len(data) % 2)


_TEXT = chunk(b"tEXt", b"parameters\0a lighthouse, Steps: 20")
_ITEM = chunk(b"iTXt", b"Title\0\0\0en\0\0Lighthouse")
_TIME = chunk(b"tIME", struct.pack(">HBBBBB", 2026, 1, 2, 3, 4, 5))
_CAMERA = segment(0xEC, b"[picture info]\r\nType=BEACON-1\r\nSerial#=A123\r\n\0")
_THUMBNAIL = segment(0xE0, b"JFXX\0\x13\2\1" + bytes(6))
_PHONE = keys((b"com.apple.quicktime.make", b"Beacon"), (b"com.apple.quicktime.location.ISO6709", b"+54.1+007.9/"))
_PLACE = box(b"udta", international(b"\xa9xyz", b"+54.1+007.9/") + box(b"wflo", b'\0\0\0\0{"nodes":[]}'))
_PHOTOSHOP = segment(0xED, b"Photoshop 3.0\0" + resource(0x0404, iptc(25, b"coast")))

EXAMPLES = (
    Example(
        name="png texts",
        data=png(_TEXT, _ITEM, chunk(b"eXIf", tiff()), trailing=b"PK\3\4rest"),
        expected=(
            ("png.chunks", None),
            (
                "png.text",
                (
                    '{"charset":"latin-1","chunk":"tEXt","keyword":"parameters","language":"",'
                    '"text":"a lighthouse, Steps: 20","translated_keyword":""}'
                ),
            ),
            (
                "png.text",
                (
                    '{"charset":"utf-8","chunk":"iTXt","keyword":"Title","language":"en","text":"Lighthouse",'
                    '"translated_keyword":""}'
                ),
            ),
            _MAKE_CLAIM,
            ("trailing", None),
        ),
    ),
    Example(
        name="png without metadata",
        data=png(),
        expected=(
            ("png.chunks", '{"after_idat":[],"count":3,"end_bytes":67,"parts":[["IHDR",1],["IDAT",1],["IEND",1]]}'),
            ("metadata", ""),
        ),
    ),
    Example(
        name="png with a wrong crc",
        data=png(_TEXT[:-1] + b"\0"),
        expected=(("png.text", None), ("damage.structure", None)),
    ),
    Example(
        name="jpeg segments",
        data=jpeg(
            segment(0xE1, b"Exif\0\0" + tiff()),
            segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP),
            _PHOTOSHOP,
            segment(0xFE, b"a lighthouse"),
        ),
        expected=(
            ("jpeg.segments", None),
            ("jpeg.quantisation", None),
            _MAKE_CLAIM,
            _XMP_CLAIM,
            ("iptc.dataset", '{"charset":"ascii","dataset":25,"name":"Keywords","record":2,"value":"coast"}'),
            ("comment", '{"carrier":"COM","text":"a lighthouse"}'),
        ),
    ),
    Example(
        name="jpeg cut off",
        data=jpeg(segment(0xE1, b"Exif\0\0" + tiff()))[:-6],
        expected=(_MAKE_CLAIM, ("damage.structure", None)),
    ),
    Example(
        name="webp",
        data=riff((b"VP8X", bytes(10)), (b"EXIF", tiff()), (b"XMP ", XMP)),
        expected=(("webp.chunks", None), _MAKE_CLAIM, _XMP_CLAIM),
    ),
    Example(
        name="heif boxes",
        data=box(b"ftyp", b"heic\0\0\0\0mif1") + box(b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac") + XMP),
        expected=(
            ("isobmff.boxes", f'{{"count":2,"end_bytes":{44 + len(XMP)},"parts":[["ftyp",1],["uuid XMP",1]]}}'),
            _XMP_CLAIM,
        ),
    ),
    Example(
        name="gif",
        data=gif(b"!\xfe\x0aLighthouse\0"),
        expected=(("gif.blocks", None), ("comment", '{"carrier":"comment extension","text":"Lighthouse"}')),
    ),
    Example(
        name="png time and a private chunk",
        data=png(_TIME, chunk(b"prVt", b"lamp")),
        expected=(("png.time", '{"time":"2026-01-02T03:04:05Z"}'), ("metadata", "")),
    ),
    Example(
        name="jpeg of a camera without exif",
        data=jpeg(_THUMBNAIL, _CAMERA),
        expected=(
            ("jpeg.picture_info", '{"key":"Type","section":"picture info","value":"BEACON-1"}'),
            ("jpeg.picture_info", '{"key":"Serial#","section":"picture info","value":"A123"}'),
            ("embedded.picture", None),
        ),
    ),
    Example(
        name="video of a phone",
        data=movie(_PLACE, _PHONE, created_seconds=3_850_000_000),
        expected=(
            (
                "isobmff.time",
                (
                    '{"carrier":"moov/mvhd","created":"2025-12-31T04:26:40","created_seconds":3850000000,'
                    '"modified":"2025-12-31T04:26:40","modified_seconds":3850000000}'
                ),
            ),
            ("isobmff.tag", '{"carrier":"moov/udta","key":"©xyz","language":"eng","value":"+54.1+007.9/"}'),
            ("isobmff.tag", '{"carrier":"moov/udta","key":"wflo","value":"{\\"nodes\\":[]}"}'),
            (
                "isobmff.tag",
                '{"carrier":"moov/meta/ilst","key":"com.apple.quicktime.make","type":1,"value":"Beacon"}',
            ),
        ),
    ),
    Example(name="tiff", data=tiff(order=">"), expected=(("tiff.ifds", None), _MAKE_CLAIM)),
    Example(name="bmp", data=bmp(b"\0" * 4), expected=(("bmp.headers", None), ("trailing", None))),
)
