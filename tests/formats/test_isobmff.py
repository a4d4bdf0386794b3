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


def items(places, *, kinds, mdat=b"", idat=b"", iref=b""):
    """A HEIF of items (number, kind, content type); `places(offset of mdat)` is the body of its iloc, version 1."""

    def head(base):
        infe = [
            box(b"infe", b"\2\0\0\0" + struct.pack(">HH4s", number, 0, kind) + b"\0" + content)
            for number, kind, content in kinds
        ]
        iinf = box(b"iinf", FULL + struct.pack(">H", len(kinds)) + b"".join(infe))
        iloc = box(b"iloc", b"\1\0\0\0" + places(base))
        held = (box(b"idat", idat) if idat else b"") + (box(b"iref", FULL + iref) if iref else b"")
        return FTYP + box(b"meta", FULL + box(b"hdlr", bytes(24)) + iinf + iloc + held)

    return head(len(head(0)) + 8) + box(b"mdat", mdat)


EXIF = struct.pack(">I", 6) + b"Exif\0\0" + tiff()


def one_place(method, extents, width=0x4400):
    """The iloc body of item 1 with these (offset, length); offsets from mdat where the method is 0."""

    def body(base):
        numbers = b"".join(struct.pack(">II", offset + (0 if method else base), length) for offset, length in extents)
        return struct.pack(">HHHHHH", width, 1, 1, method, 0, len(extents)) + numbers

    return body


def read_items(data):
    read = read_isobmff(Bytes(data))
    return {piece.kind: piece for piece in read.pieces}, read


def test_an_extent_partly_past_the_end_is_clipped_and_cut():
    data = items(one_place(0, [(0, len(EXIF) + 500)]), kinds=[(1, b"Exif", b"")], mdat=EXIF)
    pieces, read = read_items(data)
    assert (pieces["exif"].data, pieces["exif"].cut) == (tiff(), True)
    assert any("past the end" in damage.what for damage in read.damage)


def test_an_extent_of_length_zero_reaches_to_the_end():
    pieces, read = read_items(items(one_place(0, [(0, 0)]), kinds=[(1, b"Exif", b"")], mdat=EXIF))
    assert (pieces["exif"].data, read.damage) == (tiff(), ())
    idat = EXIF + bytes(3)
    pieces, _ = read_items(items(one_place(1, [(0, 0)]), kinds=[(1, b"Exif", b"")], idat=idat, mdat=b"sea"))
    assert pieces["exif"].data == tiff() + bytes(3)


def test_an_item_inside_another_is_found_through_its_reference():
    def places(base):
        inside = struct.pack(">HHHHII", 1, 2, 0, 1, 3, len(EXIF))
        outer = struct.pack(">HHHHII", 2, 0, 0, 1, base, len(EXIF) + 3)
        return struct.pack(">HH", 0x4400, 2) + inside + outer

    kinds = [(1, b"Exif", b""), (2, b"hvc1", b"")]
    reference = box(b"iloc", struct.pack(">HHH", 1, 1, 2))
    pieces, read = read_items(items(places, kinds=kinds, mdat=b"sea" + EXIF, iref=reference))
    assert (pieces["exif"].data, read.unread) == (tiff(), ())
    _, read = read_items(items(places, kinds=kinds, mdat=b"sea" + EXIF))
    assert [part.kind for part in read.unread] == ["Exif item"]
    circle = box(b"iloc", struct.pack(">HHH", 1, 1, 1))
    assert read_items(items(places, kinds=kinds, mdat=b"sea" + EXIF, iref=circle))[1].unread


def test_items_of_other_types_are_xmp_or_named():
    def kinds_of(content, data):
        read = read_items(items(one_place(0, [(0, len(data))]), kinds=[(1, b"mime", content + b"\0")], mdat=data))[1]
        return [piece.kind for piece in read.pieces], [part.kind for part in read.unread]

    assert kinds_of(b"application/RDF+XML", XMP) == (["xmp"], [])
    assert kinds_of(b"text/xml", XMP) == (["xmp"], [])
    assert kinds_of(b"application/json", b"{}") == ([], ["mime item application/json"])


def test_exif_without_its_offset_is_read():
    pieces, _ = read_items(items(one_place(0, [(0, len(tiff()))]), kinds=[(1, b"Exif", b"")], mdat=tiff()))
    assert pieces["exif"].data == tiff()


def test_compressed_and_unknown_boxes_are_named():
    read = read_isobmff(Bytes(FTYP + box(b"brob", b"Exif\1\2") + box(b"Udta", b"lamp") + box(b"free", b"sea")))
    assert [part.kind for part in read.unread] == ["brob Exif", "Udta"]


def test_iptc_of_jpeg_2000():
    uuid = bytes.fromhex("33c7a4d2b81d4723a0baf1a3e097ad38")
    (piece,) = read_isobmff(Bytes(FTYP + box(b"uuid", uuid + b"\x1c\x02\x5a\0\4Kiel"))).pieces
    assert (piece.kind, piece.data) == ("iptc", b"\x1c\x02\x5a\0\4Kiel")


def test_a_walk_that_stops_inside_a_box_says_so():
    data = FTYP + box(b"moov", box(b"trak", b"") + b"\xff\xff\xff\xff\xff\xff\xff\xff")
    assert any("no box here" in damage.what and damage.lost for damage in read_isobmff(Bytes(data)).damage)
    ended = FTYP + box(b"moov", box(b"udta", box(b"XMP_", XMP) + bytes(4)))
    assert read_isobmff(Bytes(ended)).damage == ()


def test_a_tail_that_is_no_box_is_outside():
    data = FTYP + box(b"mdat", b"sea")
    assert read_isobmff(Bytes(data + b"SEFT-trailing-data")).end_bytes == len(data)
