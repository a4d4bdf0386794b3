"""The line of settings, with everything that extensions put into it."""

from hypothesis import given
from hypothesis import strategies as st

from headwater.formats.generators.a1111 import record_of
from headwater.formats.generators.record import Input, Used
from headwater.formats.generators.settings_text import read_settings

LINE = "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 42, Size: 512x768"


def record(text, **more):
    settings = read_settings(text)
    assert settings is not None
    return record_of(settings, **more)


def test_prompts_and_figures():
    made = record(f"a lighthouse,\nat dusk\nNegative prompt: fog,\nrain\n{LINE}, Model hash: 6CE0161689, Model: v1-5")
    assert (made.prompt, made.negative) == ("a lighthouse,\nat dusk", "fog,\nrain")
    assert (made.steps, made.cfg, made.seed, made.width, made.height) == (20, 7.0, "42", 512, 768)
    assert made.models == (Used("v1-5", "6ce0161689", "autov2"),)
    assert made.why == ""
    assert made.input_use == "none"


def test_without_prompts():
    assert (record(LINE).prompt, record(LINE).negative) == ("", None)
    assert (record(f"Negative prompt: fog\n{LINE}").prompt, record(f"Negative prompt: fog\n{LINE}").negative) == (
        "",
        "fog",
    )


def test_values_in_quotation_marks_and_objects():
    made = record(
        f'coast <lora:dusk:0.8> <lora:dawn:0.5>\n{LINE}, Lora hashes: "dusk: 0123456789ab, dawn: ABCDEF012345", '
        'Hashes: {"model": "6ce0161689", "lora:noon": "aaaaaaaaaa"}, Template: "a: b, c"'
    )
    assert made.loras == (
        Used("dusk", "0123456789ab", "autov3", 0.8),
        Used("dawn", "abcdef012345", "autov3", 0.5),
        Used("noon", "aaaaaaaaaa", "autov2"),
    )


def test_a_comma_inside_a_value_is_kept():
    assert read_settings(f"{LINE}, Model: one, two, App: SD.Next").values["model"] == "one, two"


def test_legacy_hash():
    assert record(f"{LINE}, Model hash: 81761151, Model: old").models == (Used("old", "81761151", "legacy8"),)


def test_the_last_line_of_settings_counts():
    made = record(f"as in\nSteps: 5, Sampler: LMS, Seed: 1\nby another\n{LINE}\nTemplate: a, Negative Template: b")
    assert made.steps == 20
    assert made.prompt.startswith("as in\nSteps: 5")


def test_what_begins_from_a_picture():
    assert record(f"{LINE}, Denoising strength: 0.6").inputs == (Input("image"),)
    assert record(f"{LINE}, Denoising Strength: 0").inputs == (Input("image"),)
    masked = record(f"{LINE}, Denoising strength: 0.6, Mask blur: 4, Inpaint area: Only masked")
    assert masked.inputs == (Input("image"), Input("mask"))
    assert masked.input_use == "unnamed"
    assert record(f'{LINE}, ControlNet 0: "Module: canny, Model: x"').inputs == (Input("control"),)


def test_a_second_pass_is_no_input():
    for second in ("Hires upscale: 2, Hires steps: 10", "First pass size: 512x512", "Second pass: True"):
        assert record(f"{LINE}, Denoising strength: 0.4, {second}").input_use == "none"
    assert record(f"{LINE}, Denoising strength: 0.4, Operations: txt2img; hires, App: SD.Next").input_use == "none"
    assert record(f"{LINE}, Denoising strength: 0.4, Operations: img2img; hires, App: SD.Next").input_use == "unnamed"


def test_families_by_name_and_by_layout():
    told = {
        "": ("a1111", "layout"),
        ", Version: v1.10.1": ("a1111", "name"),
        ", Version: f2.0.1v1.10.1-previous-1": ("forge", "name"),
        ", Version: neo": ("forge", "name"),
        ", App: SD.Next, Version: 191e36f": ("sdnext", "name"),
        ", Version: Fooocus v2.5.0": ("fooocus", "name"),
        ", Version: ComfyUI": ("comfyui", "name"),
    }
    for end, family in told.items():
        made = record(LINE + end)
        assert (made.generator, made.told_by) == family


def test_what_is_missing_makes_it_a_part():
    assert record("coast\nSteps: 20, Sampler: Euler, CFG scale: 7").why == "no seed in its line of settings"
    assert record(LINE, cut=True).why == "the end of the text is missing"


def test_no_line_of_settings():
    for text in ("", "Steps: many", "Steps: 3 up the tower", "Steps: 12, Height: 4", "a lighthouse with 20 steps"):
        assert read_settings(text) is None


@given(st.text(alphabet='Steps: 12,"{}[]\\\nSedlrahC<>', max_size=300))
def test_any_text_is_read_or_none(text):
    settings = read_settings(f"{text}\nSteps: 1, Seed: 2, Size: 3x4, {text}")
    assert settings is None or record_of(settings).generator
