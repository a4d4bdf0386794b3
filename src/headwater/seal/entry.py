"""One line of a chain: how it is spelled, digested and read back."""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from headwater.model.canonical import Json, canonical_bytes, digest_of
from headwater.seal.keys import Signer, signature_holds

FIRST = "0" * 64  # what the first entry names as the one before it
CLOCK_BACK = "clock_back"  # flag: the wall clock stood earlier than at the entry before
_TYPES = {
    "at": str,
    "body": dict,
    "digest": str,
    "flags": list,
    "kind": str,
    "monotonic_ns": int,
    "previous": str,
    "seq": int,
    "signature": str,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainEntry:
    """One entry. `digest` is the SHA-256 over the canonical JSON of all fields but itself and the signature.

    at: UTC wall clock, ISO 8601 with microseconds and Z. monotonic_ns: the machine's clock that never steps back,
    comparable within one boot. previous: digest of the entry before. flags: what was odd when it was written.
    signature: key id and base64 of the Ed25519 signature over the ASCII of `digest`, with a colon between; empty where
    nobody signed. It vouches for every entry before, too: each digest holds the one before.
    """

    seq: int
    at: str
    monotonic_ns: int
    previous: str
    kind: str
    body: Mapping[str, Json]
    flags: tuple[str, ...] = ()
    digest: str = ""
    signature: str = ""

    def content(self) -> dict[str, Json]:
        """All fields but the digest and the signature."""
        return {
            "seq": self.seq,
            "at": self.at,
            "monotonic_ns": self.monotonic_ns,
            "previous": self.previous,
            "kind": self.kind,
            "body": self.body,
            "flags": list(self.flags),
        }

    def line(self) -> bytes:
        """The entry as it stands in the file, without the line's end."""
        return canonical_bytes({**self.content(), "digest": self.digest, "signature": self.signature})

    @property
    def signed_by(self) -> str:
        """The id of the key that signed it, as it says; empty where nobody did."""
        return self.signature.partition(":")[0]


def spell_time(moment: datetime) -> str:
    """Spell an aware UTC time so that text order is time order."""
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def read_entry(line: bytes) -> ChainEntry:
    """Read one line (without its end). Raises ValueError where any byte of it is not as it was written."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError("the line is not JSON") from error
    if not isinstance(fields, dict) or {key: type(value) for key, value in fields.items()} != _TYPES:
        raise ValueError("the line is not a chain entry")
    if canonical_bytes(fields) != line:
        raise ValueError("the line is not spelled as it was written")
    claimed, signature = fields.pop("digest"), fields.pop("signature")
    if digest_of(fields) != claimed:
        raise ValueError("the entry's digest does not fit its content")
    if not all(isinstance(flag, str) for flag in fields["flags"]):
        raise ValueError("the line is not a chain entry")
    return ChainEntry(**{**fields, "flags": tuple(fields["flags"])}, digest=claimed, signature=signature)


def sign_entry(entry: ChainEntry, signer: Signer) -> ChainEntry:
    """The entry with its signature."""
    return replace(entry, signature=f"{signer.key_id}:{b64encode(signer.sign(entry.digest.encode())).decode()}")


def signature_fault(entry: ChainEntry, keys: Mapping[str, bytes]) -> str:
    """Why the entry's signature does not hold; empty where it does. keys: 32 raw bytes by key id."""
    if not entry.signature:
        return "it is not signed"
    key, _, encoded = entry.signature.partition(":")
    if key not in keys:
        return f"signed by a key that is not known here ({key[:16]})"
    try:
        signature = b64decode(encoded, validate=True)
    except ValueError:
        return "its signature is not one"
    is_one = b64encode(signature).decode() == encoded and signature_holds(keys[key], signature, entry.digest.encode())
    return "" if is_one else "its signature does not hold"
