"""When a file is said to carry no metadata, and when it is not."""

import pytest

from headwater.examine.metadata import examine_source
from headwater.examine.metadata_examples import (
    bmp,
    box,
    chunk,
    gif,
    international,
    jpeg,
    keys,
    movie,
    png,
    resource,
    riff,
    segment,
    tiff,
)
from headwater.formats.readers import reader_for
from headwater.formats.structure import Bytes
from headwater.model.finding import State

FTYP = box(b"ftyp", b"heic\0\0\0\0mif1")


def look(data):
    return list(examine_source(Bytes(data), reader_for(data[:65536])))


def silence(data):
    """State and reason of the claim `metadata`; None where it is not made."""
    said = [(seen.state, seen.reason) for seen in look(data) if seen.claim == "metadata"]
    assert len(said) <= 1
    return said[0] if said else None


NOTHING = {
    "png": png(chunk(b"gAMA", bytes(4)), chunk(b"pHYs", bytes(9))),
    "png of a wrong crc": png()[:-1] + b"\0",
    "jpeg": jpeg(segment(0xE0, b"JFIF\0\1\2\0\0\1\0\1\0\0"), segment(0xEE, b"Adobe" + bytes(7))),
    "webp": riff((b"VP8 ", bytes(8))),
    "gif": gif(b"!\xff\x0bNETSCAPE2.0\3\1\0\0\0"),
    "bmp": bmp(),
    "boxes": FTYP + box(b"meta", bytes(4) + box(b"pitm", bytes(6))) + box(b"mdat", b"sea"),
}
NOT_READ = {
    "private chunk": (png(chunk(b"prVt", b"lamp")), "prVt"),
    "raw profile": (png(chunk(b"tEXt", b"Raw profile type lamp\0\nlamp\n 2\nabcd")), "raw profile lamp"),
    "APP12": (jpeg(segment(0xEC, b"some words")), "APP12 some words"),
    "APP5": (jpeg(segment(0xE5, b"RMETA\0place")), "APP5 RMETA"),
    "photoshop": (jpeg(segment(0xED, b"Photoshop 3.0\0" + resource(0x0421, b"writer"))), "8BIM 0421"),
    "webp chunk": (riff((b"VP8 ", bytes(8)), (b"META", b"lamp")), "META"),
    "gif application": (gif(b"!\xff\x0bCAMERAINFO1\2\xff\xfe\0"), "application CAMERAINFO1"),
    "brotli": (FTYP + box(b"brob", b"Exif\1\2"), "brob Exif"),
    "user data": (FTYP + box(b"moov", box(b"udta", box(b"TAGS", b"\1\xff"))), "udta TAGS"),
}
DAMAGED = {
    "jpeg of two bytes": b"\xff\xd8",
    "cut jpeg": jpeg()[:-2],
    "cut png": png()[:-12],
    "png of garbage": png()[:33] + b"GARBAGE!!" * 5,
    "cut gif": gif()[:-3],
    "cut webp": riff((b"VP8 ", bytes(8)))[:-3],
    "cut bmp": bmp()[:-2],
    "cut meta": (FTYP + box(b"meta", bytes(4) + box(b"pitm", bytes(6))))[:-5],
    "garbage in a box": FTYP + box(b"moov", b"\xff" * 8),
}
SAID = {
    "png time": png(chunk(b"tIME", b"\x07\xea\x01\x02\x03\x04\x05")),
    "png text of no bytes": png(chunk(b"zTXt", b"Comment\0")),
    "thumbnail": jpeg(segment(0xE0, b"JFIF\0\1\2\0\0\1\0\1\1\1abc")),
    "picture info": jpeg(segment(0xEC, b"[picture info]\r\nType=BEACON\r\n")),
    "exif": jpeg(segment(0xE3, b"Meta\0\0" + tiff())),
    "plain text": gif(b"!\x01\x0c" + bytes(12) + b"\4lamp\0"),
    "user data": movie(box(b"udta", international(b"\xa9xyz", b"+54/"))),
    "keys": movie(keys((b"make", b"Beacon"))),
}


@pytest.mark.parametrize("name", NOTHING)
def test_nothing_is_said_of_a_file_that_was_read_whole(name):
    assert silence(NOTHING[name]) == (State.NOTHING, "looked: the file carries no metadata")


@pytest.mark.parametrize("name", NOT_READ)
def test_a_part_that_was_not_read_is_named_and_spanned(name):
    data, kind = NOT_READ[name]
    assert silence(data) == (State.NOT_RUN, f"not read: {kind}")
    (seen,) = [seen for seen in look(data) if seen.claim == "metadata"]
    assert seen.spans
    assert all(span.sha256 for span in seen.spans)


@pytest.mark.parametrize("name", DAMAGED)
def test_a_walk_that_stopped_early_has_not_found_nothing(name):
    state, reason = silence(DAMAGED[name])
    assert state is State.FAILED
    assert reason.startswith(("truncated: ", "malformed: "))


@pytest.mark.parametrize("name", SAID)
def test_a_file_that_says_something_is_not_silent(name):
    assert silence(SAID[name]) is None


def test_what_was_not_read_is_named_beside_what_was():
    data = jpeg(segment(0xFE, b"a lighthouse"), segment(0xE5, b"RMETA\0place"))
    assert "comment" in {seen.claim for seen in look(data)}
    assert silence(data) == (State.NOT_RUN, "not read: APP5 RMETA")


def test_many_kinds_are_counted():
    kinds = [bytes((97 + n // 26, 97 + n % 26, 65, 97)) for n in range(100)]
    _, reason = silence(png(*[chunk(kind, b"") for kind in kinds]))
    assert reason.endswith("and 76 more kinds")
