"""What every examiner owes, whoever wrote it: one test for each promise, run on all that are built in."""

import random
from hashlib import sha256

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headwater.evidence.content import BytesSource
from headwater.examine import registry
from headwater.examine.loaded import EXAMINERS as LOADED
from headwater.examine.loaded import chosen
from headwater.examine.messages import Fault
from headwater.examine.registry import examiner_set_digest, methods
from headwater.examine.run import examine_view
from headwater.examine.view import View
from headwater.model.errors import WrongUse
from headwater.model.finding import State

EXAMINERS = {each.name: each for each in LOADED}
EXAMPLES = {f"{each.name}: {example.name}": (each, example) for each in LOADED for example in each.examples()}
by_name = pytest.mark.parametrize("name", EXAMINERS)
by_example = pytest.mark.parametrize("title", EXAMPLES)


def view_of(data, media_type="", name=""):
    return View(
        sha256=sha256(data).hexdigest(),
        size_bytes=len(data),
        name=name.encode(),
        media_type=media_type,
        source=BytesSource(data=data),
    )


def examined(data, names, media_type="", skipped=None, name=""):
    told = []
    view = view_of(data, media_type, name)
    found, faults = examine_view(view, chosen(names, ""), skipped=skipped or {}, announce=told.append)
    return found, faults, told


def check_no_escape(data, media_type=""):
    """No exception comes out; none but an EvidenceError was raised inside; what was claimed was declared."""
    found, faults, _ = examined(data, tuple(EXAMINERS), media_type)
    assert [fault for fault in faults if fault.kind in {"fault", "memory"}] == []
    for each in found:
        assert each.seen.claim in {*EXAMINERS[each.examiner].claims, each.examiner}
        assert (each.seen.state is State.FOUND) == (not each.seen.reason) or each.seen.state is State.NOTHING
        for span in each.seen.spans:
            assert 0 <= span.offset_bytes <= span.offset_bytes + span.length_bytes <= len(data)
            covered = data[span.offset_bytes : span.offset_bytes + span.length_bytes]
            assert span.sha256 in {"", sha256(covered).hexdigest()}


def test_what_is_registered_is_what_is_loaded():
    assert [(each.name, each.version, each.module) for each in registry.BUILT_IN] == [
        (each.name, each.version, type(each).__module__) for each in LOADED
    ]


def test_names_and_claims_are_unique_and_speak_for_their_examiner():
    assert len(EXAMINERS) == len(LOADED)
    claims = [claim for each in LOADED for claim in each.claims]
    assert sorted(set(claims)) == sorted(claims)
    for each in LOADED:  # a failed examiner is reported under its own name
        assert not set(each.claims) & (set(EXAMINERS) - {each.name})
    assert all(each.name.isidentifier() and each.version and each.claims for each in LOADED)


@by_name
def test_an_examiner_brings_examples(name):
    assert EXAMINERS[name].examples()


@by_example
def test_an_example_gives_what_it_promises(title):
    examiner, example = EXAMPLES[title]
    found, faults, told = examined(example.data, (examiner.name,), name=example.name)
    assert faults == []
    assert told == [examiner.name]
    seen = [(each.seen.claim, each.seen.value) for each in found]
    for claim, value in example.expected:
        assert any(claim == one and value in {None, said} for one, said in seen), f"{claim} = {value} is not in {seen}"


@by_example
def test_the_same_bytes_give_the_same_findings_under_the_same_ids(title):
    examiner, example = EXAMPLES[title]
    assert examined(example.data, (examiner.name,)) == examined(example.data, (examiner.name,))


@by_example
def test_findings_are_of_the_content_not_of_its_name(title):
    """A content is examined once, under whichever of its names comes first: its findings may not depend on that."""
    examiner, example = EXAMPLES[title]
    names = ("", "boat.jpg", "boat.png", "boat.txt", "boat.zip")
    first, *others = [examined(example.data, (examiner.name,), name=name) for name in names]
    assert all(other == first for other in others)


@by_example
def test_an_example_breaks_no_promise_for_any_examiner(title):
    check_no_escape(EXAMPLES[title][1].data)


@by_example
def test_truncation_does_not_escape(title):
    data = EXAMPLES[title][1].data
    rng = random.Random(title)
    for cut in {0, 1, len(data) // 2, len(data) - 1, *(rng.randrange(len(data)) for _ in range(12))}:
        check_no_escape(data[:cut])


@by_example
def test_changed_bytes_do_not_escape(title):
    data = EXAMPLES[title][1].data
    rng = random.Random(title)
    for _ in range(24):
        changed = bytearray(data)
        for _ in range(rng.choice((1, 1, 2, 8))):
            changed[rng.randrange(len(changed))] = rng.choice((0, 0xFF, rng.randrange(256)))
        check_no_escape(bytes(changed))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    data=st.binary(max_size=4096),
    media_type=st.sampled_from(
        [
            "",
            "image/jpeg",
            "image/png",
            "image/webp",
            "image/gif",
            "image/tiff",
            "image/heic",
            "image/avif",
            "image/bmp",
        ]
    ),
)
def test_random_bytes_do_not_escape_whatever_they_are_taken_for(data, media_type):
    check_no_escape(data, media_type)


@by_name
def test_an_examiner_that_killed_a_worker_is_left_out_and_that_is_said(name):
    example = EXAMINERS[name].examples()[0]
    fault = Fault(name, "died", "worker was killed")
    found, faults, told = examined(example.data, tuple(EXAMINERS), skipped={name: fault})
    assert [one for one in faults if one.examiner == name] == [fault]
    assert name not in told
    (stated,) = [each.seen for each in found if each.examiner == name]
    assert (stated.claim, stated.state, stated.reason) == (name, State.FAILED, "died")


def test_an_examiner_nobody_knows_is_named():
    with pytest.raises(WrongUse) as caught:
        chosen(("picture", "clairvoyance"), "")
    assert "clairvoyance" in str(caught.value.problems)


def test_other_examiners_or_settings_are_another_set():
    names = tuple(EXAMINERS)
    digests = {
        examiner_set_digest(methods(chosen_names, digest))
        for chosen_names, digest in ((names, ""), (names, "other"), (names[1:], ""))
    }
    assert len(digests) == 3
