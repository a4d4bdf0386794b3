"""Sealed findings into origins and ties: written by hand, weighed by the step, shown by the views."""

import json
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from headwater.findings.schema import SCHEMAS, table
from headwater.findings.views import connect
from headwater.model.finding import Method, Seen, finding_id
from headwater.model.material import CAMERA
from headwater.steps.materials import add_material
from headwater.steps.seals import TRACE_BEGUN, check_seals
from headwater.steps.stores import findings_store
from headwater.steps.trace import TRACED, trace
from headwater.steps.workspace import Workspace

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ZERO = {"string": "", "int64": 0, "bool": False, "binary": b"", "timestamp[us, tz=UTC]": NOON}
SHORT = {"allocation": "allocated", "kind": "file", "times_zone": "utc"}
LOOKED = ("generators", "declared", "credentials", "camera")
FAR = "0" * 32 + "f" * 32


def digest(word):
    return sha256(str(word).encode()).hexdigest()


def rows(name, given):
    def value(row, field):
        return row.get(field.name, None if field.nullable else ZERO.get(str(field.type), []))

    return table(name, {field.name: [value({**SHORT, **row}, field) for row in given] for field in SCHEMAS[name]})


def seen(content, claim, value, state="found", reason="", examiner=""):
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, separators=(",", ":"))
    examiner = examiner or claim.partition(".")[0]
    method = Method(examiner=examiner, version="1", code_digest="c" * 64, settings_digest="d" * 64)
    finding = finding_id(content, method, Seen(claim=claim, value=text))
    return {
        "finding": finding, "sha256": content, "examiner": examiner, "version": "1", "claim": claim, "value": text,
        "state": state, "reason": reason, "examined_at": NOON,
    }  # fmt: skip


def hashed(content, bits, quality=90):
    """Hashes of a picture: eight variants, the seven others far away."""
    turned = [bits, *[f"{number:02x}" * 32 for number in range(1, 8)]]
    return [
        seen(content, "perceptual.pdq", bits),
        seen(content, "perceptual.pdq_quality", str(quality)),
        seen(content, "perceptual.pdq_dihedral", turned),
    ]


def record(**more):
    return {"generator": "comfyui", "carrier": "PNG tEXt prompt", "whole": True, "input_use": "none", **more}


def coherent(model="Kite 3", **more):
    rules = [
        {"rule": name, "outcome": "holds", "detail": "", "source": ""} for name in ("size", "thumbnail", "maker_note")
    ]
    return {"make": "Kestrel", "model": model, "rules": rules, "tables_sha256": digest("tables"), **more}


class Seized:
    """A workspace into which contents are written by hand."""

    def __init__(self, folder):
        self.folder = folder
        self.workspace = Workspace.init(folder, "Weighed")
        self.number = 0
        self.rows = {}

    def add(self, path, *claims, exhibit="T-1", media_type="image/png", content="", looked=LOOKED):
        """One file with what was found of it: (claim, value) pairs. Gives its digest. looked: examiners that did."""
        content = content or digest(f"{exhibit}/{path}")
        item = f"{len(self.rows.setdefault(exhibit, {'items': [], 'contents': [], 'findings': []})['items']):031x}"
        item = digest(f"{exhibit}/{path}")[:32]
        tables = self.rows[exhibit]
        tables["items"].append({"item": item, "exhibit": exhibit, "source": "disk", "path": path, "size_bytes": 1})
        tables["contents"].append({"item": item, "sha256": content, "media_type": media_type, "bytes_read": 1})
        for claim in claims:
            tables["findings"] += [claim] if isinstance(claim, dict) else [seen(content, *claim)]
        tables["findings"] += [seen(content, name, "", state="nothing", reason="looked") for name in looked]
        return content

    def seal(self, examiners="e"):
        for exhibit, tables in self.rows.items():
            with findings_store(self.workspace, exhibit, examiners * 64) as store:
                self.number += 1
                filled = {name: rows(name, given) for name, given in tables.items() if given}
                store.commit(f"u{self.number}", filled)
                store.seal()
        self.rows = {}

    def trace(self, listening):
        self.seal()
        return trace(self.workspace, listening)

    def origin(self, content):
        return self.ask("SELECT * FROM origins WHERE sha256 = ?", content)[0]

    def said(self, content):
        one = self.origin(content)
        numbers = "".join(str(one[name]) for name in "gecKf".lower())
        return f"{one['rule']} {one['grade']} {one['strength']} {numbers}".replace("  ", " ")

    def ask(self, query, *values):
        connection = connect(self.folder)
        try:
            return connection.sql(query, params=list(values)).to_arrow_table().to_pylist()
        finally:
            connection.close()


