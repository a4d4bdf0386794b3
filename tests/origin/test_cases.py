"""The worked cases of the method: claims go in, the rule, the numbers and the core sentence come out."""

import json
import re

import pytest

from headwater.origin.claims import Claim, Content, Place
from headwater.origin.context import Context, NearCopy
from headwater.origin.models import ModelFile, ModelFiles
from headwater.origin.sentences import sentences
from headwater.origin.weigh import weigh

MODEL = ModelFile(sha256="ab" * 32, exhibit="LH-02", path="models/coast.safetensors", digests={"legacy8": "12345678"})
SIZE, THUMBNAIL, NOTE = ({"rule": name, "outcome": "holds"} for name in ("size", "thumbnail", "maker_note"))


def claim(name, state="found", reason="", examiner="", **value):
    text = json.dumps(value, sort_keys=True)
    return Claim(
        finding=f"{name}/{text}", examiner=examiner or name, claim=name, value=text, state=state, reason=reason
    )


def record(**more):
    return claim("generator.record", **{"generator": "a1111", "carrier": "EXIF UserComment", "whole": True, **more})


def camera(*rules):
    rules = [*(rules or (SIZE, THUMBNAIL, NOTE))]
    return claim("camera.coherence", make="Kestrel", model="Kite 3", rules=rules, tables_sha256="t")


def signed(side, state="trusted", binding="match", failure=(), expired_only=False, root_generated=False):
    """A credential as the credentials examiner tells of it."""
    value = {
        "state": state, "binding": binding, "expired_only": expired_only, "signer": "Beacon Imaging",
        "codes": {"success": [], "informational": [], "failure": [*failure]},
        "origin": {"side": side, "why": f"it says {side}", "root_generated": root_generated},
    }  # fmt: skip
    return Claim(
        finding=f"c2pa/{json.dumps(value)}", examiner="credentials", claim="c2pa.state", value=json.dumps(value)
    )


def label(term):
    return claim("declared.source_type", term=term, carrier="XMP", uri=term)


def sensor(**more):
    value = {"camera": "LH-03", "pce": 200.5, "threshold": 60.0, "geometry": "equal", "references": 20}
    return claim("sensor.match", **value, **more)


CAMERA_FAILED = claim("camera.coherence", state="failed", reason="truncated", examiner="camera")
BODIES = Context(bodies={("Kestrel", "Kite 3", "t"): 6})
VALIDATED = Context(bodies=BODIES.bodies, validated=frozenset({"sensor"}))
SEIZED = Context(models=ModelFiles([MODEL]), bodies=BODIES.bodies)
NEAR = Context(bodies=BODIES.bodies, drawn_near={"x": NearCopy(sha256="cd" * 32, distance_bits=9)})
LONG = record(models=[{"name": "m", "hash": "ab" * 5, "hash_kind": "autov2"}])
SHORT = record(models=[{"name": "m", "hash": "12345678", "hash_kind": "legacy8"}])
BEGUN = record(input_use="unnamed")
COMPOSITE = "compositeWithTrainedAlgorithmicMedia"
SCREEN = claim("declared.screen", carrier="EXIF UserComment", what="Screenshot")
MISMATCH = signed("camera", state="invalid", binding="mismatch", failure=["assertion.dataHash.mismatch"])

