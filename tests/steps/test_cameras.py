"""Enrolling a seized camera from an exhibit's own pictures, and comparing pictures with it; in jailed workers."""

import json
import zipfile
from datetime import UTC, datetime

import numpy as np
import pytest

from headwater.demo import pictures
from headwater.demo.body import Body, Model
from headwater.demo.camera_exif import Shot, exif_of
from headwater.examine.mark import Position
from headwater.formats.sensor_pattern import read_pattern
from headwater.model.errors import WrongUse
from headwater.model.material import CAMERA
from headwater.steps import cameras
from headwater.steps import run as steps
from headwater.steps.enrol_job import EnrolJob
from headwater.steps.materials import add_material
from headwater.steps.rederive import rederive, with_asked_for
from headwater.steps.references import Body as Named
from headwater.steps.references import Candidates
from headwater.steps.runner import Loss
from headwater.steps.workspace import Workspace

MODEL = Model(
    make="ACME", model="ACME P5", software="1", width=640, height=512, table_scale=0.1, f_number=(18, 10),
    focal_length=(430, 100), phone=True,
)  # fmt: skip
BODIES = {
    serial: Body(key=(number, 1), model=MODEL, serial=serial, strength=0.008, noise=2.0)
    for number, serial in enumerate(("P1", "P2"), 1)
}


