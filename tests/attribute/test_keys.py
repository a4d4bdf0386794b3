"""What two pictures can share, and how rare it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.attribute.keys import keys_of, phrases
from headwater.attribute.rarity import RARE_BITS, rarity_bits, seed_run_bits


def kinds(claim, value):
    return {(key.kind, key.value) for key in keys_of(claim, value)}


def record(**more):
    return {"generator": "a1111", "whole": True, "models": [], "input_use": "none", **more}


def test_a_prompt_is_told_apart_by_its_phrases_and_not_by_weights_numbers_or_loras():
    one = "A Harbour at dusk, (oil painting:1.3), <lora:pier_v2:0.8>, picture 12"
    other = "a harbour  at DUSK, oil painting, picture 40"
    assert phrases(one) == phrases(other) == ["a harbour at dusk", "oil painting", "picture"]


@given(st.text(max_size=400))
def test_any_prompt_has_phrases(text):
    assert all(one == one.strip() and one for one in phrases(text))


@pytest.mark.parametrize("value", [{}, {"prompt": 7}, {"prompt": ""}, {"prompt": "one phrase"}])
def test_a_prompt_of_one_phrase_or_none_gives_no_key(value):
    assert kinds("generator.prompt", value) == set()


def test_a_record_gives_its_models_its_workflow_and_how_it_was_begun():
    made = record(
        models=[{"name": "coast", "hash": "AB12cd34ef", "hash_kind": "autov2"}], loras=[{"name": "pier"}],
        seed="1234567", version="v1.9", negative_sha256="n", shape_sha256="s",
    )  # fmt: skip
    assert kinds("generator.record", made) == {
        ("model", "autov2:ab12cd34ef"), ("lora", "name:pier"), ("workflow", "s"), ("seed", "1234567"),
        ("software", "a1111 v1.9"), ("negative", "n"),
    }  # fmt: skip


def test_settings_without_a_graph_are_told_apart_by_their_steps():
    told = {
        next(key.detail["what"] for key in keys_of("generator.record", made) if key.kind == "workflow")
        for made in (
            record(), record(denoise=0.5), record(loras=[{"name": "pier"}]),
            record(input_use="unnamed", inputs=[{"role": "image"}]),
            record(input_use="unnamed", inputs=[{"role": "image"}, {"role": "mask"}]),
        )
    }  # fmt: skip
    assert told == {
        "a1111 txt2img", "a1111 txt2img second pass", "a1111 txt2img LoRA", "a1111 img2img", "a1111 inpaint",
    }  # fmt: skip


@pytest.mark.parametrize("seed", ["42", "-1", "0", "9999", "words"])
def test_a_seed_that_is_typed_by_hand_is_no_key(seed):
    assert not [key for key in keys_of("generator.record", record(seed=seed)) if key.kind == "seed"]


@pytest.mark.parametrize(
    ("more", "serial"),
    [
        ({"serial": "K12"}, True),
        ({"serial": "0000"}, False),
        ({"serial": ""}, False),
        ({"serial": "K12", "fails": 1}, False),
    ],
)
def test_a_serial_number_of_a_coherent_exif_is_a_key_and_zeros_are_none(more, serial):
    rules = [{"rule": "size", "outcome": "fails" if more.pop("fails", 0) else "holds"}]
    body = {"make": "Kestrel", "model": "Kite 3", "rules": rules, **more}
    assert bool(kinds("camera.coherence", body)) is serial


def test_a_picture_with_a_key_that_all_have_is_not_rare():
    assert rarity_bits(100, 100) == 0
    assert rarity_bits(2, 5) == 1.0
    assert rarity_bits(2, 200) > RARE_BITS


def test_a_run_of_seeds_has_no_more_bits_than_chance_allows():
    assert seed_run_bits(10, 2**32) == pytest.approx(32 - 5.3219, abs=0.001)
    assert seed_run_bits(2**31, 2**32) == 0.0
    assert seed_run_bits(0, 0) == 0.0
