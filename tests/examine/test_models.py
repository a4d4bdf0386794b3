import io
import json
import pickle
import struct
import zipfile
import zlib
from hashlib import sha256

import numpy as np
import pytest
from safetensors.numpy import save

from headwater.demo.safetensors_writer import build_safetensors, named_model, small_tensors
from headwater.examine.models import Models
from headwater.examine.view import View
from headwater.model.errors import Truncated
from headwater.model.finding import State

LAMP = {"lamp": np.arange(6, dtype=np.float16)}
CAPTION = "a white lighthouse in fog"


def values(view, claim):
    return [json.loads(one.value) for one in Models().examine(view) if one.claim == claim and one.value]


def trained(**more):
    return {
        "ss_output_name": "light",
        "ss_dataset_dirs": json.dumps({"10_north": {"n_repeats": 10, "img_count": 12}, "5_south": {}}),
        "ss_reg_dataset_dirs": json.dumps({"1_coast": {"n_repeats": 1, "img_count": 40}}),
        "ss_datasets": json.dumps(
            [
                {"subsets": [{"image_dir": "10_north", "img_count": 12, "num_repeats": 10}]},
                {"subsets": [{"image_dir": "2_east", "img_count": 3, "num_repeats": 2, "is_reg": False}, 7]},
            ]
        ),
        "ss_tag_frequency": json.dumps({"10_north": {CAPTION: 12, "fog": 3, "sea": 5}}),
        "ss_training_started_at": "1750000000.5",
        "ss_sd_model_name": "coast.safetensors",
        "ss_sd_model_hash": "None",
        "ss_new_sd_model_hash": "ab" * 32,
        "ss_seed": "42",
        **more,
    }


def test_the_training_folders_stand_in_one_list(view_of):
    (header,) = values(view_of(build_safetensors(LAMP, trained())), "model.header")
    assert header["training_folders"] == [
        {"name": "10_north", "images": 12, "repeats": 10},
        {"name": "5_south"},
        {"name": "1_coast", "images": 40, "repeats": 1, "regularisation": True},
        {"name": "2_east", "images": 3, "repeats": 2},
    ]
    assert header["base"] == {"name": "coast.safetensors", "sha256": "ab" * 32}
    assert header["training"] == {"seed": "42", "started": "2025-06-15T15:06:40.500+00:00"}


def test_captions_stand_in_their_own_hidden_claim_only(view_of):
    data = build_safetensors(LAMP, trained(**{"prompt": CAPTION, "modelspec.trigger_phrase": CAPTION}))
    seen = list(Models().examine(view_of(data)))
    assert {one.claim for one in seen if CAPTION in one.value} == {"model.tags.prompt"}
    (tags,) = values(view_of(data), "model.tags.prompt")
    assert tags == {"folder": "10_north", "distinct": 3, "tags": [[CAPTION, 12], ["sea", 5], ["fog", 3]]}
    told = {one["key"]: one for one in values(view_of(data), "model.metadata")}
    assert told["prompt"] == {
        "key": "prompt",
        "length_bytes": len(CAPTION),
        "sha256": sha256(CAPTION.encode()).hexdigest(),
    }


def test_a_picture_in_the_header_is_not_kept(view_of):
    picture = "data:image/jpeg;base64," + "A" * 400
    data = build_safetensors(LAMP, {"modelspec.thumbnail": picture, "modelspec.author": "the keeper"})
    told = {one["key"]: one for one in values(view_of(data), "model.metadata")}
    assert told["modelspec.author"]["value"] == "the keeper"
    assert told["modelspec.thumbnail"]["length_bytes"] == len(picture)
    assert not any("AAAA" in one.value for one in Models().examine(view_of(data)))


@pytest.mark.parametrize("side", [8, 600, 1000])
def test_the_hashes_are_those_by_which_generators_name_the_file(view_of, side):
    data = build_safetensors(small_tensors((1, side), {"lamp": (side, side)}), trained())
    expected = named_model("light", data)
    (hashes,) = values(view_of(data), "model.hashes")
    assert hashes["sha256"] == expected.sha256
    assert hashes["autov2"] == expected.autov2
    assert hashes["autov3"] == expected.autov3
    assert hashes.get("legacy8", "") == expected.legacy
    assert bool(expected.legacy) == (side == 1000)


