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


def comments(*blocks):
    return [(piece.carrier, piece.data) for piece in read_gif(Bytes(gif(*blocks))).pieces]


def test_plain_text_and_applications_that_hold_text_are_comments():
    plain = b"!\x01\x0c" + bytes(12) + b"\x04lamp\0"
    assert comments(plain) == [("plain text extension", b"lamp")]
    assert comments(b"!\xff\x0bCAMERAINFO1\x0bserial 1234\0") == [("application CAMERAINFO1", b"serial 1234")]


def test_what_is_not_read_is_named_and_a_loop_is_nothing():
    loop = b"!\xff\x0bNETSCAPE2.0\3\1\0\0\0"
    read = read_gif(Bytes(gif(loop, b"!\xff\x0bCAMERAINFO1\3\xff\xfe\0\0", b"!\x77\2ab\0")))
    assert [part.kind for part in read.unread] == ["application CAMERAINFO1", "extension 77"]
    assert read.pieces == ()
