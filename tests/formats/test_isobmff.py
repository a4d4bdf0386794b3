import struct

from headwater.examine.metadata_examples import XMP, box, tiff
from headwater.formats.isobmff import read_isobmff
from headwater.formats.structure import Bytes

FTYP = box(b"ftyp", b"heic\0\0\0\0mif1")
FULL = bytes(4)


def heif():
    """Exif, XMP and a thumbnail as items whose bytes lie in mdat, the XMP in two extents."""
    exif = struct.pack(">I", 6) + b"Exif\0\0" + tiff()
    half = len(XMP) // 2
    parts = [exif, XMP[:half], XMP[half:], b"thumbnail"]

    def items(base):
        offsets = [base + sum(map(len, parts[:index])) for index in range(4)]
        infe = [
            box(b"infe", b"\2\0\0\0" + struct.pack(">HH4s", number, 0, kind) + b"\0" + content)
            for number, kind, content in ((1, b"Exif", b""), (2, b"mime", b"application/rdf+xml\0"), (3, b"hvc1", b""))
        ]
        iinf = box(b"iinf", FULL + struct.pack(">H", 3) + b"".join(infe))
        places = struct.pack(">HHHHII", 1, 0, 0, 1, offsets[0], len(exif))
        places += struct.pack(">HHHHIIII", 2, 0, 0, 2, offsets[1], half, offsets[2], len(XMP) - half)
        places += struct.pack(">HHHHII", 3, 0, 0, 1, offsets[3], 9)
        iloc = box(b"iloc", b"\1\0\0\0" + struct.pack(">HH", 0x4400, 3) + places)
        iref = box(b"iref", FULL + box(b"thmb", struct.pack(">HHH", 3, 1, 9)))
        return FTYP + box(b"meta", FULL + box(b"hdlr", bytes(20)) + iinf + iloc + iref)

    head = items(len(items(0)) + 8)
    return head + box(b"mdat", b"".join(parts))


def test_items_are_found_where_they_lie():
    data = heif()
    pieces = {piece.kind: piece for piece in read_isobmff(Bytes(data)).pieces}
    assert pieces["exif"].data == tiff()
    (where,) = pieces["exif"].spans(0, len(tiff()))
    assert data[where.offset_bytes :][: where.length_bytes] == tiff()
    assert pieces["xmp"].data == XMP
    assert len(pieces["xmp"].ranges) == 2
    (where,) = pieces["embedded"].sources
    assert data[where.offset_bytes :][: where.length_bytes] == b"thumbnail"


def test_boxes_nest_and_trailing_data_is_outside():
    data = FTYP + box(b"moov", box(b"trak", box(b"tkhd", bytes(8))))
    read = read_isobmff(Bytes(data + b"\0\0\0\0\0\0\0\0"))
    assert [(part.kind, part.depth) for part in read.parts] == [("ftyp", 0), ("moov", 0), ("trak", 1), ("tkhd", 2)]
    assert read.end_bytes == len(data)


def test_named_uuids():
    store = box(b"uuid", bytes.fromhex("d8fec3d61b0e483c92975828877ec481") + b"store")
    read = read_isobmff(Bytes(FTYP + store + box(b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac") + XMP)))
    assert [piece.kind for piece in read.pieces] == ["c2pa", "xmp"]
    assert read.pieces[1].data == XMP


def test_large_sizes_and_boxes_to_the_end():
    data = FTYP + struct.pack(">I4sQ", 1, b"free", 20) + b"1234" + struct.pack(">I4s", 0, b"mdat") + b"rest"
    read = read_isobmff(Bytes(data))
    assert [(part.kind, part.length_bytes) for part in read.parts] == [("ftyp", 20), ("free", 20), ("mdat", 12)]
    assert read.end_bytes == len(data)


def test_cut_off_and_endless_nesting():
    read = read_isobmff(Bytes(heif()[:-30]))
    assert any("past the end" in damage.what for damage in read.damage)
    deep = b"".join(struct.pack(">I4s", 8 * (1000 - level), b"moov") for level in range(1000))
    read = read_isobmff(Bytes(FTYP + deep))
    assert any("deep" in damage.what for damage in read.damage)
    assert len(read.parts) < 40