@pytest.fixture
def seized(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADWATER_CONFIG_DIR", str(tmp_path / "config"))
    return Seized(tmp_path / "operation")


@pytest.fixture
def listening(operation):
    return operation().listening()


def test_what_carries_nothing_is_undetermined(seized, listening):
    content = seized.add("a.png")
    seized.add("notes.txt", media_type="text/plain")
    assert seized.trace(listening).contents == 1
    assert seized.said(content) == "T2 undetermined 00000"
    assert seized.origin(content)["signals"] == ["S15"]


def test_a_model_that_was_seized_raises_the_level_and_a_short_hash_does_not(seized, listening):
    model = seized.add("models/coast.safetensors", media_type="application/x-safetensors", exhibit="T-2")
    long = seized.add(
        "long.png", ("generator.record", record(models=[{"name": "x", "hash": model[:10], "hash_kind": "autov2"}]))
    )
    short = seized.add(
        "short.png", ("generator.record", record(models=[{"name": "x", "hash": model[:8], "hash_kind": "legacy8"}]))
    )
    named = seized.add("named.png", ("generator.record", record(models=[{"name": "coast"}])))
    gone = seized.add(
        "gone.png", ("generator.record", record(models=[{"name": "x", "hash": "ab" * 5, "hash_kind": "autov2"}]))
    )
    seized.trace(listening)
    assert seized.said(long) == "T4 generated corroborated 30000"
    assert [seized.said(one) for one in (short, named, gone)] == ["T4 generated declared 20000"] * 3
    ties = {(row["a"], row["reason"], row["strength"]) for row in seized.ask("SELECT * FROM ties")}
    assert ties == {
        (long, "model_digest", "corroborated"), (short, "short_model_hash", "lead"), (named, "model_name", "lead"),
    }  # fmt: skip


def test_a_hash_after_the_header_is_found_by_the_models_examiner(seized, listening):
    value = {"sha256": "1" * 64, "autov2": "1" * 10, "autov3": "abcdef012345"}
    model = seized.add("m.bin", ("model.hashes", value), media_type="application/octet-stream")
    content = seized.add(
        "a.png", ("generator.record", record(loras=[{"name": "x", "hash": "ABCDEF012345", "hash_kind": "autov3"}]))
    )
    seized.trace(listening)
    assert seized.said(content) == "T4 generated corroborated 30000"
    assert seized.ask("SELECT b FROM ties") == [{"b": model}]


def test_an_input_picture_decides_between_made_and_changed(seized, listening):
    bodies = [seized.add(f"DCIM/{n}.jpg", ("camera.coherence", coherent()), media_type="image/jpeg") for n in range(6)]
    drawn = seized.add("input/drawn.png", ("generator.record", record()))
    stripped = seized.add("input/stripped.png")

    def begun(name, **more):
        inputs = [{"name": f"sub/{name} [input]", "role": "image"}]
        value = record(inputs=inputs, input_use="named", **more)
        return seized.add(f"output/from {name}", ("generator.record", value))

    photograph, again, unknown, gone = map(begun, ("0.jpg", "drawn.png", "stripped.png", "gone.png"))
    elsewhere = seized.add(
        "far.png",
        ("generator.record", record(inputs=[{"name": "0.jpg", "role": "image"}], input_use="named")),
        exhibit="T-9",
    )
    by_digest = seized.add(
        "x.png",
        ("generator.record", record(inputs=[{"sha256": bodies[1], "role": "image"}], input_use="named")),
        exhibit="T-9",
    )
    seized.trace(listening)
    assert seized.said(bodies[0]) == "T3 camera declared 00200"
    assert (seized.said(photograph), seized.said(by_digest)) == ("T4 edited declared 02000",) * 2
    assert seized.said(again) == "T4 generated declared 20000"
    assert [seized.said(one) for one in (unknown, gone, elsewhere)] == ["T5 undetermined 22000"] * 3
    ties = {(row["a"], row["b"]) for row in seized.ask("SELECT a, b FROM ties WHERE reason = 'input_picture'")}
    assert ties == {(photograph, bodies[0]), (again, drawn), (unknown, stripped), (by_digest, bodies[1])}


def test_pictures_begun_from_one_another_in_a_circle_come_to_an_end(seized, listening):
    def begun(name, other):
        inputs = [{"name": other, "role": "image"}]
        return seized.add(name, ("generator.record", record(inputs=inputs, input_use="named")))

    one, two = begun("a.png", "b.png"), begun("b.png", "a.png")
    seized.trace(listening)
    assert {seized.said(one), seized.said(two)} == {"T5 undetermined 22000"}


def test_a_near_copy_of_what_is_generated_and_corroborated_loses_its_camera(seized, listening):
    model = seized.add("m.safetensors", media_type="application/x-safetensors")
    corroborated = record(models=[{"name": "x", "hash": model[:12], "hash_kind": "sha256"}])
    drawn = seized.add("drawn.png", ("generator.record", corroborated), *hashed(digest("T-1/drawn.png"), "0" * 64))
    near, far = "0" * 56 + "7fffffff", "0" * 56 + "ffffffff"  # 31 and 32 bits

    def photograph(path, *more):
        return seized.add(path, ("camera.coherence", coherent()), *more, media_type="image/jpeg")

    copy = photograph("copy.jpg", *hashed(digest("T-1/copy.jpg"), near))
    other = photograph("other.jpg", *hashed(digest("T-1/other.jpg"), far))
    flat = photograph("flat.jpg", *hashed(digest("T-1/flat.jpg"), near, quality=49))
    turned = photograph("turned.jpg", *hashed(digest("T-1/turned.jpg"), "01" * 32))
    seized.trace(listening)
    assert seized.said(drawn) == "T4 generated corroborated 30000"
    assert seized.said(copy) == "T2 undetermined 00110"
    assert seized.said(turned) == "T2 undetermined 00110"
    assert [seized.said(one) for one in (other, flat)] == ["T3 camera consistent 00100"] * 2
    assert seized.ask("SELECT b, value FROM ties WHERE a = ?", copy) == [{"b": drawn, "value": "31 of 256 bits"}]


def test_pasted_text_does_not_silence_the_camera_of_the_original(seized, listening):
    """What is merely declared generated makes no carrier of its near copies."""
    seized.add("pasted.png", ("generator.record", record()), *hashed(digest("T-1/pasted.png"), "0" * 64))
    original = seized.add(
        "o.jpg", ("camera.coherence", coherent()), *hashed(digest("T-1/o.jpg"), "0" * 64), media_type="image/jpeg"
    )
    seized.trace(listening)
    assert seized.said(original) == "T3 camera consistent 00100"


def test_an_input_without_a_name_is_found_by_likeness(seized, listening):
    photograph = seized.add(
        "p.jpg", ("camera.coherence", coherent()), *hashed(digest("T-1/p.jpg"), "0" * 64), media_type="image/jpeg"
    )
    value = record(generator="a1111", input_use="unnamed", inputs=[])
    edited = seized.add("e.png", ("generator.record", value), *hashed(digest("T-1/e.png"), "0" * 63 + "1"))
    alone = seized.add("l.png", ("generator.record", value), *hashed(digest("T-1/l.png"), "f0" * 32))
    seized.trace(listening)
    assert seized.said(edited) == "T4 edited declared 02000"
    assert seized.said(alone) == "T5 undetermined 22000"
    assert {"b": photograph} in seized.ask("SELECT b FROM ties WHERE a = ? AND reason = 'input_picture'", edited)


def test_a_record_of_another_program_or_exhibit_is_independent_and_the_same_programs_is_not(seized, listening):
    key = {"seed": "7", "prompt_sha256": digest("a lighthouse")}

    def made(name):
        return seized.add(name, ("generator.record", record(generator="invokeai", **key)))

    def row(program, name):
        return "record.output", {"program": program, "name": name, **key}

    own, browser, server, other_seed = map(made, ("own.png", "browser.png", "server.png", "other.png"))
    seized.add("invokeai.db", row("invokeai", "own.png"), media_type="application/vnd.sqlite3")
    seized.add("History", row("browser", "browser.png"), media_type="application/vnd.sqlite3")
    seized.add("log", row("invokeai", "server.png"), exhibit="T-5", media_type="text/plain")
    seized.add(
        "l2", ("record.output", {"program": "x", "name": "other.png", **key, "seed": "8"}), media_type="text/plain"
    )
    seized.trace(listening)
    assert [seized.said(one)[:25] for one in (browser, server)] == ["T4 generated corroborated"] * 2
    assert [seized.said(one)[:21] for one in (own, other_seed)] == ["T4 generated declared"] * 2
    assert [row["reason"] for row in seized.ask("SELECT reason FROM ties WHERE a = ?", own)] == ["same_writer"]


def test_a_copy_of_a_programs_own_log_is_no_second_witness(seized, listening):
    key = {"seed": "7", "prompt_sha256": digest("a lighthouse")}
    content = seized.add("own.png", ("generator.record", record(generator="fooocus", **key)))
    other = seized.add("other.png", ("generator.record", record(generator="fooocus", **key)))
    log = {"program": "fooocus", "name": "own.png", **key}
    for exhibit in ("T-1", "T-2"):  # the log lies beside the picture, and was copied to another disk
        copy = digest("the log")
        seized.add("log.html", ("record.output", log), exhibit=exhibit, content=copy, media_type="text/html")
    nobody = {"program": "", "name": "other.png", **key}
    seized.add("notes.json", ("record.output", nobody), media_type="application/json")
    seized.trace(listening)
    assert seized.said(content) == "T4 generated declared 20000"
    assert seized.said(other) == "T4 generated declared 20000"
    assert {row["reason"] for row in seized.ask("SELECT reason FROM ties")} == {"same_writer"}


def test_five_others_of_the_same_body_make_its_tables_known(seized, listening):
    few = [seized.add(f"{n}.jpg", ("camera.coherence", coherent("Few"))) for n in range(5)]
    many = [seized.add(f"m{n}.jpg", ("camera.coherence", coherent("Many"))) for n in range(6)]
    fails = coherent("Many", rules=[{"rule": "size", "outcome": "fails", "detail": "640 is not 600", "source": ""}])
    failed = seized.add("f.jpg", ("camera.coherence", fails))
    preview = seized.add(
        "p.jpg", ("camera.coherence", coherent("Many")), ("embedded.compared", {"carrier": "EXIF IFD1", "same": "no"})
    )
    seized.trace(listening)
    assert {seized.said(one) for one in few} == {"T3 camera consistent 00100"}
    assert {seized.said(one) for one in many} == {"T3 camera declared 00200"}
    assert {seized.said(one) for one in (failed, preview)} == {"T2 undetermined 00000"}


def test_nothing_is_written_twice_and_a_change_is_weighed_anew(seized, listening):
    content = seized.add("a.png", ("generator.record", record()))
    assert seized.trace(listening).is_new
    before = sorted(seized.folder.rglob("*"))
    assert not trace(seized.workspace, listening).is_new
    assert sorted(seized.folder.rglob("*")) == before
    seized.add("models/m.safetensors", media_type="application/x-safetensors")
    seized.add("b.png")
    assert seized.trace(listening).contents == 2
    assert len([*seized.workspace.recorded(TRACE_BEGUN)]) == len([*seized.workspace.recorded(TRACED)]) == 2
    assert seized.said(content) == "T4 generated declared 20000"
    assert seized.ask("SELECT count(*) AS n FROM origins") == [{"n": 2}]


def test_of_several_sets_of_examiners_the_last_word_of_each_counts(seized, listening):
    """What an older version of an examiner found and the newer does not is no longer weighed; others stay."""
    content = seized.add("a.png", ("generator.record", record()), ("watermark.dwtdct", {"payload": "SDXL", "bits": 48}))
    seized.seal()
    seized.workspace.record("test", {})
    seized.add("a.png", seen(content, "generator.record", "", state="nothing", reason="looked"), content=content)
    seized.seal("f")
    assert trace(seized.workspace, listening).contents == 1
    assert seized.said(content) == "T4 generated consistent 10000"


def test_an_interrupted_trace_is_not_shown_and_is_ended_by_the_next(seized, listening, monkeypatch, operation):
    content = seized.add("a.png")
    seized.seal()

    def stopped(self):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("headwater.steps.trace.PartStore.seal", stopped)
        patch.setattr("headwater.steps.trace._whole", stopped)
        with pytest.raises((KeyboardInterrupt, TypeError)):
            trace(seized.workspace, listening)
    assert seized.ask("SELECT * FROM origins") == []
    assert trace(seized.workspace, listening).contents == 1
    assert seized.said(content) == "T2 undetermined 00000"
    assert len({body["folder"] for body in seized.workspace.recorded(TRACE_BEGUN)}) == 1


@pytest.mark.parametrize("missing", LOOKED)
def test_an_examiner_of_which_nothing_is_kept_did_not_look(seized, listening, missing):
    """Left out then and chosen now, or its findings were lost: that is no silence of one that looked."""
    looked = [name for name in LOOKED if name != missing]
    claims = [("generator.record", record())] if missing != "generators" else [("camera.coherence", coherent())]
    content = seized.add("a.jpg", *claims, looked=looked)
    empty = seized.add("b.jpg", looked=looked)
    whole = seized.add("c.jpg", *claims)
    seized.trace(listening)
    opposing = {"generators", "camera"}
    assert seized.said(content).startswith("T12 undetermined") is (missing in opposing)
    assert seized.said(empty) == "T2 undetermined 00001"
    assert seized.said(whole)[-1] == "0"
    (row,) = seized.ask("SELECT weighed FROM origins WHERE sha256 = ?", empty)
    assert f'"examiner":"{missing}","reason":"nothing is kept of it' in row["weighed"]


def test_a_changed_origin_does_not_verify(seized, listening):
    seized.add("a.png", ("generator.record", record()))
    seized.trace(listening)

    def broken():
        checks = check_seals(seized.workspace, seized.workspace.verify_custody())
        return [check.name for check in checks if check.problems and "@operation" in check.name]

    assert broken() == []
    (part,) = seized.folder.glob("findings/@operation/*/*-origins.parquet")
    part.chmod(0o600)
    part.write_bytes(part.read_bytes()[:-1] + b"x")
    assert len(broken()) == 1


def test_a_camera_that_is_enrolled_anew_takes_the_weight_from_what_its_old_pattern_said(seized, listening):
    old = add_material(seized.workspace, CAMERA, "phone", b"one pattern", {})
    told = {"camera": "phone", "pattern_sha256": old.sha256, "geometry": "equal", "references": 20}
    content = seized.add("a.jpg", ("sensor.match", told | {"pce": 200.0, "peak": [0, 0], "threshold": 60}))
    seized.trace(listening)
    assert seized.said(content) == "T3 camera consistent 00100"
    assert [row["b"] for row in seized.ask("SELECT b FROM ties")] == ["camera:phone"]
    add_material(seized.workspace, CAMERA, "phone", b"another pattern", {})
    assert seized.trace(listening).is_new
    assert seized.said(content) == "T2 undetermined 00000"
    assert seized.ask("SELECT b FROM ties") == []


def test_of_two_pictures_of_one_name_the_one_in_the_folder_for_input_was_put_in(seized, listening):
    put_in = seized.add("input/IMG_0001.jpg")
    seized.add("DCIM/Camera/IMG_0001.jpg")
    made = seized.add(
        "output/1.png",
        ("generator.record", record(input_use="named", inputs=[{"name": "IMG_0001.jpg", "role": "image"}])),
    )
    seized.trace(listening)
    ties = seized.ask("SELECT a, b FROM ties WHERE reason = 'input_picture'")
    assert [(row["a"], row["b"]) for row in ties] == [(made, put_in)]
