import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.examine.metadata_examples import XMP, chunk, png, tiff
from headwater.formats.png import read_png
from headwater.formats.structure import INFLATED_BYTES_MAX, Bytes, Range


def test_chunks_are_listed_with_their_places():
    data = png(chunk(b"tEXt", b"Title\0Lighthouse"))
    read = read_png(Bytes(data))
    assert [part.kind for part in read.parts] == ["IHDR", "tEXt", "IDAT", "IEND"]
    assert all(part.crc_ok for part in read.parts)
    assert read.end_bytes == len(data)
    assert read.damage == ()
    text = read.parts[1]
    assert data[text.data_offset_bytes :][: text.data_length_bytes] == b"Title\0Lighthouse"


def test_all_three_kinds_of_text_are_read():
    texts = read_png(
        Bytes(
            png(
                chunk(b"tEXt", b"Author\0Fyr \xe5"),
                chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"by the sea")),
                chunk(b"iTXt", b"Title\0\1\0nb\0Tittel\0" + zlib.compress("fyrtårn".encode())),
            )
        )
    ).texts
    assert [(text.carrier, text.keyword, text.text, text.language, text.translated_keyword) for text in texts] == [
        ("tEXt", "Author", "Fyr å", "", ""),
        ("zTXt", "Comment", "by the sea", "", ""),
        ("iTXt", "Title", "fyrtårn", "nb", "Tittel"),
    ]


def test_utf8_in_a_latin_text_is_read_and_said():
    (text,) = read_png(Bytes(png(chunk(b"tEXt", b"parameters\0" + "灯台".encode())))).texts
    assert (text.text, text.charset) == ("灯台", "utf-8 (not declared)")


def test_a_wrong_crc_is_noted_and_the_chunk_read():
    bad = chunk(b"tEXt", b"Title\0Lighthouse")[:-4] + b"\0\0\0\0"
    read = read_png(Bytes(png(bad)))
    assert read.parts[1].crc_ok is False
    assert read.texts[0].text == "Lighthouse"
    assert [damage.what for damage in read.damage] == ["tEXt: the CRC does not match"]
    assert read.damage[0].offset_bytes == 33 + 8 + len(b"Title\0Lighthouse")


def test_a_chunk_cut_off_gives_what_is_there():
    data = png(chunk(b"tEXt", b"parameters\0a lighthouse at dusk"))
    read = read_png(Bytes(data[: 33 + 8 + 11 + 12]))
    assert read.texts[0].text == "a lighthouse"
    assert read.end_bytes is None
    assert any("past the end" in damage.what for damage in read.damage)


def test_a_bomb_stops_at_its_limit_and_says_so():
    read = read_png(Bytes(png(chunk(b"zTXt", b"parameters\0\0" + zlib.compress(b"A" * (40 << 20))))))
    assert len(read.texts[0].text) == INFLATED_BYTES_MAX
    assert any("when inflated" in damage.what for damage in read.damage)


def test_many_bombs_share_one_limit():
    bomb = chunk(b"zTXt", b"parameters\0\0" + zlib.compress(b"A" * (15 << 20)))
    read = read_png(Bytes(png(*[bomb] * 12)))
    assert sum(len(text.text) for text in read.texts) <= 2 * INFLATED_BYTES_MAX + 12


def test_damaged_compression_keeps_what_came_before():
    packed = zlib.compress(bytes(range(256)) * 64)
    read = read_png(Bytes(png(chunk(b"zTXt", b"Comment\0\0" + packed[:-8]))))
    assert read.texts[0].text
    assert any("cut off" in damage.what or "damaged" in damage.what for damage in read.damage)


def test_exif_xmp_and_c2pa_chunks_become_pieces():
    data = png(
        chunk(b"eXIf", tiff()), chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP), chunk(b"caBX", b"jumb-store")
    )
    pieces = {piece.kind: piece for piece in read_png(Bytes(data)).pieces}
    assert pieces["exif"].data == tiff()
    assert pieces["xmp"].data == XMP
    assert data[pieces["xmp"].ranges[0].offset_bytes :][: len(XMP)] == XMP
    where = pieces["c2pa"].sources[0]
    assert data[where.offset_bytes :][: where.length_bytes] == b"jumb-store"
    assert pieces["c2pa"].data == b""


def test_imagemagick_profiles_in_hexadecimal_are_unpacked():
    block = b"Exif\0\0" + tiff()
    spelled = b"\nexif\n%8d\n%s\n" % (len(block), block.hex().encode())
    data = png(chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(spelled)))
    (piece,) = read_png(Bytes(data)).pieces
    assert piece.data == tiff()
    assert piece.spans(0, 8) == (Range(33, len(data) - 33 - 34),)


def test_chunks_after_the_picture_data_are_read():
    data = png()
    late = data[:-12] + chunk(b"tEXt", b"Late\0text") + data[-12:]
    read = read_png(Bytes(late))
    assert [part.kind for part in read.parts] == ["IHDR", "IDAT", "tEXt", "IEND"]
    assert read.texts[0].keyword == "Late"


def text(keyword, value):
    return chunk(b"tEXt", keyword + b"\0" + value)


def with_length(data, change):
    """A chunk that states `change` bytes more than it has."""
    return (int.from_bytes(data[:4], "big") + change).to_bytes(4, "big") + data[4:]