WORKED = [
    ("1", [signed("generated")], Context(), "40000", "T4 generated verified", "A signature by Beacon Imaging"),
    ("2", [record(), camera()], BODIES, "20200", "T11 undetermined ", "two unsigned records that contradict"),
    ("3", [LONG], SEIZED, "30000", "T4 generated corroborated", "from models/coast.safetensors on exhibit LH-02"),
    ("3b", [SHORT], SEIZED, "20000", "T4 generated declared", "that is a lead"),
    ("4", [record(), sensor()], VALIDATED, "20300", "T11 undetermined ", "pattern supports recording by LH-03"),
    ("4b", [BEGUN, sensor()], VALIDATED, "02300", "T6 edited declared", "both fit a photograph altered by a generator"),
    ("5", [], Context(), "00000", "T2 undetermined ", "Nothing in this file speaks for or against"),
    ("5b", [BEGUN], Context(), "22000", "T5 undetermined ", "Whether that input was a photograph is not known"),
    ("6", [label(COMPOSITE)], Context(), "02000", "T4 edited declared", "combined with another picture"),
    ("6", [label(COMPOSITE), camera()], BODIES, "02200", "T6 edited declared", "combined with another picture"),
    ("7", [SCREEN, camera(SIZE)], Context(), "00110", "T2 undetermined ", "The file is a copy of a screen"),
    ("8", [camera()], BODIES, "00200", "T3 camera declared", "rather than a print or a screen"),
    ("8b", [camera()], NEAR, "00210", "T2 undetermined ", f"near copy of {'cd' * 32}"),
    ("9", [signed("edited"), camera()], BODIES, "04200", "T6 edited verified", "changed part of a camera picture"),
    ("9", [signed("edited", "valid"), camera()], BODIES, "02200", "T6 edited declared", "part of a camera picture"),
    ("10", [MISMATCH, camera()], BODIES, "00200", "T3 camera declared", "does not fit these bytes (assertion.dataHash"),
    ("11", [signed("camera"), record()], Context(), "20400", "T9 camera verified", "noted and outweighed"),
    ("12", [record(), CAMERA_FAILED], Context(), "20001", "T12 undetermined ", "incomplete: camera failed (truncated)"),
    ("13", [signed("generated"), sensor()], VALIDATED, "40300", "T11 undetermined ", "a person must look"),
]  # fmt: skip


def weighed(claims, context=None, path="holiday.jpg"):
    content = Content(
        sha256="x", media_type="image/jpeg", claims=tuple(claims), places=(Place(exhibit="LH-01", path=path),)
    )
    return weigh(content, context or Context())


def numbers_of(origin):
    numbers = origin.numbers
    return f"{numbers.g}{numbers.e}{numbers.c}{numbers.k}{numbers.f}"


@pytest.mark.parametrize(("case", "claims", "context", "numbers", "verdict", "core"), WORKED)
def test_worked_cases(case, claims, context, numbers, verdict, core):
    origin = weighed(claims, context)
    found = origin.verdict
    assert (numbers_of(origin), f"{found.rule.id} {found.grade} {found.strength}") == (numbers, verdict)
    said = {one.id: one for one in sentences(origin)}
    assert core in said[f"case.{case}"].text
    if claims and case not in {"7", "8b", "12"}:
        assert said[f"case.{case}"].findings or not origin.used


@pytest.mark.parametrize(("case", "claims", "context", "numbers", "verdict", "core"), WORKED)
def test_every_origin_names_two_propositions_what_is_measured_and_that_it_may_change(
    case, claims, context, numbers, verdict, core
):
    texts = [one.text for one in sentences(weighed(claims, context))]
    assert any(text.startswith("P1: ") and " P2: " in text for text in texts)
    assert any("not measured" in text for text in texts)
    assert texts[-1] == "Further material may change this opinion."
    assert not re.search(r"[{}]", " ".join(texts))


def test_a_measured_error_is_printed_as_it_was_measured():
    figure = "0 wrong among 80 comparisons; a true rate of up to 4.5 % is compatible with that"
    texts = [one.text for one in sentences(weighed([record()]), figure)]
    assert f"Measured error of this method at this strength: {figure}." in texts
    assert not any("not measured" in text for text in texts)


def test_sentences_of_a_strength_are_those_of_their_side():
    ids = {case: {one.id for one in sentences(weighed(claims, context))} for case, claims, context, *_ in WORKED}
    assert "verified" in ids["1"]
    assert "corroborated" in ids["3"]
    assert "declared" in ids["8"]
    assert "undetermined" in ids["2"] & ids["13"]
    assert "propositions.device" in ids["4"] & ids["13"]


