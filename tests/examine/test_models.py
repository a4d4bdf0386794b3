import json
from hashlib import sha256

import numpy as np
import pytest

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
    assert json.loads(hashes.value) == {"sha256": view.sha256, "autov2": view.sha256[:10]}


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
