"""Trust lists: whose signatures under content credentials an operation relies on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.x509 import load_pem_x509_certificates

from headwater.model.errors import WrongUse
from headwater.model.material import TRUST_LIST
from headwater.steps.materials import MATERIAL_ADDED, add_material
from headwater.steps.workspace import Workspace

LIST_BYTES_MAX = 8 << 20
_PRIVATE = b"PRIVATE KEY-----"
_NAME_LETTERS_MAX = 200
_NEXT_STEP = "Name a file of certificates in PEM, such as the list that the C2PA publishes for those who verify."


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustList:
    """One list as custody has it. added_at: UTC, as in custody. counts: it is the newest of its name."""

    name: str
    sha256: str
    certificates: int
    added_at: str
    counts: bool = True


def add_trust_list(workspace: Workspace, name: str, data: bytes) -> tuple[TrustList, bool]:
    """Install a list, unless it counts already under this name; the flag says whether it is new.

    Raises WrongUse where `data` is no list of certificates in PEM, or holds a private key.
    """
    if not name.strip() or len(name) > _NAME_LETTERS_MAX:
        raise WrongUse(f"a trust list has a name of 1 to {_NAME_LETTERS_MAX} letters")
    certificates = _count(data)
    digest = sha256(data).hexdigest()
    known = next((each for each in trust_lists(workspace) if each.counts and each.name == name), None)
    is_new = known is None or known.sha256 != digest
    if is_new:
        add_material(workspace, TRUST_LIST, name, data, {"certificates": certificates})
    return next(each for each in trust_lists(workspace) if each.counts and each.name == name), is_new


def trust_lists(workspace: Workspace) -> tuple[TrustList, ...]:
    """Every list that was ever installed, in order. Raises DoesNotVerify where custody is broken."""
    added = tuple(_added(workspace))
    newest = {each.name: number for number, each in enumerate(added)}
    return tuple(
        TrustList(
            name=each.name,
            sha256=each.sha256,
            certificates=each.certificates,
            added_at=each.added_at,
            counts=newest[each.name] == number,
        )
        for number, each in enumerate(added)
    )


def _added(workspace: Workspace) -> Iterator[TrustList]:
    for entry in workspace.custody.entries():
        body: Mapping[str, Any] = entry.body
        if entry.kind == MATERIAL_ADDED and body["kind"] == TRUST_LIST:
            yield TrustList(
                name=body["name"],
                sha256=body["sha256"],
                certificates=body["about"]["certificates"],
                added_at=entry.at,
            )


def _count(data: bytes) -> int:
    """How many certificates. Raises WrongUse."""
    if len(data) > LIST_BYTES_MAX:
        raise WrongUse(f"longer than {LIST_BYTES_MAX >> 20} MiB", next_step=_NEXT_STEP)
    if _PRIVATE in data:
        raise WrongUse("a private key is in it", next_step="Keep private keys out of workspaces; " + _NEXT_STEP)
    try:
        return len(load_pem_x509_certificates(data))
    except ValueError as error:
        raise WrongUse(f"no list of certificates: {error}", next_step=_NEXT_STEP) from error
