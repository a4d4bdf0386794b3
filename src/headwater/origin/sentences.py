"""Writes what can be said of an origin: its case, two propositions, what is expected under each, what is not known."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import Formatter

from headwater.model.visible import shown
from headwater.origin.cases import cases_of
from headwater.origin.frames import CASES, FRAMES, PROPOSITIONS
from headwater.origin.rules import STRENGTHS
from headwater.origin.signals import Signal
from headwater.origin.weigh import Origin

_NOT_STATED = "not stated"
_SIGNED = frozenset({"S1", "S2", "S3", "S4"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence. id: its frame, or case. findings: those it rests on; their bytes are named beside it."""

    id: str
    template: str
    values: Mapping[str, str]
    findings: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The sentence with its gaps filled; texts of the evidence are shown visibly."""
        gaps = [name for _, name, _, _ in Formatter().parse(self.template) if name]
        filled = self.template.format(**{name: shown(self.values.get(name) or _NOT_STATED) for name in gaps})
        return filled[:1].upper() + filled[1:]


def sentences(origin: Origin, error: str = "") -> tuple[Sentence, ...]:
    """Everything said of an origin, in order. error: the laboratory's figure for this strength; empty: not measured."""
    return (*_cases(origin), *_weighed(origin), *_limits(origin, error))


def _cases(origin: Origin) -> Iterator[Sentence]:
    findings = _findings(origin.used)
    for number, values in cases_of(origin):
        yield Sentence(id=f"case.{number}", template=CASES[number], values=values, findings=findings)


def _weighed(origin: Origin) -> Iterator[Sentence]:
    verdict, used = origin.verdict, origin.used
    about = verdict.grade if verdict.grade in PROPOSITIONS else _about(origin)
    yield _said("propositions", {"p1": PROPOSITIONS[about][0], "p2": PROPOSITIONS[about][1]})
    if not verdict.level:
        yield _said("undetermined", {"reason": verdict.rule.says}, _findings(used))
    for one in used if verdict.level else ():
        yield _said(_frame(one), one.values, one.findings)
    for one in origin.signals:
        if one.id == "S10" and one.level:
            values = {"camera": one.values.get("camera", _NOT_STATED)}
            yield _said("propositions.device", values, one.findings)


def _about(origin: Origin) -> str:
    """The pair of propositions that an undetermined origin is about: the side that is spoken for most."""
    numbers = origin.numbers
    return "edited" if numbers.e > numbers.g else "camera" if numbers.c > max(numbers.g, numbers.e) else "generated"


def _frame(signal: Signal) -> str:
    strength = STRENGTHS[signal.level]
    if signal.level == 2 and signal.id in _SIGNED:
        return "declared.signer"
    return "corroborated.sensor" if signal.id == "S10" and signal.level > 1 else strength


def _limits(origin: Origin, error: str) -> Iterator[Sentence]:
    yield _said("error", {"figure": error}) if error else _said("error.none", {})
    what = [f"{one.examiner} ({one.state.replace('_', ' ')}: {one.reason or _NOT_STATED})" for one in origin.unseen]
    yield _said("unexamined", {"what": "; ".join(dict.fromkeys(what))}) if what else _said("unexamined.none", {})
    yield _said("further", {})


def _said(frame: str, values: Mapping[str, str], findings: tuple[str, ...] = ()) -> Sentence:
    return Sentence(id=frame, template=FRAMES[frame], values=values, findings=findings)


def _findings(signals: tuple[Signal, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(finding for one in signals for finding in one.findings))
