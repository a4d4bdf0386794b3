import json
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from headwater.demo import camera, generators, pictures
from headwater.demo.scenes import Scene, draw
from headwater.demo.story import SMALL, coast, dream, tell
from headwater.kernels.pdq import luma_from_rgb, pdq

STORY = tell(3, SMALL)


def _distance(first, second):
    return (int.from_bytes(first.bits) ^ int.from_bytes(second.bits)).bit_count()


def test_scenes_are_the_same_twice_and_differ_by_key():
    scene = coast(STORY, 1, real=True)
    assert np.array_equal(draw(scene), draw(scene))
    assert not np.array_equal(draw(scene), draw(replace(scene, key=(3, 2))))


@pytest.mark.parametrize("size", [(64, 64), (200, 1600), (1600, 200), (257, 63)])
def test_any_size_is_drawn(size):
    for number in range(6):
        scene = Scene(key=(number,), width=size[0], height=size[1], dream=number % 2 == 0, tower=STORY.tower)
        assert draw(scene).shape == (size[1], size[0], 3)


def test_different_scenes_are_no_near_duplicates():
    hashes = [pdq(luma_from_rgb(dream(STORY, 384, 512, 9, number))) for number in range(24)]
    hashes += [pdq(luma_from_rgb(draw(coast(STORY, 8, number, real=True)))) for number in range(8)]
    assert all(one.quality >= 50 for one in hashes)
    nearest = min(_distance(a, b) for at, a in enumerate(hashes) for b in hashes[:at])
    assert nearest > 31


def test_a_reencoded_copy_is_a_near_duplicate():
    pixels = dream(STORY, 384, 512, 9, 1)
    copy = pictures.decode(pictures.encode_jpeg(pictures.resize(pixels, 340, 453), quality=75))
    assert _distance(pdq(luma_from_rgb(pixels)), pdq(luma_from_rgb(copy))) <= 31


def _residual(pixels):
    grey = pixels.astype(np.float32).mean(axis=2)
    smooth = sum(np.roll(grey, shift, (0, 1)) for shift in ((0, 1), (0, -1), (1, 0), (-1, 0))) / 4
    return (grey - smooth) / np.maximum(grey, 20)


def test_photographs_carry_the_pattern_of_their_own_sensor():
    body, other = STORY.phone, STORY.laptop_camera
    data = camera.photograph(body, body.pattern(), coast(STORY, 4, real=False), STORY.moment(STORY.rng(1)), 5)
    residual = _residual(pictures.decode(data)).ravel()
    own, foreign = (float(np.corrcoef(residual, one.pattern().ravel())[0, 1]) for one in (body, other))
    assert own > 0.1
    assert abs(foreign) < 0.01


def test_exif_agrees_with_the_picture_and_with_itself():
    body, taken = STORY.phone, STORY.moment(STORY.rng(1))
    data = camera.photograph(body, body.pattern(), coast(STORY, 4, real=False), taken, 5)
    with Image.open(BytesIO(data)) as picture:
        exif = picture.getexif()
        shot = exif.get_ifd(0x8769)
        assert (exif[0x010F], exif[0x0110]) == (body.make, body.model)
        assert (shot[0xA002], shot[0xA003]) == picture.size
        assert shot[0x9003] == exif[0x0132] == taken.strftime("%Y:%m:%d %H:%M:%S")
        assert 2 ** -float(shot[0x9201]) == pytest.approx(float(shot[0x829A]), rel=0.01)
        assert 2 ** (float(shot[0x9202]) / 2) == pytest.approx(float(shot[0x829D]), rel=0.01)
        assert tuple(len(table) for table in picture.quantization.values()) == (64, 64)


def _draft(**changes):
    model = generators.Model(name="coast_v3", sha256="ab" * 32, legacy="01234567", autov3="cd" * 32)
    lora = replace(model, name="light_v2")
    draft = generators.Draft(
        prompt="a lighthouse", negative="text", seed=5, steps=20, cfg=6.5, width=512, height=768, checkpoint=model,
        lora=lora,
    )  # fmt: skip
    return replace(draft, **changes)


def test_comfy_graph_links_only_nodes_it_has():
    for draft in (_draft(), _draft(lora=None), _draft(source="a.jpg", denoise=0.5)):
        text = generators.comfy_text(draft)
        graph, workflow = json.loads(text["prompt"]), json.loads(text["workflow"])
        links = [value for node in graph.values() for value in node["inputs"].values() if isinstance(value, list)]
        assert {link[0] for link in links} <= set(graph)
        assert {node["id"] for node in workflow["nodes"]} == {int(number) for number in graph}
        assert len(workflow["links"]) == len(links)
        assert ("LoadImage" in {node["class_type"] for node in graph.values()}) == bool(draft.source)


def test_a1111_parameters_name_the_models_by_their_digests():
    text = generators.a1111_parameters(_draft(source="a.jpg", denoise=0.5))
    assert "Model hash: ababababab, Model: coast_v3" in text
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
