"""Write-once Parquet parts, committed exactly once.

A unit of work becomes one part a table: temporary name, fsync, rename, fsync of the folder; then ONE line in
commits.jsonl makes all of them count. Killed before that line, the unit never happened and its files are removed at the
next opening; killed after it, the unit is done. Each line is signed as custody is, so nobody else can make parts count.

A unit may be voided: what it says of the evidence counts no more, and the same unit may be committed again. Its files
stay as they were sealed.
"""

import fcntl
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from headwater.findings.schema import check_table
from headwater.findings.slug import exhibit_slug
from headwater.model.canonical import Json
from headwater.model.errors import DoesNotVerify, WrongUse
from headwater.seal.chain import TORN_TAIL, Chain, ChainReport
from headwater.seal.entry import FIRST, ChainEntry
from headwater.seal.files import TEMPORARY, sync_folder, write_new
from headwater.seal.manifest import MANIFEST, Manifest, Problem, SealedFile, check_file

COMMITS = "commits.jsonl"
BEGUN = "begun"  # kind of the first entry: of which folder this is, and how far custody had come
COMMIT = "commit"  # kind of the entry that makes a unit's parts count
VOID = "void"  # kind of the entry after which the named units count no more
_KEPT = "findings"  # the table of a voided unit that still counts: findings belong to content, wherever it lay
OPERATION = "@operation"  # the folder of what concerns the whole operation: no exhibit's slug has an @
SEALED = "findings_sealed"  # kind of the custody entry that carries a manifest's digest
CLEANED = "findings_cleaned"  # kind of the custody entry that names what an interrupted run had left
_TOLD = 100  # names of removed files that custody is told; their count always
_UNIT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_PART = re.compile(r"part-[A-Za-z0-9_][A-Za-z0-9_.-]*\.parquet")
_OURS = frozenset({COMMITS, MANIFEST})


def part_folder(findings: Path, exhibit: str, examiner_set_digest: str) -> Path:
    """Where the parts of one exhibit under one set of examiners lie."""
    return findings / exhibit_slug(exhibit) / examiner_set_digest[:16]


def operation_folder(findings: Path, name: str) -> Path:
    """Where parts of the operation as a whole lie, of no exhibit: no exhibit's folder can be called so."""
    return findings / OPERATION / name


def custody_name(folder: Path) -> str:
    """A folder of parts as custody names it: exhibit and examiner set."""
    return "/".join(folder.parts[-2:])


