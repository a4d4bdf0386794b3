"""Known sets: what a record of one says, whatever format it came in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

RADIUS_BITS = 31  # of 256; source: the hashing paper of ThreatExchange's PDQ, which recommends both figures
QUALITY_MIN = 50
VIDEO_SHARE = 0.8  # of the frames of one of two videos; source: README and code of ThreatExchange's vPDQ
FORMS = ("vics", "nsrl", "icse", "pdq", "vpdq", "csv", "digests", "threatexchange", "ncmec")
WIDTHS = {"md5": 16, "sha1": 20, "sha256": 32}  # bytes of each digest that is matched exactly


class Role(StrEnum):
    """What a match with a set means.

    known: its records were graded elsewhere. harmless: out of the queue by a stated rule (programs, stock pictures).
    lookalike: known to be mistaken for others; a near match that lands on one is set aside, never dismissed.
    public: models that anybody can fetch; that two pictures were made with one of them joins nothing.
    """

    KNOWN = "known"
    HARMLESS = "harmless"
    LOOKALIKE = "lookalike"
    PUBLIC = "public"


class VideoRule(StrEnum):
    """Of which of two videos VIDEO_SHARE of the frames must be found in the other; of that one none need be.

    known: of the known video, as the README of ThreatExchange's vPDQ has it: a video that holds all of it is found.
    seized: of the seized video, as its Python code has it: a cut out of the known video is found.
    """

    KNOWN = "known"
    SEIZED = "seized"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One frame of a video in a set. pdq: 64 lowercase hexadecimal digits. time_seconds: as the source has it."""

    number: int
    pdq: str
    quality: int
    time_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record of a set, as its source has it.

    key: its id there; for a list, the line. line: where it stands, counted from 1 (a line of text, or the place of the
    record where lines mean nothing). Digests are lowercase hexadecimal, empty where the record has none. parts: PDQ
    hashes of parts of the picture, in the order of `model.parts.PARTS`, empty for one that is too flat; only a
    Headwater gives them. photodna: as it came. category: as the source spells it, under the scheme of the set. source:
    every field, also those that nothing here reads.
    """

    key: str
    line: int
    md5: str = ""
    sha1: str = ""
    sha256: str = ""
    pdq: str = ""
    pdq_quality: int | None = None
    parts: tuple[str, ...] = ()
    frames: tuple[Frame, ...] = ()
    photodna: str = ""
    category: str = ""
    series: str = ""
    victim_identified: bool | None = None
    source: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A row, or one value of a row, that never matches, and why. field: empty where the whole row is refused."""

    line: int
    key: str
    field: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSet:
    """A set as custody knows it. digest: SHA-256 of its sealed manifest. folder: its name under `known/`.

    scheme: what its categories mean (`vics-us`, `local:NAME`); `source_sha256` is of the file it was read from.
    """

    name: str
    form: str
    role: Role
    scheme: str
    source: str
    source_sha256: str
    source_bytes: int
    folder: str
    digest: str
    records: int
    refused: int
    radius_bits: int = RADIUS_BITS
    quality_min: int = QUALITY_MIN
    video_rule: VideoRule = VideoRule.KNOWN
