from headwater.examine.metadata_examples import XMP, riff, tiff
from headwater.formats.structure import Bytes
from headwater.formats.webp import read_webp


def test_chunks_and_pieces():
    data = riff((b"VP8X", bytes(10)), (b"EXIF", b"Exif\0\0" + tiff()), (b"XMP ", XMP), (b"C2PA", b"store"))
    read = read_webp(Bytes(data))
    assert [part.kind for part in read.parts] == ["VP8X", "EXIF", "XMP ", "C2PA"]
    assert {piece.kind: piece.data for piece in read.pieces} == {"exif": tiff(), "xmp": XMP, "c2pa": b""}
    assert read.end_bytes == len(data)


def test_trailing_data_is_outside():
    data = riff((b"VP8 ", b"abc"))
    assert read_webp(Bytes(data + b"more")).end_bytes == len(data)


def test_cut_off():
    read = read_webp(Bytes(riff((b"EXIF", tiff()))[:-2]))
    assert read.end_bytes is None
    assert read.pieces[0].data == tiff()[:-1]
    assert read.damage
