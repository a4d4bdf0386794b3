"""What the report of a run says, as plain records: every text is ready to be shown, every count is final."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from headwater.export.plots import Bar
from headwater.export.upstream_chart import Chart


class Verdict(StrEnum):
    """Which mark a sentence carries, always beside the words that say it."""

    HOLDS = "holds"
    BROKEN = "broken"
    NEITHER = "neither"  # nothing to hold it against, or not looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A sentence and its mark."""

    words: str
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class GlanceLine:
    """One exhibit in the table at the top. listed + inside are its files; failures: files with at least one."""

    exhibit: str
    country: str
    forms: Sequence[str]  # of its sources, in order; likewise the digests
    digests: Sequence[Said]
    read_only: str
    listed: int
    inside: int
    pictures: int
    deleted: int
    damaged: int
    failures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that does not hold, or was not done."""

    where: str  # the exhibit, or "all exhibits"
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentLine:
    """One file that a source is made of."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestLine:
    """A digest of a source's content: as it was stored at the acquisition, and as computed now; in words where not."""

    name: str
    stored: str
    computed: str
    compared: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class SeizedSource:
    """One source of an exhibit: how it came, and what is known of its bytes."""

    exhibit: str
    country: str
    source: str
    given: str  # the path as it was named
    form: str
    size: str
    digest: Said
    digests: Sequence[DigestLine]
    segments: Sequence[SegmentLine]
    segments_total: int
    acquisition: Sequence[tuple[str, str]]  # what the image says of it, by name
    bad_sectors: str
    closed: Said
    volumes: Sequence[str]
    notes: Sequence[str]
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounting:
    """Every item ends in exactly one of these: they add up to `items`, which are listed + inside."""

    items: int
    listed: int  # by the source itself
    inside: int  # archives and images that lie in it
    read: int  # damaged ones among them
    damaged: int  # of those read: with bytes missing
    no_content: int  # links and device nodes
    failed: int  # not read, with a failure each
    waiting: int  # listed, not examined yet
    embedded: int = 0  # pictures inside pictures, beside all of these


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureCounts:
    """Files whose content is a picture; the last four add up to the first."""

    files: int
    fingerprinted: int
    failed: int
    not_decoded: int
    not_looked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExaminerLine:
    """What one examiner, of one version and code, came to, in contents; the five counts are those it looked at.

    structure: found, but nothing beyond the parts the file is made of. ran: in words where it did not.
    """

    examiner: str
    version: str
    code_digest: str
    found: int
    structure: int
    nothing: int
    not_run: int
    failed: int
    ran: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureCounts:
    """One exhibit's failures, by kind in the order of `Report.failure_kinds`, with those shown and how to see all."""

    exhibit: str
    counts: Sequence[int]
    total: int
    shown: int
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureLine:
    """One failure."""

    exhibit: str
    path: str
    examiner: str
    kind: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLine:
    """One file of a list: where it lies, how large, and what is to be said of it."""

    exhibit: str
    path: str
    size: str
    modified: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyLine:
    """One content that occurs more than once."""

    sha256: str
    media_type: str
    occurrences: int
    exhibits: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraLine:
    """A make and model as the files state it; such text can be written into any file."""

    make: str
    model: str
    exhibits: str
    contents: int
    first: str
    last: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginLine:
    """One exhibit's different pictures of one grade, by strength. An undetermined one has none."""

    exhibit: str
    grade: str
    verified: int
    corroborated: int
    declared: int
    consistent: int
    without: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TierLine:
    """One tier of the queue."""

    tier: int
    what: str
    pictures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLine:
    """One picture near the front of the queue."""

    rank: int
    tier: int
    reason: str
    place: str
    sha256: str
    grade: str
    strength: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownLine:
    """One version of a known set. exact, near: different contents that it knows by digest, and by look."""

    name: str
    form: str
    role: str
    scheme: str
    records: int
    refused: int
    state: str
    digest: str
    exact: int
    near: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCounts:
    """Different pictures that can be near to others, and the groups they stand in."""

    pictures: int
    groups: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartLine:
    """One arrow of the upstream chart, as a line of its table."""

    source: str
    target: str
    edge: str
    count: int
    strengths: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelLine:
    """One model file by content. pictures: that were made with it."""

    path: str
    kind: str
    sha256: str
    base: str
    folders: str
    exhibits: str
    pictures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HandLine:
    """One group of pictures that share what is one person's own. because: what most of them share."""

    hand: str
    pictures: int
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """A word and what it means."""

    word: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamPart:
    """What pictures came from. pictures: that were followed; 0 where nothing was."""

    pictures: int
    meanings: Sequence[Meaning]  # of the strengths
    rarity: str
    hands_rule: str
    chart: Chart
    edges: Sequence[ChartLine]
    models: Sequence[ModelLine]
    models_total: int
    hands: Sequence[HandLine]
    hands_total: int
    contradictions: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything the page says."""

    operation: str
    made_at: datetime
    tool_version: str
    sandbox: Sequence[str]
    unsafe: bool
    glance: Sequence[GlanceLine]
    faults: Sequence[Fault]
    sources: Sequence[SeizedSource]
    accounting: Accounting
    pictures: PictureCounts
    contents: int
    bytes_read: int
    examiners: Sequence[ExaminerLine]
    examiners_not_run: Sequence[str]
    failure_kinds: Sequence[str]
    failure_counts: Sequence[FailureCounts]
    failures: Sequence[FailureLine]
    failures_total: int
    types: Sequence[Bar]
    deleted: Sequence[FileLine]
    deleted_total: int
    endings: Sequence[FileLine]
    endings_total: int
    times_by: str  # year or month
    times: Sequence[Bar]
    times_none: int  # files without that time
    zone_unknown: int
    sizes: Sequence[Bar]
    copies: Sequence[CopyLine]
    copies_total: int
    cameras: Sequence[CameraLine]
    cameras_total: int
    cameras_looked: bool
    known_sets: Sequence[KnownLine]
    known: GroupCounts
    upstream: UpstreamPart
    origins: Sequence[OriginLine]
    tiers: Sequence[TierLine]
    first: Sequence[QueueLine]
    queue_rule: str
    custody_entries: int
    custody_head: str
    key_id: str
    validation: str  # by this laboratory, in words
