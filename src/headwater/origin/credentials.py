"""S1 to S5: content credentials (C2PA), by what the credentials examiner says of their state."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from headwater.origin.claims import Claim, Content, text_of
from headwater.origin.signals import Signal

_UNTRUSTED = "signingCredential.untrusted"  # the C2PA specification's code; it concerns the signer, not the bytes
_SIGNED = 4
_STATES = {
    "g": "it states that a generator made the picture",
    "e": "it states that a generator changed a part of it",
    "c": "it states that a camera recorded it",
}
_BY_SIDE = {"generated": ("S1", "g"), "edited": ("S2", "e"), "camera": ("S3", "c")}


def credential_signals(content: Content) -> Iterator[Signal]:
    """One signal for each credential state; one that states no origin is noted."""
    for claim in content.found("c2pa.state"):
        yield _signal(claim, claim.fields)


def _signal(claim: Claim, fields: Mapping[str, Any]) -> Signal:
    origin = fields.get("origin")
    origin = origin if isinstance(origin, dict) else {}
    signer = text_of(fields, "signer") or "a signer that is not named"
    failures = _codes(fields)
    code = ", ".join(failures) or "no code"
    noted = Signal(
        id="S15", findings=(claim.finding,), writer=f"c2pa:{signer}", values={"signer": signer, "code": code}
    )
    level = _level(fields, failures)
    if not level:
        return replace(noted, id="S5", says=f"a credential of {signer} does not hold for these bytes ({code})")
    name, side = _BY_SIDE.get(str(origin.get("side")), ("", ""))
    if not side:
        return replace(noted, says=f"a credential of {signer} fits these bytes and states no origin")
    if side == "e" and origin.get("root_generated") is True:
        side = "g"  # a generator changed what a generator had made
    words = f"a credential of {signer} fits these bytes: {text_of(origin, 'why') or _STATES[side]}"
    return replace(noted, id=name if level == _SIGNED else "S4", side=side, level=level, says=words)


def _level(fields: Mapping[str, Any], failures: tuple[str, ...]) -> int:
    """4: trusted, bound, no failure. 2: bound, but untrusted or only expired. 0: anything else."""
    if fields.get("binding") != "match":
        return 0
    state = fields.get("state")
    if state == "trusted" and not failures:
        return _SIGNED
    only_untrusted = all(code == _UNTRUSTED for code in failures)
    return 2 if fields.get("expired_only") is True or (state == "valid" and only_untrusted) else 0


def _codes(fields: Mapping[str, Any]) -> tuple[str, ...]:
    codes = fields.get("codes")
    failures = codes.get("failure", ()) if isinstance(codes, dict) else ()
    return tuple(sorted({str(code) for code in failures})) if isinstance(failures, list) else ()
