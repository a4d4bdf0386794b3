"""Videos on a real exhibit: made by code, decoded by real workers in their jails, matched and grouped."""

import json
import math
import shutil
from contextlib import closing

import numpy as np
import pytest
from PIL import Image

from headwater.bench.made_videos import encoded, pan
from headwater.evidence.content import BytesSource
from headwater.examine.video import VideoFrames
from headwater.examine.view import View
from headwater.findings.views import connect
from headwater.model.known import QUALITY_MIN, RADIUS_BITS, Role, VideoRule
from headwater.seal.keys import config_folder
from headwater.steps.conclude import conclude
from headwater.steps.known import add_set
from headwater.steps.known_build import Source
from headwater.steps.match import match
from headwater.steps.workspace import Workspace

from .conftest import Listening, Operation
from .test_known_sets import csv_of, jpeg, scene

WIDTH, HEIGHT, PER_SECOND, SECONDS = 320, 240, 5, 10


def slow(number, seconds=SECONDS):
    """A camera that goes over a coast."""
    picture = np.asarray(scene(number, 900, 700))
    return list(pan(picture, WIDTH, HEIGHT, seconds * PER_SECOND))


def film(frames, container="mp4", codec="mpeg4", quality=4):
    return encoded(frames, container=container, codec=codec, per_second=PER_SECOND, quality=quality)


