"""Which validation an operation relies on: written into custody with its digests, and cited by every report."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from headwater.origin.digest import rules_digest
from headwater.steps.examine import examiner_set
from headwater.steps.workspace import Workspace

VALIDATION_ADOPTED = "validation_adopted"
_NOT_VALIDATED = "this version has not been validated by this laboratory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Wrong among the files named at one strength, as they were. upper: the highest of its 95 % intervals, a share."""

    wrong: int
    named: int
    upper: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """What custody keeps of a validation. figures: by strength, of those at which a file was named.

    validated: the methods whose false findings are few enough to raise a level (watermark, sensor).
    """

    result_digest: str
    corpus_digest: str
    examiner_set_digest: str
    rules_digest: str
    verdict: str
    rows: int
    report_sha256: str
    figures: Mapping[str, Figure]
    validated: tuple[str, ...]


def adopt(workspace: Workspace, adopted: Adopted) -> None:
    """Have the operation rely on this validation from now on."""
    workspace.record(VALIDATION_ADOPTED, asdict(adopted))
    workspace.checkpoint()


def validated_methods(workspace: Workspace) -> frozenset[str]:
    """The methods that the validation adopted last allows to raise a level; none where it is of another version."""
    last = _last(workspace)
    return frozenset(last["validated"]) if last and _is_of_now(workspace, last) else frozenset()


def measured_error(workspace: Workspace, strength: str) -> str:
    """The laboratory's figure for a strength, in words; empty where this version has none."""
    last = _last(workspace)
    figure = last["figures"].get(strength) if last and _is_of_now(workspace, last) else None
    return _words(figure) if figure else ""


def _last(workspace: Workspace) -> Mapping[str, Any] | None:
    last: Mapping[str, Any] | None = None
    for body in workspace.recorded(VALIDATION_ADOPTED):
        last = body
    return last


def _is_of_now(workspace: Workspace, last: Mapping[str, Any]) -> bool:
    return (last["examiner_set_digest"], last["rules_digest"]) == (examiner_set(workspace), rules_digest())


def validation_words(workspace: Workspace) -> str:
    """What a report says of the validation: the last one adopted, if it is of these examiners and rules."""
    last = _last(workspace)
    if last is None:
        return f"Error rates: {_NOT_VALIDATED}; no validation was adopted."
    if not _is_of_now(workspace, last):
        return f"Error rates: {_NOT_VALIDATED}; the one that was adopted is of other examiners, settings or rules."
    figures = "; ".join(f"{strength}: {_words(figure)}" for strength, figure in sorted(last["figures"].items()))
    return (
        f"Error rates: validated by this laboratory on {last['rows']:,} files of its own; {figures or 'none named'}; "
        f"verdict {last['verdict']}; result digest {last['result_digest']}."
    )


def _words(figure: Mapping[str, Any]) -> str:
    """A figure as a court reads it."""
    return (
        f"{figure['wrong']:,} wrong among {figure['named']:,} named; a true rate of up to "
        f"{100 * figure['upper']:.1f} % is compatible with that"
    )
