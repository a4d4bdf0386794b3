"""Turns what readers of generators' records say into Seen records, each with the bytes relied on."""

from collections.abc import Iterator, Mapping

from headwater.examine.metadata_json import bounded_text
from headwater.examine.metadata_spans import Spans
from headwater.examine.view import View
from headwater.formats.generators.carried import Carried
from headwater.formats.generators.novelai_signature import verifies
from headwater.formats.generators.record import Graph, Input, Record, Told, Unread, Used, prompt_digest
from headwater.model.errors import EvidenceError
from headwater.model.finding import Seen, State

_FACTS = ("version", "sampler", "seed", "steps", "cfg", "width", "height", "denoise", "output_name", "shape_sha256")


class GeneratorClaims:
    """The claims about one file."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._spans = Spans(view.bytes)

    def seen(self, told: Told, one: Carried) -> Iterator[Seen]:
        """What one text says."""
        match told:
            case Record():
                yield self._found("generator.record", self._record(told, one), one)
                if told.prompt is not None or told.negative is not None:
                    yield self._found("generator.prompt", _prompt(told, one), one)
            case Graph():
                value = {
                    "classes": list(told.classes),
                    "kind": told.kind,
                    "nodes": told.nodes,
                    "shape_sha256": told.shape_sha256,
                }
                yield self._found("generator.graph", {**_start(told.generator, one), **value}, one)
            case Unread():
                yield self._unread(told, one)

    def _found(self, claim: str, value: Mapping[str, object], one: Carried) -> Seen:
        return Seen(claim=claim, value=bounded_text(value), spans=self._spans.of(one.ranges, one.role))

    def _unread(self, told: Unread, one: Carried) -> Seen:
        return Seen(
            claim=told.claim,
            value=bounded_text(_start(told.generator, one)),
            state=State.NOT_RUN if told.reason.startswith("limit") else State.FAILED,
            reason=told.reason,
            spans=self._spans.of(one.ranges, one.role),
        )

    def _record(self, record: Record, one: Carried) -> dict[str, object]:
        value: dict[str, object] = _start(record.generator, one) | {
            "input_use": record.input_use,
            "inputs": [_input(each) for each in record.inputs],
            "loras": [_used(each) for each in record.loras],
            "models": [_used(each) for each in record.models],
            "told_by": record.told_by,
            "whole": not record.why,
        }
        value |= {"why": record.why} if record.why else {}
        facts = {name: getattr(record, name) for name in _FACTS}
        facts |= {"prompt_sha256": prompt_digest(record.prompt), "negative_sha256": prompt_digest(record.negative)}
        value |= {name: fact for name, fact in facts.items() if fact not in (None, "")}
        value |= {f"said_{key.replace(' ', '_')}": said for key, said in record.more.items()}
        return value | ({"signature": self._signature(record)} if record.signature else {})

    def _signature(self, record: Record) -> dict[str, object]:
        """Check a signature over the picture's colours; say why where it does not verify."""
        value: dict[str, object] = {"key": "NovelAI", "kind": "ed25519", "verifies": False}
        try:
            picture = self._view.picture()
            if picture.partial:
                return value | {"why": "the picture could be decoded in part only"}
            colours = picture.colours()[:, :, :3].tobytes()
        except EvidenceError as fault:
            return value | {"why": f"the picture could not be decoded: {fault.kind}: {fault.message}"}
        if verifies(colours, record.signed):
            return value | {"verifies": True}
        return value | {"why": "the colours or the comment are not those that were signed, or the key is another"}


def _start(generator: str, one: Carried) -> dict[str, object]:
    return {"carrier": one.carrier, "generator": generator}


def _prompt(record: Record, one: Carried) -> dict[str, object]:
    value = _start(record.generator, one)
    value |= {"prompt": record.prompt} if record.prompt is not None else {}
    return value | ({"negative": record.negative} if record.negative is not None else {})


def _used(each: Used) -> dict[str, object]:
    value: dict[str, object] = {"name": each.name}
    value |= {"hash": each.digest, "hash_kind": each.kind} if each.digest else {}
    return value | ({"weight": each.weight} if each.weight is not None else {})


def _input(each: Input) -> dict[str, str]:
    value = {"name": each.name, "role": each.role, "sha256": each.sha256}
    return {key: said for key, said in value.items() if said}
