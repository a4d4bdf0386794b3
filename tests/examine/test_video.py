"""Videos made by code: times, damage, limits, and what is said where PyAV is absent."""

import json

import numpy as np
import pytest

from headwater.bench.made_videos import encoded, pan
from headwater.evidence.content import BytesSource
from headwater.examine import registry, video, video_decode
from headwater.examine.decode import Decoding
from headwater.examine.video import VideoFrames
from headwater.examine.view import View

RNG = np.random.default_rng(4)
Y, X = np.mgrid[0:300, 0:400]
WAVES = sum(np.sin(X * a + Y * b) for a, b in RNG.uniform(-0.15, 0.15, (9, 2)))
PICTURE = np.repeat(np.asarray(128 + 13 * WAVES, np.uint8)[:, :, None], 3, axis=2)


def seen(data, **options):
    view = View(sha256="", size_bytes=len(data), name=b"", source=BytesSource(data=data), **options)
    return list(VideoFrames().examine(view))


def told(data, **options):
    return {each.claim: each.value or each.reason for each in seen(data, **options)}


def frames_of(data):
    segments = (json.loads(each.value) for each in seen(data) if each.claim == "video.segment")
    return [frame for segment in segments for frame in segment["frames"]]


def film(frames=30, per_second=10, container="mp4", codec="mpeg4"):
    return encoded(pan(PICTURE, 160, 120, frames), container=container, codec=codec, per_second=per_second)


@pytest.mark.parametrize("per_second", [4, 7, 10, 30])
def test_the_first_frame_of_each_quarter_is_hashed_with_its_time_in_full(per_second):
    frames = frames_of(film(3 * per_second, per_second))
    wanted = [-(-quarter * per_second // 4) for quarter in range(12)]
    assert [number for number, *_ in frames] == list(dict.fromkeys(wanted))
    assert [seconds for *_, seconds in frames] == [
        pytest.approx(number / per_second, abs=2e-4) for number, *_ in frames
    ]


def test_a_run_of_like_frames_is_one_segment():
    still = encoded([PICTURE[:120, :160]] * 30, container="avi", codec="mjpeg", per_second=10)
    (segment,) = (json.loads(each.value) for each in seen(still) if each.claim == "video.segment")
    assert (segment["start"], segment["end"], len(segment["frames"])) == (0.0, 2.8, 12)
    assert len(segment["key"]["hashes"]) == 8


def test_a_flat_video_is_kept_and_says_its_quality():
    flat = encoded([np.full((120, 160, 3), 90, np.uint8)] * 20, container="mp4", codec="mpeg4", per_second=10)
    assert {quality for _, quality, *_ in frames_of(flat)} == {0}


def test_what_is_damaged_in_the_middle_is_said_and_the_rest_is_hashed():
    data = bytearray(film(60, container="matroska"))
    data[len(data) // 2 : len(data) // 2 + 3000] = bytes(3000)
    found = told(bytes(data))
    assert found["video.decodes"] == "partial" or int(found["video.frames"]) < 60
    assert 0 < int(found["video.hashes"]) <= 24


def test_a_video_of_too_many_pixels_is_refused():
    found = told(film(), decoding=Decoding(max_pixels=1000))
    assert found == {"video.decodes": "limit: 160 x 120 pixels are more than 1000 are allowed"}


def test_more_frames_than_are_hashed_are_said(monkeypatch):
    monkeypatch.setattr(video_decode, "FRAMES_MAX", 5)
    found = told(film())
    assert (found["video.hashes"], found["video.decodes"]) == ("5", "partial")
    assert "was not decoded" in found["video.decode_note"]


@pytest.mark.parametrize("data", [b"", b"\0\0\0\x18ftypisom\0\0\0\0isommp41" + bytes(900), film()[:700]])
def test_what_holds_no_video_has_a_reason(data):
    found = told(data, media_type="video/mp4")
    assert found.keys() == {"video.decodes"}
    assert found["video.decodes"].startswith("malformed: no video can be read from it")


def test_a_video_is_never_read_as_another_container():
    assert told(film(container="matroska", codec="libx264"), media_type="video/x-msvideo")["video.decodes"].startswith(
        "malformed"
    )


def test_without_pyav_it_is_said_and_nothing_is_guessed(monkeypatch):
    monkeypatch.setattr(video_decode, "av", None)
    (one,) = seen(film())
    assert (one.claim, one.state, one.value) == ("video.decodes", "not_run", "")
    assert "headwater[video]" in one.reason
    assert video.VideoFrames().examples()[0].expected == ()


def test_another_version_of_the_library_is_another_method(monkeypatch):
    with_it = registry.methods(("video",), "")["video"]
    registry._library_digest.cache_clear()

    def absent(name):
        raise registry.PackageNotFoundError(name)

    monkeypatch.setattr(registry, "version", absent)
    without = registry.methods(("video",), "")["video"]
    registry._library_digest.cache_clear()
    assert with_it.model_digest != without.model_digest
    assert registry.examiner_set_digest({"video": with_it}) != registry.examiner_set_digest({"video": without})
