"""Which validation an operation relies on: written into custody with its digests, and cited by every report."""

from dataclasses import dataclass

from headwater.origin.digest import rules_digest
from headwater.steps.examine import examiner_set
from headwater.steps.workspace import Workspace

VALIDATION_ADOPTED = "validation_adopted"
_NOT_VALIDATED = "Error rates: this version has not been validated by this laboratory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """What custody keeps of a validation."""

    result_digest: str
    corpus_digest: str
    examiner_set_digest: str
    rules_digest: str
    verdict: str
    rows: int
    report_sha256: str


def adopt(workspace: Workspace, adopted: Adopted) -> None:
    """Have the operation rely on this validation from now on."""
    workspace.record(
        VALIDATION_ADOPTED,
        {
            "result_digest": adopted.result_digest,
            "corpus_digest": adopted.corpus_digest,
            "examiner_set_digest": adopted.examiner_set_digest,
            "rules_digest": adopted.rules_digest,
            "verdict": adopted.verdict,
            "rows": adopted.rows,
            "report_sha256": adopted.report_sha256,
        },
    )
    workspace.checkpoint()


def validation_words(workspace: Workspace) -> str:
    """What a report says of the validation: the last one adopted, if it is of these examiners and rules."""
    last = None
    for body in workspace.recorded(VALIDATION_ADOPTED):
        last = body
    if last is None:
        return f"{_NOT_VALIDATED}; no validation was adopted."
    same = (last["examiner_set_digest"], last["rules_digest"]) == (examiner_set(workspace), rules_digest())
    if not same:
        return f"{_NOT_VALIDATED}; the one that was adopted is of other examiners, settings or rules."
    return (
        f"Error rates: validated by this laboratory on {last['rows']:,} files of its own; verdict {last['verdict']}; "
        f"result digest {last['result_digest']}."
    )