@pytest.mark.parametrize("garbage", [b"GARBAGE!!", b"\0\0\0garb\xff\xfe", b"GARBAGE garbage ", bytes(3)])
def test_garbage_between_chunks_costs_no_chunk(garbage):
    read = read_png(Bytes(png(text(b"One", b"before"), garbage, text(b"Two", b"after"))))
    assert [(one.keyword, one.text) for one in read.texts] == [("One", "before"), ("Two", "after")]
    assert read.end_bytes == len(png(text(b"One", b"before"), garbage, text(b"Two", b"after")))
    (damage,) = read.damage
    assert damage.length_bytes == len(garbage)


@pytest.mark.parametrize("change", [-3, 5, 40, 1 << 24])
def test_a_wrong_length_costs_neither_the_chunk_nor_the_next(change):
    wrong = with_length(text(b"Comment", b"lighthouse"), change)
    read = read_png(Bytes(png(wrong, text(b"Two", b"second"))))
    assert [(one.keyword, one.text) for one in read.texts] == [("Comment", "lighthouse"), ("Two", "second")]
    assert [damage.what for damage in read.damage] == ["tEXt: the length is wrong"]


def test_a_chunk_of_no_known_name_is_named_and_not_read():
    read = read_png(Bytes(png(chunk(b"prVt", b"camera"), chunk(b"pHYs", bytes(9)))))
    assert [part.kind for part in read.unread] == ["prVt"]


def test_the_time_of_the_last_change():
    read = read_png(Bytes(png(chunk(b"tIME", b"\x07\xea\x01\x02\x03\x04\x05"), chunk(b"tIME", b"\x07\xea\x01"))))
    assert [(field.claim, dict(field.value), bool(field.unreadable)) for field in read.fields] == [
        ("png.time", {"time": "2026-01-02T03:04:05Z"}, False),
        ("png.time", {}, True),
    ]


def test_a_text_without_a_keyword_is_still_a_text():
    plain, international = read_png(Bytes(png(chunk(b"tEXt", b"a lighthouse"), chunk(b"iTXt", b"a lighthouse")))).texts
    assert (plain.keyword, plain.text) == ("", "a lighthouse")
    assert (international.keyword, international.text) == ("", "a lighthouse")


def test_an_international_text_without_its_fields_is_read():
    (read,) = read_png(Bytes(png(chunk(b"iTXt", b"parameters\0\0\0a lighthouse")))).texts
    assert (read.keyword, read.text) == ("parameters", "a lighthouse")


def test_a_text_that_could_not_be_read_is_not_an_empty_one():
    nothing = chunk(b"zTXt", b"Comment\0"), chunk(b"zTXt", b"Comment\0\0\xff\xff\xff\xff"), chunk(b"iTXt", b"Title\0")
    read = read_png(Bytes(png(*nothing, chunk(b"iTXt", b"Title\0\1\0\0\0\xff\xff\xff"))))
    assert [bool(one.unreadable) for one in read.texts] == [True] * 4
    assert not any(one.text for one in read.texts)
    (empty,) = read_png(Bytes(png(chunk(b"tEXt", b"Title\0")))).texts
    assert (empty.text, empty.unreadable) == ("", "")


def test_damaged_compression_says_what_it_costs():
    packed = bytearray(zlib.compress(b"steps 20, lighthouse " * 40))
    packed[-1] ^= 1
    (checksum,) = read_png(Bytes(png(chunk(b"zTXt", b"parameters\0\0" + packed)))).texts
    assert (checksum.text, checksum.cut, checksum.checksum_ok) == ("steps 20, lighthouse " * 40, False, False)
    (cut,) = read_png(Bytes(png(chunk(b"zTXt", b"parameters\0\0" + packed[:-6])))).texts
    assert cut.text.startswith("steps 20, lighthouse ")
    assert (cut.cut, cut.checksum_ok) == (True, True)


def test_an_odd_digit_or_a_foreign_one_costs_the_rest_of_a_raw_profile_only():
    spelled = b"\nexif\n%8d\n%s" % (6 + len(tiff()), (b"Exif\0\0" + tiff()).hex().encode())
    for tail in (b"5", b"zz4567"):
        read = read_png(Bytes(png(chunk(b"tEXt", b"Raw profile type exif\0" + spelled + tail))))
        (piece,) = read.pieces
        assert (piece.data, piece.cut) == (tiff(), True)
        assert any("not hexadecimal to its end" in damage.what for damage in read.damage)


def test_a_raw_profile_of_no_known_kind_is_named():
    long = b"generic" * 1000
    read = read_png(Bytes(png(chunk(b"tEXt", b"Raw profile type " + long + b"\0\n" + long + b"\n 2\nabcd"))))
    assert [part.kind for part in read.unread] == ["raw profile genericgenericgenericgenericgene"]


def test_xmp_under_its_keyword_is_xmp_in_every_kind_of_text():
    keyword = b"XML:com.adobe.xmp\0"
    for one in (chunk(b"tEXt", keyword + XMP), chunk(b"zTXt", keyword + b"\0" + zlib.compress(XMP))):
        assert [piece.kind for piece in read_png(Bytes(png(one))).pieces] == ["xmp"]


def test_compressed_exif():
    data = b"\0" + len(tiff()).to_bytes(4, "big") + zlib.compress(tiff())
    (piece,) = read_png(Bytes(png(chunk(b"zxIf", data)))).pieces
    assert (piece.kind, piece.data) == ("exif", tiff())


@given(st.binary(max_size=60), st.integers(0, 90), st.integers(0, 255))
def test_a_good_chunk_is_found_after_anything(garbage, at, value):
    data = bytearray(png(garbage, text(b"Two", b"second")))
    data[33 + at % (len(garbage) + 1) : 33 + at % (len(garbage) + 1)] = bytes([value])
    assert "second" in [one.text for one in read_png(Bytes(bytes(data))).texts]
