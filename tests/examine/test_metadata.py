import json
import struct
import zlib
from hashlib import sha256

import pytest

from headwater.evidence.content import BytesSource
from headwater.examine.metadata import FINDINGS_MAX, Metadata, examine_source
from headwater.examine.metadata_examples import XMP, chunk, gif, jpeg, keys, movie, png, segment, tiff
from headwater.examine.metadata_json import TEXT_BYTES_MAX
from headwater.examine.view import View
from headwater.formats.readers import reader_for
from headwater.formats.structure import Bytes
from headwater.model.finding import State

EXAMINER = Metadata()


def view_of(data):
    return View(sha256=sha256(data).hexdigest(), size_bytes=len(data), name=b"", source=BytesSource(data=data))


def look(data):
    return list(EXAMINER.examine(view_of(data)))


def values(data, claim):
    return [json.loads(seen.value) for seen in look(data) if seen.claim == claim]


@pytest.mark.parametrize("example", EXAMINER.examples(), ids=lambda example: example.name)
def test_examples_hold_twice_and_every_span_has_its_digest(example):
    assert EXAMINER.accepts(view_of(example.data))
    seen = look(example.data)
    for claim, value in example.expected:
        assert any(one.claim == claim and value in (None, one.value) for one in seen), (claim, value)
    assert seen == look(example.data)
    for one in seen:
        assert one.claim in EXAMINER.claims
        for span in one.spans:
            bytes_relied_on = example.data[span.offset_bytes :][: span.length_bytes]
            assert len(bytes_relied_on) == span.length_bytes
            assert span.sha256 == sha256(bytes_relied_on).hexdigest()
            assert span.role


def test_values_are_canonical():
    for example in EXAMINER.examples():
        for seen in look(example.data):
            if seen.state is State.FOUND:
                plain = json.loads(seen.value)
                assert seen.value == json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def test_other_files_are_not_accepted():
    for data in (b"", b"plain text", b"%PDF-1.7", b"PK\3\4", b"BMfoo, and other words"):
        assert not EXAMINER.accepts(view_of(data))
        assert look(data) == []


def test_metadata_that_cannot_be_read_is_not_called_none():
    broken = chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta")
    (said,) = [seen for seen in look(png(broken)) if seen.claim == "metadata"]
    assert (said.state, bool(said.reason)) == (State.FAILED, True)


def test_a_file_that_says_nothing_is_said_to():
    (nothing,) = [seen for seen in look(png()) if seen.claim == "metadata"]
    assert nothing.state is State.NOTHING
    assert not [seen for seen in look(png(chunk(b"tEXt", b"a\0b"))) if seen.claim == "metadata"]


def test_trailing_zip_is_measured():
    data = jpeg(trailing=b"PK\3\4and more")
    (value,) = values(data, "trailing")
    assert value == {
        "ends_with": "",
        "first_bytes": b"PK\3\4and more".hex(),
        "length_bytes": 12,
        "offset_bytes": len(data) - 12,
        "signature": "zip",
    }


def test_long_texts_are_cut_and_their_whole_is_digested():
    text = "lighthouse " * 20_000
    data = png(chunk(b"tEXt", b"parameters\0" + text.encode()))
    (value,) = values(data, "png.text")
    assert value["text"] == text[:TEXT_BYTES_MAX]
    assert value["text_length_bytes"] == len(text)
    assert value["text_sha256"] == sha256(text.encode()).hexdigest()
    (seen,) = [one for one in look(data) if one.claim == "png.text"]
    assert seen.spans[0].length_bytes == len(text) + 11 + 12


def test_findings_are_capped_and_the_rest_counted():
    seen = look(png(*[chunk(b"tEXt", b"a\0b")] * 2_500))
    assert len(seen) == FINDINGS_MAX + 1
    assert (seen[-1].claim, seen[-1].state, seen[-1].value) == ("limit", State.NOT_RUN, "501")


