"""Known sets and groups on a real exhibit: pictures made by code, read by real workers, matched by real sets."""

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from hashlib import md5, sha1, sha256
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageOps

from headwater.findings.views import connect
from headwater.kernels.pdq import luma_from_rgb, pdq
from headwater.match.nsrl_delta import Changes
from headwater.model.errors import DoesNotVerify, WrongUse
from headwater.model.known import QUALITY_MIN, RADIUS_BITS, Role
from headwater.seal.keys import config_folder
from headwater.steps import known as known_steps
from headwater.steps import match as match_steps
from headwater.steps.conclude import conclude
from headwater.steps.known import add_set, all_sets, known_sets, release_set, withdraw_set
from headwater.steps.known_build import Source
from headwater.steps.known_checks import check_known_sets
from headwater.steps.match import match
from headwater.steps.seals import SET_ADDED
from headwater.steps.workspace import Workspace

from .conftest import Listening, Operation


def scene(number, width=480, height=360):
    """A coast whose waves and light no other number has."""
    rng = np.random.default_rng(number)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    light = 90 + 90 * (1 - y / height)
    for _ in range(12):
        across, down = rng.uniform(-0.12, 0.12, 2)
        light += rng.uniform(8, 26) * np.sin(x * across + y * down + rng.uniform(0, 6.28))
    for _ in range(12):
        left, top = int(rng.integers(0, width - 60)), int(rng.integers(0, height - 60))
        light[top : top + int(rng.integers(20, 60)), left : left + int(rng.integers(20, 60))] += rng.uniform(-70, 70)
    return Image.fromarray(np.asarray(np.clip(light, 0, 255), np.uint8)).convert("RGB")


def jpeg(picture, quality=90):
    data = BytesIO()
    picture.save(data, "JPEG", quality=quality)
    return data.getvalue()


def hash_of(picture):
    with Image.open(BytesIO(jpeg(picture))) as opened:
        return str(pdq(luma_from_rgb(np.asarray(opened.convert("RGB")))))


COPIES = {
    "again.jpg": lambda p: jpeg(p, 40),
    "half.jpg": lambda p: jpeg(p.resize((240, 180))),
    "mirror.jpg": lambda p: jpeg(ImageOps.mirror(p)),
    "quarter.jpg": lambda p: jpeg(p.transpose(Image.Transpose.ROTATE_90)),
    "crop.jpg": lambda p: jpeg(p.crop((24, 18, 456, 342))),
    "border.jpg": lambda p: jpeg(ImageOps.expand(p, (48, 36), (255, 255, 255))),
}


