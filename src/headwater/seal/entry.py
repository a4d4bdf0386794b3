"""One line of a chain: how it is spelled, digested and read back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from headwater.model.canonical import Json, canonical_bytes, digest_of

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
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainEntry:
    """One entry. `digest` is the SHA-256 over the canonical JSON of all other fields.

    at: UTC wall clock, ISO 8601 with microseconds and Z. monotonic_ns: the machine's clock that never steps back,
    comparable within one boot. previous: digest of the entry before. flags: what was odd when it was written.
    """

    seq: int
    at: str
    monotonic_ns: int
    previous: str
    kind: str
    body: Mapping[str, Json]
    flags: tuple[str, ...] = ()
    digest: str = ""

    def content(self) -> dict[str, Json]:
        """All fields but the digest."""
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
        return canonical_bytes({**self.content(), "digest": self.digest})


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
    claimed = fields.pop("digest")
    if digest_of(fields) != claimed:
        raise ValueError("the entry's digest does not fit its content")
    if not all(isinstance(flag, str) for flag in fields["flags"]):
        raise ValueError("the line is not a chain entry")
    return ChainEntry(**{**fields, "flags": tuple(fields["flags"])}, digest=claimed)
