"""What the verify pass over one source found: its segments, its media, and every fault on the way."""

from dataclasses import dataclass
from enum import StrEnum

from headwater.model.item import ByteRange

_SECTOR_BYTES = 512  # unless the image says otherwise


class Compared(StrEnum):
    """A digest stored in the image against the one computed."""

    MATCH = "match"
    DIFFERS = "differs"
    ABSENT = "absent"  # the image stores none
    NOT_COMPUTED = "not_computed"  # part of the media is absent: a digest over zero-fill would say nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class SectorRange:
    """`sector_count` sectors from `first_sector`."""

    first_sector: int
    sector_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentDigest:
    """One segment file as its bytes are. `unreadable` counted as zeros."""

    name: str
    size_bytes: int
    sha256: str
    unreadable: tuple[ByteRange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """What one pass over a source found. The media's digests are over its bytes with bad sectors as zeros.

    Attributes:
        kind: ``e01`` or ``raw``.
        bad_sectors: of the media, unreadable, damaged or absent.
        acquisition_errors: sectors the acquiring tool itself could not read, as the image records them.
        chunks_read: chunks whose checksum held (e01 only).
        acquiry: what the image's header says of the acquisition, by name.
        failure_kind: the EvidenceError's kind where the segments make no media; then only they are digested.

    """

    kind: str
    segments: tuple[SegmentDigest, ...]
    size_bytes: int = 0
    sector_bytes: int = _SECTOR_BYTES
    md5: str = ""
    sha1: str = ""
    sha256: str = ""
    stored_md5: str = ""
    stored_sha1: str = ""
    md5_compared: Compared = Compared.ABSENT
    sha1_compared: Compared = Compared.ABSENT
    bad_sectors: tuple[SectorRange, ...] = ()
    acquisition_errors: tuple[SectorRange, ...] = ()
    chunks_expected: int = 0
    chunks_read: int = 0
    acquiry: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    failure_kind: str = ""
    failure: str = ""

    @property
    def holds(self) -> bool:
        """Whether every byte was read, every checksum held and no stored digest differs."""
        differs = Compared.DIFFERS in {self.md5_compared, self.sha1_compared}
        unreadable = any(segment.unreadable for segment in self.segments)
        return not (differs or unreadable or self.bad_sectors or self.notes or self.failure_kind)