def test_a_maker_note_is_a_digest_and_never_its_bytes():
    note = b"Nikon\0\2\x10" + bytes(100)
    exif = struct.pack("<HHHII", 1, 0x927C, 7, len(note), 8 + 18 + 18) + bytes(4)
    block = b"II*\0\x08\0\0\0" + struct.pack("<HHHII", 1, 0x8769, 4, 1, 26) + bytes(4) + exif + note
    data = jpeg(segment(0xE1, b"Exif\0\0" + block))
    (value,) = values(data, "exif.maker_note")
    assert value == {
        "length_bytes": len(note),
        "maker": "Nikon",
        "parsed": False,
        "sha256": sha256(note).hexdigest(),
    }
    assert all(one["name"] != "MakerNote" for one in values(data, "exif.tag"))


def test_exif_spans_point_at_entry_and_value():
    data = jpeg(segment(0xE1, b"Exif\0\0" + tiff()))
    (seen,) = [one for one in look(data) if one.claim == "exif.tag"]
    entry, value = seen.spans
    assert data[entry.offset_bytes :][:2] == b"\x0f\x01"
    assert data[value.offset_bytes :][: value.length_bytes] == b"Beacon\0"


def test_damage_inside_a_block_has_its_place_in_the_file():
    data = jpeg(segment(0xE1, b"Exif\0\0" + tiff(make=b"Beacon\0")[:-3]))
    (value,) = values(data, "damage.structure")
    assert "Make" in value["what"]
    assert data[value["offset_bytes"] :][:2] == b"\x0f\x01"


def test_large_files_are_read_in_place():
    class InPieces(BytesSource):
        def read_at(self, offset_bytes, length_bytes):
            assert length_bytes < 17 << 20, "not all at once"
            return super().read_at(offset_bytes, length_bytes)

    data = jpeg(segment(0xFE, b"far"), trailing=bytes(17 << 20))
    view = View(sha256="", size_bytes=len(data), name=b"", source=InPieces(data=data))
    claims = {seen.claim for seen in EXAMINER.examine(view)}
    assert {"comment", "trailing"} <= claims


def test_the_reader_is_chosen_by_content():
    assert reader_for(b"\xff\xd8\xff\xe0") is not None
    assert reader_for(b"II*\0\x08\0\0\0") is not None
    assert next(examine_source(Bytes(tiff()), reader_for(tiff()))).claim == "tiff.ifds"


def test_more_spans_than_are_listed_become_one_that_covers_all_and_says_so():
    text = "".join(f"line {number} by the sea\n" for number in range(2000)).encode()
    blocks = b"".join(bytes([len(text[at : at + 255])]) + text[at : at + 255] for at in range(0, len(text), 255))
    data = gif(b"!\xfe" + blocks + b"\0")
    (seen,) = [one for one in look(data) if one.claim == "comment"]
    (span,) = seen.spans
    assert (span.offset_bytes, span.length_bytes) == (data.index(blocks) + 1, len(blocks) - 1)
    assert span.role == f"comment: {-(-len(text) // 255)} pieces from here to the end of this span"
    assert span.sha256 == sha256(blocks[1:]).hexdigest()


def test_up_to_sixty_four_spans_are_listed():
    text = b"lamp" * 64
    blocks = b"".join(b"\4" + text[at : at + 4] for at in range(0, len(text), 4))
    (seen,) = [one for one in look(gif(b"!\xfe" + blocks + b"\0")) if one.claim == "comment"]
    assert len(seen.spans) == 64


def with_thumbnail():
    """A TIFF block with a thumbnail in its second directory."""
    first = struct.pack("<HHHIII", 1, 0x0112, 3, 1, 1, 26)
    second = struct.pack("<HHHIIHHIII", 2, 0x0201, 4, 1, 56, 0x0202, 4, 1, 5, 0)
    return b"II*\0\x08\0\0\0" + first + second + b"\xff\xd8\xff\xd9\0"


def test_a_picture_inside_compressed_data_has_no_place_in_the_file():
    spelled = b"\nexif\n%8d\n%s\n" % (6 + len(with_thumbnail()), (b"Exif\0\0" + with_thumbnail()).hex().encode())
    data = png(chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(spelled)))
    (value,) = values(data, "embedded.picture")
    assert value == {"carrier": "IFD1", "length_bytes": 5, "signature": "jpeg"}
    (seen,) = [one for one in look(data) if one.claim == "embedded.picture"]
    assert [(span.offset_bytes, span.role) for span in seen.spans] == [(33, "what holds the picture")]
    (value,) = values(jpeg(segment(0xE1, b"Exif\0\0" + with_thumbnail())), "embedded.picture")
    assert value["offset_bytes"] == 2 + 10 + 56


