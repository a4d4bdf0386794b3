"""The value of ``c2pa.state``: whether the signed history holds, by whose list, and what it states."""

from collections.abc import Iterable

from headwater.examine.content_credentials.record import Code, Credentials
from headwater.examine.content_credentials.stated_origin import origin

NO_LIST = "none loaded"
_TRUST = frozenset({"signingCredential.trusted", "signingCredential.untrusted", "signingCredential.expired"})
_EXPIRED, _UNTRUSTED, _STAMPED = "signingCredential.expired", "signingCredential.untrusted", "timeStamp.trusted"
_TRUSTED = "signingCredential.trusted"
_KINDS = ("success", "informational", "failure")
_FAILS = (
    (_UNTRUSTED, "trust"),
    (_EXPIRED, "expiry"),
    ("signingCredential.", "credential"),
    ("claimSignature.", "signature"),
    ("timeStamp.", "time stamp"),
    ("ingredient.", "ingredient"),
)


def state_value(found: Credentials, trust_list: str) -> dict[str, object]:
    """Give the whole value. trust_list: digests of the lists that were loaded, or NO_LIST."""
    own = [code for code in found.codes if not code.of_ingredient]
    failures = {code.name for code in found.codes if code.kind == "failure"}
    said = origin(found)
    is_trusted = _is_trusted(found, said.stated_in)
    stated_in = found.manifests.get(said.stated_in)
    active = found.manifests.get(found.active)
    value: dict[str, object] = {
        "binding": _binding(own),
        "codes": {kind: _names(own, kind) for kind in _KINDS},
        "expired_only": _EXPIRED in failures and failures <= {_EXPIRED, _UNTRUSTED},
        "fails": sorted({_fails(name) for name in failures}),
        "ingredient_failures": _names([code for code in found.codes if code.of_ingredient], "failure"),
        "manifests": len(found.manifests) + found.more_manifests,
        "origin": {
            "root_generated": said.root_generated,
            "side": said.side,
            "stated_by": stated_in.signed.signer if stated_in else "",
            "stated_in": said.stated_in,
            "stated_trusted": is_trusted,
            "why": said.why,
        },
        "sdk_state": found.state,
        "signer": active.signed.signer if active else "",
        "state": "valid" if found.state == "trusted" and said.side != "none" and not is_trusted else found.state,
        "trust_list": trust_list,
    }
    return value | _until(found)


def lasting_codes(found: Credentials, label: str) -> list[str]:
    """The codes of one manifest, of now or of when it was taken in, that depend on no trust list and no day."""
    taken = (code for each in found.manifests.values() for part in each.ingredients for code in part.codes)
    return sorted({code.name for code in (*found.codes, *taken) if code.label == label} - _TRUST)


def _until(found: Credentials) -> dict[str, object]:
    """From when on the state may be another: a certificate ends, and no trusted time stamp says when it was used."""
    ends = [
        each.signed.valid_to
        for label, each in found.manifests.items()
        if each.signed.valid_to and not _has(found, label, _STAMPED) and not _has(found, label, _EXPIRED)
    ]
    return {"holds_until": min(ends)} if ends and found.state != "invalid" else {}


def _has(found: Credentials, label: str, name: str) -> bool:
    return any(code.name == name and code.label == label for code in found.codes)


def _is_trusted(found: Credentials, label: str) -> bool:
    """Whether our lists vouch for the signer of a manifest.

    Of an ingredient the SDK reports only what is otherwise than the manifest around it records.
    """
    taken = [code for each in found.manifests.values() for part in each.ingredients for code in part.codes]
    mine = {code.name for code in taken if code.label == label and code.kind == "success"}
    mine |= {code.name for code in found.codes if code.label == label and code.kind == "success"}
    return _TRUSTED in mine and not _has(found, label, _UNTRUSTED)


def _names(codes: Iterable[Code], kind: str) -> list[str]:
    return sorted({code.name for code in codes if code.kind == kind})


def _binding(codes: Iterable[Code]) -> str:
    """Whether the bytes are those that were signed: the hard binding of the file, by data, box or part."""
    results = {code.name.partition("Hash.")[2] for code in codes}
    if "mismatch" in results or "malformed" in results:
        return "mismatch"
    return "match" if "match" in results else "none"


def _fails(name: str) -> str:
    """What a failure is about, in one word."""
    known = next((word for start, word in _FAILS if name.startswith(start)), "")
    return known or ("binding" if "Hash." in name else "assertion" if name.startswith("assertion.") else "other")
