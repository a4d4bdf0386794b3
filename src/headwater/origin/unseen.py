"""What could not be seen of a content, and whose side that leaves open (the number f)."""

from collections.abc import Iterator
from dataclasses import dataclass

from headwater.model.canonical import Json
from headwater.origin.claims import FAILED, NOT_RUN, Claim, Content
from headwater.origin.context import Context

_AI, _CAMERA = "ai", "camera"
# Examiners without which a side was not looked at. Slow ones that one may switch off are not among them.
PRIMARY = {"credentials": _AI, "declared": _AI, "generators": _AI, "camera": _CAMERA}
# Where one of these fails, something that could speak against a grade was missed; each may be left out.
_SECONDARY = {"watermark": _AI, "previews": _AI, "sensor": _CAMERA}
_NOT_TOLD = "nothing is kept of it for this content, not even that it found nothing"
_MAIN_CLAIMS = frozenset({"generator.record", "c2pa.state", "declared.source_type", "camera.coherence"})
_BOTH = frozenset(
    {("picture.decodes", FAILED), ("metadata", FAILED)}
)  # without pixels or metadata neither side is seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """One thing that was not seen. side: ai or camera; empty where neither hangs on it."""

    examiner: str
    what: str
    state: str
    reason: str
    side: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Json]:
        """As an origin keeps it."""
        return {
            "examiner": self.examiner, "reason": self.reason, "side": [*self.side], "state": self.state,
            "what": self.what,
        }  # fmt: skip


def unseen(content: Content, context: Context) -> Iterator[Unseen]:
    """Everything that failed or was not run, in the order it is kept; last the examiners that did not look at it."""
    for claim in content.claims:
        if claim.state in {FAILED, NOT_RUN}:
            yield Unseen(
                examiner=claim.examiner, what=claim.claim, state=claim.state, reason=claim.reason, side=_sides(claim)
            )
    for name in sorted(context.not_chosen):
        side = PRIMARY.get(name)
        yield Unseen(
            examiner=name, what=name, state=NOT_RUN, reason="not chosen in headwater.toml", side=(side,) if side else ()
        )
    for name in sorted(content.not_told - context.not_chosen):
        yield Unseen(examiner=name, what=name, state=NOT_RUN, reason=_NOT_TOLD, side=(PRIMARY[name],))


def _sides(claim: Claim) -> tuple[str, ...]:
    if (claim.claim, claim.state) in _BOTH:
        return (_AI, _CAMERA)
    if claim.state == FAILED and claim.examiner in _SECONDARY:
        return (_SECONDARY[claim.examiner],)
    side = PRIMARY.get(claim.examiner)
    counts = side and (claim.state == FAILED or claim.claim in _MAIN_CLAIMS | {claim.examiner})
    return (side,) if side and counts else ()


def is_open(grade: str, found: tuple[Unseen, ...]) -> bool:
    """Whether the side opposing a grade was not examined completely; of no grade, either side."""
    opposing = {"camera": {_AI}, "generated": {_CAMERA}, "edited": {_CAMERA}}.get(grade, {_AI, _CAMERA})
    return any(opposing & set(one.side) for one in found)