def test_a_value_that_could_not_be_read_is_failed_and_has_none():
    data = jpeg(segment(0xE1, b"Exif\0\0" + tiff()[:26]))
    (seen,) = [one for one in look(data) if one.claim == "exif.tag"]
    assert (seen.state, seen.reason) == (State.FAILED, "malformed: the value lies outside the data")
    assert "value" not in json.loads(seen.value)
    (text,) = [one for one in look(png(chunk(b"zTXt", b"Comment\0\0\xff\xff\xff"))) if one.claim == "png.text"]
    assert text.state is State.FAILED
    assert "text" not in json.loads(text.value)


def test_a_value_whose_end_is_missing_says_so():
    (tag,) = values(jpeg(segment(0xE1, b"Exif\0\0" + tiff()[:-3])), "exif.tag")
    assert (tag["value"], tag["cut"]) == ("Beac", True)
    packed = zlib.compress(b"by the sea " * 40)
    (text,) = values(png(chunk(b"zTXt", b"Comment\0\0" + packed[:-6])), "png.text")
    assert text["cut"]
    assert text["text"].startswith("by the sea ")
    (text,) = values(png(chunk(b"zTXt", b"Comment\0\0" + packed[:-1] + b"\0")), "png.text")
    assert text["checksum_ok"] is False
    packet = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><x:lamp>half a val'
    (entry,) = values(png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet)), "xmp.property")
    assert (entry["value"], entry["cut"]) == ("half a val", True)


def test_every_reading_of_one_reason_is_one_fault():
    entries = struct.pack("<HHII", 0x0110, 2, 99, 9000) * 50
    data = jpeg(segment(0xE1, b"Exif\0\0II*\0" + struct.pack("<IH", 8, 50) + entries))
    assert len({seen.reason for seen in look(data) if seen.state is State.FAILED}) == 1


@pytest.mark.parametrize(
    "start", [b"", b"\xef\xbb\xbf", b'<?xml version="1.0"?>\n', b"\xef\xbb\xbf<?xml version='1.0'?>", b"\n  "]
)
@pytest.mark.parametrize("first", [b"<?xpacket", b"<x:xmpmeta", b"<rdf:RDF"])
def test_a_sidecar_however_it_begins(start, first):
    data = start + XMP[XMP.index(first) :]
    data = data[: data.index(b"</x:xmpmeta>")] if first == b"<rdf:RDF" else data
    assert values(data, "xmp.property") == [{"path": "xmp:CreatorTool", "value": "Lighthouse"}]


def test_a_sidecar_in_utf16_and_what_is_none():
    assert values(b"\xff\xfe" + XMP.decode().encode("utf-16-le"), "xmp.property")
    for data in (
        b"<?xml version='1.0'?><a/>",
        b"<?xml version='1.0'?><svg><metadata><rdf:RDF/></metadata></svg>",
        b"<html>",
    ):
        assert reader_for(data) is None


def test_a_phone_video_tells_make_model_and_place():
    pairs = ((b"com.apple.quicktime.make", b"Beacon"), (b"com.apple.quicktime.location.ISO6709", b"+54.1+007.9/"))
    data = movie(keys(*pairs), created_seconds=3_850_000_000)
    assert {tag["key"]: tag["value"] for tag in values(data, "isobmff.tag")} == {
        "com.apple.quicktime.make": "Beacon",
        "com.apple.quicktime.location.ISO6709": "+54.1+007.9/",
    }
    (time,) = values(data, "isobmff.time")
    assert time["created"] == "2025-12-31T04:26:40"


def test_a_long_workflow_of_a_video_is_cut_and_digested():
    workflow = b'{"nodes":[' + b'{"id":1},' * 20_000 + b"{}]}"
    (tag,) = values(movie(keys((b"workflow", workflow))), "isobmff.tag")
    assert len(tag["value"]) < len(workflow)
    assert (tag["value_length_bytes"], tag["value_sha256"]) == (len(workflow), sha256(workflow).hexdigest())
