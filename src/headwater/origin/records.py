"""S6 to S9 and NovelAI's S1: what a file's own records and labels say of a generator, and what agrees with them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from headwater.origin.claims import Claim, Content, objects_of, text_of
from headwater.origin.context import Context, OutputRow
from headwater.origin.inputs import InputPicture, input_picture
from headwater.origin.models import LONG_DIGITS, SHORT_DIGITS, ModelFile
from headwater.origin.signals import Signal, Tie

_GENERATED, _COMPOSITE = "trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia"  # IPTC NewsCodes
SCREEN = "screenCapture"
_TC260_GENERATED = "1"  # GB 45438-2025: 2 and 3 are a platform's guesses
_CREDITED = {"generated": "g", "edited": "e"}  # the last word of a credit line's kind
_NO_TYPE = frozenset({"", "0", "none"})
_SAME_FAMILY = {"forge": "a1111", "sdnext": "a1111"}  # forks that keep the other's logs
_MOST_TIES = 50  # of one kind of one record


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """An independent record that agrees. values: texts for the sentence."""

    says: str
    tie: Tie
    values: Mapping[str, str]
    findings: tuple[str, ...] = ()


def record_signals(content: Content, context: Context, camera_level: int) -> Iterator[Signal | Tie]:
    """Signals and ties of every generator's record in the file."""
    for claim in content.found("generator.record"):
        record = claim.fields
        if record.get("whole") is not True:
            why = text_of(record, "why") or "it could be read in part only"
            says = f"{_carried(record)} counts nothing: {why}"
            yield Signal(id="S15", findings=(claim.finding,), says=says, writer=_family(record))
            continue
        picture = input_picture(content, record, context, camera_level)
        agreements = [*_models_found(content, record, context), *_rows_found(content, record, context)]
        yield from _signals(claim, record, picture, agreements)
        yield from (one.tie for one in agreements)
        yield from _leads(content, record, context)
        for other in picture.found:
            yield Tie(a=content.sha256, b=other, reason="input_picture", value=picture.why or "named by its record")


def _signals(
    claim: Claim, record: Mapping[str, Any], picture: InputPicture, agreements: list[Agreement]
) -> Iterator[Signal]:
    what = f"{_carried(record)}{f'; {picture.why}' if picture.why else ''}"
    text = f"that {_family(record)} made or changed the picture ({text_of(record, 'carrier') or 'carrier not stated'})"
    values = {"text": text, "input": picture.why}
    found = Signal(id="S6", level=2, findings=(claim.finding,), says=what, writer=_family(record), values=values)
    for side in picture.sides:
        yield replace(found, side=side)
        if _is_signed(record):
            says = f"{what}; its signature verifies over these pixels"
            yield replace(found, id="S1", side=side, level=4, says=says, values={**values, "signer": "NovelAI"})
        for one in agreements[:1]:
            findings = (*found.findings, *one.findings)
            agreed = {**values, **one.values}
            yield replace(found, id="S7", side=side, level=3, says=one.says, findings=findings, values=agreed)


def _is_signed(record: Mapping[str, Any]) -> bool:
    signature = record.get("signature")
    return _family(record) == "novelai" and isinstance(signature, dict) and signature.get("verifies") is True


def _carried(record: Mapping[str, Any]) -> str:
    return f"a record of {_family(record)} ({text_of(record, 'carrier') or 'carrier not stated'})"


def _family(record: Mapping[str, Any]) -> str:
    return text_of(record, "generator") or "a generator that is not named"


