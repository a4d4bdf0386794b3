"""What must hold of any signals: their order never matters, and contradiction never strengthens."""

import json

from hypothesis import example, given
from hypothesis import strategies as st

from headwater.origin.claims import Claim, Content, Place
from headwater.origin.context import Context
from headwater.origin.rules import Numbers, decide
from headwater.origin.sentences import sentences
from headwater.origin.signals import SIGNALS, Signal
from headwater.origin.weigh import Carrier, origin_of, weigh

SIDE_OF = {"generated": "g", "edited": "e", "camera": "c"}
SIGNAL = st.builds(
    Signal,
    id=st.sampled_from([*SIGNALS]),
    side=st.sampled_from("gec"),
    level=st.integers(0, 4),
    findings=st.lists(st.text("0123456789abcdef", min_size=4, max_size=4), max_size=2).map(tuple),
    says=st.text(max_size=20),
    writer=st.sampled_from(["one", "two"]),
    values=st.dictionaries(st.sampled_from(["text", "signer"]), st.sampled_from("ab"), max_size=2),
)
SIGNALS_FOUND = st.lists(SIGNAL, max_size=8)
CARRIER = st.sampled_from([None, Carrier(says="a screen")])


@given(SIGNALS_FOUND.flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))), CARRIER)
@example(([Signal(id="S6", writer=one) for one in "ab"], [Signal(id="S6", writer=one) for one in "ba"]), None)
def test_the_order_of_signals_never_matters(orders, carrier):
    found, other = orders
    assert origin_of("x", found, carrier=carrier) == origin_of("x", other, carrier=carrier)


@given(SIGNALS_FOUND, SIGNAL, CARRIER)
def test_a_contradicting_signal_never_strengthens(found, more, carrier):
    before = origin_of("x", found, carrier=carrier).verdict
    after = origin_of("x", [*found, more], carrier=carrier).verdict
    if before.level and more.side != SIDE_OF[before.grade] and after.grade == before.grade:
        assert after.level <= before.level


@given(SIGNALS_FOUND, SIGNAL, CARRIER)
def test_more_evidence_for_a_named_class_never_flips_or_silences_it(found, more, carrier):
    """But for what a carrier shows: its camera's evidence counts nothing."""
    before = origin_of("x", found, carrier=carrier).verdict
    after = origin_of("x", [*found, more], carrier=carrier).verdict
    if before.level and more.side == SIDE_OF[before.grade]:
        assert (after.grade, after.level >= before.level) == (before.grade, True)


@given(SIGNALS_FOUND, CARRIER)
def test_what_says_the_same_thing_again_changes_nothing(found, carrier):
    once = origin_of("x", found, carrier=carrier)
    twice = origin_of("x", [*found, *found], carrier=carrier)
    assert (once.numbers, once.verdict) == (twice.numbers, twice.verdict)


@given(st.sampled_from("gec"), st.lists(st.integers(0, 3), min_size=1, max_size=6))
def test_many_weak_signals_make_no_strong_one(side, levels):
    found = [Signal(id="S14", side=side, level=level, says=str(place)) for place, level in enumerate(levels)]
    assert origin_of("x", found).verdict.level == max(levels)


@given(SIGNALS_FOUND, CARRIER)
def test_every_finding_is_used_or_set_aside(found, carrier):
    origin = origin_of("x", found, carrier=carrier)
    assert all((one in origin.used) != (one in origin.aside) for one in origin.signals)
    assert len(origin.used) + len(origin.aside) == len(origin.signals)
    assert all(one.text for one in sentences(origin))


@given(*[st.integers(0, 4)] * 3, st.integers(0, 1), st.integers(0, 1))
def test_a_carrier_only_takes_the_camera_away(g, e, c, k, f):
    assert decide(Numbers(g=g, e=e, c=c, k=1, f=f)) == decide(Numbers(g=g, e=e, c=0, k=k, f=f))


RECORD = {"generator": "a1111", "carrier": "PNG tEXt parameters", "whole": True, "input_use": "none", "models": []}
CARRIERS = ("PNG tEXt parameters", "EXIF UserComment", "XMP", "trailer", "alpha LSB", "MP4 moov/udta")


@given(st.lists(st.sampled_from(CARRIERS), min_size=1, max_size=12), st.booleans(), st.booleans())
def test_one_writer_has_one_vote(carriers, in_its_folder, with_camera):
    """However often and wherever a program writes its record, and wherever it puts the file, it is one declaration."""

    def claims(found):
        fields = {"make": "Kestrel", "model": "Kite 3", "rules": []}
        values = [("generator.record", RECORD | {"carrier": carrier}) for carrier in found]
        values += [("camera.coherence", fields)] if with_camera else []
        return tuple(
            Claim(finding=str(place), examiner="x", claim=name, value=json.dumps(value))
            for place, (name, value) in enumerate(values)
        )

    path = "outputs/txt2img-images/2026-05-01/00001-1234567.png" if in_its_folder else "lake.png"
    place = (Place(exhibit="LH-01", path=path),)
    many = weigh(Content(sha256="x", claims=claims(carriers), places=place), Context())
    one = weigh(Content(sha256="x", claims=claims(carriers[:1])), Context())
    assert (many.numbers, many.verdict) == (one.numbers, one.verdict)
    assert many.numbers == Numbers(g=2, c=int(with_camera))


@given(SIGNALS_FOUND)
def test_of_a_carrier_no_camera_is_ever_named(found):
    carried = origin_of("x", found, carrier=Carrier(says="a screen")).verdict
    assert carried == origin_of("x", [one for one in found if one.side != "c"]).verdict
    assert carried.grade != "camera"


WORDS = (
    "generator carrier whole models hash name inputs input_use role codes failure origin side state binding rules rule"
    " outcome make pce signature verifies label term"
)
KEYS = st.sampled_from(WORDS.split())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=12,
)
CLAIMS = (
    "generator.record c2pa.state declared.source_type declared.tc260 declared.vendor declared.screen camera.coherence"
    " embedded.compared watermark.dwtdct sensor.match"
)
CLAIMED = st.sampled_from(CLAIMS.split())


@given(st.lists(st.tuples(CLAIMED, st.dictionaries(KEYS, JSON, max_size=8) | JSON), max_size=5), st.text(max_size=30))
def test_any_value_is_weighed(claims, path):
    """Values come from evidence by way of examiners: whatever they hold, something is said and nothing raises."""
    found = tuple(
        Claim(finding=str(place), examiner="x", claim=name, value=json.dumps(value))
        for place, (name, value) in enumerate(claims)
    )
    content = Content(sha256="x", claims=found, places=(Place(exhibit="LH-01", path=path),))
    origin = weigh(content, Context())
    assert all(one.text for one in sentences(origin))
    assert weigh(Content(sha256="x", claims=found[::-1], places=content.places), Context()).numbers == origin.numbers


def test_signals_that_differ_in_their_writer_only_have_one_order():
    one, two = (Signal(id="S1", side="g", writer=writer) for writer in ("one", "two"))
    assert origin_of("x", [one, two]) == origin_of("x", [two, one])
