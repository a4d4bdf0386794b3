"""The beginning of the bytes that findings rest on, read again from the evidence in a worker. Nothing is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headwater.model.errors import WrongUse
from headwater.model.visible import shown, visible
from headwater.steps.prompts import bytes_of_prompts, overlap
from headwater.steps.rederive import Rederivation, examine_again
from headwater.steps.rederive_compare import sealed_item
from headwater.steps.runner import Pool
from headwater.steps.workspace import Workspace

EXCERPT_BYTES = 32
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """One span of a finding. hexadecimal, text: of its beginning; empty where they are hidden: they hold a prompt."""

    offset_bytes: int
    length_bytes: int
    hexadecimal: str
    text: str
    hidden: bool


def excerpts(
    workspace: Workspace, pool: Pool, item: str, findings: Sequence[Row], *, prompts: bool
) -> Mapping[str, tuple[Excerpt, ...]]:
    """By finding, an excerpt for each span. A finding is in it only where it was derived again under the same id.

    findings: what is sealed of the item's content. Raises WrongUse where the item cannot be read again, or is no longer
    that content.
    """
    sealed = sealed_item(workspace, item)
    job = examine_again(workspace, pool, sealed, workspace.settings.examiners, excerpt_bytes=EXCERPT_BYTES)
    if isinstance(job, Rederivation) or job.fault or job.result is None or job.result.contents is None:
        why = visible(getattr(job, "fault", "")) or "it is gone, or has no content"
        raise WrongUse(f"item {item} could not be read again: {why}")
    if job.result.contents.sha256 != sealed.contents.get("sha256"):
        raise WrongUse(f"item {item} is another content than when it was examined")
    hiding = bytes_of_prompts(findings)
    again = {each.finding: each.excerpts for each in job.result.found}
    return {
        row["finding"]: tuple(
            _excerpt(span, data, hidden=not prompts and any(overlap(span, other) for other in hiding))
            for span, data in zip(row["spans"], again[row["finding"]], strict=True)
        )
        for row in findings
        if row["finding"] in again
    }


def _excerpt(span: Row, data: bytes, *, hidden: bool) -> Excerpt:
    text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in data[:EXCERPT_BYTES])
    return Excerpt(
        offset_bytes=span["offset_bytes"],
        length_bytes=span["length_bytes"],
        hexadecimal="" if hidden else data[:EXCERPT_BYTES].hex(" "),
        text="" if hidden else shown(text),
        hidden=hidden,
    )