def _models(record: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Name, hash and kind of hash of every model in a record."""
    for one in (*objects_of(record, "models"), *objects_of(record, "loras")):
        yield text_of(one, "name"), text_of(one, "hash").lower().removeprefix("0x"), text_of(one, "hash_kind")


def _models_found(content: Content, record: Mapping[str, Any], context: Context) -> Iterator[Agreement]:
    for name, digest, kind in _models(record):
        if len(digest) >= LONG_DIGITS:
            for file in context.models.with_digest(digest, kind):
                tie = Tie(a=content.sha256, b=file.sha256, reason="model_digest", value=digest, strength="corroborated")
                says = f"the digest {digest} of the model {name or 'without a name'} was recomputed from {_at(file)}"
                values = {"a": f"the digest {digest}", "b": file.path, "exhibit": file.exhibit, "path": file.path}
                yield Agreement(says=says, tie=tie, values=values)


def _at(file: ModelFile) -> str:
    return f"{file.path} on exhibit {file.exhibit}"


def _rows_found(content: Content, record: Mapping[str, Any], context: Context) -> Iterator[Agreement]:
    """A record written by another program, or seized elsewhere, of the same output name, seed and prompt.

    Elsewhere: on no exhibit on which the picture lies too. A copy of the program's own log on a second exhibit is the
    same writer's, and a record whose program nobody named may be.
    """
    for name, row in _rows(content, record, context):
        if _is_independent(content, record, row):
            tie = Tie(a=content.sha256, b=row.sha256, reason="same_record", value=name, strength="corroborated")
            where = ", ".join(sorted(row.exhibits))
            says = f"a record of {row.program} on exhibit {where} has the same name, seed and prompt ({name})"
            values = {"a": f"name, seed and prompt of {name}", "b": f"the record of {row.program}", "exhibit": where}
            yield Agreement(says=says, tie=tie, values=values, findings=(row.finding,))


def _rows(content: Content, record: Mapping[str, Any], context: Context) -> Iterator[tuple[str, OutputRow]]:
    key = text_of(record, "seed"), text_of(record, "prompt_sha256")
    names = {place.name for place in content.places} | {text_of(record, "output_name")}
    for name in sorted(names - {""}) if all(key) else ():
        for row in context.outputs.get(name, ()):
            if (row.seed, row.prompt_sha256) == key and row.sha256 != content.sha256:
                yield name, row


def _is_independent(content: Content, record: Mapping[str, Any], row: OutputRow) -> bool:
    family = _family(record)
    is_same_program = _SAME_FAMILY.get(family, family) == _SAME_FAMILY.get(row.program, row.program)
    is_another_program = bool(row.program) and not is_same_program
    return is_another_program or not row.exhibits & content.exhibits


def _leads(content: Content, record: Mapping[str, Any], context: Context) -> Iterator[Signal | Tie]:
    """S8: short hashes, names, and rows of the same program on the same exhibit."""
    found: dict[tuple[str, str], Tie] = {}
    for name, digest, kind in _models(record):
        exact = context.models.with_digest(digest, kind) if len(digest) >= LONG_DIGITS else ()
        for file in context.models.with_short_hash(digest) if len(digest) in range(SHORT_DIGITS, LONG_DIGITS) else ():
            found[file.sha256, "short_model_hash"] = _lead(content, file.sha256, "short_model_hash", digest)
        for file in context.models.named(name):
            if file not in exact:
                found[file.sha256, "model_name"] = _lead(content, file.sha256, "model_name", name)
    for name, row in _rows(content, record, context):
        if not _is_independent(content, record, row):
            found[row.sha256, "same_writer"] = _lead(content, row.sha256, "same_writer", name)
    ties = [*found.values()][:_MOST_TIES]
    yield from ties
    for reason in dict.fromkeys(tie.reason for tie in ties):
        yield Signal(id="S8", says=_LEADS[reason], writer=_family(record), values={"tie": reason})


_LEADS = {
    "short_model_hash": "the short hash of the model agrees with a seized file; a short hash is a lead",
    "model_name": "a seized file has the name of the model; a name is a lead",
    "same_writer": "the same program's own database or log on that exhibit has this output; it is the same writer",
}


def _lead(content: Content, other: str, reason: str, value: str) -> Tie:
    return Tie(a=content.sha256, b=other, reason=reason, value=value)


def label_signals(content: Content, camera_level: int) -> Iterator[Signal]:
    """Labels without a signature: IPTC digital source type, TC260, and what a vendor's program leaves at the end."""
    for claim in content.found("declared.source_type"):
        yield _source_type(claim, text_of(claim.fields, "term"))
    for claim in content.found("declared.tc260"):
        label, carrier = text_of(claim.fields, "label"), text_of(claim.fields, "carrier")
        noted = Signal(id="S15", findings=(claim.finding,), says=f"a TC260 label {label} ({carrier})", writer="tc260")
        yield (
            replace(noted, id="S6", side="g", level=2, values={"text": noted.says})
            if label == _TC260_GENERATED
            else noted
        )
    for claim in content.found("declared.vendor"):
        yield from _vendor(claim, camera_level)


def _source_type(claim: Claim, term: str) -> Signal:
    says = f"the IPTC digital source type {term} ({text_of(claim.fields, 'carrier')})"
    noted = Signal(id="S15", findings=(claim.finding,), says=says, writer="iptc", values={"text": says})
    if term == _GENERATED:
        return replace(noted, id="S6", side="g", level=2)
    return replace(noted, id="S9", side="e", level=2) if term == _COMPOSITE else noted


def _vendor(claim: Claim, camera_level: int) -> Iterator[Signal]:
    """A vendor's own generator works on a picture that it is given: without camera evidence its extent is open."""
    fields = claim.fields
    says = f"a record of {text_of(fields, 'vendor')} ({text_of(fields, 'kind')})"
    noted = Signal(id="S15", findings=(claim.finding,), says=says, writer=text_of(fields, "vendor"))
    if side := _CREDITED.get(text_of(fields, "kind").rpartition(" ")[2]):
        yield replace(noted, id="S6", side=side, level=2, values={"text": says})
        return
    if text_of(fields, "ai_type").lower() in _NO_TYPE:
        yield noted
        return
    for side in ("e",) if camera_level else ("g", "e"):
        yield replace(noted, id="S6", side=side, level=2, values={"text": says})