class PartStore:
    """The parts in one folder, open for adding. Only one at a time may be open; a context manager.

    custody: the operation's chain; it is told what was cleaned away and each seal.
    Raises WrongUse while another process has the folder open, DoesNotVerify where commits.jsonl does not hold.
    """

    def __init__(self, folder: Path, custody: Chain) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder
        self._custody = custody
        self._lock = _lock(folder)
        try:
            self._commits = Chain(folder / COMMITS, custody.signer)
            self._commits.settle()
            if not any(entry.kind == BEGUN for entry in self._commits.entries()):
                self._begin()
            self._commit_log = [*commit_entries(folder)]
            self._clean()
        except BaseException:
            self.close()
            raise

    def _begin(self) -> None:
        last = self._custody.last()
        custody: Json = {"entries": last.seq + 1 if last else 0, "head": last.digest if last else FIRST}
        self._commits.append(BEGUN, {"folder": custody_name(self.folder), "custody": custody})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let others open the folder. Safe to call twice."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def committed(self) -> set[str]:
        """The names of the units whose parts count."""
        return set(_counting(self._commit_log))

    def commit(self, unit: str, tables: Mapping[str, pa.Table]) -> None:
        """Write one unit's tables and make them count, all or none.

        Raises DoesNotVerify for a unit that counts already.
        unit: a plain word (letters, digits, ``_ - .``), the same for the same work in every run.
        """
        if not _UNIT.fullmatch(unit):
            raise WrongUse(f"not a unit name: {unit!r}")
        if unit in self.committed():
            raise DoesNotVerify(f"unit {unit} is committed already", names=(str(self.folder / COMMITS),))
        for name, built in tables.items():
            check_table(name, built)
        before = sum(1 for entry in self._commit_log if entry.kind == COMMIT and entry.body["unit"] == unit)
        stem = f"{unit}.{before + 1}" if before else unit
        files = tuple(self._write(stem, name, built) for name, built in sorted(tables.items()))
        sync_folder(self.folder)
        self._add(COMMIT, {"unit": unit, "files": [file.as_json() for file in files]})

    def void(self, units: Collection[str], reason: str) -> None:
        """Make units count no more, those of them that do; their findings, which belong to contents, stay."""
        if voided := sorted(self.committed() & set(units)):
            self._add(VOID, {"units": [*voided], "reason": reason})

    def entries(self) -> int:
        """How many lines commits.jsonl has."""
        last = self._commits.last()
        return last.seq + 1 if last else 0

    def committed_since(self, entries: int) -> set[str]:
        """The units that count and were committed after so many lines of commits.jsonl."""
        return {unit for unit, entry in _counting(self._commit_log).items() if entry.seq >= entries}

    def seal(self) -> str:
        """Write the manifest over all parts and commits.jsonl, tell custody, and return the manifest's digest."""
        report = self._commits.verify(self._custody.verify().keys if self._custody.signer else None)
        if report.problems:
            raise DoesNotVerify(report.problems[0], names=(str(self._commits.path),))
        manifest = Manifest(
            files=tuple(file for entry in self._commit_log for file in sealed_files(entry)),
            body={"commits": {"entries": report.entries, "head": report.head}},
        )
        if not (self.folder / MANIFEST).exists() or Manifest.read(self.folder) != manifest:
            manifest.write(self.folder)
        self._custody.append(
            SEALED, {"folder": custody_name(self.folder), "digest": manifest.digest, "files": len(manifest.files)}
        )
        return manifest.digest

    def _add(self, kind: str, body: Mapping[str, Json]) -> None:
        (self.folder / MANIFEST).unlink(missing_ok=True)  # what grows is not sealed
        self._commit_log.append(self._commits.append(kind, body))

    def _write(self, unit: str, name: str, built: pa.Table) -> SealedFile:
        data = _parquet(built)
        final = self.folder / f"part-{unit}-{name}.parquet"
        temporary = self.folder / f"{TEMPORARY}{final.name}"
        write_new(temporary, data, mode=0o444)
        temporary.rename(final)
        return SealedFile(name=final.name, sha256=sha256(data).hexdigest(), size_bytes=len(data), rows=built.num_rows)

    def _clean(self) -> None:
        counted = {file.name for entry in self._commit_log for file in sealed_files(entry)}
        stray = [
            path.name
            for path in sorted(self.folder.iterdir())
            if path.name.startswith(TEMPORARY) or (_PART.fullmatch(path.name) and path.name not in counted)
        ]
        for name in stray:
            (self.folder / name).unlink()
        if stray:
            sync_folder(self.folder)
            self._custody.append(
                CLEANED, {"folder": custody_name(self.folder), "files": stray[:_TOLD], "count": len(stray)}
            )


def commit_entries(folder: Path) -> Iterator[ChainEntry]:
    """Every commit and voiding of `folder`, in order. Raises DoesNotVerify where commits.jsonl is broken."""
    return (entry for entry in Chain(folder / COMMITS).entries() if entry.kind in {COMMIT, VOID})


def committed_files(folder: Path) -> Iterator[SealedFile]:
    """Every part of `folder` that counts, in the order of commits.jsonl. Raises DoesNotVerify where that is broken."""
    return counting_files([*commit_entries(folder)])


def counting_files(entries: Sequence[ChainEntry]) -> Iterator[SealedFile]:
    """The parts that count by these commits; of a voided unit its findings."""
    counting = {entry.seq for entry in _counting(entries).values()}
    for entry in entries:
        for file in sealed_files(entry):
            if entry.seq in counting or table_of(file) == _KEPT:
                yield file


def committed_units(folder: Path) -> Mapping[str, tuple[SealedFile, ...]]:
    """The parts of each unit that counts, in the order of commits.jsonl. Raises DoesNotVerify where that is broken."""
    return {unit: sealed_files(entry) for unit, entry in _counting([*commit_entries(folder)]).items()}


def begun_at(folder: Path) -> int:
    """How many entries custody had when the folder was begun. Raises DoesNotVerify where commits.jsonl is broken."""
    for entry in Chain(folder / COMMITS).entries():
        custody = entry.body.get("custody") if entry.kind == BEGUN else None
        entries = custody.get("entries") if isinstance(custody, Mapping) else None
        if isinstance(entries, int):
            return entries
    raise DoesNotVerify(f"{COMMITS}: line 1: not the beginning of a folder of parts", names=(str(folder / COMMITS),))


def table_of(file: SealedFile) -> str:
    """The table that a part holds."""
    return file.name.removesuffix(".parquet").rpartition("-")[2]