def half(frames):
    return [np.asarray(Image.fromarray(each).resize((WIDTH // 2, HEIGHT // 2))) for each in frames]


def still(frame):
    return jpeg(Image.fromarray(frame), 85)


@pytest.fixture(scope="module")
def seized(tmp_path_factory):
    """A film, copies of it, a cut of it, a longer one that holds it, two others, stills of it, and pictures."""
    folder = tmp_path_factory.mktemp("videos") / "phone"
    folder.mkdir()
    first, other = slow(0), slow(1)
    files = {
        "first.mp4": film(first),
        "again.webm": film(first, "webm", "libvpx-vp9", 30),
        "half.avi": film(half(first), "avi", "mjpeg", 12),
        "cut.mp4": film(first[3 * PER_SECOND : 7 * PER_SECOND]),
        "joined.mkv": film([*first, *other], "matroska", "libx264", 26),
        "other.mp4": film(slow(2)),
        "third second.jpg": still(first[3 * PER_SECOND]),
        "third second mirrored.jpg": still(np.ascontiguousarray(first[3 * PER_SECOND][:, ::-1])),
        "picture.jpg": jpeg(scene(7)),
        "broken off.mp4": film(slow(3), "matroska")[:20_000],
        "no film.mp4": b"\0\0\0\x18ftypisom\0\0\0\0isommp41" + bytes(4000),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture(scope="module")
def operation(seized, tmp_path_factory):
    operation = Operation(tmp_path_factory.mktemp("videos") / "operation")
    operation.run(seized)
    return operation.folder


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """Makes a copy of an operation, with a witness of its own."""

    def copy(folder):
        shutil.copytree(config_folder(), tmp_path / "config")
        monkeypatch.setenv("HEADWATER_CONFIG_DIR", str(tmp_path / "config"))
        return shutil.copytree(folder, tmp_path / "operation", symlinks=True)

    return copy


def rows(folder, query):
    with closing(connect(folder)) as connection:
        return connection.execute(query).fetchall()


def by_path(folder, query):
    return rows(
        folder, f"SELECT i.path, t.* EXCLUDE (sha256) FROM ({query}) t JOIN items i USING (sha256) ORDER BY ALL"
    )


def digest_of(folder, name):
    return dict(by_path(folder, "SELECT sha256, sha256 AS digest FROM media"))[name]


def add(folder, path, name, form, rule=VideoRule.KNOWN, scheme="none", role=Role.KNOWN):
    source = Source(path=path, form=form, name=name, scheme=scheme, role=role, radius_bits=RADIUS_BITS,
                    quality_min=QUALITY_MIN, video_rule=rule)  # fmt: skip
    with Workspace.open(folder) as workspace:
        add_set(workspace, source, Listening(), unsafe=False)
        return match(workspace, Listening(), unsafe=False)


def vpdq_of(data):
    """As a list of others has it: a frame a second of a film."""
    view = View(sha256="", size_bytes=len(data), name=b"", source=BytesSource(data=data))
    segments = [json.loads(each.value) for each in VideoFrames().examine(view) if each.claim == "video.segment"]
    frames = [frame for segment in segments for frame in segment["frames"]]
    return "".join(
        f"{number},{quality},{text},{seconds:.3f}\n" for number, quality, text, seconds in frames if seconds % 1 == 0
    )


def test_a_frame_a_second_is_hashed_in_the_jail_with_its_exact_time(operation):
    found = by_path(
        operation,
        "SELECT sha256, claim, value FROM findings WHERE starts_with(claim, 'video.')",
    )
    told = {(path, claim): value for path, claim, value in found}
    assert told["first.mp4", "video.frames"] == str(SECONDS * PER_SECOND)
    assert told["first.mp4", "video.hashes"] == str(4 * SECONDS)
    assert told["joined.mkv", "video.hashes"] == str(8 * SECONDS)
    assert [told[name, "video.codec"] for name in ("first.mp4", "again.webm", "half.avi", "joined.mkv")] == [
        "mpeg4", "vp9", "mjpeg", "h264",
    ]  # fmt: skip
    segments = by_path(operation, "SELECT sha256, value FROM findings WHERE claim = 'video.segment'")
    times = sorted(frame[3] for path, value in segments if path == "first.mp4" for frame in json.loads(value)["frames"])
    wanted = [math.ceil(quarter * PER_SECOND / 4) / PER_SECOND for quarter in range(4 * SECONDS)]
    assert times == wanted
    for _, value in segments:
        segment = json.loads(value)
        assert segment["frames"][0][0] == segment["key"]["frame"]
        assert segment["frames"][0][2] == segment["key"]["hashes"][0]


def test_what_is_damaged_is_said(operation):
    found = by_path(operation, "SELECT sha256, state, value, reason FROM findings WHERE claim = 'video.decodes'")
    told = {path: (state, value or reason) for path, state, value, reason in found}
    assert told["first.mp4"] == ("found", "whole")
    assert told["broken off.mp4"][0] == "found"
    assert told["no film.mp4"][0] == "failed"
    assert "no video can be read" in told["no film.mp4"][1]
    notes = dict(by_path(operation, "SELECT sha256, kind FROM failures WHERE examiner = 'video'"))
    assert notes == {"no film.mp4": "malformed"}


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        (VideoRule.KNOWN, {"first.mp4", "again.webm", "half.avi", "joined.mkv"}),
        (VideoRule.SEIZED, {"first.mp4", "again.webm", "half.avi", "cut.mp4"}),
    ],
)
def test_both_public_rules(operation, tmp_path, copied, rule, found, seized):
    (tmp_path / "list.txt").write_text(vpdq_of((seized / "first.mp4").read_bytes()))
    folder = copied(operation)
    add(folder, tmp_path / "list.txt", "films", "vpdq", rule)
    matched = by_path(folder, "SELECT sha256, kind, variant, rule, distance_bits FROM matches WHERE kind = 'vpdq'")
    assert {row[0] for row in matched} == found
    told = {row[0]: row for row in matched}
    assert told["first.mp4"][4] == 0
    assert told["first.mp4"][2] == "10 of 10 frames of the known video (100.0%), 10 of 10 of this one (100.0%)"
    assert ("README" in told["first.mp4"][3]) == (rule is VideoRule.KNOWN)
    if rule is VideoRule.KNOWN:
        assert told["joined.mkv"][2].startswith("10 of 10 frames of the known video")
        assert " of 20 of this one" in told["joined.mkv"][2]


def test_a_still_is_found_as_a_frame_of_a_known_video(operation, tmp_path, copied, seized):
    (tmp_path / "list.txt").write_text(vpdq_of((seized / "first.mp4").read_bytes()))
    folder = copied(operation)
    add(folder, tmp_path / "list.txt", "films", "vpdq")
    stills = by_path(folder, "SELECT sha256, variant FROM matches WHERE kind = 'pdq'")
    told = dict(stills)
    assert told["third second.jpg"] == "original, the other's frame at 3.000 s"
    assert told["third second mirrored.jpg"].endswith("the other's frame at 3.000 s")
    assert told["third second mirrored.jpg"] != told["third second.jpg"]
    assert "picture.jpg" not in told
    assert told["cut.mp4"].startswith("frame at ")  # what the rule for videos leaves out still shows a known frame


def test_a_known_picture_is_found_as_a_frame(operation, tmp_path, copied):
    sha256 = digest_of(operation, "third second.jpg")
    (tmp_path / "set.csv").write_text(csv_of(f"a,,,{sha256},,1,,"))
    folder = copied(operation)
    add(folder, tmp_path / "set.csv", "pictures", "csv", scheme="local:lab")
    told = {path: (kind, variant, through) for path, kind, variant, through in by_path(
        folder, "SELECT sha256, kind, variant, through FROM matches")}  # fmt: skip
    assert told["third second.jpg"] == ("sha256", "", "")
    assert told["first.mp4"] == ("pdq", "frame at 3.000 s, original", sha256)
    assert told["joined.mkv"][0] == "pdq"
    assert "other.mp4" not in told
    open_to_eyes = by_path(folder, "SELECT sha256, verdict, distance_bits FROM matches WHERE kind = 'pdq'")
    assert all(bits is not None for _, _, bits in open_to_eyes)  # one frame never makes a video known


def test_what_holds_a_video_that_is_known_by_digest_is_named_through_it(operation, tmp_path, copied):
    sha256 = digest_of(operation, "first.mp4")
    (tmp_path / "set.csv").write_text(csv_of(f"a,,,{sha256},,1,,"))
    folder = copied(operation)
    add(folder, tmp_path / "set.csv", "films", "csv", scheme="local:lab")
    told = by_path(folder, "SELECT sha256, kind, through FROM matches WHERE kind = 'vpdq'")
    assert {path for path, _, _ in told} == {"again.webm", "half.avi", "joined.mkv"}
    assert {through for _, _, through in told} == {sha256}
    stills = by_path(folder, "SELECT sha256, variant FROM matches WHERE kind = 'pdq'")
    assert dict(stills)["third second.jpg"].endswith("the other's frame at 3.000 s")


def test_a_video_joins_one_that_shows_all_of_it_and_stills_stand_beside(operation, copied):
    folder = copied(operation)
    with Workspace.open(folder) as workspace:
        conclude(workspace, Listening(), unsafe=False)
    groups = {}
    for path, id_, is_medoid in by_path(
        folder, "SELECT sha256, \"group\", is_medoid FROM groups WHERE kind = 'visual'"
    ):
        groups.setdefault(id_, {})[path] = is_medoid
    assert {
        "joined.mkv": True,
        "first.mp4": False,
        "again.webm": False,
        "half.avi": False,
        "cut.mp4": False,
    } in groups.values()
    assert {"other.mp4": True} in groups.values()
    shown = by_path(folder, "SELECT sha256, variant, is_medoid FROM groups WHERE kind = 'frame'")
    still_at = [variant for path, variant, is_medoid in shown if path == "third second.jpg" and not is_medoid]
    assert "original, the other's frame at 3.000 s" in still_at, still_at
    assert {path for path, _, is_medoid in shown if is_medoid} == {
        "first.mp4",
        "again.webm",
        "half.avi",
        "cut.mp4",
        "joined.mkv",
    }
    assert not {path for path, *_ in shown} & {"picture.jpg", "other.mp4"}
    loose = by_path(folder, "SELECT sha256, \"group\" FROM groups WHERE kind = 'loose'")
    hanging = {id_ for path, id_ in loose if path == "third second.jpg"}
    assert {path for path, id_ in loose if id_ in hanging} >= {"first.mp4", "joined.mkv", "third second.jpg"}
    again = by_path(folder, 'SELECT sha256, "group", is_medoid FROM groups')
    with Workspace.open(folder) as workspace:
        assert not conclude(workspace, Listening(), unsafe=False).grouped.is_new
    assert again == by_path(folder, 'SELECT sha256, "group", is_medoid FROM groups')


def test_a_later_exhibit_joins_without_a_rebuild(operation, copied, tmp_path):
    folder = copied(operation)
    with Workspace.open(folder) as workspace:
        conclude(workspace, Listening(), unsafe=False)
    before = set(by_path(folder, 'SELECT sha256, kind, "group", is_medoid FROM groups'))
    more = tmp_path / "laptop"
    more.mkdir()
    (more / "small.webm").write_bytes(film(half(slow(2)), "webm", "libvpx-vp9", 30))
    (more / "fifth second.jpg").write_bytes(still(slow(0)[5 * PER_SECOND]))
    later = Operation.__new__(Operation)
    later.folder = folder
    later.run(more, exhibit="T-2")
    with Workspace.open(folder) as workspace:
        conclude(workspace, Listening(), unsafe=False)
    after = by_path(folder, 'SELECT sha256, kind, "group", is_medoid FROM groups')
    assert before <= set(after)
    group_of = {path: id_ for path, kind, id_, _ in after if kind == "visual"}
    assert group_of["small.webm"] == group_of["other.mp4"]
    beside = {id_ for path, kind, id_, _ in after if kind == "frame" and path == "fifth second.jpg"}
    assert beside == {id_ for path, kind, id_, _ in after if kind == "frame" and path == "third second.jpg"}
