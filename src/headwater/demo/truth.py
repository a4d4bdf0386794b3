"""What a synthetic operation holds: written beside it as ``truth.json``, read back to check what was found.

Digests are SHA-256. Paths are as the items table shows them.
"""

from dataclasses import dataclass, field
from pathlib import Path

import msgspec


@dataclass(frozen=True, slots=True, kw_only=True)
class ExhibitTruth:
    """One seized thing. `path` is relative to the operation's folder; `form` says what it is."""

    path: str
    form: str
    country: str
    kind: str
    seized_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTruth:
    """One file that must be found exactly once, under the path that the items table shows.

    sha256: of what can be read; unreadable sectors count as zeros there, and `sha256_original` is of the whole.
    media_type: empty for texts, whose kind is not judged. lies: its name ends as that of another kind.
    """

    exhibit: str
    path: str
    sha256: str
    size_bytes: int
    allocation: str = "allocated"
    damaged: bool = False
    sha256_original: str = ""
    media_type: str = ""
    lies: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedTruth:
    """Something that must be stopped and reported; `kind` as in `Refusal`."""

    exhibit: str
    path: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureTruth:
    """One row that the failures table must have. Beside these there is none."""

    exhibit: str
    path: str
    examiner: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureTruth:
    """One picture's content: what a decoder sees. `pdq` is empty where not every pixel can be had.

    decodes: whole, partial or failed. embedded: the digest of the preview in its EXIF; embedded_is_same: whether that
    shows the same picture.
    """

    sha256: str
    media_type: str
    width_pixels: int
    height_pixels: int
    decodes: str
    pdq: str = ""
    pdq_quality: int = 0
    embedded_sha256: str = ""
    embedded_is_same: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginTruth:
    """Where a picture came from (`actual`), and what the rule table makes of what the seizure shows.

    grade: camera, generated, edited, undetermined. strength: corroborated, declared, consistent; empty if undetermined.
    rule: T1 to T12. g, e, c, k, f: its five numbers. signals: S1 to S15. ties: the pictures it is a near copy of, or
    was begun from.
    """

    sha256: str
    actual: str
    grade: str
    strength: str
    rule: str
    g: int
    e: int
    c: int
    k: int
    f: int
    signals: tuple[str, ...]
    ties: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NearTruth:
    """A picture and one made from it; two made from one (`change` same group); two alike by chance (lookalike).

    distance_bits: the least between one's PDQ and the other's eight variants, 256 where one has none; within: at most
    31, at quality 50 or more on both sides. variant: the place among the eight.
    """

    original_sha256: str
    derived_sha256: str
    change: str
    distance_bits: int
    variant: int
    within: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTruth:
    """All that was made from one picture, the damaged copy included; the original is the first member."""

    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainTruth:
    """One chain: account <- upload <- output <- workflow <- models <- training folder <- photographs <- camera.

    Empty strings and tuples where the chain ends earlier. `source_sha256` is what image-to-image began from. Paths
    begin with the exhibit.
    """

    account: int
    uploaded_at: str
    upload_sha256: str
    change: str
    output_sha256: str
    output_paths: tuple[str, ...]
    tool: str
    workflow_shape: str
    checkpoint_sha256: str
    checkpoint_paths: tuple[str, ...]
    lora_sha256: str = ""
    lora_paths: tuple[str, ...] = ()
    source_sha256: str = ""
    source_paths: tuple[str, ...] = ()
    training_folder: str = ""
    photographs_sha256: tuple[str, ...] = ()
    workstation_exhibit: str = ""
    camera_exhibit: str = ""
    camera_serial: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeTruth:
    """One edge of the upstream graph that leaves a trace. Ends are named as the upstream table names them."""

    source: str
    target: str
    edge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadTruth:
    """One edge from the platform to the laptop: which account fetched what, when, and where it lies now."""

    account: int
    upload_sha256: str
    at: str
    exhibit: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTruth:
    """One known set: the file, how it is read, and its traps in words."""

    path: str
    form: str
    scheme: str = ""
    records: int = 0
    traps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchTruth:
    """One file of an exhibit that one record of a set knows.

    record: its id in the set; for a list, the line. kind: the best digest they share (sha256, sha1), or pdq. category:
    as the set says; verdict: false for 0, 5 and none, which are no verdict. variant: of PDQ's eight.
    """

    sha256: str
    set: str
    record: str
    kind: str
    category: str = ""
    scheme: str = ""
    verdict: bool = True
    distance_bits: int = 0
    variant: int = 0
    victim_identified: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueTruth:
    """Where one picture stands in the queue: its tier of the rule, and the reason."""

    sha256: str
    tier: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraTruth:
    """One camera body. exhibit: where it was seized, empty for strangers' ones.

    pictures: with its pattern, geometry unchanged. changed: with its pattern, cropped, resized or drawn into.
    """

    serial: str
    make: str
    model: str
    exhibit: str
    pattern_strength: float
    pictures: tuple[str, ...]
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonTruth:
    """One invented person and the accounts held. role: producer, subscriber, or empty."""

    person: str
    name: str
    country: str
    household: str
    accounts: tuple[int, ...]
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageTruth:
    """What goes to one country: its exhibits, how many persons, accounts, payments, uploads and downloads are its."""

    country: str
    exhibits: tuple[str, ...]
    persons: int
    accounts: int
    payments: int
    uploads: int
    downloads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """All that should be found in one synthetic operation."""

    seed: int
    operation: str
    notice: str
    exhibits: dict[str, ExhibitTruth]
    files: tuple[FileTruth, ...]
    refused: tuple[RefusedTruth, ...]
    failures: tuple[FailureTruth, ...]
    pictures: tuple[PictureTruth, ...]
    sets: dict[str, SetTruth]
    matches: tuple[MatchTruth, ...]
    near_duplicates: tuple[NearTruth, ...]
    groups: tuple[GroupTruth, ...]
    origins: tuple[OriginTruth, ...]
    chain: tuple[ChainTruth, ...]
    edges: tuple[EdgeTruth, ...]
    shapes: dict[str, str]  # of each output its program and workflow, without values
    downloads: tuple[DownloadTruth, ...]
    queue: tuple[QueueTruth, ...]
    cameras: tuple[CameraTruth, ...]
    persons: tuple[PersonTruth, ...]
    packages: tuple[PackageTruth, ...]
    counts: dict[str, int] = field(default_factory=dict)


def write_truth(truth: Truth, path: Path) -> None:
    """Write `truth` as indented JSON, the same bytes for the same truth."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(truth, order="deterministic"), indent=1) + b"\n")
