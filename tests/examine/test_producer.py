"""The demo's writers give the layouts of the programs; what is not in them is written out here."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.demo.generators.a1111 import a1111_parameters
from headwater.demo.generators.comfy import comfy_graph, comfy_workflow
from headwater.demo.generators.draft import Draft, Model
from headwater.demo.generators.fooocus import fooocus_log
from headwater.demo.generators.invoke_database import Kept, invoke_database
from headwater.demo.tables import Table, build_sqlite
from headwater.evidence.content import BytesSource
from headwater.examine.producer import FINDINGS_MAX, Producer
from headwater.examine.view import View
from headwater.formats.generators.comfyui import api_nodes
from headwater.formats.generators.node_graph import shape_digest
from headwater.model.errors import EvidenceError
from headwater.model.finding import State

PROMPT, NEGATIVE = "a lighthouse, <b>dusk</b> & fog", "text, watermark"
COAST = Model(name="coast_v2", sha256="ab" * 32, legacy="0123abcd", autov3="cd" * 32)
LIGHT = Model(name="light_v1", sha256="12" * 32, autov3="34" * 32)
DRAFT = Draft(
    prompt=PROMPT, negative=NEGATIVE, seed=4242, steps=20, cfg=7.5, width=512, height=640, checkpoint=COAST, lora=LIGHT
)
AT = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)


def digest(text):
    return sha256(text.strip().encode()).hexdigest()


def examined(data):
    view = View(sha256=sha256(data).hexdigest(), size_bytes=len(data), name=b"", source=BytesSource(data))
    return list(Producer().examine(view)) if Producer().accepts(view) else []


def values(data, claim):
    return [json.loads(one.value) for one in examined(data) if one.claim == claim and one.state is State.FOUND]


def spelled(content):
    return json.dumps(content).encode()


def invoke(**changes):
    kept = [Kept(name=f"{number}.png", draft=DRAFT, session=f"s{number}", batch="b", at=AT) for number in (1, 2)]
    data = invoke_database(kept, "sd-1/main/coast_v2.safetensors", AT)
    return data if not changes else changed(data, **changes)


def changed(data, *, old, new):
    assert old in data
    assert len(old) == len(new)
    return data.replace(old, new)


def test_invokes_database_tells_its_pictures_and_models():
    first, second = values(invoke(), "record.output")
    assert first["name"] == "1.png"
    assert second["session"] == "s2"
    assert (first["seed"], first["steps"], first["width"], first["height"]) == ("4242", 20, 512, 640)
    assert (first["prompt_sha256"], first["negative_sha256"]) == (digest(PROMPT), digest(NEGATIVE))
    assert (first["model"], first["model_hash"], first["model_hash_kind"]) == (
        "coast_v2",
        "ab" * 32,
        "sha256",
    )
    assert (first["at"], first["board"]) == ("2026-05-04T03:02:01+00:00", "lighthouses")
    (model,) = values(invoke(), "record.model")
    assert (model["name"], model["path"]) == ("coast_v2", "sd-1/main/coast_v2.safetensors")
    runs = values(invoke(), "record.workflow")
    assert [(one["session"], one["status"], one["nodes"]) for one in runs] == [
        ("s1", "completed", 8),
        ("s2", "completed", 8),
    ]
    assert "denoise_latents" in runs[0]["classes"]


def test_prompts_stand_in_the_hidden_claim_only():
    for data in (invoke(), a1111_parameters(DRAFT).encode(), fooocus_log("2026-05-04", [("a.png", DRAFT)]).encode()):
        seen = examined(data)
        assert {one.claim for one in seen if "dusk" in one.value} == {"record.prompt"}
        prompt = values(data, "record.prompt")[0]
        assert "dusk" in prompt["prompt"]
        assert prompt["negative"] == NEGATIVE


def test_a_picture_that_the_user_brought_in_is_an_input():
    data = invoke(old=b"internal", new=b"external")
    assert values(data, "record.output") == []
    assert [(one["name"], one["uploaded"]) for one in values(data, "record.input")] == [
        ("1.png", True),
        ("2.png", True),
    ]


def test_pictures_that_the_metadata_names_as_its_beginning_are_inputs():
    told = {
        "positive_prompt": "x",
        "init_image": "photo.png",
        "controlnets": [{"image": {"image_name": "edges.png"}}],
        "loras": [{"model": {"name": "light", "hash": "blake3:00"}, "weight": 0.5}],
    }
    columns = ("image_name TEXT", "metadata TEXT")
    data = build_sqlite(
        [
            Table(
                name="images", columns=columns, rows=[("1.png", json.dumps(told)), ("2.png", "{no"), ("3.png", None)]
            ),
            Table(name="board_images", columns=("board_id TEXT", "image_name TEXT"), rows=[]),
        ]
    )
    assert [(one["name"], one["role"], one["output_name"]) for one in values(data, "record.input")] == [
        ("photo.png", "image", "1.png"),
        ("edges.png", "control", "1.png"),
    ]
    first, second, third = values(data, "record.output")
    assert first["loras"] == [{"name": "light", "hash": "00", "hash_kind": "blake3", "weight": 0.5}]
    assert second["metadata"] == third["metadata"] == "none that could be read"


def test_a_write_ahead_log_that_was_not_joined_is_said():
    data = bytearray(invoke())
    assert not [one for one in examined(bytes(data)) if one.claim == "record.journal"]
    data[18:20] = b"\2\2"
    (said,) = [one for one in examined(bytes(data)) if one.claim == "record.journal"]
    assert said.state is State.NOT_RUN
    assert len(values(bytes(data), "record.output")) == 2


def test_an_empty_table_is_looked_at_and_nothing_found():
    data = build_sqlite(
        [
            Table(name="downloads", columns=("id INTEGER", "target_path TEXT"), rows=[]),
            Table(name="urls", columns=("id INTEGER",), rows=[]),
        ]
    )
    (seen,) = examined(data)
    assert (seen.claim, seen.state) == ("record.download", State.NOTHING)


def chromium():
    start = 13_390_000_000_000_000
    row = (
        1,
        "/home/u/light.png",
        "/home/u/light.png",
        start,
        start + 1_500_000,
        10,
        10,
        1,
        0,
        "https://page.example/a",
    )
    names = ("id", "current_path", "target_path", "start_time", "end_time", "received_bytes", "total_bytes", "state")
    columns = tuple(f"{name} TEXT" if "path" in name else f"{name} INTEGER" for name in names)
    return build_sqlite(
        [
            Table(name="downloads", columns=(*columns, "opened INTEGER", "tab_url TEXT"), rows=[row]),
            Table(name="urls", columns=("id INTEGER",), rows=[]),
            Table(
                name="downloads_url_chains",
                columns=("id INTEGER", "chain_index INTEGER", "url TEXT"),
                rows=[(1, 1, "https://me@CDN.example:8443/light.png?x=1"), (1, 0, "https://short.example/a")],
            ),
        ]
    )


def test_chromium_tells_from_where_to_where_and_when():
    (told,) = values(chromium(), "record.download")
    assert told == {
        "program": "chromium",
        "carrier": "downloads",
        "url": "https://me@CDN.example:8443/light.png?x=1",
        "url_host": "cdn.example",
        "asked_url": "https://short.example/a",
        "page": "https://page.example/a",
        "target": "/home/u/light.png",
        "at": "2025-04-24T20:26:40+00:00",
        "ended_at": "2025-04-24T20:26:41.500000+00:00",
        "size_bytes": 10,
        "received_bytes": 10,
        "state": "complete",
        "opened": False,
    }


def test_firefox_tells_its_downloads():
    data = build_sqlite(
        [
            Table(
                name="moz_places", columns=("id INTEGER", "url TEXT"), rows=[(3, "https://a.example/l.png"), (4, "no")]
            ),
            Table(
                name="moz_anno_attributes",
                columns=("id INTEGER", "name TEXT"),
                rows=[(1, "downloads/destinationFileURI"), (2, "downloads/metaData"), (3, "other")],
            ),
            Table(
                name="moz_annos",
                columns=("place_id INTEGER", "anno_attribute_id INTEGER", "content TEXT", "dateAdded INTEGER"),
                rows=[
                    (3, 1, "file:///home/u/l.png", 1_750_000_000_000_000),
                    (3, 2, '{"state":1,"endTime":1750000001000,"fileSize":77}', 1_750_000_000_000_000),
                    (4, 3, "a note", 1),
                ],
            ),
        ]
    )
    (told,) = values(data, "record.download")
    assert told["url_host"] == "a.example"
    assert told["target"] == "file:///home/u/l.png"
    assert (told["at"], told["ended_at"], told["size_bytes"]) == (
        "2025-06-15T15:06:40+00:00",
        "2025-06-15T15:06:41+00:00",
        77,
    )


def test_a_database_of_another_program_says_nothing():
    assert examined(build_sqlite([Table(name="weather", columns=("day TEXT",), rows=[("fog",)])])) == []


def test_a_torn_database_keeps_what_was_read_and_fails():
    rows = [(f"{number}.png", None) for number in range(3000)]
    data = bytearray(
        build_sqlite(
            [
                Table(name="images", columns=("image_name TEXT", "metadata TEXT"), rows=rows),
                Table(name="board_images", columns=("image_name TEXT",), rows=[]),
            ]
        )
    )
    data[len(data) - 8 * 4096 :] = b"\xff" * (8 * 4096)
    view = View(sha256="0" * 64, size_bytes=len(data), name=b"", source=BytesSource(bytes(data)))
    seen = []
    with pytest.raises(EvidenceError, match="SQLite"):
        seen.extend(Producer().examine(view))
    assert 100 < len(seen) < 3000


def test_fooocus_log_tells_each_picture_with_its_prompt_as_typed():
    log = fooocus_log("2026-05-04", [("a.png", DRAFT), ("b.png", DRAFT)])
    second, first = values(log.encode(), "record.output")
    assert (first["name"], second["name"]) == ("a.png", "b.png")
    assert (first["seed"], first["day"]) == ("4242", "2026-05-04")
    assert (first["width"], first["height"], first["cfg"]) == (512, 640, 7.5)
    assert (first["model"], first["loras"]) == (
        "coast_v2.safetensors",
        [{"name": "light_v1.safetensors", "weight": 0.8}],
    )
    assert first["prompt_sha256"] == digest(PROMPT)


def test_a_fooocus_log_without_entities_and_with_older_cells_is_read_too():
    log = (
        "<!DOCTYPE html><html><head><title>Fooocus Log 2024-01-02 (private)</title></head><body>"
        "<div id='x_png' class='image-container'><hr><table><tr><td><a href='x.png'><img src='x.png'></a>"
        "<div>x.png</div></td><td><table class='metadata'><tr><td class='key'>Prompt</td><td class='value'>"
        "fog <lora:light:0.8> <br/> sea</td></tr><tr><td class='key'>Seed</td><td class='value'>7</td></tr></table>"
        "</td></tr></table></div>"
    )
    (told,) = values(log.encode(), "record.output")
    assert (told["name"], told["seed"]) == ("x.png", "7")
    (prompt,) = values(log.encode(), "record.prompt")
    assert prompt["prompt"] == "fog <lora:light:0.8> \n sea"


def test_another_page_is_not_looked_at():
    assert examined(b"<!DOCTYPE html><html><head><title>A lighthouse</title></head></html>") == []


def test_a1111s_last_settings():
    (told,) = values(a1111_parameters(DRAFT).encode(), "record.output")
    assert (told["seed"], told["steps"], told["cfg"], told["width"]) == ("4242", 20, 7.5, 512)
    assert (told["model"], told["model_hash"], told["model_hash_kind"]) == ("coast_v2", "ab" * 5, "autov2")
    assert told["loras"] == [{"name": "light_v1", "hash": "34" * 6, "hash_kind": "autov3", "weight": 0.8}]
    assert told["prompt_sha256"] == digest(f"{PROMPT} <lora:light_v1:0.8>")
    assert told["negative_sha256"] == digest(NEGATIVE)


@pytest.mark.parametrize(
    "text",
    [
        "Steps: 3, left at the lighthouse",
        "a\nSteps: 20, Sampler: Euler, Seed: 5\nand more below",
        "Seed: 1, Sampler: x",
    ],
)
def test_a_text_that_only_looks_like_settings_is_none(text):
    assert examined(text.encode()) == []


def test_a1111s_log_of_saved_pictures():
    head = "prompt,seed,width,height,sampler,cfgs,steps,filename,negative_prompt,sd_model_name,sd_model_hash\n"
    row = f'"{PROMPT}",42,512,640,Euler,7.0,20,00000-42.png,"two\nlines",coast,0123456789\n'
    first, second = values((head + row + row).encode("utf-8-sig"), "record.output")
    assert first == second
    assert (first["name"], first["seed"], first["cfg"]) == ("00000-42.png", "42", 7)
    assert (first["model"], first["model_hash_kind"]) == ("coast", "autov2")
    assert first["prompt_sha256"] == digest(PROMPT)


def test_a_log_that_breaks_off_says_so():
    head = "prompt,seed,width,height,sampler,cfgs,steps,filename,negative_prompt\n"
    seen = examined((head + "fog,1,2,3,x,4,5,a.png,\n" + '"' + "x" * 200_000).encode())
    assert [one.state for one in seen if one.claim == "record.output"] == [State.FOUND, State.FAILED]


def test_a1111s_cache_names_models_and_loras_that_may_be_gone():
    header = {"ss_dataset_dirs": {"10_north": {"n_repeats": 10, "img_count": 12}}, "ss_output_name": "light"}
    data = spelled(
        {
            "hashes": {"checkpoint/coast.safetensors": {"mtime": 1750000000.5, "sha256": "ab" * 32}},
            "hashes-addnet": {"lora/light": {"mtime": 1.0, "sha256": "cd" * 32}},
            "safetensors-metadata": {"lora/light": {"mtime": 1.0, "value": header}},
        }
    )
    checkpoint, lora, kept = values(data, "record.model")
    assert (checkpoint["hash"], checkpoint["hash_kind"]) == ("ab" * 32, "sha256")
    assert checkpoint["modified_at"] == "2025-06-15T15:06:40.500000+00:00"
    assert (lora["hash"], lora["hash_kind"]) == ("cd" * 32, "autov3")
    assert kept["header"]["training_folders"] == [{"name": "10_north", "images": 12, "repeats": 10}]


def test_a1111s_settings_name_the_checkpoint_and_the_folders():
    data = spelled(
        {
            "sd_model_checkpoint": "coast_v2.safetensors [0123456789]",
            "sd_checkpoint_hash": "ab" * 32,
            "outdir_samples": "D:/out",
            "samples_save": True,
        }
    )
    (settings,) = values(data, "record.settings")
    assert settings["values"]["outdir_samples"] == "D:/out"
    assert [(one["name"], one["hash_kind"]) for one in values(data, "record.model")] == [
        ("coast_v2.safetensors", "sha256"),
        ("coast_v2.safetensors", "autov2"),
    ]
    page = spelled({"txt2img/Prompt/value": PROMPT, "txt2img/Sampling steps/value": 20, "txt2img/Width/minimum": 64})
    (settings,) = values(page, "record.settings")
    assert settings["values"] == {"txt2img/Sampling steps/value": 20}
    assert [one["prompt"] for one in values(page, "record.prompt")] == [PROMPT]


@pytest.mark.parametrize(("kind", "graph"), [("api", comfy_graph(DRAFT)), ("canvas", comfy_workflow(DRAFT))])
def test_a_workflow_of_comfy_names_models_and_no_prompt(kind, graph):
    data = json.dumps(graph, indent=1).encode()
    (told,) = values(data, "record.workflow")
    assert (told["kind"], told["nodes"]) == (kind, 8)
    assert told["models"] == ["coast_v2.safetensors", "light_v1.safetensors"]
    assert "KSampler" in told["classes"]
    assert "dusk" not in str(examined(data))


def test_the_shape_of_a_workflow_is_the_one_that_pictures_of_it_carry():
    other = replace(DRAFT, prompt="snow", seed=1, steps=9)
    shapes = {values(spelled(comfy_graph(one)), "record.workflow")[0]["shape_sha256"] for one in (DRAFT, other)}
    assert shapes == {shape_digest(api_nodes(comfy_graph(DRAFT)))}
    without = replace(DRAFT, lora=None)
    assert values(spelled(comfy_graph(without)), "record.workflow")[0]["shape_sha256"] not in shapes


def test_settings_of_a_relative_bear_its_name():
    text = a1111_parameters(DRAFT).replace("Version: v1.9.4", "Version: f2.0.1v1.10.1")
    (told,) = values(text.encode(), "record.output")
    assert told["program"] == "forge"


def test_a_kept_request_and_a_canvas_with_a_subgraph_are_workflows_too():
    (told,) = values(spelled({"prompt": comfy_graph(DRAFT), "client_id": "x"}), "record.workflow")
    assert (told["kind"], told["nodes"]) == ("api", 8)
    inner = {"nodes": [{"type": "LoadImage", "widgets_values": ["photo.jpg", "image"]}], "links": []}
    canvas = {"nodes": [{"type": "Group"}], "links": [], "definitions": {"subgraphs": [inner]}}
    (told,) = values(spelled(canvas), "record.workflow")
    assert (told["nodes"], told["classes"], told["inputs"]) == (1, ["Group"], ["photo.jpg"])


def test_a_text_too_large_to_read_is_said_where_it_may_be_theirs():
    (seen,) = examined(b'{"hashes":{}' + b" " * (16 << 20) + b"}")
    assert (seen.claim, seen.state) == ("producer", State.NOT_RUN)
    assert "limit" in seen.reason
    assert examined(b'{"weather":{}' + b" " * (16 << 20) + b"}") == []


def test_what_a_trainer_was_told_names_the_folder():
    data = spelled({"train_data_dir": "D:/training/10_north", "output_name": "north", "max_train_epochs": 8})
    (told,) = values(data, "record.training")
    assert (told["train_data_dir"], told["output_name"], told["max_train_epochs"]) == (
        "D:/training/10_north",
        "north",
        "8",
    )


def test_settings_of_fooocus_name_its_folders():
    data = spelled({"path_outputs": "D:/out", "path_checkpoints": ["D:/models"], "default_prompt": PROMPT})
    (settings,) = values(data, "record.settings")
    assert settings["values"] == {"path_outputs": "D:/out", "path_checkpoints": ["D:/models"]}


def test_json_that_breaks_off_is_said_to_and_lines_of_json_are_another_thing():
    (seen,) = examined(b'{"hashes":{"coast":{"mtime":1,"sha2')
    assert (seen.claim, seen.state) == ("producer", State.FAILED)
    assert examined(b'{"nodes":1}\n{"nodes":2}\n') == []
    assert examined(b'{"nodes":[1],"links":3}') == []


def test_a_prompt_of_any_length_and_of_any_letters_is_digested_whole():
    long = "fog " * 10_000 + "\ud800"
    data = build_sqlite(
        [
            Table(
                name="images",
                columns=("image_name TEXT", "metadata TEXT"),
                rows=[("1.png", json.dumps({"positive_prompt": long}))],
            ),
            Table(name="board_images", columns=("image_name TEXT",), rows=[]),
        ]
    )
    (told,) = values(data, "record.output")
    assert told["prompt_sha256"] == digest(long.replace("\ud800", "\ufffd"))
    (prompt,) = values(data, "record.prompt")
    assert (len(prompt["prompt"]), prompt["cut"]) == (16_000, True)


def test_more_records_than_are_kept_are_said():
    data = spelled({"hashes": {f"model{number}": {"mtime": 1} for number in range(FINDINGS_MAX + 1)}})
    seen = examined(data)
    assert len(seen) == FINDINGS_MAX + 1
    assert (seen[-1].claim, seen[-1].state) == ("producer", State.NOT_RUN)


def test_every_finding_names_the_whole_file():
    for data in (invoke(), chromium(), a1111_parameters(DRAFT).encode()):
        for seen in examined(data):
            (span,) = seen.spans
            assert (span.offset_bytes, span.length_bytes, span.sha256) == (0, len(data), sha256(data).hexdigest())


FILES = {
    "invoke": invoke(),
    "chromium": chromium(),
    "fooocus": fooocus_log("2026-05-04", [("a.png", DRAFT)]).encode(),
    "parameters": a1111_parameters(DRAFT).encode(),
    "comfy": spelled(comfy_workflow(DRAFT)),
}


@pytest.mark.parametrize("name", FILES)
@given(data=st.data())
def test_cut_and_changed_files_raise_nothing_else(name, data):
    whole = bytearray(FILES[name])
    for _ in range(data.draw(st.integers(0, 6))):
        place = data.draw(st.integers(0, min(len(whole) - 1, data.draw(st.sampled_from([200, 10_000_000])))))
        whole[place] = data.draw(st.sampled_from([0, 1, 0xFF, 0x80, 0x22]))
    cut = bytes(whole[: data.draw(st.one_of(st.just(len(whole)), st.integers(0, len(whole))))])
    try:
        examined(cut)
    except EvidenceError:
        return


VISITED = Table(
    name="urls",
    columns=("id INTEGER", "url TEXT", "title TEXT", "visit_count INTEGER", "last_visit_time INTEGER"),
    rows=[
        (1, "https://www.midjourney.com/imagine?prompt=a+harbour", "a", 4, 13_390_000_000_000_000),
        (2, "https://midjourney.com/archive#top", "b", 2, 13_390_000_100_000_000),
        (3, "https://harbour.example/midjourney.com", "c", 9, 13_390_000_200_000_000),
        (4, "https://www.bing.com/images/create", "d", 1, 0),
        (5, "https://www.bing.com/search?q=harbour", "e", 30, 0),
        (6, "https://notmidjourney.com/", "f", 3, 0),
    ],
)


def test_visits_to_generators_are_told_by_service_and_no_other_visit_is():
    downloads = Table(name="downloads", columns=("id INTEGER", "target_path TEXT"), rows=[])
    told = {one["service"]: one for one in values(build_sqlite([VISITED, downloads]), "record.visit")}
    assert set(told) == {"midjourney.com", "bing.com/images/create"}
    one = told["midjourney.com"]
    assert (one["visits"], one["addresses"], one["last_at"]) == (6, 2, "2025-04-24T20:28:20+00:00")
    assert one["pages"] == ["https://midjourney.com/archive", "https://www.midjourney.com/imagine"]


def test_swarmui_is_told_by_what_lies_beside_a_picture_and_by_its_settings():
    beside = {"sui_image_params": {"prompt": PROMPT, "negativeprompt": NEGATIVE, "model": "coast_v2", "seed": 4242}}
    (one,) = values(spelled(beside), "record.output")
    assert (one["program"], one["seed"], one["model"]) == ("swarmui", "4242", "coast_v2")
    assert one["prompt_sha256"] == digest(PROMPT)
    settings = b"Paths:\n\tModelRoot: D:/Models\n\tSDModelFolder: Stable-Diffusion\n\tOutputPath: Output\n"
    (told,) = values(settings, "record.settings")
    assert told["values"] == {"ModelRoot": "D:/Models", "SDModelFolder": "Stable-Diffusion", "OutputPath": "Output"}


def test_a_trainer_is_told_by_toml_too():
    settings = b'pretrained_model_name_or_path = "coast"\ntrain_data_dir = "D:/train/pier"\noutput_name = "pier"\n'
    (one,) = values(settings, "record.training")
    assert (one["train_data_dir"], one["output_name"]) == ("D:/train/pier", "pier")
    subsets = b'[general]\n[[datasets]]\n[[datasets.subsets]]\nimage_dir = "D:/train/10_pier"\nnum_repeats = 10\n'
    (told,) = values(subsets, "record.training")
    assert (told["train_data_dir"], told["num_repeats"]) == ("D:/train/10_pier", "10")
    assert values(b"train_data_dir = broken\n", "record.training") == []
