"""A generator's text is out of sight until it is asked for, whichever finding carries it."""

import json

import duckdb

from headwater.steps.prompts import Hiding, without_prompts

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


def test_the_same_prompt_in_another_chunk_a_list_or_a_property_is_hidden():
    found = without_prompts(
        [
            row("generator.record", {"generator": "novelai"}, [(100, 50)]),
            row("png.text", {"keyword": "Description", "text": SECRET}, [(10, 5)]),
            row("xmp.property", {"path": "Iptc4xmpExt:AIPromptInformation", "value": SECRET}, [(400, 5)]),
            row("xmp.property", {"path": "dc:description", "value": [SECRET, SECRET]}, [(140, 5)]),
        ]
    )
    assert SECRET not in json.dumps(found)
    alone = row("png.text", {"keyword": "Description", "text": "a hill"}, [(10, 5)])
    assert without_prompts([alone]) == (alone,)


def test_rows_are_hidden_in_any_order_and_without_those_of_the_record():
    connection = duckdb.connect(":memory:")
    connection.execute(
        "CREATE TABLE findings (sha256 VARCHAR, claim VARCHAR, state VARCHAR, spans"
        " STRUCT(offset_bytes BIGINT, length_bytes BIGINT)[])"
    )
    connection.execute(
        "INSERT INTO findings VALUES ('a', 'generator.record', 'found', [{offset_bytes: 100, length_bytes: 50}])"
    )
    comment = row("exif.tag", {"name": "UserComment", "value": SECRET}, [(120, 5)])
    other = comment | {"sha256": "b"}
    mine, theirs = Hiding(connection).hide([comment | {"sha256": "a"}, other])
    assert SECRET not in mine["value"]
    assert theirs == other