def _counting(entries: Iterable[ChainEntry]) -> dict[str, ChainEntry]:
    """The commit of each unit that counts."""
    counting: dict[str, ChainEntry] = {}
    for entry in entries:
        if entry.kind == COMMIT:
            counting[str(entry.body["unit"])] = entry
        for unit in _voided(entry):
            counting.pop(unit, None)
    return counting


def _voided(entry: ChainEntry) -> Iterator[str]:
    units = entry.body.get("units") if entry.kind == VOID else ()
    yield from (str(unit) for unit in units) if isinstance(units, list | tuple) else ()


def check_parts(
    folder: Path, keys: Mapping[str, bytes] | None = None, sealed: str | None = None
) -> tuple[Problem, ...]:
    """Hold `folder` against its manifest and commits.jsonl, changing nothing; every file that does not hold, by name.

    keys: those that custody knows, by id, one of which must have signed each commit; None where they cannot be told.
    sealed: the manifest's digest as custody has it. A folder that is not sealed yet, or was added to, gives one Problem
    for a missing manifest.json.
    """
    report = Chain(folder / COMMITS).verify(keys)
    problems = [
        Problem(file=COMMITS, kind="changed", message=text.removeprefix(f"{COMMITS}: ")) for text in report.problems
    ]
    problems += [problem for problem in Manifest.check(folder) if problem.file != COMMITS]
    if report.problems:
        return tuple(problems)
    entries = [entry for entry in Chain(folder / COMMITS).entries() if entry.kind != TORN_TAIL]
    if entries and (entries[0].kind != BEGUN or entries[0].body.get("folder") != custody_name(folder)):
        problems.append(Problem(file=COMMITS, kind="changed", message="it is of another folder"))
        return tuple(problems)
    committed = tuple(file for entry in entries for file in sealed_files(entry))
    if any(problem.file == MANIFEST for problem in problems):
        problems += [problem for file in committed if (problem := check_file(folder, file))]
        problems += _uncommitted(folder, committed)
    else:
        problems += _unlike_seal(Manifest.read(folder), report, committed, sealed)
    return tuple(problems)


def _unlike_seal(
    manifest: Manifest, commits: ChainReport, committed: tuple[SealedFile, ...], sealed: str | None
) -> Iterator[Problem]:
    of_manifest = manifest.body.get("commits")
    if of_manifest != {"entries": commits.entries, "head": commits.head} or set(manifest.files) != set(committed):
        yield Problem(file=COMMITS, kind="changed", message="changed: not the commits that were sealed")
    if sealed is not None and manifest.digest != sealed:
        yield Problem(file=MANIFEST, kind="changed", message="changed: not the manifest that custody has")


def _uncommitted(folder: Path, committed: Iterable[SealedFile]) -> Iterator[Problem]:
    names = {file.name for file in committed} | _OURS
    for path in sorted(folder.iterdir()):
        if path.name not in names:
            yield Problem(file=path.name, kind="surplus", message="not listed in commits.jsonl")


def sealed_files(entry: ChainEntry) -> tuple[SealedFile, ...]:
    """The parts that one commit made count; none of another entry. Raises DoesNotVerify."""
    listed = entry.body.get("files") if entry.kind == COMMIT else ()
    try:
        files = tuple(SealedFile(**file) for file in listed)  # type: ignore[union-attr,arg-type]  # TypeError says so below
    except TypeError as error:
        raise DoesNotVerify(f"{COMMITS}: line {entry.seq + 1}: not a commit", names=(COMMITS,)) from error
    if not all(_PART.fullmatch(file.name) for file in files):
        raise DoesNotVerify(f"{COMMITS}: line {entry.seq + 1}: names no part", names=(COMMITS,))
    return files


def read_part(path: Path, columns: Sequence[str]) -> pa.Table:
    """Some columns of one sealed part. Raises DoesNotVerify where it cannot be read as it was written."""
    try:
        return pq.read_table(path, columns=[*columns], memory_map=False)
    except (OSError, pa.ArrowException) as error:
        raise DoesNotVerify(f"a sealed part cannot be read: {path.name}: {error}", names=(str(path),)) from error


def _parquet(built: pa.Table) -> bytes:
    """The bytes of one part; the same for the same rows and the same pyarrow."""
    sink = pa.BufferOutputStream()
    pq.write_table(
        built,
        sink,
        version="2.6",
        data_page_version="1.0",
        compression="zstd",
        compression_level=3,
        use_dictionary=True,
        write_statistics=True,
        row_group_size=128 << 10,
    )
    return bytes(sink.getvalue())


def _lock(folder: Path) -> int:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise WrongUse(f"{folder.name} is open for writing elsewhere", next_step="Let the other run end.") from error
    return descriptor
