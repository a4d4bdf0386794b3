"""What a synthetic operation holds: written beside it as ``truth.json``, read back to check what was found."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTruth:
    """One file that must be found exactly once, under the path that the items table shows.

    sha256: of what can be read; unreadable sectors count as zeros there, and `sha256_original` is of the whole.
    """

    exhibit: str
    path: str
    sha256: str
    size_bytes: int
    allocation: str = "allocated"
    damaged: bool = False
    sha256_original: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedTruth:
    """Something that must be stopped and reported; `kind` as in `Refusal`."""

    exhibit: str
    path: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginTruth:
    """Where a picture came from (`actual`), and what can be known from the seizure (`expected`), with the reason."""

    sha256: str
    actual: str
    expected: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NearTruth:
    """A picture and a copy made from it: `change` is copy, reencoded, bordered, mirrored or cropped."""

    original_sha256: str
    derived_sha256: str
    change: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainTruth:
    """One upstream chain: upload <- output <- workflow <- models <- training folder <- photographs <- camera.

    Empty strings and tuples where the chain ends earlier. `source_sha256` is what image-to-image began from.
    """

    upload_sha256: str
    output_sha256: str
    tool: str
    checkpoint_sha256: str
    lora_sha256: str = ""
    source_sha256: str = ""
    training_folder: str = ""
    photographs_sha256: tuple[str, ...] = ()
    camera_exhibit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTruth:
    """One known set: the file, how it is read, the digests in it that the exhibits hold, and its traps in words."""

    path: str
    form: str
    scheme: str = ""
    hits: tuple[str, ...] = ()
    traps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonTruth:
    """One invented person and the accounts held."""

    person: str
    country: str
    household: str
    accounts: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """All that should be found in one synthetic operation."""

    seed: int
    operation: str
    notice: str
    exhibits: dict[str, ExhibitTruth]
    files: tuple[FileTruth, ...]
    refused: tuple[RefusedTruth, ...]
    sets: dict[str, SetTruth]
    near_duplicates: tuple[NearTruth, ...]
    origins: tuple[OriginTruth, ...]
    chain: tuple[ChainTruth, ...]
    cameras: dict[str, tuple[str, ...]]
    persons: tuple[PersonTruth, ...]
    counts: dict[str, int] = field(default_factory=dict)


def write_truth(truth: Truth, path: Path) -> None:
    """Write `truth` as indented JSON, the same bytes for the same truth."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(truth, order="deterministic"), indent=1) + b"\n")
