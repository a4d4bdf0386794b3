"""A generator's text is out of sight until it is asked for, whichever finding carries it."""

import json

from headwater.steps.prompts import without_prompts

SECRET = "a lighthouse that nobody asked for"


def row(claim, value, spans=(), state="found"):
    text = value if isinstance(value, str) else json.dumps(value)
    return {
        "claim": claim, "value": text, "state": state,
        "spans": [{"offset_bytes": offset, "length_bytes": length} for offset, length in spans],
    }  # fmt: skip


def test_prompts_are_hidden_by_claim_name_and_place():
    found = without_prompts(
        [
            row("generator.record", {"generator": "a1111", "seed": "7"}, [(100, 50)]),
            row("generator.prompt", {"prompt": SECRET}),
            row("declared.prompt", SECRET),
            row("png.text", {"keyword": "parameters", "text": SECRET}),
            row("exif.tag", {"name": "UserComment", "value": SECRET}, [(120, 5)]),
            row("xmp.property", {"path": "dc:title", "value": SECRET}, [(149, 5)]),
        ]
    )
    assert SECRET not in json.dumps(found)
    assert [json.loads(one["value"])["seed"] for one in found[:1]] == ["7"]
    assert json.loads(found[4]["value"])["name"] == "UserComment"
    assert all(f"{len(SECRET)} characters" in one["value"] for one in found[3:])


def test_what_other_programs_wrote_is_shown():
    kept = [
        row("generator.record", {"generator": "a1111"}, [(100, 50)]),
        row("exif.tag", {"name": "ImageDescription", "value": "a hill"}, [(150, 5)]),
        row("exif.tag", {"name": "UserComment", "value": "a hill"}, [(95, 5)]),
        row("png.text", {"keyword": "Title", "text": "a hill"}, [(10, 5)]),
        row("picture.width_pixels", "640", [(110, 4)]),
        row("comment", "not JSON {", [(200, 4)]),
    ]
    assert without_prompts(kept) == tuple(kept)


def test_nothing_of_a_comment_is_shown_that_lies_on_a_generators_bytes():
    (_, comment) = without_prompts([row("generator.graph", {}, [(0, 9)]), row("comment", SECRET, [(0, 9)])])
    assert SECRET not in comment["value"]