def taken(serial, number, level=130):
    """A JPEG of an evenly lit wall with a soft slope, by that body."""
    body = BODIES[serial]
    rng = np.random.default_rng((body.key[0], number))
    x = np.mgrid[:512, :640][1]
    grey = (level + 20 * np.sin(x / 150 + number)) * (1 + body.pattern()) + rng.standard_normal((512, 640)) * 2
    pixels = np.repeat(np.clip(np.rint(grey), 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)
    shot = Shot(taken=datetime(2026, 5, 1, 12, number % 60, tzinfo=UTC), number=number)
    preview = pictures.encode_jpeg(pictures.resize(pixels, *MODEL.thumbnail), quality=70)
    return pictures.encode_jpeg(pixels, tables=MODEL.tables, exif=exif_of(body, shot, preview), jfif=False)


@pytest.fixture(scope="module")
def exhibit(tmp_path_factory):
    """P1: nine pictures and two in an archive, one too dark; P2: two; one without EXIF, one that is no picture."""
    folder = tmp_path_factory.mktemp("phone")
    for number in range(9):
        (folder / f"IMG_{number:02}.jpg").write_bytes(taken("P1", number))
    (folder / "IMG_90.jpg").write_bytes(taken("P1", 90, level=25))
    with zipfile.ZipFile(folder / "more.zip", "w") as box:
        for number in (20, 21):
            box.writestr(f"IMG_{number}.jpg", taken("P1", number))
    for number in (1, 2):
        (folder / f"received_{number}.jpg").write_bytes(taken("P2", number))
    bare = pictures.decode(taken("P1", 30))
    (folder / "stripped.png").write_bytes(pictures.encode_png(bare))
    (folder / "cut.jpg").write_bytes(taken("P1", 40)[:9000])
    (folder / "notes.txt").write_bytes(b"harbour at noon\n")
    return folder


def enrolled(workspace, listener, *, serial="P1", most=50, name="LH-07", where=""):
    found = cameras.find_references(workspace, "T-1", Named(serial=serial), where)
    cameras.one_worker(workspace)
    with steps.begin_work(workspace, listener, "camera enrol", unsafe=False) as pool:
        return cameras.enrol(workspace, pool, found, listener, name=name, exhibit="T-1", most=most)


def test_a_camera_is_enrolled_and_pictures_are_tied_to_it(operation, exhibit):
    made = operation(workers=1)
    made.run(exhibit)
    listener = made.listening()
    with Workspace.open(made.folder) as workspace:
        camera = enrolled(workspace, listener)
        assert (camera.references, camera.make, camera.serial, camera.threshold) == (11, "ACME", "P1", 60)
        assert cameras.enrolled(workspace) == (camera,)
        (told,) = workspace.recorded(cameras.CAMERA_ENROLLED)
    pattern = read_pattern((made.folder / "materials" / camera.sha256).read_bytes())
    assert list(pattern.header.references) == told["references"]
    assert pattern.header.likeness == camera.likeness < 0.1
    dark = made.rows("SELECT sha256 FROM items WHERE path LIKE '%IMG_90%'")[0][0]
    assert dark not in told["references"]
    with Workspace.open(made.folder) as workspace:
        cameras.to_match(workspace)
        with steps.begin_work(workspace, listener, "camera match", unsafe=False) as pool:
            steps.examine(workspace, pool, listener)
        (compared,) = cameras.comparisons(workspace)
    assert (compared.camera, compared.references, compared.failed, compared.below) == ("LH-07", 11, 1, 2)
    said = {
        path.rpartition("/")[2]: (state, json.loads(value).get("pce"))
        for path, state, value in made.rows(
            "SELECT i.path, f.state, f.value FROM findings f JOIN items i USING (sha256) WHERE claim = 'sensor.match'"
        )
    }
    assert said["stripped.png"][0] == "found"
    assert said["stripped.png"][1] > 200
    assert {said[f"received_{number}.jpg"][0] for number in (1, 2)} == {"nothing"}
    assert said["cut.jpg"][0] == "failed"
    assert said["IMG_00.jpg"] == said["IMG_20.jpg"] == ("not_run", None)
    assert "notes.txt" not in said
    assert made.problems() == []
    (item,) = (row[0] for row in made.rows("SELECT item FROM items WHERE path LIKE '%stripped%'"))
    with Workspace.open(made.folder, read_only=True) as workspace:
        with_asked_for(workspace, [item])
        with steps.open_pool(workspace, unsafe=False) as pool:
            outcome = rederive(workspace, pool, item)
    of_it = "SELECT count(*) FROM findings JOIN items USING (sha256) WHERE path LIKE '%stripped%'"
    assert outcome.differences == ()
    assert [(outcome.same,)] == made.rows(of_it)  # the comparison too, under the same id
    assert not any("sensor" in note for note in outcome.notes)


def test_mixed_bodies_are_refused_and_listed(operation, exhibit):
    made = operation(workers=1)
    made.run(exhibit)
    with Workspace.open(made.folder) as workspace:
        with pytest.raises(WrongUse, match="2 cameras") as caught:
            cameras.find_references(workspace, "T-1", Named(), "")
        assert any("serial P1" in each for each in caught.value.problems)
        with pytest.raises(WrongUse, match="2 pictures of ACME ACME P5, serial P2"):
            cameras.find_references(workspace, "T-1", Named(serial="P2"), "")
        with pytest.raises(WrongUse, match="no picture"):
            cameras.find_references(workspace, "T-1", Named(make="Other"), "")
        with pytest.raises(WrongUse, match="no exhibit"):
            cameras.find_references(workspace, "T-9", Named(), "")
        with pytest.raises(WrongUse, match="column"):
            cameras.find_references(workspace, "T-1", Named(), "colour = 'red'")
        with pytest.raises(WrongUse, match="no camera is enrolled"):
            cameras.to_match(workspace)
        one = cameras.find_references(workspace, "T-1", Named(serial="P1"), "path like '%IMG%'")
        assert len(one.references) == 12
        assert len({each.top for each in one.references}) == 11  # two lie in one archive


def test_too_few_bright_references_leave_nothing_behind(operation, tmp_path):
    folder = tmp_path / "dark"
    folder.mkdir()
    for number in range(11):
        (folder / f"IMG_{number:02}.jpg").write_bytes(taken("P1", number, level=25 if number > 6 else 130))
    made = operation(workers=1)
    made.run(folder)
    with Workspace.open(made.folder) as workspace:
        with pytest.raises(WrongUse, match="7 pictures are bright"):
            enrolled(workspace, made.listening())
        assert cameras.enrolled(workspace) == ()
    assert not (made.folder / "materials").exists()


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "two\nlines"])
def test_a_name_that_cannot_be_one_is_refused(name):
    with pytest.raises(WrongUse, match="camera's name"):
        cameras.check_name(name)


def test_patterns_that_no_worker_can_hold_are_refused_before_any_work(operation, monkeypatch):
    made = operation(workers=1)
    monkeypatch.setattr(cameras, "_PATTERNS_BYTES", 10)
    with Workspace.open(made.folder) as workspace:
        add_material(workspace, CAMERA, "LH-07", b"twelve bytes", {})
        with pytest.raises(WrongUse, match="patterns of 1 cameras"):
            cameras.to_match(workspace)


def test_what_a_worker_was_lost_at_is_left_out_and_the_work_begins_anew():
    job = EnrolJob(
        candidates=Candidates(body=Named(), width=640, height=512, references=(), left_out=0), places={}, threshold=60,
        most=50, listener=None,
    )  # fmt: skip
    for number in range(5):
        at = Position(stage="reference", locator="", item=f"item {number}")
        assert job.lost(Loss(kind="died", message="killed", position=at))
    assert job.left_out == {f"item {number}" for number in range(5)}
    assert not job.lost(Loss(kind="died", message="killed", position=None))
    assert "6 workers were lost" in job.fault
