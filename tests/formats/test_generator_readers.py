"""Each reader on its own layout, in every generation of its keys, and all of them on texts that are none of theirs."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from headwater.demo.generators.a1111 import a1111_parameters
from headwater.demo.generators.comfy import comfy_text
from headwater.demo.generators.draft import Draft, Model
from headwater.demo.generators.fooocus import fooocus_text
from headwater.demo.generators.invoke import invoke_text
from headwater.demo.generators.online import novelai_text
from headwater.formats.generators.carried import Carried
from headwater.formats.generators.novelai_signature import verifies
from headwater.formats.generators.readers import READERS
from headwater.formats.generators.record import Graph, Input, Record, Unread, Used

SHA = "0123456789abcdef" * 4
DRAFT = Draft(
    prompt="a lighthouse", negative="fog", seed=42, steps=20, cfg=7.0, width=512, height=768,
    checkpoint=Model(name="sd", sha256=SHA), lora=Model(name="dusk", sha256=SHA, autov3="ab" * 32),
    denoise=0.5, source="coast.png", source_sha256=SHA,
)  # fmt: skip
UUID = "4800156b-8880-4786-9056-7ca3da449d8c"


def texts(group="PNG", **named):
    return [
        Carried(f"{group} {key}", key, one if isinstance(one, str) else json.dumps(one), (), group)
        for key, one in named.items()
    ]


def told(given_texts):
    return [one for read in READERS for one, _ in read(given_texts)]


def only_record(given_texts):
    records = [one for one in told(given_texts) if isinstance(one, Record)]
    assert len(records) == 1
    return records[0]


@pytest.mark.parametrize(
    ("named", "family", "uses"),
    [
        ({"parameters": a1111_parameters(DRAFT)}, "a1111", "unnamed"),
        (comfy_text(DRAFT), "comfyui", "named"),
        (invoke_text(DRAFT, UUID), "invokeai", "none"),
        (fooocus_text(DRAFT), "fooocus", "none"),
        (novelai_text(DRAFT), "novelai", "none"),
    ],
)
def test_what_the_demo_writes_is_read_back(named, family, uses):
    made = only_record(texts(**named))
    assert (made.generator, made.input_use, made.why) == (family, uses, "")
    size = (None, None) if family == "comfyui" else (512, 768)  # its size is that of the picture it begins from
    assert (made.seed, made.steps, made.cfg, made.width, made.height) == ("42", 20, 7.0, *size)
    assert made.negative == "fog"
    assert made.prompt.startswith("a lighthouse")
    assert made.models


def test_digests_of_models_by_their_kinds():
    kinds = {family: only_record(texts(**named)).models[0] for family, named in (
        ("a1111", {"parameters": a1111_parameters(DRAFT)}),
        ("invokeai", invoke_text(DRAFT, UUID)),
        ("fooocus", fooocus_text(DRAFT)),
    )}  # fmt: skip
    assert kinds == {
        "a1111": Used("sd", SHA[:10], "autov2"),
        "invokeai": Used("sd", SHA, "sha256"),
        "fooocus": Used("sd", SHA[:10], "autov2"),
    }
    assert only_record(texts(**fooocus_text(DRAFT))).loras == (Used("dusk", SHA[:10], "autov2", 0.8),)


def test_a_graph_of_invokeai_is_read_too():
    graphs = [one for one in told(texts(**invoke_text(DRAFT, UUID))) if isinstance(one, Graph)]
    assert [(one.generator, one.kind, one.nodes) for one in graphs] == [("invokeai", "api", 8)]
    other = invoke_text(Draft(prompt="dunes", negative="", seed=1, steps=5, cfg=1.0, width=64, height=64,
                              checkpoint=Model(name="x", sha256=SHA)), "other")  # fmt: skip
    assert [one.shape_sha256 for one in told(texts(**other)) if isinstance(one, Graph)] == [graphs[0].shape_sha256]


def test_invokeai_with_pictures_that_went_in():
    made = only_record(texts(invokeai_metadata={
        "generation_mode": "sdxl_img2img", "seed": 1, "model": {"model_name": "x"},
        "init_image": {"image_name": "a.png"},
        "ipAdapters": [{"image": {"image_name": "b.png"}}], "loras": [{"lora": {"model_name": "l"}, "weight": 0.5}],
    }))  # fmt: skip
    assert made.inputs == (Input("image", "a.png"), Input("control", "b.png"))
    assert (made.models, made.loras) == ((Used("x"),), (Used("l", weight=0.5),))


def test_invokeai_of_the_second_generation():
    made = only_record(texts(**{"sd-metadata": {
        "model_weights": "stable-diffusion-1.5", "model_hash": SHA, "app_version": "2.3.5",
        "image": {"prompt": [{"prompt": "a lighthouse [fog]", "weight": 1}], "steps": 50, "cfg_scale": 7.5, "seed": 3,
                  "width": 512, "height": 512, "sampler": "k_lms", "type": "img2img", "init_image_path": "in.png"},
    }}))  # fmt: skip
    assert (made.prompt, made.negative, made.seed, made.version) == ("a lighthouse", "fog", "3", "2.3.5")
    assert made.models == (Used("stable-diffusion-1.5", SHA, "sha256"),)
    assert made.inputs == (Input("image", "in.png"),)


def test_invokeai_of_the_first_generation():
    made = only_record(texts(Dream='"a lighthouse [fog]" -s 50 -S 12 -W512 -H 768 -C7.5 -A k_lms -I in.png -f 0.7'))
    assert (made.prompt, made.negative, made.steps, made.seed) == ("a lighthouse", "fog", 50, "12")
    assert (made.width, made.height, made.cfg, made.sampler, made.denoise) == (512, 768, 7.5, "k_lms", 0.7)
    assert made.inputs == (Input("image", "in.png"),)


def test_novelai_by_its_request():
    def request(kind, **more):
        return only_record(texts(Software="NovelAI", Comment={"seed": 1, "request_type": kind, **more})).inputs

    assert request("PromptGenerateRequest", strength=0.7, noise=0.1) == ()
    assert request("Image2ImageRequest") == (Input("image"),)
    assert request("NativeInfillingRequest") == (Input("image"), Input("mask"))
    old = only_record(
        texts(
            Software="NovelAI", Source="Stable Diffusion 1D44365E", Comment={"seed": 1, "strength": 0.4, "noise": 0.0}
        )
    )
    assert old.inputs == (Input("image"),)
    assert old.models == (Used("Stable Diffusion", "1d44365e", "unknown"),)


def test_a_signature_as_novelai_makes_it():
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    comment = {"prompt": "a lighthouse, caf\u00e9", "seed": 4, "scale": 5.0}
    colours = bytes(range(48))
    signature = key.sign(colours + json.dumps(comment).encode())
    signed = json.dumps(comment | {"signed_hash": base64.b64encode(signature).decode()})
    assert verifies(colours, signed, public)
    assert not verifies(colours[:-1] + b"\0", signed, public)
    assert not verifies(colours, signed.replace('seed": 4', 'seed": 5'), public)
    assert not verifies(colours, signed)  # another key: theirs
    for broken in ("", "{", "[]", '{"signed_hash": 5}', '{"signed_hash": "?"}', '{"signed_hash": "AAAA"}'):
        assert not verifies(colours, broken, public)


def test_swarmui_with_what_went_in_and_digests():
    made = only_record(texts(parameters={
        "sui_image_params": {"prompt": "a lighthouse", "model": "sdxl", "seed": 1, "steps": 20, "loras": ["dusk"],
                             "loraweights": ["0.4"], "initimagecreativity": 0.6, "maskblur": 4},
        "sui_extra_data": {"initimage_filename": "raw/in.png"},
        "sui_models": [{"name": "sdxl.safetensors", "param": "model", "hash": f"0x{SHA}"},
                       {"name": "dusk.safetensors", "param": "loras", "hash": "0xa53c55a0"}],
    }))  # fmt: skip
    assert made.models == (Used("sdxl", SHA, "autov3"),)
    assert made.loras == (Used("dusk", "a53c55a0", "unknown", 0.4),)
    assert made.inputs == (Input("image", "raw/in.png"), Input("mask"))


def test_easy_diffusion_by_keys_and_by_words():
    keys = {"prompt": "a lighthouse", "seed": "5", "use_stable_diffusion_model": "C:\\models\\sd-v1-5.ckpt",
            "num_inference_steps": "25", "prompt_strength": "0.7"}  # fmt: skip
    words = {
        "Prompt": "a lighthouse",
        "Seed": "5",
        "Stable Diffusion model": "sd-v1-5",
        "Steps": "25",
        "Prompt Strength": "0.7",
    }
    for named in (texts(**keys), texts(**words), texts(UserComment=keys), texts(UserComment=words)):
        made = only_record(named)
        assert (made.generator, made.seed, made.steps, made.models) == ("easydiffusion", "5", 25, (Used("sd-v1-5"),))
        assert made.input_use == "unnamed"


def test_draw_things_by_its_comment_and_by_its_description():
    tool = {"xmp:CreatorTool": "Draw Things"}
    comment = {"c": "a lighthouse", "uc": "fog", "model": "sd.ckpt", "seed": 9, "size": "64x32", "steps": 8,
               "strength": 0.5,
               "v2": {"loras": [{"file": "dusk.ckpt", "weight": 0.8}]}}  # fmt: skip
    settings = "Steps: 8, Sampler: Euler A, Guidance Scale: 4.5, Seed: 9, Size: 64x32, Model: sd.ckpt, Strength: 0.5"
    described = f"a lighthouse\n-fog\n{settings}"
    for named in (
        tool | {"exif:UserComment": comment, "dc:description": described},
        tool | {"dc:description": described},
    ):
        made = only_record(texts("xmp 0", **named))
        assert (made.generator, made.prompt, made.negative, made.seed, made.width) == (
            "drawthings",
            "a lighthouse",
            "fog",
            "9",
            64,
        )
        assert made.inputs == (Input("image"),)
        assert made.models == (Used("sd.ckpt"),)


def test_midjourney():
    options = "--ar 3:2 --v 6.1 --seed 5 --sref https://example.org/s.png"
    made = only_record(texts(Description=f"https://example.org/in.png a lighthouse {options} Job ID: {UUID}"))
    assert (made.version, made.seed, made.more) == ("6.1", "5", {"job": UUID})
    assert made.inputs == (Input("image", "https://example.org/in.png"), Input("control", "https://example.org/s.png"))
    assert told(texts(Description=f"my job id is {UUID}")) == []


def test_grok_needs_both():
    signature = "Signature: " + "A" * 88
    assert only_record(texts(Artist=UUID, ImageDescription=signature)).more == {"job": UUID}
    assert told(texts(Artist="a painter", ImageDescription=signature)) == []
    assert told([*texts("exif 0", Artist=UUID), *texts("exif 1", ImageDescription=signature)]) == []


def test_a_broken_record_is_said_and_stops_no_other():
    named = {"invokeai_metadata": '{"seed": ', "parameters": a1111_parameters(DRAFT), "sui": '{"sui_image_params": {'}
    found = told(texts(**named))
    assert {one.generator for one in found if isinstance(one, Unread)} == {"invokeai", "swarmui"}
    assert [one.generator for one in found if isinstance(one, Record)] == ["a1111"]


keys = st.sampled_from(
    ["parameters", "prompt", "workflow", "Comment", "Software", "Dream", "sd-metadata", "invokeai_metadata",
     "Description", "invokeai_graph", "Artist", "Title", "Seed", "UserComment", "fooocus_scheme"]
)  # fmt: skip
WORDS = [
    "NovelAI", "Draw Things", "fooocus", UUID, '"a" -S 5 -I', "Steps: 1, Seed: 2, Size: 3", f"x Job ID: {UUID}",
    "{}", "[]",
    '{"image": {"prompt": [{}]}}', '{"seed": [], "model": 5, "loras": [1, {}]}', '{"sui_image_params": []}',
    '{"base_model": {}, "metadata_scheme": "fooocus", "loras": [[[], {}, []]]}', '{"nodes": {"a": 5}, "edges": [{}]}',
    '{"signed_hash": {}}', '{"c": 5, "size": []}', "Signature: " + "A" * 90,
]  # fmt: skip


@given(st.lists(st.tuples(keys, st.sampled_from(WORDS) | st.text(max_size=40)), max_size=8))
def test_any_texts_are_read_or_passed_over(pairs):
    for one in told([Carried("c", key, text, (), "PNG") for key, text in pairs]):
        assert one.generator
