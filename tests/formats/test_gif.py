from headwater.examine.metadata_examples import XMP, gif
from headwater.formats.gif import read_gif
from headwater.formats.structure import Bytes

MAGIC = b"\x01" + bytes(range(255, -1, -1)) + b"\0"


def test_blocks_and_comment():
    data = gif(b"!\xfe\x03abc\x02de\0")
    read = read_gif(Bytes(data + b"more"))
    assert [part.kind for part in read.parts] == ["comment", "image", "trailer"]
    assert read.end_bytes == len(data)
    (comment,) = read.pieces
    assert comment.data == b"abcde"
    assert b"".join(data[part.offset_bytes :][: part.length_bytes] for part in comment.ranges) == b"abcde"


def test_xmp_lies_unblocked():
    data = gif(b"!\xff\x0bXMP DataXMP" + XMP + MAGIC)
    read = read_gif(Bytes(data))
    assert read.pieces[0].data == XMP
    assert read.parts[0].kind == "application XMP DataXMP"
    assert read.end_bytes == len(data)


def test_cut_off():
    read = read_gif(Bytes(gif(b"!\xfe\x0aLighthouse\0")[:20]))
    assert read.end_bytes is None
    assert read.pieces[0].data == b"Ligh"
    assert read.damage
