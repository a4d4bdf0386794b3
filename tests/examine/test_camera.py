"""Each rule on Exif blocks made for it: what holds, what fails, what says nothing; encoders; generator data in Make."""

import json
from datetime import UTC, datetime
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from headwater.demo.exif_writer import build_exif
from headwater.demo.video import build_mp4
from headwater.evidence.content import BytesSource
from headwater.examine.camera import Camera
from headwater.examine.camera_evidence.encoder import learned
from headwater.examine.camera_evidence.makers import same_maker
from headwater.examine.camera_evidence.rules import RULES, fits_shape
from headwater.examine.view import View
from headwater.model.errors import EvidenceError
from headwater.model.finding import State

SIZE = (160, 120)
MAIN = {0x010F: "NIKON CORPORATION", 0x0110: "NIKON D70", 0x0131: "Ver.2.00", 0x0132: "2024:05:01 10:00:00"}
INSIDE = {
    0x829A: (1, 125), 0x829D: (28, 10), 0x9003: "2024:05:01 10:00:00", 0x9004: "2024:05:01 10:00:00",
    0x9201: (6966, 1000), 0x9202: (2971, 1000), 0x927C: b"Nikon\0\2\0\0\0" + bytes(20), 0xA001: 1, 0xA002: 160,
    0xA003: 120, 0xA431: "3001",
}  # fmt: skip


def picture(size=SIZE):
    y, x = np.mgrid[0 : size[1], 0 : size[0]]
    return Image.fromarray(np.stack([x % 256, y % 256, (x + y) % 256], axis=-1).astype(np.uint8))


def jpeg(image=None, **options):
    out = BytesIO()
    (image or picture()).save(out, "JPEG", **options)
    return out.getvalue()


def camera_jpeg(main=None, inside=None, gps=None, thumbnail=None, size=SIZE, **options):
    small = jpeg(picture((160, 120))) if thumbnail is None else thumbnail
    without = {tag for tag, value in (inside or {}).items() if value is None}
    kept = {tag: value for tag, value in {**INSIDE, **(inside or {})}.items() if tag not in without}
    exif = build_exif({**MAIN, **(main or {})}, kept, gps, small)
    return jpeg(picture(size), exif=b"Exif\0\0" + exif, **options)


def seen(data):
    view = View(sha256="", size_bytes=len(data), name=b"", source=BytesSource(data=data))
    assert Camera().accepts(view)
    return {each.claim: each for each in Camera().examine(view)}


def coherence(data):
    return json.loads(seen(data)["camera.coherence"].value)


def outcome(data, rule):
    return {each["rule"]: each["outcome"] for each in coherence(data)["rules"]}[rule]


def test_a_coherent_file_fails_no_rule_and_names_its_camera():
    found = coherence(camera_jpeg())
    assert (found["make"], found["model"], found["serial"]) == ("NIKON CORPORATION", "NIKON D70", "3001")
    outcomes = {each["rule"]: each["outcome"] for each in found["rules"]}
    assert "fails" not in outcomes.values()
    held = {"make_model", "size", "thumbnail", "maker_note", "times", "shutter", "aperture", "software"}
    assert {rule for rule, said in outcomes.items() if said == "holds"} == held
    assert {each["rule"] for each in found["rules"]} == {rule.name for rule in RULES} | {"quantisation"}
    assert all(each["source"] and each["detail"] for each in found["rules"])


FAILS = {
    "size": {"inside": {0xA002: 4000, 0xA003: 3000}},
    "thumbnail": {"size": (400, 100), "thumbnail": jpeg(picture((100, 100))), "inside": {0xA002: 400, 0xA003: 100}},
    "maker_note": {"inside": {0x927C: b"FUJIFILM\x0c\0\0\0" + bytes(20)}},
    "times": {"inside": {0x9003: "2024:05:05 10:00:00"}},
    "shutter": {"inside": {0x9201: (2, 1)}},
    "aperture": {"inside": {0x9202: (9, 1)}},
    "make_model": {"main": {0x010F: 'workflow:{"nodes":[]}'}},
}


@pytest.mark.parametrize("rule", FAILS)
def test_a_contradiction_fails_its_rule_and_no_other(rule):
    found = {each["rule"]: each["outcome"] for each in coherence(camera_jpeg(**FAILS[rule]))["rules"]}
    assert [name for name, said in found.items() if said == "fails"] == [rule]


ORDINARY = {
    "size": [
        {"inside": {0xA002: 120, 0xA003: 160}},
        {"inside": {0xA002: 168, 0xA003: 127}},
        {"inside": {0xA002: None}},
    ],
    "thumbnail": [{"size": (400, 100), "inside": {0xA002: 400, 0xA003: 100}}, {"thumbnail": b""}],  # 160 x 120 of DCF
    "maker_note": [{"inside": {0x927C: b"unheard of"}}, {"inside": {0x927C: None}}],
    "times": [{"inside": {0x9003: "0000:00:00 00:00:00"}}, {"inside": {0x9003: "2024:05:02 09:00:00"}}],
    "shutter": [{"inside": {0x9201: (7, 1)}}, {"inside": {0x9201: (-(2**31), 1)}}, {"inside": {0x829A: (1, 0)}}],
    "aperture": [{"inside": {0x9202: (3, 1)}}, {"inside": {0x829D: (0, 10)}}],
    "software": [{"main": {0x0131: "Adobe Photoshop 25.1"}}],
    "make_model": [{"main": {0x010F: "Nobody Ltd."}}],
    "gps_time": [{"gps": {0: b"\2\3\0\0", 0x1D: "2019:01:01"}}],
}