@pytest.mark.parametrize(
    ("claim_", "signal", "side", "level"),
    [
        (signed("generated"), "S1", "g", 4),
        (signed("edited"), "S2", "e", 4),
        (signed("edited", root_generated=True), "S2", "g", 4),
        (signed("camera"), "S3", "c", 4),
        (signed("generated", "valid", failure=["signingCredential.untrusted"]), "S4", "g", 2),
        (signed("camera", "invalid", expired_only=True, failure=["signingCredential.expired"]), "S4", "c", 2),
        (signed("generated", failure=["claimSignature.mismatch"]), "S5", "", 0),
        (signed("generated", "valid", failure=["assertion.hashedURI.mismatch"]), "S5", "", 0),
        (signed("generated", binding="none"), "S5", "", 0),
        (signed("none"), "S15", "", 0),
        (record(), "S6", "g", 2),
        (record(whole=False), "S15", "", 0),
        (record(generator="novelai", signature={"kind": "ed25519", "verifies": True}), "S1", "g", 4),
        (record(generator="novelai", signature={"kind": "ed25519", "verifies": False}), "S6", "g", 2),
        (record(generator="grok", signature={"kind": "ed25519", "verifies": True}), "S6", "g", 2),
        (label("trainedAlgorithmicMedia"), "S6", "g", 2),
        (label(COMPOSITE), "S9", "e", 2),
        (label("algorithmicMedia"), "S15", "", 0),
        (label("digitalCapture"), "S15", "", 0),
        (claim("declared.tc260", carrier="XMP", label="1"), "S6", "g", 2),
        (claim("declared.tc260", carrier="XMP", label="3"), "S15", "", 0),
        (claim("declared.vendor", vendor="google", kind="Credit: generated"), "S6", "g", 2),
        (claim("declared.vendor", vendor="google", kind="Credit: edited"), "S6", "e", 2),
        (claim("declared.vendor", vendor="samsung", kind="PEg_Info", ai_type=0), "S15", "", 0),
        (sensor(), "S10", "c", 1),
        (claim("sensor.match", camera="a", pce=200, threshold=60, geometry="turned", references=20), "S15", "", 0),
        (claim("sensor.match", camera="a", pce=200, threshold=60, geometry="equal", references=9), "S15", "", 0),
        (claim("sensor.match", camera="a", pce=60, threshold=60, geometry="equal", references=20), "S15", "", 0),
        (camera(SIZE), "S12", "c", 1),
        (camera(), "S12", "c", 1),
        (camera(SIZE, THUMBNAIL, NOTE, {"rule": "quantisation", "outcome": "holds"}), "S11", "c", 2),
        (camera(SIZE, {"rule": "thumbnail", "outcome": "fails", "detail": "no"}), "S12", "", 0),
        (claim("watermark.dwtdct", payload="SDXL", bits=48, bits_agreeing=48), "S13", "g", 1),
    ],
)
def test_one_claim_is_one_signal_of_its_level(claim_, signal, side, level):
    (found,) = [one for one in weighed([claim_]).signals if one.id == signal]
    assert (found.side, found.level) == (side, level)
    assert found.findings == (claim_.finding,)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("x/ComfyUI_00012_.png", "g"),
        ("ComfyUI/output/lake.png", "g"),
        ("outputs/txt2img-images/2024-05-01/00001-1234567.png", "g"),
        ("DALL·E 2024-01-12 10.11.12 - a lighthouse.png", "g"),
        ("lighthouse, night s-1234567.png", "g"),
        ("DCIM/Camera/IMG_20240501_101112.jpg", ""),
        ("Pictures/1024x1024.png", ""),
        ("ComfyUI/input/lake.png", ""),
    ],
)
def test_names_and_folders(path, expected):
    origin = weighed([], path=path)
    assert [(one.side, one.level) for one in origin.signals] == ([("g", 1)] if expected else [("", 0)])


def test_a_folder_is_the_same_writer_as_the_record_in_the_file():
    origin = weighed([BEGUN, camera()], BODIES, path="ComfyUI/output/lake.png")
    assert numbers_of(origin) == "02200"


def test_a_vendors_own_generator_leaves_the_extent_open_but_for_a_cameras_file():
    vendor = claim("declared.vendor", vendor="samsung", kind="PEg_Info", ai_type=8)
    assert numbers_of(weighed([vendor])) == "22000"
    assert numbers_of(weighed([vendor, camera(SIZE)])) == "02100"


def test_a_maker_note_of_a_form_that_is_not_known_counts_where_it_is_there():
    note = claim("exif.maker_note", maker="unknown", length_bytes=90)
    assert numbers_of(weighed([camera(SIZE, THUMBNAIL)], BODIES)) == "00100"
    assert numbers_of(weighed([camera(SIZE, THUMBNAIL), note], BODIES)) == "00200"
    other = {"rule": "maker_note", "outcome": "fails", "detail": "another maker's"}
    assert numbers_of(weighed([camera(SIZE, THUMBNAIL, other), note], BODIES)) == "00000"


