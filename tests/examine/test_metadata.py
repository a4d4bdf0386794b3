import json
import struct
from hashlib import sha256

import pytest

from headwater.examine.metadata import FINDINGS_MAX, Metadata, examine_source, reader_for
from headwater.examine.metadata_claims import TEXT_BYTES_MAX
from headwater.examine.metadata_examples import chunk, jpeg, png, segment, tiff
from headwater.formats.structure import Bytes
from headwater.model.finding import State

EXAMINER = Metadata()


class FakeView:
    """What the examiner uses of a View."""

    def __init__(self, data):
        self._data = data
        self.head = data[:65536]
        self.size_bytes = len(data)

    def data(self):
        return self._data

    def read_at(self, offset, length):
        return self._data[offset : offset + length]


def look(data):
    return list(EXAMINER.examine(FakeView(data)))


def values(data, claim):
    return [json.loads(seen.value) for seen in look(data) if seen.claim == claim]


@pytest.mark.parametrize("example", EXAMINER.examples(), ids=lambda example: example.name)
def test_examples_hold_twice_and_every_span_has_its_digest(example):
    assert EXAMINER.accepts(FakeView(example.data))
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
        assert not EXAMINER.accepts(FakeView(data))
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
    class Large(FakeView):
        def data(self):
            raise AssertionError("not all at once")

    data = jpeg(segment(0xFE, b"far"), trailing=bytes(17 << 20))
    claims = {seen.claim for seen in EXAMINER.examine(Large(data))}
    assert {"comment", "trailing"} <= claims


def test_the_reader_is_chosen_by_content():
    assert reader_for(b"\xff\xd8\xff\xe0") is not None
    assert reader_for(b"II*\0\x08\0\0\0") is not None
    assert next(examine_source(Bytes(tiff()), reader_for(tiff()))).claim == "tiff.ifds"
