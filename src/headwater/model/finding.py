"""What an examiner saw, by which method, and the name of the finding that makes."""

from dataclasses import dataclass
from enum import StrEnum

from headwater.model.canonical import digest_of


class State(StrEnum):
    """The silences are kept apart: looked and found nothing, not run (why), failed (why)."""

    FOUND = "found"
    NOTHING = "nothing"
    NOT_RUN = "not_run"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The bytes of the input a Finding relies on. `sha256` is of those bytes; `role` says what they are."""

    offset_bytes: int
    length_bytes: int
    sha256: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What an examiner yields: a claim about the content, with its value and the bytes relied on.

    value: JSON text with sorted keys and no spaces, or a plain string for a single word or figure.
    reason: why a state is not_run, failed or nothing; empty for found.
    """

    claim: str
    value: str = ""
    state: State = State.FOUND
    reason: str = ""
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """Which code, under which settings, produced a Finding (docs/explanation/finding-ids.md).

    model_digest: of what it compares with, where that is part of the method. material_digest: of what its examiner was
    given, part of the method or not: another one is another set of examiners.
    """

    examiner: str
    version: str
    code_digest: str
    settings_digest: str
    model_digest: str = ""
    material_digest: str = ""


def finding_id(input_sha256: str, method: Method, seen: Seen) -> str:
    """SHA-256 over input, method, claim, value, state and spans: the same examination gives the same id anywhere.

    It is taken over the canonical JSON of a list, so no two examinations share one, whatever their texts hold.
    """
    return digest_of(
        [
            input_sha256,
            method.examiner,
            method.version,
            method.code_digest,
            method.settings_digest,
            method.model_digest,
            seen.claim,
            seen.value,
            seen.state.value,
            [[span.offset_bytes, span.length_bytes, span.sha256, span.role] for span in seen.spans],
        ]
    )
