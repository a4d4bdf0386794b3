"""Which of the silences it is, where an examiner read a file's structure and found nothing of what it looks for."""

from headwater.formats.structure import Structure
from headwater.model.finding import Seen, State

_KINDS_SHOWN = 8
_KIND_LETTERS_MAX = 64


def nothing_of(claim: str, looked_for: str, structure: Structure, *, in_any_part: bool = False) -> Seen:
    """NOTHING where the whole file was read; NOT_RUN where damage may have taken some.

    in_any_part: what is looked for may also lie in the parts that are known not to be read; then it is NOT_RUN too.
    """
    if any(damage.lost for damage in structure.damage):
        return Seen(claim=claim, state=State.NOT_RUN, reason=f"damage may have taken {looked_for} away")
    if structure.unread and in_any_part:
        kinds = ", ".join(sorted({part.kind[:_KIND_LETTERS_MAX] for part in structure.unread})[:_KINDS_SHOWN])
        return Seen(claim=claim, state=State.NOT_RUN, reason=f"{looked_for} may lie in what is not read: {kinds}")
    return Seen(claim=claim, state=State.NOTHING, reason=f"looked: no {looked_for}")
