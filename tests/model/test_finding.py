from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from headwater.model.finding import Method, Seen, Span, State, finding_id

METHOD = Method(examiner="lamp", version="1", code_digest="c", settings_digest="s")
TEXT = st.text(alphabet='a+:\x1f\\"[],0\ud800', max_size=4)
SPANS = st.tuples(
    st.builds(Span, offset_bytes=st.integers(0, 9), length_bytes=st.integers(0, 9), sha256=TEXT, role=TEXT)
)
SEEN = st.builds(Seen, claim=TEXT, value=TEXT, state=st.sampled_from(State), spans=st.one_of(st.just(()), SPANS))


def test_a_separator_inside_a_text_makes_no_other_finding():
    one = Seen(claim="lamp.lit", value="yes\x1ffound", state=State.FOUND)
    moved = Seen(claim="lamp.lit\x1fyes", value="found", state=State.FOUND)
    assert finding_id("i", METHOD, one) != finding_id("i", METHOD, moved)


def test_a_role_is_not_taken_for_another_span():
    spans = (Span(offset_bytes=1, length_bytes=2, sha256="d", role="value\x1f3+4:e:entry"),)
    two = (
        Span(offset_bytes=1, length_bytes=2, sha256="d", role="value"),
        Span(offset_bytes=3, length_bytes=4, sha256="e", role="entry"),
    )
    assert finding_id("i", METHOD, Seen(claim="c", spans=spans)) != finding_id("i", METHOD, Seen(claim="c", spans=two))


@given(SEEN, SEEN)
def test_the_same_finding_has_one_id_and_another_finding_another(one, other):
    same = (one.claim, one.value, one.state, one.spans) == (other.claim, other.value, other.state, other.spans)
    assert (finding_id("i", METHOD, one) == finding_id("i", METHOD, other)) is same


def test_every_part_of_the_method_counts():
    seen = Seen(claim="lamp.lit", value="yes")
    parts = ("examiner", "version", "code_digest", "settings_digest", "model_digest")
    ids = {finding_id("i", replace(METHOD, **{part: "other"}), seen) for part in parts}
    assert len(ids | {finding_id("i", METHOD, seen), finding_id("j", METHOD, seen)}) == len(parts) + 2
