"""What is sealed beside what was derived again: every difference is told, with its cause."""

from dataclasses import replace

import pytest

from headwater.examine.messages import Found, Result
from headwater.model.canonical import canonical_text
from headwater.model.finding import Method, Seen, Span, State, finding_id
from headwater.steps.examine import library_versions
from headwater.steps.rederive_compare import compare_findings

SHA = "ab" * 32
METHOD = Method(examiner="picture", version="1", code_digest="c" * 64, settings_digest="d" * 64)
WIDTH = Seen(
    claim="picture.width_pixels", value="640", spans=(Span(offset_bytes=16, length_bytes=4, sha256="e" * 64, role="w"),)
)
HEIGHT = Seen(claim="picture.height_pixels", value="480")


def sealed(seen, method=METHOD, **changes):
    """A row of a part."""
    return {
        "finding": finding_id(SHA, method, seen),
        "sha256": SHA,
        "claim": seen.claim,
        "value": seen.value,
        "state": seen.state.value,
        "reason": seen.reason,
        "spans": [
            {"offset_bytes": one.offset_bytes, "length_bytes": one.length_bytes, "sha256": one.sha256, "role": one.role}
            for one in seen.spans
        ],
        "examiner": method.examiner,
        "version": method.version,
        "code_digest": method.code_digest,
        "settings_digest": method.settings_digest,
        "model_digest": method.model_digest,
        "library_versions": canonical_text(library_versions()),
    } | changes


def derived(*seen, method=METHOD):
    found = tuple(Found(finding_id(SHA, method, one), method.examiner, one) for one in seen)
    return Result("item", "", None, None, found, ())


def compared(rows, result, methods=None):
    return compare_findings(rows, result, {"picture": METHOD} if methods is None else methods)


def test_the_same_is_the_same():
    outcome = compared([sealed(WIDTH), sealed(HEIGHT)], derived(HEIGHT, WIDTH))
    assert (outcome.same, outcome.differences, outcome.notes) == (2, (), ())


def test_a_row_that_was_changed_is_not_its_finding():
    row = sealed(WIDTH) | {"value": "641"}
    outcome = compared([row, sealed(HEIGHT)], derived(WIDTH, HEIGHT))
    assert outcome.same == 1
    told = f"value: the sealed finding {row['finding'][:16]}… of picture.width_pixels is not that of its row"
    assert told in outcome.differences


@pytest.mark.parametrize(
    "now",
    [
        replace(WIDTH, value="641"),
        replace(WIDTH, spans=()),
        replace(WIDTH, state=State.FAILED, value="", reason="truncated"),
    ],
)
def test_another_value_span_or_state_is_told_from_both_sides(now):
    outcome = compared([sealed(WIDTH), sealed(HEIGHT)], derived(now, HEIGHT))
    assert outcome.same == 1
    said = "picture.width_pixels (failed)" if now.state is State.FAILED else f"picture.width_pixels = {now.value}"
    assert set(outcome.differences) == {
        "value: picture.width_pixels = 640 is sealed and was not derived again",
        f"value: {said} was derived and is not sealed",
    }


def test_one_that_is_missing_and_one_too_many_are_told():
    assert compared([sealed(WIDTH), sealed(HEIGHT)], derived(WIDTH)).differences == (
        "value: picture.height_pixels = 480 is sealed and was not derived again",
    )
    assert compared([sealed(WIDTH)], derived(WIDTH, HEIGHT)).differences == (
        "value: picture.height_pixels = 480 was derived and is not sealed",
    )


def test_other_libraries_are_named_as_the_cause():
    row = sealed(WIDTH, library_versions=canonical_text(library_versions() | {"pillow": "1.0"}))
    outcome = compared([row], derived(replace(WIDTH, value="641")))
    assert "library: picture.width_pixels = 640 is sealed and was not derived again" in outcome.differences


def test_another_library_is_a_difference_even_where_all_comes_out_the_same():
    versions = library_versions()
    row = sealed(WIDTH, library_versions=canonical_text(versions | {"pillow": "1.0"}))
    outcome = compared([row, sealed(HEIGHT)], derived(WIDTH, HEIGHT))
    assert (outcome.same, outcome.differences) == (2, (f"library: pillow 1.0, now {versions['pillow']}",))


@pytest.mark.parametrize(
    ("change", "cause"),
    [({"version": "0"}, "version (0, code "), ({"code_digest": "0" * 64}, "version (1, code 000000000000"),
     ({"settings_digest": "0" * 64}, "settings (000000000000")],
)  # fmt: skip
def test_another_method_is_named_as_the_cause_and_the_same_words_are_the_same(change, cause):
    older = replace(METHOD, **change)
    rows = [sealed(WIDTH, older), sealed(HEIGHT, older)]
    same = compared(rows, derived(WIDTH, HEIGHT))
    assert (same.same, same.differences) == (2, ())
    assert f"picture: sealed under another {cause}" in same.notes[0]
    outcome = compared(rows, derived(WIDTH, replace(HEIGHT, value="481")))
    assert outcome.same == 1
    assert [line.rpartition(": ")[2] for line in outcome.differences] == [
        "picture.height_pixels = 480 is sealed, not derived now",
        "picture.height_pixels = 481 is derived now, not sealed",
    ]
    assert all(line.startswith(cause) for line in outcome.differences)


def test_an_examiner_that_is_not_asked_or_left_nothing_is_a_note():
    assert compared([sealed(WIDTH)], derived(), {}).notes == ("picture: not chosen in headwater.toml now",)
    assert compared([], derived(WIDTH)).notes == ("picture: nothing is sealed of it for this content",)


@pytest.mark.parametrize(
    ("examiner", "claim", "words"),
    [("photodna", "photodna.value", "plug-in for photodna"), ("video", "video.frames", "library av")],
)
def test_what_an_examiner_brings_from_outside_is_the_cause_by_name(examiner, claim, words):
    was = replace(METHOD, examiner=examiner, model_digest="1" * 64, material_digest="1" * 64)
    now = replace(was, model_digest="", material_digest="")
    seen = Seen(claim=claim, value="7")
    outcome = compared([sealed(seen, was) | {"trust_list_digest": None}], derived(), {examiner: now})
    cause = f"{words} ({'1' * 12}, now none)"
    assert outcome.notes == (f"{examiner}: sealed under another {cause}; compared by what they say, not by id",)
    assert outcome.differences == (f"{cause}: {claim} = 7 is sealed, not derived now",)
