import struct

from headwater.examine.metadata_examples import XMP, bmp, jpeg, png
from headwater.formats.bmp import read_bmp
from headwater.formats.exif import read_exif
from headwater.formats.maker_note import maker_of
from headwater.formats.structure import Bytes, Notes
from headwater.formats.tiff import tiff_pieces
from headwater.formats.trailing import first_signature, last_signature, signature_behind_zeros


def test_bmp_end_and_damage():
    assert read_bmp(Bytes(bmp())).end_bytes == len(bmp())
    assert read_bmp(Bytes(bmp(b"more"))).end_bytes == len(bmp())
    cut = read_bmp(Bytes(bmp()[:-2]))
    assert cut.end_bytes is None
    assert cut.damage


def test_tiff_carries_xmp_where_it_says():
    data = b"II*\0" + struct.pack("<IHHHIII", 8, 1, 0x02BC, 1, len(XMP), 26, 0) + XMP
    source = Bytes(data)
    (piece,) = tiff_pieces(source, read_exif(source), Notes("tiff"))
    assert piece.data == XMP
    assert (piece.ranges[0].offset_bytes, piece.ranges[0].length_bytes) == (26, len(XMP))


def test_swapped_iptc_is_put_in_order():
    right = b"\x1c\x02\x19\x00\x03sea"
    swapped = b"".join(right[at : at + 4][::-1] for at in range(0, 8, 4))
    source = Bytes(b"II*\0" + struct.pack("<IHHHIII", 8, 1, 0x83BB, 4, 2, 26, 0) + swapped)
    (piece,) = tiff_pieces(source, read_exif(source), Notes("tiff"))
    assert piece.data == right


def test_signatures_of_trailing_data():
    assert first_signature(b"PK\3\4") == "zip"
    assert first_signature(jpeg()[:16]) == "jpeg"
    assert first_signature(b"\0\0\0\x18ftypmp42") == "isobmff"
    assert first_signature(bytes(16)) == "zeros"
    assert first_signature(b"hello sea") == "text"
    assert first_signature(b"\x80\x81\x82") == "unknown"
    tail = png() + b"\x01\x02SEFHxxxxSEFT"
    assert last_signature(Bytes(tail), len(png())) == "samsung seft"
    assert last_signature(Bytes(png() + b"??"), len(png())) == ""


def test_iptc_swapped_in_a_big_endian_file():
    right = b"\x1c\x02\x19\x00\x03sea"
    swapped = b"".join(right[at : at + 4][::-1] for at in range(0, 8, 4))
    source = Bytes(b"MM\0*" + struct.pack(">IHHHIII", 8, 1, 0x83BB, 4, 2, 26, 0) + swapped)
    (piece,) = tiff_pieces(source, read_exif(source), Notes("tiff"))
    assert (piece.data, piece.ranges) == (right, ())
    assert (piece.sources[0].offset_bytes, piece.sources[0].length_bytes) == (26, 8)


def test_the_pieces_of_a_tiff_are_bounded_together():
    count = 40
    entries = struct.pack("<HHII", 0x02BC, 1, 1 << 20, 8 + 2 + 12 * count + 4) * count
    notes = Notes("tiff")
    source = Bytes(b"II*\0" + struct.pack("<IH", 8, count) + entries + bytes(4 + (1 << 20)))
    tiff_pieces(source, read_exif(source), notes)
    assert sum(len(piece.data) for piece in notes.pieces) <= 32 << 20
    assert notes.damage


def test_the_signature_behind_zeros():
    video = b"\0\0\0\x18ftypmp42" + bytes(12)
    for zeros in (0, 1, 4, 5, 4096):
        source = Bytes(b"end" + bytes(zeros) + video)
        assert signature_behind_zeros(source, 3) == (zeros, "isobmff")
    assert signature_behind_zeros(Bytes(bytes(40)), 0) == (0, "zeros")
    assert signature_behind_zeros(Bytes(bytes(4) + b"PK\3\4"), 0) == (4, "zip")
    assert signature_behind_zeros(Bytes(b"\0\x80\x81\x82"), 0) == (0, "unknown")


def test_makers():
    assert maker_of(b"Nikon\0\2\x10", "NIKON") == "Nikon"
    assert maker_of(b"\x0a\0\1\0", "Canon") == "Canon (by Make)"
    assert maker_of(b"\x0a\0\1\0", "Beacon") == "unknown"