@pytest.mark.parametrize(("rule", "case"), [(rule, case) for rule, cases in ORDINARY.items() for case in cases])
def test_what_is_absent_or_ordinary_fails_nothing(rule, case):
    assert outcome(camera_jpeg(**case), rule) != "fails"


def test_what_a_program_wrote_into_make_is_not_repeated():
    prompt = 'prompt:{"3":{"class_type":"KSampler","inputs":{"text":"a lighthouse at dusk"}}}'
    for main in ({0x010F: "workflow:{}", 0x0110: prompt}, {0x010F: prompt.replace("KSampler", "a lighthouse")}):
        data = camera_jpeg(main=main, inside={0xA431: "{a lighthouse}"})
        assert outcome(data, "make_model") == "fails"
        assert "lighthouse" not in seen(data)["camera.coherence"].value


def test_spans_are_the_bytes_of_the_tags_and_tables():
    data = camera_jpeg()
    found = seen(data)["camera.coherence"]
    pieces = [data[span.offset_bytes : span.offset_bytes + span.length_bytes] for span in found.spans]
    assert any(piece[:2] == b"\x0f\x01" for piece in pieces)  # the entry of Make, little endian
    assert any(piece[:2] == b"\x02\xa0" for piece in pieces)


def test_silences_are_told_apart():
    assert seen(jpeg())["camera.coherence"].state is State.NOTHING
    text = build_exif({0x010E: "a lighthouse"}, {0x9286: b"ASCII\0\0\0Steps: 20"})
    assert seen(jpeg(exif=b"Exif\0\0" + text))["camera.coherence"].state is State.NOTHING
    broken = seen(jpeg(exif=b"Exif\0\0" + b"II*\0\xff\xff\xff\x7f" + bytes(8)))["camera.coherence"]
    assert (broken.state, broken.reason.partition(":")[0]) == (State.NOT_RUN, "damage")


def film(make, model):
    device = {"make": make, "model": model, "software": ""}
    return build_mp4([jpeg()], 64, 48, 12, datetime(2026, 5, 1, tzinfo=UTC), device)


def test_a_video_names_its_camera_in_tags_that_nothing_contradicts():
    data = film("Lanthorn", "L-12")
    found = seen(data)["camera.coherence"]
    value = json.loads(found.value)
    assert (value["make"], value["model"]) == ("Lanthorn", "L-12")
    assert [rule["outcome"] for rule in value["rules"]] == ["not_applicable"]
    assert any(b"Lanthorn" in data[span.offset_bytes : span.offset_bytes + span.length_bytes] for span in found.spans)
    assert seen(film("", ""))["camera.coherence"].state is State.NOTHING


@pytest.mark.parametrize(("quality", "family"), [(75, "ijg"), (92, "ijg")])
def test_tables_of_the_library_are_named_with_their_quality(quality, family):
    found = json.loads(seen(jpeg(quality=quality))["camera.encoder"].value)
    assert (found["family"], found["quality"]) == (family, quality)
    assert found["layout"] == "standard SOI,APP0,DQT,SOF0,DHT,SOS"


def test_tables_nobody_was_seen_with_are_unknown():
    found = json.loads(seen(jpeg(qtables=[[9] * 64, [11] * 64]))["camera.encoder"].value)
    assert found["family"] == "unknown"
    assert "quality" not in found


def test_what_was_learned_is_well_formed_and_counts_its_files():
    rows = learned()
    assert all(len(row.tables) == 16 and row.make and row.model and row.files > 0 for row in rows)
    assert len({(row.tables, row.sampling, row.layout, row.make, row.model) for row in rows}) == len(rows)


@pytest.mark.parametrize(
    ("note", "make", "same"),
    [
        ("Nikon", "NIKON CORPORATION", True),
        ("Panasonic", "LEICA CAMERA AG", True),
        ("Olympus", "SEIKO EPSON CORP.", True),
        ("Apple", "Canon", False),
        ("Reconyx", "Nobody", None),
    ],
)
def test_makers_who_build_for_others_are_the_same(note, make, same):
    assert same_maker(note, make) is same


@pytest.mark.parametrize(
    ("small", "large", "fits"),
    [((160, 120), (4000, 3000), True), ((120, 160), (4000, 3000), True), ((160, 107), (3000, 2000), True),
     ((100, 100), (4000, 3000), False), ((160, 112), (3000, 2000), True)],
)  # fmt: skip
def test_shapes(small, large, fits):
    assert fits_shape(small, large) is fits


@settings(max_examples=150)
@given(st.integers(0, 2000), st.integers(0, 255), st.integers(20, 3000))
def test_changed_and_cut_bytes_raise_nothing_but_faults_of_evidence(at, byte, end):
    data = bytearray(WHOLE)
    data[2 + at % (len(data) - 2)] = byte
    cut = bytes(data[:end])
    view = View(sha256="", size_bytes=len(cut), name=b"", source=BytesSource(data=cut))
    try:
        for each in Camera().examine(view):
            assert each.state is not State.FOUND or json.loads(each.value)
    except EvidenceError:
        pass


WHOLE = camera_jpeg()
