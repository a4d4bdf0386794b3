"""S10 to S12: what speaks for a camera, by the rules that the camera examiner applied, and by other pictures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from headwater.origin.claims import Claim, Content, objects_of, text_of
from headwater.origin.context import Context
from headwater.origin.signals import Signal, Tie

_ALIKE = 6  # contents that share make, model and tables, this one among them: five others
_REFERENCES = 10  # pictures a sensor's pattern must rest on
_MUST_HOLD = ("size", "thumbnail")  # words in the names of the rules that S11 asks for
_NOTE = (
    "maker"  # likewise; a note whose maker's form is not known here counts where it is there and contradicts nothing
)
_KNOWN_TABLES = ("tables", "quantisation")  # of a rule that compares with the shipped reference
_ANY_PROGRAM = frozenset({"ijg", "adobe"})  # families of encoders: such tables are no model's, however often they occur
_OWN_PREVIEW = ("exif", "mpf", "tiff")  # carriers that the camera itself fills


def camera_signals(content: Content, context: Context) -> Iterator[Signal | Tie]:
    """S10, and S11 or S12; where a rule failed neither, and the failure is noted."""
    yield from _sensors(content, context)
    failed = [*_failed(content)]
    for claim in content.found("camera.coherence"):
        fields = claim.fields
        make, model = text_of(fields, "make"), text_of(fields, "model")
        if failed:
            findings = (claim.finding, *(finding for finding, _ in failed if finding != claim.finding))
            says = (
                f"fields of a camera that contradict each other or the picture: {'; '.join(text for _, text in failed)}"
            )
            yield Signal(id="S12", findings=findings, says=says, writer="exif", values={"failed": failed[0][1]})
        elif (make or model) and not _is_a_generators(content):
            has_note = any(True for _ in content.found("exif.maker_note"))
            plain = any(text_of(each.fields, "family") in _ANY_PROGRAM for each in content.found("camera.encoder"))
            yield _coherent(claim, (make, model), context, has_note=has_note, is_of_any_program=plain)


def _coherent(
    claim: Claim, body: tuple[str, str], context: Context, *, has_note: bool, is_of_any_program: bool
) -> Signal:
    fields = claim.fields
    named = " ".join(filter(None, body))
    rules = objects_of(fields, "rules")
    tables = "" if is_of_any_program else text_of(fields, "tables_sha256")
    alike = context.bodies.get((*body, tables), 0) if tables else 0
    missing = [word for word in _MUST_HOLD if not _holds(rules, (word,))]
    missing += [] if has_note or _holds(rules, (_NOTE,)) else ["maker note"]
    found = Signal(id="S12", side="c", level=1, findings=(claim.finding,), writer="exif")
    if not missing and (alike >= _ALIKE or _holds(rules, _KNOWN_TABLES)):
        known = f"those of {alike - 1} other pictures of that model" if alike >= _ALIKE else "known"
        says = f"the fields of a {named} fit each other and the picture; its tables are {known}"
        text = f"that a {named} recorded the picture, in fields that fit each other and the picture"
        return replace(found, id="S11", level=2, says=says, values={"text": text})
    why = f"no rule on {', '.join(missing)} holds" if missing else "its tables are not known to be that model's"
    says = f"the fields of a {named} are there and contradict nothing; {why}"
    return replace(found, says=says, values={"text": f"{named} as the camera in its fields"})


def _holds(rules: Sequence[Mapping[str, Any]], words: tuple[str, ...]) -> bool:
    return any(
        rule.get("outcome") == "holds" and any(word in text_of(rule, "rule").lower() for word in words)
        for rule in rules
    )


def _failed(content: Content) -> Iterator[tuple[str, str]]:
    """Every rule that failed, with the finding that says so; a preview of another picture is one."""
    for claim in content.found("camera.coherence"):
        for rule in objects_of(claim.fields, "rules"):
            if rule.get("outcome") == "fails":
                yield claim.finding, f"{text_of(rule, 'rule')}: {text_of(rule, 'detail')}"
    for claim in content.found("embedded.compared"):
        fields = claim.fields
        carrier = text_of(fields, "carrier")
        is_thumbnail = fields.get("role", "thumbnail") == "thumbnail"
        if fields.get("same") == "no" and is_thumbnail and carrier.lower().startswith(_OWN_PREVIEW):
            yield claim.finding, f"the preview in {carrier} shows another picture"


def _is_a_generators(content: Content) -> bool:
    """Some programs write a graph into Make and Model: those name no camera (ComfyUI's WebP)."""
    return any(
        text_of(claim.fields, "carrier").lower().endswith((" make", " model"))
        for claim in content.found("generator.record", "generator.graph")
    )


def _sensors(content: Content, context: Context) -> Iterator[Signal | Tie]:
    for claim in content.found("sensor.match"):
        fields = claim.fields
        camera, pce = text_of(fields, "camera"), _number(fields, "pce")
        threshold, references = _number(fields, "threshold"), _number(fields, "references")
        is_over = pce > threshold > 0 and references >= _REFERENCES and fields.get("geometry") == "equal"
        says = f"the pattern of the camera {camera}: PCE {pce:.1f}, threshold {threshold:g}, {references:g} references"
        if not is_over:
            yield Signal(id="S15", findings=(claim.finding,), says=f"{says}: nothing for or against", writer="sensor")
            continue
        values = {"camera": camera, "text": f"the sensor pattern of {camera}"}
        level = 3 if "sensor" in context.validated else 1
        yield Signal(
            id="S10", side="c", level=level, findings=(claim.finding,), writer="sensor", values=values,
            says=says if level > 1 else f"{says}; its error is not measured by this laboratory",
        )  # fmt: skip
        yield Tie(a=content.sha256, b=f"camera:{camera}", reason="sensor", value=f"PCE {pce:.1f}")


def _number(fields: Mapping[str, Any], key: str) -> float:
    value = fields.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
