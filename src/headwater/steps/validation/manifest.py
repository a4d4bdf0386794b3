"""The manifest of a corpus: which file is what, by whose word, what belongs together. Every fault is told at once."""

import csv
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path, PurePosixPath

from headwater.model.canonical import digest_of
from headwater.model.errors import WrongUse
from headwater.model.visible import visible
from headwater.seal.files import file_digest, read_only

MANIFEST = "manifest.csv"
TRUTHS = ("camera", "generated", "edited")
_TRUTHS = (*TRUTHS, "unknown")
_RATED = frozenset({"constructed", "device_log", "signed", "witnessed", "documented"})
_BASES = (*sorted(_RATED), "metadata", "fixture", "spoof")
_SPLITS = ("", "dev", "holdout")
_REQUIRED = ("path", "sha256", "truth", "truth_basis", "source", "group")
_OPTIONAL = ("split", "laundered_from", "marks", "note", "origin")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MANIFEST_BYTES = 256 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One file of the corpus. line: in the manifest. marks: what a reader must find in it."""

    line: int
    path: str
    sha256: str
    truth: str
    truth_basis: str
    source: str
    group: str
    split: str
    laundered_from: str
    marks: tuple[str, ...]

    @property
    def is_rated(self) -> bool:
        """Whether it counts in rates: its truth is known, and not from the text under test, and nobody forged it."""
        return self.truth in TRUTHS and self.truth_basis in _RATED

    @property
    def is_spoof(self) -> bool:
        return self.truth in TRUTHS and self.truth_basis == "spoof"

    @property
    def counted(self) -> str:
        """In which table it counts."""
        if self.is_rated:
            return "rates"
        if self.is_spoof:
            return "spoofs"
        return "listed" if self.truth_basis != "fixture" else "readers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A corpus that was checked: every file there with the digest stated."""

    folder: Path
    rows: tuple[Row, ...]
    columns_ignored: tuple[str, ...]

    @property
    def digest(self) -> str:
        """SHA-256 over the sorted triples of digest, truth and group."""
        return digest_of(sorted([row.sha256, row.truth, row.group] for row in self.rows))


def read_manifest(folder: Path) -> Manifest:
    """Read and check a corpus: the manifest's columns and values, then the digest of every file.

    Raises WrongUse; its `problems` are all faults.
    """
    lines, columns = _lines(folder / MANIFEST)
    absent = [name for name in _REQUIRED if name not in columns]
    if absent:
        raise _wrong([f"{MANIFEST}: the column {name} is missing" for name in absent])
    rows = tuple(_row(number, line) for number, line in lines)
    faults = [fault for row in rows for fault in _faults(row, folder)]
    faults += _faults_between(rows)
    if not rows:
        faults.append(f"{MANIFEST} has no row")
    if faults:
        raise _wrong(faults)
    ignored = tuple(visible(name) for name in columns if name not in (*_REQUIRED, *_OPTIONAL))
    return Manifest(folder=folder, rows=rows, columns_ignored=ignored)


def _lines(path: Path) -> tuple[list[tuple[int, Mapping[str, str]]], list[str]]:
    try:
        with os.fdopen(read_only(path), "rb") as file:
            data = file.read(_MANIFEST_BYTES + 1)
    except OSError as error:
        raise WrongUse(
            f"no {MANIFEST} can be read in {visible(str(path.parent))}: {error.strerror or error}",
            next_step="A corpus is a folder with that file; headwater validate --help names its columns.",
        ) from error
    if len(data) > _MANIFEST_BYTES:
        raise WrongUse(f"{MANIFEST} is larger than {_MANIFEST_BYTES >> 20} MiB")
    try:
        reader = csv.DictReader(StringIO(data.decode("utf-8-sig"), newline=""), restval="", strict=True)
        columns = [*(reader.fieldnames or [])]
        return [(reader.line_num, line) for line in reader], columns
    except (UnicodeDecodeError, csv.Error) as error:
        raise WrongUse(f"{MANIFEST} is not CSV in UTF-8: {visible(str(error))}") from error


def _row(number: int, line: Mapping[str, str]) -> Row:
    said = {name: (line.get(name) or "").strip() for name in (*_REQUIRED, *_OPTIONAL)}
    return Row(
        line=number,
        path=said["path"],
        sha256=said["sha256"].lower(),
        truth=said["truth"],
        truth_basis=said["truth_basis"],
        source=said["source"],
        group=said["group"],
        split=said["split"],
        laundered_from=said["laundered_from"].lower(),
        marks=tuple(mark for each in said["marks"].split("+") if (mark := each.strip())),
    )


def _faults(row: Row, folder: Path) -> Iterator[str]:
    where = f"{MANIFEST}, line {row.line}"
    for name, value, allowed in (
        ("truth", row.truth, _TRUTHS),
        ("truth_basis", row.truth_basis, _BASES),
        ("split", row.split, _SPLITS),
    ):
        if value not in allowed:
            known = ", ".join(filter(None, allowed))
            yield f"{where}: {name} is {visible(value) or 'empty'}, and may be {known}"
    yield from (f"{where}: {name} is empty" for name in ("source", "group") if not getattr(row, name))
    if row.laundered_from and not _SHA256.fullmatch(row.laundered_from):
        yield f"{where}: laundered_from is no SHA-256"
    if not _SHA256.fullmatch(row.sha256):
        yield f"{where}: sha256 is not 64 hexadecimal digits"
    elif fault := _file_fault(row, folder):
        yield f"{where}: {fault}"


def _file_fault(row: Row, folder: Path) -> str:
    """What is wrong with a row's file, or nothing. A path leads down from the corpus, through no link."""
    shown = visible(row.path)
    path = PurePosixPath(row.path)
    if not path.parts or path.is_absolute() or ".." in path.parts or "\0" in row.path:
        return f"the path {shown or '(empty)'} must lead down from the corpus"
    file = folder / path
    if any(step.is_symlink() for step in (file, *file.parents[: len(path.parts) - 1])):
        return f"{shown} leads through a link"
    try:
        digest, _ = file_digest(file)
    except OSError as error:
        return f"{shown} cannot be read: {error.strerror or 'not a regular file'}"
    return "" if digest == row.sha256 else f"{shown} has the SHA-256 {digest}, not the one stated"


def _faults_between(rows: Sequence[Row]) -> Iterator[str]:
    paths: dict[str, int] = {}
    labels: dict[str, Row] = {}
    for row in rows:
        where = f"{MANIFEST}, line {row.line}"
        if row.path in paths:
            yield f"{where}: {visible(row.path)} stands in line {paths[row.path]} already"
        paths.setdefault(row.path, row.line)
        first = labels.setdefault(row.sha256, row)
        if (first.truth, first.truth_basis) != (row.truth, row.truth_basis):
            yield f"{where}: the same content has another truth in line {first.line}"
    for row in rows:
        origin = labels.get(row.laundered_from)
        if origin and origin.group != row.group:
            yield f"{MANIFEST}, line {row.line}: made from line {origin.line}, and not in its group"


def _wrong(faults: Sequence[str]) -> WrongUse:
    what = faults[0] if len(faults) == 1 else f"{len(faults):,} faults in {MANIFEST}"
    return WrongUse(what, problems=tuple(faults), next_step=f"Correct {MANIFEST}, or the files. Nothing was examined.")
