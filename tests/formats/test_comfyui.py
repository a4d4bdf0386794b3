"""Graphs are read by their links: what reaches the saved picture counts, and nothing else."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.formats.generators.carried import Carried
from headwater.formats.generators.comfyui import api_nodes, read_comfyui
from headwater.formats.generators.comfyui_canvas import canvas_nodes
from headwater.formats.generators.comfyui_facts import record_of
from headwater.formats.generators.node_graph import shape_digest
from headwater.formats.generators.record import Graph, Input, Record, Unread, Used
from headwater.model.errors import EvidenceError


def node(kind, **inputs):
    return {"class_type": kind, "inputs": inputs}


def graph(latent=("empty", 0), **more):
    return {
        "model": node("CheckpointLoaderSimple", ckpt_name="sd.safetensors"),
        "yes": node("CLIPTextEncode", text="a lighthouse", clip=["model", 1]),
        "no": node("CLIPTextEncode", text="fog", clip=["model", 1]),
        "empty": node("EmptyLatentImage", width=512, height=768),
        "sampler": node(
            "KSampler", seed=7, steps=20, cfg=8.0, sampler_name="euler", denoise=1.0, model=["model", 0],
            positive=["yes", 0], negative=["no", 0], latent_image=list(latent),
        ),
        "decode": node("VAEDecode", samples=["sampler", 0], vae=["model", 2]),
        "save": node("SaveImage", filename_prefix="coast", images=["decode", 0]),
        **more,
    }  # fmt: skip


LOAD = node("LoadImage", image="photo.png [input]") | {"is_changed": ["ab" * 32]}


def record(value):
    return record_of(api_nodes(value))


def test_the_facts_of_a_graph():
    made = record(graph())
    assert (made.seed, made.steps, made.cfg, made.sampler, made.width, made.height) == ("7", 20, 8.0, "euler", 512, 768)
    assert (made.prompt, made.negative, made.output_name) == ("a lighthouse", "fog", "coast")
    assert made.models == (Used("sd.safetensors"),)
    assert (made.input_use, made.why) == ("none", "")


def test_a_loaded_picture_that_reaches_the_sampler():
    made = record(graph(("encode", 0), load=LOAD, encode=node("VAEEncode", pixels=["load", 0], vae=["model", 2])))
    assert made.inputs == (Input("image", "photo.png", "ab" * 32),)
    assert made.input_use == "named"


def test_a_loaded_picture_on_a_branch_of_its_own_does_not_count():
    assert record(graph(load=LOAD, show=node("PreviewImage", images=["load", 0]))).input_use == "none"
    assert record(graph(load=LOAD)).input_use == "none"
    beside = record(graph(load=LOAD, copy=node("SaveImage", filename_prefix="x", images=["load", 0])))
    assert beside.input_use == "none"


def test_a_second_pass_is_no_input():
    made = record(
        graph(
            larger=node("LatentUpscale", samples=["sampler", 0], width=1024, height=1536),
            second=node("KSampler", seed=9, steps=10, denoise=0.4, latent_image=["larger", 0], positive=["yes", 0]),
            decode=node("VAEDecode", samples=["second", 0], vae=["model", 2]),
        )
    )
    assert (made.input_use, made.seed, made.denoise, made.width) == ("none", "7", 1.0, 512)


def test_the_parts_that_loaded_pictures_play():
    made = record(
        graph(
            ("mask_in", 0), load=LOAD,
            mask=node("LoadImageMask", image="mask.png", channel="red"),
            mask_in=node("VAEEncodeForInpaint", pixels=["load", 0], mask=["mask", 0], vae=["model", 2]),
            hint=node("LoadImage", image="hint.png"),
            control=node("ControlNetApply", conditioning=["yes", 0], image=["hint", 0], strength=1.0),
            sampler=node("KSampler", seed=1, positive=["control", 0], latent_image=["mask_in", 0], model=["model", 0]),
            face=node("LoadImage", image="portrait.png"),
            swap=node("ReActorFaceSwap", input_image=["decode", 0], source_image=["face", 0]),
            save=node("SaveImage", filename_prefix="x", images=["swap", 0]),
        )
    )  # fmt: skip
    assert {one.name: one.role for one in made.inputs} == {
        "photo.png": "image", "mask.png": "mask", "hint.png": "control", "portrait.png": "face",
    }  # fmt: skip


def test_a_picture_that_was_loaded_and_saved_is_no_whole_record():
    made = record({"1": LOAD, "2": node("SaveImage", filename_prefix="x", images=["1", 0])})
    assert made.why == "no node that makes pictures leads to one that saves"
    assert made.inputs == (Input("image", "photo.png", "ab" * 32),)


def test_loras_of_three_kinds_of_loaders():
    made = record(
        graph(
            lora=node("LoraLoader", lora_name="dusk.safetensors", strength_model=0.8, model=["stack", 0]),
            stack=node(
                "LoRA Stacker", lora_name_1="noon.safetensors", lora_wt_1=0.5, lora_name_2="None", model=["power", 0]
            ),
            power=node(
                "Power Lora Loader", lora_1={"on": True, "lora": "dawn.safetensors", "strength": 1},
                lora_2={"on": False, "lora": "off.safetensors", "strength": 1}, model=["model", 0],
            ),
            sampler=node("KSampler", seed=1, model=["lora", 0], positive=["yes", 0], latent_image=["empty", 0]),
        )
    )  # fmt: skip
    assert {(one.name, one.weight) for one in made.loras} == {
        ("dusk.safetensors", 0.8), ("noon.safetensors", 0.5), ("dawn.safetensors", 1.0),
    }  # fmt: skip


def test_a_node_that_passes_both_sides_on():
    both = node("WanImageToVideo", positive=["yes", 0], negative=["no", 0], width=832, height=480)
    sampler = node(
        "KSampler", seed=1, positive=["both", 0], negative=["both", 1], latent_image=["both", 2], model=["model", 0]
    )
    made = record(graph(both=both, sampler=sampler))
    assert (made.prompt, made.negative, made.width) == ("a lighthouse", "fog", 832)


def test_a_seed_and_a_prompt_that_come_by_links():
    made = record(
        graph(
            number=node("PrimitiveInt", value=99), words=node("StringNode", string="dunes"),
            yes=node("CLIPTextEncode", text=["words", 0], clip=["model", 1]),
            noise=node("RandomNoise", noise_seed=["number", 0]),
            guide=node("BasicGuider", conditioning=["yes", 0], model=["model", 0]),
            sampler=node("SamplerCustomAdvanced", noise=["noise", 0], guider=["guide", 0], latent_image=["empty", 0]),
        )
    )  # fmt: skip
    assert (made.seed, made.prompt) == ("99", "dunes")


def renamed(value, seed):
    """The same graph with other numbers, another order, other values."""
    rng = random.Random(seed)
    names = {name: str(rng.randrange(10**9)) for name in value}
    items = [
        (
            names[name],
            node(
                one["class_type"],
                **{
                    key: [names[each[0]], each[1]] if isinstance(each, list) else rng.random()
                    for key, each in one["inputs"].items()
                },
            ),
        )
        for name, one in value.items()
    ]
    rng.shuffle(items)
    return dict(items)


@given(st.integers())
def test_the_shape_knows_no_numbers_order_or_values(seed):
    value = graph(("encode", 0), load=LOAD, encode=node("VAEEncode", pixels=["load", 0], vae=["model", 2]))
    assert shape_digest(api_nodes(renamed(value, seed))) == shape_digest(api_nodes(value))


def test_another_link_is_another_shape():
    swapped = graph()
    swapped["sampler"]["inputs"] |= {"positive": ["model", 1]}
    assert shape_digest(api_nodes(swapped)) != shape_digest(api_nodes(graph()))
    assert shape_digest(api_nodes(graph(extra=node("Note")))) != shape_digest(api_nodes(graph()))


def test_a_graph_in_a_circle_is_read_all_the_same():
    circle = graph()
    circle["empty"] = node("LatentBlend", samples=["decode", 0], width=5)
    assert record(circle).seed == "7"
    assert shape_digest(api_nodes(circle)) == shape_digest(api_nodes(renamed(circle, 1)))


def carried(text, key="prompt"):
    return Carried("PNG tEXt", key, text, (), "PNG")


def test_a_canvas_alone_is_no_record():
    canvas = {
        "nodes": [
            {"id": 1, "type": "LoadImage", "outputs": []},
            {"id": 2, "type": "SaveImage", "inputs": [{"name": "images", "type": "IMAGE", "link": 4}]},
        ],
        "links": [[4, 1, 0, 2, 0, "IMAGE"]],
    }
    told = [one for one, _ in read_comfyui([carried(json.dumps(canvas), "workflow")])]
    assert [(one.kind, one.nodes, one.classes) for one in told] == [("canvas", 2, ("LoadImage", "SaveImage"))]
    api = {"a": node("LoadImage"), "b": node("SaveImage", images=["a", 0])}
    assert told[0].shape_sha256 == shape_digest(api_nodes(api))
    objects = canvas | {"links": [{"id": 4, "origin_id": 1, "origin_slot": 0, "target_id": 2, "target_slot": 0}]}
    assert shape_digest(canvas_nodes(objects)) == told[0].shape_sha256


def test_the_name_before_the_json_in_exif_tags():
    told = [type(one) for one, _ in read_comfyui([carried(f"Prompt:{json.dumps(graph())}", "Model")])]
    assert told == [Record, Graph]


@pytest.mark.parametrize("cut", [10, 200, 500])
def test_a_broken_graph_is_said(cut):
    told = [one for one, _ in read_comfyui([carried(json.dumps(graph())[:-cut])])]
    assert [type(one) for one in told] == [Unread]
    assert told[0].reason.startswith("malformed: JSON")


def test_a_graph_beyond_the_limits_is_said():
    crowd = graph(**{f"note {number}": node("Note") for number in range(2000)})
    told = [one for one, _ in read_comfyui([carried(json.dumps(crowd))])]
    assert [(type(one), one.claim, one.reason[:6]) for one in told] == [(Unread, "generator.record", "limit:")]
    saves = {f"save {number}": node("SaveImage", images=["decode", 0]) for number in range(20)}
    assert record(graph(**saves)).why.startswith("limit: more than 16 nodes save")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.sampled_from(["1", "2", "3"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["1", "2", "3", "class_type", "inputs", "nodes", "links", "seed", "model", "id", "type", "lora"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=40,
)


@given(json_values)
def test_any_json_is_read_or_passed_over(value):
    try:
        for told, _ in read_comfyui([carried(json.dumps(value), "workflow")]):
            assert told.generator == "comfyui"
    except EvidenceError:
        pytest.fail("a reader raises nothing")
    nodes = api_nodes({"1": node("KSampler", x=value), "2": node("SaveImage", images=["1", 0]), "3": value})
    assert record_of(nodes).generator == "comfyui"
