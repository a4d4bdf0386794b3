"""Runs examiners on one View, and readers of evidence.

The only place that catches every exception: a fault of one examiner or reader is a Failure of one item.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256

from headwater.examine.allowance import Allowance
from headwater.examine.examiner import Looker
from headwater.examine.messages import Fault, Found
from headwater.examine.view import View
from headwater.model.errors import EvidenceError, HeadwaterError, LimitReached, Malformed
from headwater.model.finding import Method, Seen, Span, State, finding_id
from headwater.model.visible import visible

_LONGEST_MESSAGE = 500
_LONGEST_SPAN_BYTES = 16 << 20
_KINDS = frozenset({"encrypted", "limit", "malformed", "truncated", "unknown_format"})


class ReaderFault(EvidenceError):
    """A reader of evidence ended with an exception nobody foresaw: a defect of ours, and a Failure of what it read."""

    kind = "fault"


@contextmanager
def faults_told() -> Iterator[None]:
    """Turn whatever a reader of evidence raises into an EvidenceError."""
    try:
        yield
    except HeadwaterError:
        raise
    except MemoryError as error:
        raise LimitReached("reading it takes more memory than a worker may have") from error
    except RecursionError as error:
        raise Malformed("nested too deeply") from error
    except Exception as error:
        raise ReaderFault(_short(f"{type(error).__name__}: {error}")) from error


def examine_view(
    view: View,
    examiners: Sequence[tuple[Looker, Method]],
    *,
    skipped: Mapping[str, Fault],
    announce: Callable[[str], None],
    excerpt_bytes: int = 0,
) -> tuple[list[Found], list[Fault]]:
    """Run every examiner that accepts the view. `skipped` names those that killed a worker on it before."""
    found: dict[str, Found] = {}  # by id: what is said twice in the same words is one finding
    faults: list[Fault] = []
    allowance = Allowance()
    for examiner, method in examiners:
        seen: list[Seen] = []
        fault = skipped.get(examiner.name)
        if fault is None:
            announce(examiner.name)
            seen, fault = _one(examiner, view, allowance)
            faults.extend(_failed(examiner.name, seen))
        if fault:
            faults.append(fault)
            seen.append(Seen(claim=examiner.name, state=State.FAILED, reason=fault.kind))
        for each in seen:
            one = _found(view, method, each, excerpt_bytes)
            found.setdefault(one.finding, one)
    return list(found.values()), faults


def _one(examiner: Looker, view: View, allowance: Allowance) -> tuple[list[Seen], Fault | None]:
    seen: list[Seen] = []
    fault: Fault | None
    try:
        if not examiner.accepts(view):
            return [], None
        for each in allowance.spend(examiner, examiner.examine(view)):
            seen.append(each)  # noqa: PERF402 - what was seen before a fault is kept
    except EvidenceError as error:
        fault = Fault(examiner.name, error.kind, _short(error.message))
    except MemoryError:
        fault = Fault(examiner.name, "memory", "the examiner asked for more memory than a worker may have")
    except RecursionError:
        fault = Fault(examiner.name, "malformed", "nested too deeply")
    except Exception as error:  # noqa: BLE001 - the one place: a fault must not pass for a silence
        fault = Fault(examiner.name, "fault", _short(f"{type(error).__name__}: {error}"))
    else:
        return seen, None
    return seen, fault


def _failed(examiner: str, seen: Sequence[Seen]) -> list[Fault]:
    """One fault for each reason why something could not be seen."""
    claims: dict[str, list[str]] = {}
    for each in seen:
        if each.state is State.FAILED:
            claims.setdefault(each.reason, []).append(each.claim)
    return [_failure(examiner, reason, failed) for reason, failed in claims.items()]


def _failure(examiner: str, reason: str, claims: Sequence[str]) -> Fault:
    """A fault of the kind that the reason begins with, as in "truncated: ...", or plainly failed."""
    kind, _, message = reason.partition(": ")
    if kind not in _KINDS:
        kind, message = "failed", reason
    return Fault(examiner, kind, _short(f"{message} ({', '.join(dict.fromkeys(claims))})"))


def _found(view: View, method: Method, seen: Seen, excerpt_bytes: int) -> Found:
    if any(not span.sha256 for span in seen.spans):
        seen = replace(seen, spans=tuple(_digested(view, span) for span in seen.spans))
    excerpts = tuple(_beginning(view, span, excerpt_bytes) for span in seen.spans) if excerpt_bytes else ()
    return Found(finding_id(view.sha256, method, seen), method.examiner, seen, excerpts)


def _beginning(view: View, span: Span, excerpt_bytes: int) -> bytes:
    return view.read_at(span.offset_bytes, min(span.length_bytes, excerpt_bytes))


def _digested(view: View, span: Span) -> Span:
    """The span with the digest of its bytes; a very long one is covered by the digest of the whole content."""
    if span.sha256 or span.length_bytes > _LONGEST_SPAN_BYTES:
        return span
    return replace(span, sha256=sha256(view.read_at(span.offset_bytes, span.length_bytes)).hexdigest())


def _short(message: str) -> str:
    return visible(message)[:_LONGEST_MESSAGE]
