"""Comparing pictures with enrolled cameras, as a worker does it."""

import json
from hashlib import sha256
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from headwater.evidence.content import BytesSource
from headwater.examine.materials import Loaded
from headwater.examine.sensor import Sensor
from headwater.examine.view import View
from headwater.formats.sensor_pattern import PatternHeader, SensorPattern, pack_pattern
from headwater.kernels import prnu
from headwater.model.errors import Malformed
from headwater.model.finding import State
from headwater.model.material import CAMERA, Material

SHAPE = (192, 256)


def sensor(seed):
    return np.random.default_rng(seed).standard_normal(SHAPE) * 0.01


def shot(pattern, seed):
    rng = np.random.default_rng(seed)
    x = np.mgrid[: pattern.shape[0], : pattern.shape[1]][1]
    scene = (130 + 30 * np.sin(x / 90 + seed)) * (1 + pattern) + rng.standard_normal(pattern.shape) * 2
    return np.clip(np.rint(scene), 0, 255).astype(np.uint8)


def png(pixels):
    out = BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def enrolled(name, seed, references=(), shape=SHAPE, threshold=60):
    estimate = prnu.Estimate(*SHAPE)
    for number in range(12):
        estimate.add(shot(sensor(seed), 1000 + number))
    plane = estimate.pattern()
    header = PatternHeader(
        method="prnu 1", make="", model="", serial="", picture_height=shape[0], picture_width=shape[1], top=0, left=0,
        height=SHAPE[0], width=SHAPE[1], deviation=float(plane.std()), references=tuple(references),
        threshold=threshold, likeness=0.0,
    )  # fmt: skip
    samples = (plane / plane.std()).astype("<f2").tobytes()
    data = pack_pattern(SensorPattern(header=header, samples=samples))
    material = Material(kind=CAMERA, name=name, sha256=sha256(data).hexdigest(), size_bytes=len(data))
    return Loaded(material=material, data=data)


def view_of(data, *cameras):
    digest = sha256(data).hexdigest()
    materials = {CAMERA: cameras} if cameras else {}
    return View(sha256=digest, size_bytes=len(data), name=b"", source=BytesSource(data=data), materials=materials)


def seen(data, *cameras):
    return [(each, json.loads(each.value)) for each in Sensor().examine(view_of(data, *cameras))]


def test_it_runs_only_where_cameras_are_enrolled():
    data = png(shot(sensor(1), 1))
    assert not Sensor().accepts(view_of(data))
    assert Sensor().accepts(view_of(data, enrolled("one", 1)))
    assert not Sensor().accepts(view_of(b"text", enrolled("one", 1)))


def test_its_own_camera_is_found_and_another_is_not():
    (one, own), (two, other) = seen(png(shot(sensor(1), 1)), enrolled("b", 2), enrolled("a", 1))
    assert (own["camera"], own["geometry"], own["turn_degrees"], own["peak"]) == ("a", "equal", 0, [0, 0])
    assert (one.state, one.reason) == (State.FOUND, "")
    assert own["pce"] > 200 > own["threshold"]
    assert (two.state, other["camera"]) == (State.NOTHING, "b")
    assert abs(other["pce"]) < 60
    assert "says nothing against the camera" in two.reason


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_turned_picture_is_found_with_the_turn_that_fits(quarters):
    turned = np.ascontiguousarray(np.rot90(shot(sensor(1), 2), quarters))
    ((one, value),) = seen(png(turned), enrolled("a", 1))
    assert (one.state, value["geometry"], value["turn_degrees"]) == (State.FOUND, "turned", 90 * quarters)


def test_a_picture_of_another_size_is_not_run_and_says_so():
    ((one, value),) = seen(png(shot(sensor(1), 3)[:-2]), enrolled("a", 1))
    assert (one.state, value["geometry"]) == (State.NOT_RUN, "other")
    assert "256 x 192" in one.reason
    assert "pce" not in value


def test_a_reference_gives_no_evidence_of_itself():
    data = png(shot(sensor(1), 4))
    ((one, value),) = seen(data, enrolled("a", 1, references=[sha256(data).hexdigest()]))
    assert (one.state, value["geometry"]) == (State.NOT_RUN, "equal")
    assert "one of the references" in one.reason


def test_pixels_that_cannot_be_had_are_failed_for_every_camera_of_that_size():
    data = png(shot(sensor(1), 5))
    found = seen(data[: len(data) // 2], enrolled("a", 1), enrolled("b", 2), enrolled("c", 3, shape=(400, 300)))
    states = {value["camera"]: one.state for one, value in found}
    assert states == {"a": State.FAILED, "b": State.FAILED, "c": State.NOT_RUN}
    assert all(one.reason.startswith("truncated") for one, _ in found if one.state is State.FAILED)


def test_the_threshold_is_that_of_the_pattern():
    data = png(shot(sensor(1), 6))
    ((over, value),) = seen(data, enrolled("a", 1))
    ((under, _),) = seen(data, enrolled("a", 1, threshold=int(value["pce"]) + 1))
    assert (over.state, under.state) == (State.FOUND, State.NOTHING)


def test_a_pattern_that_is_none_is_an_evidence_error():
    broken = enrolled("a", 1)
    broken = Loaded(material=broken.material, data=broken.data[5:])
    with pytest.raises(Malformed):
        seen(png(shot(sensor(1), 7)), broken)