@pytest.mark.parametrize(
    ("carrier", "role", "level"),
    [
        ("EXIF IFD1", "thumbnail", 0),
        ("MPF 010001", "thumbnail", 0),
        ("MPF 020002", "picture", 2),
        ("C2PA claim", "thumbnail", 2),
        ("C2PA", "ingredient", 2),
    ],
)
def test_a_thumbnail_of_another_picture_sets_the_cameras_fields_aside(carrier, role, level):
    preview = claim("embedded.compared", carrier=carrier, role=role, same="no")
    origin = weighed([camera(), preview], BODIES)
    assert origin.numbers.c == level
    said = {one.id for one in sentences(origin)}
    assert ("case.preview" in said) == (not level)
    unsure = claim("embedded.compared", carrier=carrier, role=role, same="cannot say")
    assert weighed([camera(), unsure], BODIES).numbers.c == 2


@pytest.mark.parametrize(("family", "level"), [("camera", 2), ("unknown", 2), ("ijg", 1), ("adobe", 1)])
def test_tables_that_any_program_writes_are_no_models_however_often_they_occur(family, level):
    origin = weighed([camera(), claim("camera.encoder", family=family, tables_sha256="t")], BODIES)
    assert origin.numbers.c == level


def test_a_film_that_names_a_camera_is_consistent_with_one():
    rule = {"rule": "make_model", "outcome": "not_applicable", "detail": "tags of a video name it", "source": "QTFF"}
    origin = weighed([claim("camera.coherence", make="Okulus", model="Okulus K3", rules=[rule])], BODIES)
    assert numbers_of(origin) == "00100"


def test_a_graph_in_make_and_model_is_no_camera():
    origin = weighed([camera(), record(carrier="EXIF Model")])
    assert numbers_of(origin) == "20000"


def test_what_was_not_chosen_leaves_its_side_open():
    context = Context(bodies=BODIES.bodies, not_chosen=frozenset({"generators", "watermark"}))
    assert weighed([camera()], context).verdict.rule.id == "T12"
    assert weighed([record()], context).verdict.rule.id == "T4"
    slow = Context(bodies=BODIES.bodies, not_chosen=frozenset({"watermark", "sensor"}))
    assert weighed([camera()], slow).verdict.rule.id == "T3"


def test_where_nothing_was_found_by_half_of_the_examiners_that_is_said():
    content = Content(sha256="x", media_type="image/jpeg", not_told=frozenset({"generators"}))
    origin = weigh(content, Context())
    assert (origin.verdict.rule.id, numbers_of(origin)) == ("T2", "00001")
    said = {one.id: one.text for one in sentences(origin)}
    assert "case.5" not in said
    assert "unexamined.none" not in said
    assert said["case.12"].startswith("The examination is incomplete: generators was not run (nothing is kept of it")


@pytest.mark.parametrize("name", ["watermark", "previews"])
def test_a_lesser_examiner_that_failed_could_have_spoken_against_a_camera(name):
    failed = claim(name, state="failed", reason="fault", examiner=name)
    assert weighed([camera(), failed], BODIES).verdict.rule.id == "T12"
    assert weighed([record(), failed]).verdict.rule.id == "T4"
    left_out = claim(name, state="not_run", reason="too small", examiner=name)
    assert weighed([camera(), left_out], BODIES).verdict.rule.id == "T3"


def test_an_examiner_of_the_same_side_may_fail():
    failed = claim("generators", state="failed", reason="fault", examiner="generators")
    assert weighed([record(), failed]).verdict.grade == "generated"
    assert weighed([camera(), failed], BODIES).verdict.rule.id == "T12"
    assert weighed([signed("camera"), failed]).verdict.grade == "camera"


@pytest.mark.parametrize(("case", "claims", "context", "numbers", "verdict", "core"), WORKED)
def test_no_gap_of_a_sentence_is_left_empty(case, claims, context, numbers, verdict, core):
    assert not any("ot stated" in one.text for one in sentences(weighed(claims, context)))


@pytest.mark.parametrize("claim_", [sensor(), camera(SIZE), claim("watermark.dwtdct", payload="SDXL", bits=48)])
def test_weak_traces_are_named(claim_):
    texts = [one.text for one in sentences(weighed([claim_])) if one.id == "consistent"]
    assert len(texts) == 1
    assert texts[0].endswith(" is compatible with P1 and is not unusual under P2.")
    assert "ot stated" not in texts[0]
