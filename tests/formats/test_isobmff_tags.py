import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.examine.metadata_examples import atom, box, international, keys, movie
from headwater.formats.isobmff import read_isobmff
from headwater.formats.isobmff_text import language, text, value
from headwater.formats.structure import Bytes


def read(*boxes):
    return read_isobmff(Bytes(movie(*boxes)))


def tags(*boxes):
    return {
        field.value["key"]: field.value["value"]
        for field in read(*boxes).fields
        if field.claim == "isobmff.tag" and "value" in field.value
    }


def udta(*boxes):
    return box(b"udta", b"".join(boxes))


def test_make_model_and_place_of_a_phone_by_keys():
    pairs = (
        (b"com.apple.quicktime.make", b"Beacon"),
        (b"com.apple.quicktime.model", b"Beacon 12"),
        (b"com.apple.quicktime.location.ISO6709", b"+54.18+007.88+061/"),
    )
    assert tags(keys(*pairs)) == {name.decode(): said.decode() for name, said in pairs}


def test_make_model_and_place_of_a_phone_by_user_data():
    found = tags(udta(international(b"\xa9mak", b"Beacon"), international(b"\xa9xyz", b"+54.18+007.88/")))
    assert found == {"\xa9mak": "Beacon", "\xa9xyz": "+54.18+007.88/"}


def test_the_range_of_a_tag_is_its_data():
    data = movie(udta(international(b"\xa9mak", b"Beacon")), keys((b"model", b"Twelve")))
    spans = {}
    for field in read_isobmff(Bytes(data)).fields:
        (where,) = field.ranges
        spans[field.value.get("key", "time")] = data[where.offset_bytes :][: where.length_bytes]
    assert spans["\xa9mak"] == struct.pack(">HH", 6, 0x15C7) + b"Beacon"
    assert spans["model"] == b"Twelve"
    assert spans["time"] == bytes(12)


def test_several_languages_of_one_text():
    both = box(b"\xa9nam", struct.pack(">HH", 10, 0x15C7) + b"lighthouse" + struct.pack(">HH", 3, 0) + b"F\x8cr")
    said = [(field.value["value"], field.value.get("language")) for field in read(udta(both)).fields[1:]]
    assert said == [("lighthouse", "eng"), ("F\xe5r", None)]


def test_a_text_that_runs_past_its_box_is_cut():
    broken = read(udta(box(b"\xa9nam", struct.pack(">HH", 99, 0x15C7) + b"lighthouse")))
    assert (broken.fields[1].value["value"], broken.fields[1].value["cut"]) == ("lighthouse", True)
    assert broken.damage


def test_strings_of_3gpp():
    full = bytes(4)
    english = struct.pack(">H", 0x15C7)
    place = full + english + b"Harbour\0" + b"\0" + struct.pack(">iii", 7 << 16, 54 << 16, 0) + b"earth\0\0"
    found = read(
        udta(
            box(b"titl", full + english + b"Lighthouse\0"),
            box(b"cprt", full + english + "\ufefffyr".encode("utf-16-be") + b"\0\0"),
            box(b"loci", place),
        )
    )
    said = {field.value["key"]: field.value for field in found.fields[1:]}
    assert said["titl"]["value"] == "Lighthouse"
    assert said["cprt"]["value"] == "fyr"
    assert said["loci"]["value"] == "Harbour"
    assert said["loci"]["longitude_latitude_altitude"] == ["458752/65536", "3538944/65536", "0/65536"]


def test_a_workflow_in_a_box_of_its_own_and_binary_data():
    found = read(udta(box(b"wflo", b'\0\0\0\0{"nodes":[]}'), box(b"TAGS", b"\1\2\xff\xfe"), box(b"meta", b"")))
    assert found.fields[1].value["value"] == '{"nodes":[]}'
    assert [part.kind for part in found.unread] == ["udta TAGS"]


def test_a_list_of_items_by_name():
    handler = box(b"hdlr", bytes(8) + b"mdir" + bytes(12))
    free = box(b"mean", bytes(4) + b"org.beacon") + box(b"name", bytes(4) + b"lamp") + atom(1, b"red")
    items = (
        box(b"\xa9too", atom(1, b"Lavf")),
        box(b"trkn", atom(0, struct.pack(">HHHH", 0, 1, 2, 0))),
        box(b"tmpo", atom(21, struct.pack(">h", -5))),
        box(b"covr", atom(13, b"\xff\xd8\xff\xd9")),
        box(b"----", free),
        box(b"xid ", atom(0, b"\xff\xfe\0")),
    )
    meta = box(b"meta", bytes(4) + handler + box(b"ilst", b"".join(items)))
    found = read(udta(meta))
    assert {field.value["key"]: field.value.get("value", field.value.get("hex")) for field in found.fields[1:]} == {
        "\xa9too": "Lavf",
        "trkn": [1, 2],
        "tmpo": -5,
        "org.beacon:lamp": "red",
        "xid ": "fffe00",
    }
    (cover,) = found.pieces
    assert (cover.kind, cover.carrier) == ("embedded", "moov/udta/meta/ilst covr")


