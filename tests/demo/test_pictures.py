import json
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from headwater.demo import camera, pictures
from headwater.demo.generators.a1111 import a1111_parameters
from headwater.demo.generators.comfy import comfy_shape, comfy_text
from headwater.demo.generators.draft import Draft, Model
from headwater.demo.scenes import Scene, draw
from headwater.demo.sizes import SMALL
from headwater.demo.story import coast, dream, tell
from headwater.demo.timeline import local
from headwater.kernels.pdq import luma_from_rgb, pdq

STORY = tell(3, SMALL)
PHONE = STORY.bodies.phone


def _distance(first, second):
    return (int.from_bytes(first.bits) ^ int.from_bytes(second.bits)).bit_count()


def _hash(pixels):
    return pdq(luma_from_rgb(pixels))


@pytest.fixture(scope="module")
def photograph():
    """(bytes, the scene in front of the camera)."""
    scene = coast(STORY, PHONE, 4, real=False)
    return camera.photograph(PHONE, PHONE.pattern(), scene, STORY.days.photographed, 5), scene


def test_scenes_are_the_same_twice_and_differ_by_key():
    scene = coast(STORY, PHONE, 1, real=True)
    assert np.array_equal(draw(scene), draw(scene))
    assert not np.array_equal(draw(scene), draw(replace(scene, key=(3, 2))))


@pytest.mark.parametrize("size", [(64, 64), (200, 1600), (1600, 200), (257, 63)])
def test_any_size_is_drawn(size):
    for number in range(6):
        scene = Scene(key=(number,), width=size[0], height=size[1], dream=number % 2 == 0, tower=STORY.tower)
        assert draw(scene).shape == (size[1], size[0], 3)


def test_different_scenes_are_no_near_duplicates():
    hashes = [_hash(dream(STORY, 384, 512, 9, number)) for number in range(24)]
    hashes += [_hash(draw(coast(STORY, PHONE, 8, number, real=True))) for number in range(8)]
    assert all(one.quality >= 50 for one in hashes)
    assert min(_distance(a, b) for at, a in enumerate(hashes) for b in hashes[:at]) > 31


def test_a_reencoded_copy_is_a_near_duplicate():
    pixels = dream(STORY, 384, 512, 9, 1)
    copy = pictures.decode(pictures.encode_jpeg(pictures.resize(pixels, 340, 453), quality=75))
    assert _distance(_hash(pixels), _hash(copy)) <= 31


def _residual(pixels):
    grey = pixels.astype(np.float32).mean(axis=2)
    smooth = sum(np.roll(grey, shift, (0, 1)) for shift in ((0, 1), (0, -1), (1, 0), (-1, 0))) / 4
    return (grey - smooth) / np.maximum(grey, 20)


def test_photographs_carry_the_pattern_of_their_own_sensor_and_not_of_their_twins(photograph):
    residual = _residual(pictures.decode(photograph[0])).ravel()
    own, twin = (float(np.corrcoef(residual, body.pattern().ravel())[0, 1]) for body in (PHONE, STORY.bodies.twin))
    chance = residual.size**-0.5  # how far two unrelated patterns may agree by chance
    assert own > 10 * chance
    assert abs(twin) < 4 * chance


def test_exif_agrees_with_the_picture_the_clock_and_itself(photograph):
    taken, model = STORY.days.photographed, PHONE.model
    with Image.open(BytesIO(photograph[0])) as picture:
        exif = picture.getexif()
        shot, place = exif.get_ifd(0x8769), exif.get_ifd(0x8825)
        assert (exif[0x010F], exif[0x0110], shot[0xA431]) == (model.make, model.model, PHONE.serial)
        assert (shot[0xA002], shot[0xA003]) == picture.size == (model.width, model.height)
        assert shot[0x9003] == shot[0x9004] == exif[0x0132] == local(taken).strftime("%Y:%m:%d %H:%M:%S")
        assert shot[0x9010].replace(":", "") == local(taken).strftime("%z")
        assert [int(part) for part in place[7]] == [taken.hour, taken.minute, taken.second]
        assert 2 ** -float(shot[0x9201]) == pytest.approx(float(shot[0x829A]), rel=0.01)
        assert 2 ** (float(shot[0x9202]) / 2) == pytest.approx(float(shot[0x829D]), rel=0.01)
        assert shot[0x927C].startswith(model.make.upper().encode())
        assert tuple(tuple(table) for table in picture.quantization.values()) == model.tables


def test_the_preview_shows_the_same_picture(photograph):
    data = photograph[0]
    start = data.index(b"\xff\xd8\xff", 2)
    small = pictures.decode(data[start : data.index(b"\xff\xd9", start) + 2])
    assert small.shape[:2][::-1] == PHONE.model.thumbnail
    assert _distance(_hash(small), _hash(pictures.decode(data))) <= 31


def test_a_camera_file_begins_with_exif_and_a_programs_with_jfif(photograph):
    assert photograph[0][:4] == b"\xff\xd8\xff\xe1"
    assert pictures.encode_jpeg(dream(STORY, 64, 64, 1))[:4] == b"\xff\xd8\xff\xe0"


def _draft(**changes):
    model = Model(name="granite_v3", sha256="ab" * 32, legacy="01234567", autov3="cd" * 32)
    draft = Draft(
        prompt="a lighthouse", negative="text", seed=5, steps=20, cfg=6.5, width=512, height=768, checkpoint=model,
        lora=replace(model, name="light_v2"),
    )  # fmt: skip
    return replace(draft, **changes)


def test_comfy_graph_links_only_nodes_it_has():
    for draft in (_draft(), _draft(lora=None), _draft(source="a.jpg", denoise=0.5)):
        text = comfy_text(draft)
        graph, workflow = json.loads(text["prompt"]), json.loads(text["workflow"])
        links = [value for node in graph.values() for value in node["inputs"].values() if isinstance(value, list)]
        assert {link[0] for link in links} <= set(graph)
        assert {node["id"] for node in workflow["nodes"]} == {int(number) for number in graph}
        assert len(workflow["links"]) == len(links)
        assert ("LoadImage" in {node["class_type"] for node in graph.values()}) == bool(draft.source)


def test_the_shape_of_a_workflow_is_the_same_for_other_values():
    assert comfy_shape(_draft()) == comfy_shape(_draft(prompt="another", seed=9))
    assert comfy_shape(_draft()) != comfy_shape(_draft(lora=None))


def test_a1111_parameters_name_the_models_by_their_digests():
    text = a1111_parameters(_draft(denoise=0.5))
    assert "Model hash: ababababab, Model: granite_v3" in text
    assert 'Lora hashes: "light_v2: cdcdcdcdcdcd"' in text
    assert "Denoising strength: 0.5" in text


def test_png_text_is_read_back():
    data = pictures.encode_png(
        dream(STORY, 64, 64, 1), {"parameters": "灯台", "Title": "x"}, international=["parameters"]
    )
    with Image.open(BytesIO(data)) as picture:
        assert picture.text == {"parameters": "灯台", "Title": "x"}


def test_changes_change_what_they_say():
    pixels = dream(STORY, 80, 60, 1)
    assert np.array_equal(pictures.mirror(pixels)[:, 0], pixels[:, -1])
    assert pictures.border(pixels, 0.1, 9).shape == (72, 92, 3)
    assert np.array_equal(pictures.crop(pixels, 0.1), pixels[6:54, 8:72])
