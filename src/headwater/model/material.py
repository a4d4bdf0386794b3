"""What findings rely on beside code and settings: trust lists and sensor patterns, named by their digest."""

from collections.abc import Iterable
from dataclasses import dataclass

from headwater.model.canonical import digest_of

TRUST_LIST, CAMERA = "trust_list", "camera"
KINDS = (TRUST_LIST, CAMERA)


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """One of them. kind: of KINDS. name: as the user called it. sha256: of its bytes, 64 hexadecimal digits."""

    kind: str
    name: str
    sha256: str
    size_bytes: int


def materials_digest(materials: Iterable[Material], kind: str) -> str:
    """One digest for all of a kind, whatever their order and names; empty where there is none."""
    digests = sorted({each.sha256 for each in materials if each.kind == kind})
    return digest_of(list(digests)) if digests else ""
