"""Which of the silences it is, where an examiner read a file's structure and found nothing of what it looks for."""

from collections.abc import Sequence

from headwater.formats.structure import Structure
from headwater.model.finding import Seen, State

_KINDS_SHOWN = 8
_SCAN = "SOS"
_KIND_LETTERS_MAX = 64


def nothing_of(claim: str, looked_for: str, structure: Structure, *, unread: Sequence[str] = ()) -> Seen:
    """NOTHING where all of the file was read that may hold it; NOT_RUN where damage may have taken some.

    Of a JPEG that is what stands before its first scan (ITU-T T.81, B.2.1): where one breaks off in its pixels, nothing
    is lost. unread: words, in small letters. A part that is not read, and has one of them in its name, is NOT_RUN too.
    """
    pixels = min((part.offset_bytes for part in structure.parts if part.kind == _SCAN), default=None)
    if any(damage.lost and (pixels is None or damage.offset_bytes < pixels) for damage in structure.damage):
        return Seen(claim=claim, state=State.NOT_RUN, reason=f"damage may have taken {looked_for} away")
    kinds = sorted({part.kind[:_KIND_LETTERS_MAX] for part in structure.unread if _has(part.kind.lower(), unread)})
    if kinds:
        there = ", ".join(kinds[:_KINDS_SHOWN])
        return Seen(claim=claim, state=State.NOT_RUN, reason=f"{looked_for} may lie in what is not read: {there}")
    return Seen(claim=claim, state=State.NOTHING, reason=f"looked: no {looked_for}")


def _has(kind: str, words: Sequence[str]) -> bool:
    return any(word in kind for word in words)
