"""One record of a known set, and a set as it is written."""

from dataclasses import dataclass

from headwater.demo.story import Story
from headwater.demo.truth import SetTruth

FILLER = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a set knows of one content. `content` is its SHA-256, for a PDQ list the picture that was hashed."""

    key: str
    content: str
    kind: str
    category: str = ""
    verdict: bool = True
    victim_identified: bool | None = None
    pdq: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSet:
    """One file of the known folder, its line of the truth, and the records that can match."""

    name: str
    data: bytes
    truth: SetTruth
    records: tuple[Record, ...]


def strangers(story: Story, domain: int) -> list[bytes]:
    """Make contents nobody has: their digests fill the sets."""
    rng = story.rng(600, domain)
    return [rng.bytes(16) for _ in range(FILLER)]
