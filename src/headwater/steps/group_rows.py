"""The rows of groups, of every kind."""

from typing import Any

from headwater.model.canonical import digest_of

EXACT, VISUAL, FRAME, LOOSE = "exact", "visual", "frame", "loose"


def group_id(kind: str, sha256: str) -> str:
    """The id of the group around a medoid."""
    return digest_of([kind, sha256])[:16]


def group_row(
    kind: str, medoid: str, sha256: str, *, bits: int | None, variant: str, is_medoid: bool, rule: str, id_: str = ""
) -> dict[str, Any]:
    """One member of a group."""
    return {
        "group": id_ or group_id(kind, medoid), "kind": kind, "sha256": sha256, "distance_bits": bits,
        "variant": variant, "is_medoid": is_medoid, "rule": rule,
    }  # fmt: skip