def test_another_header_leaves_autov3_as_it_was(view_of):
    one, other = (values(view_of(build_safetensors(LAMP, {"a": text})), "model.hashes")[0] for text in ("1", "22"))
    assert one["autov3"] == other["autov3"]
    assert one["sha256"] != other["sha256"]


def test_a_download_that_ended_early_says_how_much_is_missing(view_of):
    data = build_safetensors(LAMP, {})
    (header,) = values(view_of(data[:-5]), "model.header")
    assert header["missing_bytes"] == 5
    assert "missing_bytes" not in values(view_of(data), "model.header")[0]


def test_a_header_that_cannot_be_read_fails_and_the_file_keeps_its_digests(view_of):
    data = (40).to_bytes(8, "little") + b'{"lamp":1}' + bytes(40)
    view = view_of(data)
    assert Models().accepts(view)
    failed, hashes = Models().examine(view)
    assert (failed.claim, failed.state) == ("model.header", State.FAILED)
    assert failed.reason.startswith("malformed: ")
    told = json.loads(hashes.value)
    assert told.keys() == {"sha256", "autov2", "blake3", "crc32"}
    assert (told["sha256"], told["autov2"]) == (view.sha256, view.sha256[:10])


def test_many_keys_are_a_limit_that_is_said(view_of):
    seen = list(Models().examine(view_of(build_safetensors(LAMP, {f"key{place}": "1" for place in range(230)}))))
    assert [one.reason for one in seen if one.state is State.NOT_RUN] == [
        "200 keys of a header are recorded; 30 more were not"
    ]


def test_a_large_file_is_read_in_pieces_and_each_is_a_sign_of_life():
    data = build_safetensors(small_tensors((2,), {"lamp": (1200, 1200)}), {})
    asked, touched = [], []

    class Counting:
        size_bytes = len(data)

        def read_at(self, offset, length):
            asked.append(length)
            return data[offset : offset + length]

        def bad_ranges(self):
            return ()

    view = View(
        sha256="0" * 64, size_bytes=len(data), name=b"", source=Counting(), touch=lambda: touched.append(len(asked))
    )
    list(Models().examine(view))
    assert max(asked) <= 1 << 20
    assert len(touched) == len(asked) > 3


def test_a_source_that_ends_before_its_size_is_no_digest(view_of):
    data = build_safetensors(LAMP, {})
    with pytest.raises(Truncated):
        list(Models().examine(view_of(data, size_bytes=len(data) + 10)))


def test_every_short_hash_is_that_of_its_published_definition(view_of):
    """Written out once more here, as AUTOMATIC1111's and kohya's programs have them; BLAKE3 by its test vector."""
    data = build_safetensors({"lamp": np.arange(700_000, dtype=np.float16)}, {"ss_output_name": "light"})
    (told,) = values(view_of(data), "model.hashes")
    behind = 8 + int.from_bytes(data[:8], "little")
    assert told["autov2"] == sha256(data).hexdigest()[:10]
    assert told["autov3"] == sha256(data[behind:]).hexdigest()
    assert told["legacy8"] == sha256(data[0x100000 : 0x100000 + 0x10000]).hexdigest()[:8]
    assert told["crc32"] == f"{zlib.crc32(data):08x}"
    (small,) = values(view_of(b"\x80\x02N."), "model.hashes")
    assert "legacy8" not in small


def test_a_header_that_the_safetensors_library_wrote_is_read(view_of):
    names = {
        "lora_unet_mid.lora_down.weight": np.zeros((4, 8), np.float16),
        "lora_unet_mid.lora_up.weight": np.zeros((8, 4), np.float16),
    }
    (header,) = values(view_of(save(names, trained())), "model.header")
    assert (header["kind"], header["tensors"], header["parameters"]) == ("lora", 2, 64)
    assert header["training_folders"][0] == {"name": "10_north", "images": 12, "repeats": 10}


