"""Values that would match what they do not mean: digests of nothing, hashes of pictures without detail."""

import re
from hashlib import md5, sha1, sha256

from headwater.model.known import QUALITY_MIN, WIDTHS

EMPTY = {
    "md5": md5(b"", usedforsecurity=False).hexdigest(),
    "sha1": sha1(b"", usedforsecurity=False).hexdigest(),
    "sha256": sha256(b"").hexdigest(),
}
_HEX = re.compile(r"[0-9a-f]*")
_SHOWN = 40
_PDQ_DIGITS = 64
_LEAST_SET, _MOST_SET = 64, 192  # of 256: PDQ sets a bit where a term is above the median, so about half


def refusal_of(kind: str, value: str, quality: int | None = None) -> str:
    """Why a value, lowercase hexadecimal of the right length, must never match; empty where it may.

    kind: md5, sha1, sha256 or pdq. quality: of a PDQ hash, where its source gives it.
    """
    if kind in WIDTHS:
        if value == EMPTY[kind]:
            return "digest of the empty file"
        return "all digits are the same" if len(set(value)) == 1 else ""
    if not _LEAST_SET <= int(value, 16).bit_count() <= _MOST_SET:
        return "degenerate hash: of a picture without detail, or of none"
    if quality is not None and quality < QUALITY_MIN:
        return f"quality {quality}, below {QUALITY_MIN}"
    return ""


def unusable(kind: str, value: str, quality: int | None = None) -> str:
    """Why a lowercase text is no hash of that kind that may match; empty where it is one."""
    digits = _PDQ_DIGITS if kind == "pdq" else 2 * WIDTHS[kind]
    if len(value) != digits:
        return f"{len(value)} characters where {kind} has {digits}: {shown(value)}"
    if not _HEX.fullmatch(value):
        return f"not hexadecimal: {shown(value)}"
    return refusal_of(kind, value, quality)


def shown(text: str) -> str:
    """The beginning of a text, for a message."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