def test_an_item_that_does_not_fit_is_noted():
    meta = keys((b"make", b"Beacon"))
    broken = meta.replace(struct.pack(">I", 8 + 8 + 8 + 6) + b"\0\0\0\1", struct.pack(">I", 9000) + b"\0\0\0\1")
    assert broken != meta
    found = read(broken)
    assert [field.claim for field in found.fields] == ["isobmff.time"]
    assert any("does not fit" in damage.what for damage in found.damage)


def track(*boxes):
    return box(b"trak", box(b"mdia", b"".join(boxes)))


def test_names_of_handlers_and_compressors():
    handler = box(b"hdlr", bytes(8) + b"vide" + bytes(12) + b"VideoHandler\0")
    spoken = box(b"hdlr", bytes(8) + b"soun" + bytes(12) + b"\x05Sound")
    entry = box(b"avc1", bytes(42) + b"\x06Beacon" + bytes(25) + bytes(4))
    samples = box(b"minf", box(b"stbl", box(b"stsd", struct.pack(">II", 0, 1) + entry)))
    found = read(track(handler, samples), track(spoken))
    assert sorted((field.value["carrier"], field.value["key"], field.value["value"]) for field in found.fields[1:]) == [
        ("moov/trak[1]/mdia", "handler name", "VideoHandler"),
        ("moov/trak[1]/mdia/minf/stbl/stsd", "compressor name", "Beacon"),
        ("moov/trak[2]/mdia", "handler name", "Sound"),
    ]


def test_a_track_of_timed_metadata_is_named():
    found = read(track(box(b"hdlr", bytes(8) + b"meta" + bytes(13))))
    assert [part.kind for part in found.unread] == ["timed metadata track"]


def test_times_of_both_widths():
    narrow = movie(created_seconds=3_850_000_000)
    wide = box(b"moov", box(b"mvhd", b"\1\0\0\0" + struct.pack(">QQ", 3_850_000_000, 1 << 62) + bytes(80)))
    for data, modified in ((narrow, "2025-12-31T04:26:40"), (wide, None)):
        (field,) = read_isobmff(Bytes(data)).fields
        assert (field.claim, field.value["created"]) == ("isobmff.time", "2025-12-31T04:26:40")
        assert field.value.get("modified") == modified
    assert read_isobmff(Bytes(box(b"moov", box(b"mvhd", bytes(8))))).damage


@pytest.mark.parametrize(("code", "name"), [(0x15C7, "eng"), (0x55C4, ""), (0x7FFF, ""), (0, ""), (11, "mac 11")])
def test_languages(code, name):
    assert language(code) == name


def test_texts():
    assert text("fyrtårn".encode()) == "fyrtårn"
    assert text("\ufefffyr".encode("utf-16-le")) == "fyr"
    assert text(b"f\x8cr", 0) == "får"


@pytest.mark.parametrize(
    ("kind", "raw", "said"),
    [
        (2, "fyr".encode("utf-16-be"), {"value": "fyr"}),
        (22, b"\xff", {"value": 255}),
        (23, struct.pack(">f", 1.5), {"value": 1.5}),
        (24, struct.pack(">d", math.inf), {"value": "inf"}),
        (23, b"\0", {"hex": "00"}),
    ],
)
def test_values(kind, raw, said):
    assert value("lamp", kind, raw) == said
    assert value("lamp", 99, bytes(65)).keys() == {"length_bytes", "sha256"}


SEEDS = (
    movie(
        udta(international(b"\xa9mak", b"Beacon"), box(b"titl", bytes(4) + b"\x15\xc7Lamp\0")), keys((b"make", b"B"))
    ),
    movie(track(box(b"hdlr", bytes(24) + b"name\0")), udta(box(b"loci", bytes(40)), box(b"\xa9xyz", atom(1, b"+54/")))),
)


@given(st.sampled_from(SEEDS), st.integers(0, 400), st.binary(max_size=5), st.integers(0, 400))
def test_damage_anywhere(seed, at, new, end):
    data = bytearray(seed)
    data[at : at + len(new)] = new
    damaged = bytes(data[:end])
    for field in read_isobmff(Bytes(damaged)).fields:
        for where in field.ranges:
            assert 0 <= where.offset_bytes <= where.offset_bytes + where.length_bytes <= len(damaged)