KINDS = {
    "checkpoint": ["model.diffusion_model.input_blocks.0.0.weight", "first_stage_model.decoder.conv_in.weight"],
    "diffusion model": ["double_blocks.0.img_attn.qkv.weight"],
    "lora": ["unet.down.lora_A.weight", "unet.down.lora_B.weight"],
    "embedding": ["emb_params"],
    "vae": ["decoder.conv_in.weight", "encoder.conv_in.weight"],
    "controlnet": ["control_model.input_blocks.0.0.weight"],
    "ip adapter": ["image_proj.proj.weight", "ip_adapter.1.to_k_ip.weight"],
    "text encoder": ["text_model.encoder.layers.0.mlp.fc1.weight"],
    "other": ["lamp"],
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_model_is_for_is_told_by_its_tensors(view_of, kind):
    data = build_safetensors({name: np.zeros((2, 2), np.float16) for name in KINDS[kind]}, {})
    assert values(view_of(data), "model.header")[0]["kind"] == kind


def test_a_merged_model_names_what_it_was_merged_of(view_of):
    merged = {"ab" * 32: {"name": "coast.safetensors", "legacy_hash": "12345678"}}
    (header,) = values(view_of(build_safetensors(LAMP, {"sd_merge_models": json.dumps(merged)})), "model.header")
    assert header["merged"] == [{"sha256": "ab" * 32, "name": "coast.safetensors"}]


class Canary:
    """Writes a file where it is unpickled. Nothing here ever does."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def packed(pickled):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", pickled)
        archive.writestr("archive/version", "3")
    return out.getvalue()


def legacy(canary):
    parts = (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}, canary, ["0"])
    return b"".join(pickle.dumps(one, protocol=2) for one in parts) + bytes(64)


def array(canary):
    out = io.BytesIO()
    np.save(out, np.array([canary], dtype=object), allow_pickle=True)
    return out.getvalue()


CONTAINERS = {
    "zip of PyTorch": lambda canary: packed(pickle.dumps(canary, protocol=2)),
    "PyTorch before 1.6": legacy,
    "array of objects": array,
    "behind zlib": lambda canary: zlib.compress(pickle.dumps(canary, protocol=3)),
    **{f"protocol {number}": lambda canary, number=number: pickle.dumps(canary, number) for number in range(6)},
}


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_pickle_is_listed_and_never_executed(view_of, container, tmp_path):
    canary = tmp_path / "executed"
    view = view_of(CONTAINERS[container](Canary(canary)))
    assert Models().accepts(view)
    imports = [name for code in values(view, "model.code") for name in code["imports"]]
    assert any(name.endswith(".open") for name in imports)
    assert not canary.exists()
    pickle.loads(pickle.dumps(Canary(canary))).close()  # it would have
    assert canary.exists()


def test_a_name_that_comes_out_of_the_memo_is_told(view_of):
    import_twice = b"\x80\x04\x8c\x02os\x94\x8c\x06getcwd\x940h\x00h\x01\x93)R."
    (code,) = values(view_of(import_twice), "model.code")
    assert code["imports"] == {"os.getcwd": 1}


def test_a_pickle_that_breaks_off_says_so(view_of):
    data = pickle.dumps({"lamp": list(range(300))}, protocol=2)
    (code,) = values(view_of(data[:-40]), "model.code")
    assert code["why"].startswith("malformed: the opcodes break off")


def test_a_gguf_header_is_read(view_of):
    def text(word):
        return struct.pack("<Q", len(word)) + word.encode()

    pairs = text("general.architecture") + struct.pack("<I", 8) + text("flux")
    pairs += text("general.name") + struct.pack("<I", 8) + text("coast")
    pairs += text("list") + struct.pack("<IIQ", 9, 4, 3) + bytes(12)
    tensor = text("double_blocks.0.img_attn.qkv.weight") + struct.pack("<IQQIQ", 2, 4, 6, 1, 0)
    view = view_of(b"GGUF" + struct.pack("<IQQ", 3, 1, 3) + pairs + tensor + bytes(80))
    (header,) = values(view, "model.header")
    assert header["kind"] == "diffusion model"
    assert (header["architecture"], header["name"], header["parameters"]) == ("flux", "coast", 24)
    assert header["dtypes"] == {"F16": 1}
    cut = next(Models().examine(view_of(view.data()[:60])))
    assert (cut.claim, cut.state) == ("model.header", State.FAILED)
    assert cut.reason.startswith("truncated")