def write(folder, files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture(scope="module")
def seized(tmp_path_factory):
    """Twelve scenes, copies of the first, one of them twice, a flat picture, a program."""
    first = scene(0)
    files = {f"scene{number}.jpg": jpeg(scene(number)) for number in range(12)}
    files |= {name: made(first) for name, made in COPIES.items()}
    files |= {"scene1 copy.jpg": files["scene1.jpg"], "flat.jpg": jpeg(Image.new("RGB", (300, 200), (90, 90, 90)))}
    files["program.exe"] = b"MZ a program"
    return write(tmp_path_factory.mktemp("seized") / "phone", files)


@pytest.fixture(scope="module")
def examined(seized, tmp_path_factory):
    """The exhibit, read and examined once; each test works on a copy of the workspace."""
    operation = Operation(tmp_path_factory.mktemp("known") / "operation")
    operation.run(seized)
    return operation


@pytest.fixture
def stage(examined, seized, tmp_path, monkeypatch):
    """A copy, with a witness of its own: copies that went apart are what a witness is there to tell."""
    shutil.copytree(config_folder(), tmp_path / "config")
    monkeypatch.setenv("HEADWATER_CONFIG_DIR", str(tmp_path / "config"))
    shutil.copytree(examined.folder, tmp_path / "operation", symlinks=True)
    return Stage(tmp_path / "operation", seized, tmp_path)


class Stage:
    def __init__(self, folder, seized, scratch):
        self.folder, self.seized, self.scratch = folder, seized, scratch

    def add(self, name, text, *, form="csv", scheme="local:lab", role=Role.KNOWN, radius=RADIUS_BITS):
        path = self.scratch / f"{name}.set"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        source = Source(path=path, form=form, name=name, scheme=scheme, role=role, radius_bits=radius,
                        quality_min=QUALITY_MIN, about="a test's")  # fmt: skip
        with Workspace.open(self.folder) as workspace:
            return add_set(workspace, source, Listening(), unsafe=False)

    def do(self, step, *arguments, **options):
        with Workspace.open(self.folder) as workspace:
            return step(workspace, *arguments, **options)

    def match(self):
        return self.do(match, Listening(), unsafe=False)

    def rows(self, query):
        with closing(connect(self.folder)) as connection:
            return connection.execute(query).fetchall()

    def matches(self):
        query = """SELECT path, "set", record, kind, distance_bits, category, verdict, set_aside, variant
                   FROM matches JOIN (SELECT sha256, path FROM items) USING (sha256) ORDER BY ALL"""
        return self.rows(query)

    def sha1(self, name):
        return sha1((self.seized / name).read_bytes()).hexdigest()


def csv_of(*rows):
    return "id,md5,sha1,sha256,pdq,category,series,victim identified\n" + "".join(f"{row}\n" for row in rows)


def test_a_set_of_one_record_matches_by_its_digest(stage):
    stage.add("one", csv_of(f"r1,,{stage.sha1('scene3.jpg')},,,2,coast,no"))
    assert stage.match().matches == 1
    assert stage.matches() == [("scene3.jpg", "one", "r1", "sha1", None, "2", True, "", "")]
    ((rule, scheme, series, identified, digest),) = stage.rows(
        "SELECT rule, scheme, series, victim_identified, set_sha256 FROM matches"
    )
    assert (rule, scheme, series, identified) == ("the same digest (sha1)", "local:lab", "coast", False)
    assert digest == stage.do(known_sets)[0].digest


def published(path, *contents):
    """A database in NSRL's shape that has those contents."""
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE FILE (sha256, sha1, md5, file_name, file_size INTEGER)")
    digests = [[kind(data).hexdigest().upper() for kind in (sha256, sha1, md5)] for data in contents]
    connection.executemany("INSERT INTO FILE VALUES (?, ?, ?, 'a name', 1)", digests)
    connection.commit()
    connection.close()
    return path


def test_a_database_is_matched_as_its_deltas_leave_it(stage, tmp_path):
    program, scene3 = ((stage.seized / name).read_bytes() for name in ("program.exe", "scene3.jpg"))
    database = published(tmp_path / "rds.db", b"another program", scene3)
    digests = "','".join(kind(program).hexdigest().upper() for kind in (sha256, sha1, md5))
    deltas = {
        "march.sql": f"INSERT INTO FILE(sha256,sha1,md5,file_name) VALUES('{digests}','setup; it''s.exe');\n",
        "june.sql": f"DELETE FROM FILE WHERE sha1='{sha1(scene3).hexdigest().upper()}';\nDROP TABLE FILE;\n",
    }
    for name, text in deltas.items():
        (tmp_path / name).write_text(text)
    source = Source(path=database, form="nsrl", name="NSRL", scheme="none", role=Role.HARMLESS, radius_bits=RADIUS_BITS,
                    quality_min=QUALITY_MIN, deltas=tuple(tmp_path / name for name in deltas))  # fmt: skip
    added = stage.do(add_set, source, Listening(), unsafe=False)
    (refused,) = added.refused
    assert (refused.line, refused.key) == (2, "june.sql")
    assert refused.reason.startswith("june.sql: not read: neither INSERT, DELETE nor UPDATE")
    assert (added.known.records, added.changes) == (2, Changes(added=1, gone=1))
    (body,) = stage.do(lambda workspace: [*workspace.recorded(SET_ADDED)])
    assert body["deltas"] == [
        {"name": name, "sha256": sha256(text.encode()).hexdigest()} for name, text in deltas.items()
    ]
    assert body["changes"] == {"added": 1, "gone": 1, "changed": 0, "elsewhere": 0}
    stage.match()
    assert [(row[0], row[1], row[2], row[3]) for row in stage.matches()] == [("program.exe", "NSRL", "3", "sha256")]
    plain = replace(source, deltas=())
    again = stage.do(add_set, plain, Listening(), unsafe=False)
    assert (again.gained["sha256"], again.lost["sha256"], again.changes) == (1, 1, None)


@pytest.mark.parametrize(
    ("form", "name", "why"),
    [("csv", "march.sql", "a delta is of an NSRL database"), ("nsrl", "none.sql", "No such file")],
)
def test_a_delta_that_is_none_adds_nothing(stage, tmp_path, form, name, why):
    database = published(tmp_path / "rds.db", b"a program")
    (tmp_path / "march.sql").write_text("")
    source = Source(path=database, form=form, name="NSRL", scheme="none", role=Role.HARMLESS, radius_bits=RADIUS_BITS,
                    quality_min=QUALITY_MIN, deltas=(tmp_path / name,))  # fmt: skip
    with pytest.raises(WrongUse, match=why):
        stage.do(add_set, source, Listening(), unsafe=False)
    assert stage.do(known_sets) == ()


def test_a_set_of_one_hash_finds_the_copies(stage):
    stage.add("one", hash_of(scene(0)) + "\n", form="pdq", scheme="none")
    stage.match()
    found = {row[0]: (row[4], row[8]) for row in stage.matches()}
    assert {"scene0.jpg", *COPIES} - {"crop.jpg"} <= found.keys()  # of a crop a list has too little to go by
    assert found.keys() <= {"scene0.jpg", *COPIES}
    assert found["scene0.jpg"][0] == 0
    assert "flip_y" in found["mirror.jpg"][1]
    assert "border removed" in found["border.jpg"][1] or "off" in found["border.jpg"][1]
    assert all(bits <= RADIUS_BITS for bits, _ in found.values())


def test_what_looks_like_a_content_that_is_known_by_digest_is_near_it_by_its_parts_too(stage):
    stage.add("one", csv_of(f"r1,,{stage.sha1('scene0.jpg')},,,2,coast,no"))
    stage.match()
    rows = stage.rows("SELECT path, kind, through FROM matches JOIN (SELECT sha256, path FROM items) USING (sha256)")
    assert {path for path, _, _ in rows} == {"scene0.jpg", *COPIES}
    known = sha256((stage.seized / "scene0.jpg").read_bytes()).hexdigest()
    assert {through for _, kind, through in rows if kind == "pdq"} == {known}


def test_the_sets_radius_and_the_flat_picture(stage):
    exact = stage.add("narrow", hash_of(scene(0)) + "\n", form="pdq", scheme="none", radius=0)
    assert exact.known.radius_bits == 0
    stage.match()
    assert {row[4] for row in stage.matches()} == {0}
    assert "flat.jpg" not in {row[0] for row in stage.matches()}


def test_a_category_without_a_verdict_sinks_nothing(stage):
    rows = [
        f"r{place},,{stage.sha1(f'scene{place}.jpg')},,,{category},,"
        for place, category in enumerate(["0", "5", "", "1"])
    ]
    stage.add("set", csv_of(*rows))
    stage.do(conclude, Listening(), unsafe=False)
    tiers = dict(stage.rows("SELECT path, tier FROM queue JOIN (SELECT sha256, path FROM items) USING (sha256)"))
    assert [tiers[f"scene{place}.jpg"] == 8 for place in range(4)] == [False, False, False, True]


def test_an_md5_alone_is_set_aside_where_the_sha1_differs(stage):
    data = (stage.seized / "scene3.jpg").read_bytes()
    stage.add("set", csv_of(f"r1,{md5(data).hexdigest()},{stage.sha1('scene4.jpg')},,,1,,"))
    stage.do(conclude, Listening(), unsafe=False)
    rows = {row[0]: (row[3], row[7]) for row in stage.matches()}
    assert rows == {"scene3.jpg": ("md5", "MD5 agrees, SHA-1 differs"), "scene4.jpg": ("sha1", "")}
    tiers = dict(stage.rows("SELECT path, tier FROM queue JOIN (SELECT sha256, path FROM items) USING (sha256)"))
    assert (tiers["scene3.jpg"] == 8, tiers["scene4.jpg"]) == (False, 8)


def test_a_near_match_that_is_as_near_to_a_look_alike_is_set_aside(stage):
    near = hash_of(scene(0))
    stage.add("list", near + "\n", form="pdq", scheme="none")
    stage.add("look-alikes", near + "\n", form="pdq", scheme="none", role=Role.LOOKALIKE)
    stage.match()
    asides = {(row[1], row[7]) for row in stage.matches() if row[0] == "scene0.jpg"}
    assert asides == {("look-alikes", ""), ("list", "as near (0 bits) to a known look-alike of the set look-alikes")}


def test_near_an_open_series_leads_and_harmless_leaves_but_is_counted(stage):
    stage.add("open", csv_of(f"r1,,{stage.sha1('scene0.jpg')},,,1,coast,no"))
    rows = "\n".join(stage.sha1(name) for name in ("scene5.jpg", "program.exe"))
    held = stage.add("stock", rows + "\n", form="digests", scheme="none", role=Role.HARMLESS)
    assert "1 of 19 pictures" in held.held_back
    assert [known.name for known in stage.do(known_sets)] == ["open"]
    stage.do(release_set, "stock", "looked at")
    stage.do(conclude, Listening(), unsafe=False)
    tiers = dict(stage.rows("SELECT path, tier FROM queue JOIN (SELECT sha256, path FROM items) USING (sha256)"))
    assert {name: tiers[name] for name in ("scene0.jpg", "crop.jpg", "mirror.jpg", "scene5.jpg")} == {
        "scene0.jpg": 8, "crop.jpg": 2, "mirror.jpg": 2, "scene5.jpg": 9,
    }  # fmt: skip
    reasons = dict(stage.rows("SELECT path, reason FROM queue JOIN (SELECT sha256, path FROM items) USING (sha256)"))
    assert reasons["scene5.jpg"] == "harmless: stock, record 1"
    assert reasons["crop.jpg"].startswith("near open, record r1, series coast, ")


def test_a_set_that_is_replaced_in_the_middle_of_a_run_gives_no_mixed_answer(stage, monkeypatch):
    first = csv_of(*(f"old{n},,{stage.sha1(f'scene{n}.jpg')},,,1,," for n in range(6)))
    second = csv_of(*(f"new{n},,{stage.sha1(f'scene{n}.jpg')},,,2,," for n in range(6)))
    stage.add("set", first)
    opened = match_steps.exact_matches
    monkeypatch.setattr(match_steps, "_BATCH", 3)
    swapped = []

    def swapping(store, contents):
        if not swapped:
            swapped.append(True)
            path = stage.scratch / "second.set"
            path.write_text(second)
            source = Source(path=path, form="csv", name="set", scheme="local:lab", role=Role.KNOWN,
                            radius_bits=RADIUS_BITS, quality_min=QUALITY_MIN)  # fmt: skip
            add_set(swapping.workspace, source, Listening(), unsafe=False)
        return opened(store, contents)

    with monkeypatch.context() as patch, Workspace.open(stage.folder) as workspace:
        patch.setattr(match_steps, "exact_matches", swapping)
        swapping.workspace = workspace
        match(workspace, Listening(), unsafe=False)
    exact = [row for row in stage.matches() if row[3] == "sha1"]
    assert {row[2][:3] for row in exact} == {"old"}
    assert {row[5] for row in exact} == {"1"}
    assert stage.match().is_new
    assert {row[2][:3] for row in stage.matches() if row[3] == "sha1"} == {"new"}


def test_nothing_is_matched_again_until_something_changes(stage):
    stage.add("set", csv_of(f"r1,,{stage.sha1('scene0.jpg')},,,1,,"))
    assert [stage.match().is_new for _ in range(2)] == [True, False]
    stage.do(withdraw_set, "set", "its source called it back")
    assert (stage.match().is_new, stage.matches()) == (True, [])
    assert not stage.match().is_new


def test_without_any_set_nothing_is_written(stage):
    before = len([*stage.folder.glob("findings/@operation/*")])
    assert stage.match() == match_steps.Matched(sets=0, contents=0, matches=0, is_new=False)
    assert len([*stage.folder.glob("findings/@operation/*")]) == before


def test_an_import_that_is_killed_leaves_no_half_built_set(stage, monkeypatch):
    text = csv_of(f"r1,,{stage.sha1('scene0.jpg')},,,1,,")
    stage.add("set", text)
    (kept,) = stage.do(known_sets)

    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(known_steps, "_put_in_use", killed)
        patch.setattr(known_steps.shutil, "rmtree", lambda *_, **__: None)  # as after a kill
        with pytest.raises(KeyboardInterrupt):
            stage.add("set", text.replace("r1", "r2"))
    assert stage.do(known_sets) == (kept,)
    with Workspace.open(stage.folder, read_only=True) as workspace:
        checks = list(check_known_sets(workspace, workspace.verify_custody()))
    assert [check.problems for check in checks] == [(), ()]
    assert any("interrupted" in note for check in checks for note in check.notes)
    stage.add("set", text.replace("r1", "r3"))
    assert not list((stage.folder / "known").glob(".tmp-*"))


def test_one_flipped_byte_of_a_set_does_not_verify(stage):
    stage.add("set", csv_of(f"r1,,{stage.sha1('scene0.jpg')},,,1,,") + hash_of(scene(0)))
    (known,) = stage.do(known_sets)
    for path in sorted((stage.folder / "known" / known.folder).rglob("*")):
        if path.is_file() and path.stat().st_size and path.name != "manifest.json":
            data = path.read_bytes()
            path.chmod(0o644)
            path.write_bytes(bytes([data[0] ^ 1]) + data[1:])
            with Workspace.open(stage.folder, read_only=True) as workspace:
                problems = [
                    p for check in check_known_sets(workspace, workspace.verify_custody()) for p in check.problems
                ]
            assert any(path.name in problem for problem in problems), path.name
            with pytest.raises(DoesNotVerify, match="not as it was sealed"):
                stage.match()
            path.write_bytes(data)
    (stage.folder / "known" / "planted").mkdir()
    with Workspace.open(stage.folder, read_only=True) as workspace:
        checks = list(check_known_sets(workspace, workspace.verify_custody()))
    assert checks[-1].problems == ("surplus: custody knows of no such set",)


def test_an_update_that_is_held_back_leaves_the_older_version_in_use(stage):
    first = stage.add("stock", f"{'ab' * 20}\n", form="digests", scheme="none", role=Role.HARMLESS)
    poisoned = f"{stage.sha1('scene5.jpg')}\n"
    held = stage.add("stock", poisoned, form="digests", scheme="none", role=Role.HARMLESS)
    assert held.held_back
    assert stage.do(known_sets) == (first.known,)
    stage.do(release_set, "stock", "looked at")
    assert stage.do(known_sets) == (held.known,)


def test_what_was_withdrawn_and_is_added_again_is_in_use(stage):
    text = csv_of(f"r1,,{stage.sha1('scene0.jpg')},,,1,,")
    first = stage.add("set", text)
    stage.do(withdraw_set, "set", "called back")
    assert stage.add("set", text).is_new
    assert stage.do(known_sets) == (first.known,)
    assert stage.match().matches > 0


def test_a_harmless_set_that_was_there_before_the_exhibit_is_held_back_too(stage, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(known_steps, "reason_to_hold_back", lambda *_: "")  # as before anything was read
        stage.add("stock", f"{stage.sha1('scene5.jpg')}\n", form="digests", scheme="none", role=Role.HARMLESS)
    stage.do(conclude, Listening(), unsafe=False)
    tiers = "SELECT count(*) FROM queue WHERE tier = 9"
    assert stage.rows("SELECT set_aside FROM matches") == [
        ("held back: it would take 1 of 19 pictures out of the queue, more than 1%",)
    ]
    assert stage.rows(tiers) == [(0,)]
    stage.do(release_set, "stock", "looked at")
    stage.do(conclude, Listening(), unsafe=False)
    assert stage.rows(tiers) == [(1,)]


def test_what_cannot_be_a_set_is_refused_with_what_to_do(stage):
    with pytest.raises(WrongUse, match="no category scheme is called vics"):
        stage.add("set", csv_of("r1,,,,,,,"), scheme="vics")
    with pytest.raises(WrongUse, match="never guessed"):
        stage.add("set", csv_of("r1,,,,,,,"), scheme="none")
    with pytest.raises(WrongUse, match="no record of it can match"):
        stage.add("set", csv_of("r1,,,,,,,"))
    with pytest.raises(WrongUse, match="no known set called set"):
        stage.do(withdraw_set, "set", "why")
    with pytest.raises(WrongUse, match="a reason is needed"):
        stage.do(release_set, "set", " ")
    assert not [*stage.do(all_sets)]


def test_the_same_file_again_is_no_new_version(stage):
    text = csv_of(f"r1,,{stage.sha1('scene0.jpg')},,,1,,")
    stage.add("set", text)
    again = stage.add("set", text)
    assert (again.is_new, len([*stage.do(all_sets)])) == (False, 1)
    newer = stage.add("set", text + "r2,,,,,,,\n")
    assert newer.before == again.known
    assert [state for _, state in stage.do(all_sets)] == ["replaced", "in use"]


# -- groups


def test_copies_stand_in_one_group_and_no_other_picture_does(stage):
    stage.do(conclude, Listening(), unsafe=False)
    groups = {}
    for path, id_ in stage.rows(
        """SELECT path, "group" FROM groups JOIN (SELECT sha256, path FROM items) USING (sha256)
           WHERE kind = 'visual'"""
    ):
        groups.setdefault(id_, set()).add(path)
    assert {"scene0.jpg", *COPIES} in groups.values()
    assert {"scene1.jpg", "scene1 copy.jpg"} in groups.values()
    assert len(groups) == 12
    assert stage.rows("""SELECT count(*) FROM groups WHERE kind = 'exact'""") == [(1,)]
    loose = stage.rows("""SELECT count(*), count(DISTINCT "group") FROM groups WHERE kind = 'loose'""")
    assert loose == [(7, 1)]
    assert stage.rows(
        "SELECT count(*) FROM groups JOIN (SELECT sha256, path FROM items) USING (sha256) WHERE path = 'flat.jpg'"
    ) == [(0,)]


def test_a_new_exhibit_joins_the_groups_that_are_there(stage, tmp_path):
    stage.do(conclude, Listening(), unsafe=False)
    query = """SELECT sha256, "group", is_medoid FROM groups WHERE kind = 'visual'"""
    before = set(stage.rows(query))
    folders = {*stage.folder.glob("findings/@operation/*")}
    more = write(tmp_path / "laptop", {
        "small.jpg": jpeg(scene(0).resize((160, 120))), "new.jpg": jpeg(scene(50)),
        "new again.jpg": jpeg(scene(50), 50), "scene2.jpg": (stage.seized / "scene2.jpg").read_bytes(),
    })  # fmt: skip
    operation = Operation.__new__(Operation)
    operation.folder = stage.folder
    operation.run(more, exhibit="T-2")
    grouped = stage.do(conclude, Listening(), unsafe=False).grouped
    assert grouped.is_new
    after = stage.rows(query)
    assert before <= set(after)
    group_of = {sha: id_ for sha, id_, _ in after}
    digest = {
        path.name: sha256(path.read_bytes()).hexdigest() for path in (*more.iterdir(), stage.seized / "scene0.jpg")
    }
    assert group_of[digest["small.jpg"]] == group_of[digest["scene0.jpg"]]
    assert group_of[digest["new.jpg"]] == group_of[digest["new again.jpg"]]
    assert stage.rows("SELECT count(*) FROM groups WHERE kind = 'exact'") == [(2,)]
    new = [each for each in stage.folder.glob("findings/@operation/*") if each not in folders]
    rows = sum(json.loads(line)["body"]["files"][0]["rows"] for each in new
               for line in (each / "commits.jsonl").read_text().splitlines()
               if '"groups' in line and '"commit"' in line)  # fmt: skip
    assert rows == 7  # three pictures, an exact stack, three members of loose clusters: the rest is not written again


def test_a_newer_version_says_what_it_gained_and_lost(stage):
    first = stage.add("lab", csv_of(f"a,{'1a' * 16},,,,1,,", f"b,{'2b' * 16},,,,1,,", f"c,{'2b' * 16},,,,1,,"))
    assert (first.gained, first.lost) == ({}, {})
    newer = stage.add(
        "lab", csv_of(f"b,{'2b' * 16},,,,1,,", f"d,{'3c' * 16},{'4d' * 20},,,1,,", f"e,{'5e' * 16},,,,1,,")
    )
    assert newer.gained == {"md5": 2, "sha1": 1, "sha256": 0}
    assert newer.lost == {"md5": 1, "sha1": 0, "sha256": 0}
    with Workspace.open(stage.folder) as workspace:
        body = [*workspace.recorded("known_set_added")][-1]
    assert (body["gained"], body["lost"]) == (newer.gained, newer.lost)
    damaged = stage.folder / "known" / newer.known.folder / "md5.heads"
    damaged.chmod(0o600)
    damaged.write_bytes(bytes(damaged.stat().st_size))
    last = stage.add("lab", csv_of(f"f,{'6f' * 16},,,,1,,"))
    assert (last.gained, last.lost) == ({}, {})
    assert "not as it was sealed" in last.not_compared
