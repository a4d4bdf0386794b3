import zlib

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
