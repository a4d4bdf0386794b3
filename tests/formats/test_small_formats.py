import struct

from headwater.examine.metadata_examples import XMP, bmp, jpeg, png
from headwater.formats.bmp import read_bmp
from headwater.formats.exif import read_exif
from headwater.formats.maker_note import maker_of
from headwater.formats.structure import Bytes
from headwater.formats.tiff import tiff_pieces
from headwater.formats.trailing import first_signature, last_signature


def test_bmp_end_and_damage():
    assert read_bmp(Bytes(bmp())).end_bytes == len(bmp())
    assert read_bmp(Bytes(bmp(b"more"))).end_bytes == len(bmp())
    cut = read_bmp(Bytes(bmp()[:-2]))
    assert cut.end_bytes is None
    assert cut.damage


def test_tiff_carries_xmp_where_it_says():
    data = b"II*\0" + struct.pack("<IHHHIII", 8, 1, 0x02BC, 1, len(XMP), 26, 0) + XMP
    source = Bytes(data)
    (piece,) = tiff_pieces(source, read_exif(source))
    assert piece.data == XMP
    assert (piece.ranges[0].offset_bytes, piece.ranges[0].length_bytes) == (26, len(XMP))


def test_swapped_iptc_is_put_in_order():
    right = b"\x1c\x02\x19\x00\x03sea"
    swapped = b"".join(right[at : at + 4][::-1] for at in range(0, 8, 4))
    source = Bytes(b"II*\0" + struct.pack("<IHHHIII", 8, 1, 0x83BB, 4, 2, 26, 0) + swapped)
    (piece,) = tiff_pieces(source, read_exif(source))
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


def test_makers():
    assert maker_of(b"Nikon\0\2\x10", "NIKON") == "Nikon"
    assert maker_of(b"\x0a\0\1\0", "Canon") == "Canon (by Make)"
    assert maker_of(b"\x0a\0\1\0", "Beacon") == "unknown"
