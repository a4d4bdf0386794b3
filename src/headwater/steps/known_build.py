"""Builds a known set: its file read into a store, in a folder of its own, and sealed."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from headwater.match.finder import Finder
from headwater.match.nsrl import Database, apply_delta, database_at, overlay_builder, read_rows
from headwater.match.nsrl_delta import Changes
from headwater.match.reading import Reading
from headwater.match.schemes import NONE, scheme_of
from headwater.match.store import NEAR, Counts, StoreBuilder
from headwater.model.errors import WrongUse
from headwater.model.known import Refused, Role, VideoRule
from headwater.model.visible import visible
from headwater.seal.files import file_digest, open_folder
from headwater.seal.manifest import Manifest, SealedFile
from headwater.steps.runner import kernel_cache
from headwater.steps.seals import Listener

if TYPE_CHECKING:
    from headwater.model.canonical import Json

_SHOWN = 20
_NO_SCHEME = frozenset({"nsrl", "pdq", "vpdq", "digests"})  # forms without categories


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file as it is to be added, and in whose words. deltas: of an NSRL database, the oldest first."""

    path: Path
    form: str
    name: str
    scheme: str
    role: Role
    about: str = ""
    radius_bits: int
    quality_min: int
    video_rule: VideoRule = VideoRule.KNOWN
    deltas: tuple[Path, ...] = ()


def check_source(source: Source) -> None:
    """Raise WrongUse for a name, scheme or delta that cannot be."""
    if not source.name.strip():
        raise WrongUse("a known set needs a name", next_step="Give one: --name NAME")
    if source.deltas and source.form != "nsrl":
        raise WrongUse("a delta is of an NSRL database", next_step="Leave --delta out, or add the database: --as nsrl.")
    scheme_of(source.scheme)
    if source.scheme == NONE and source.form not in _NO_SCHEME:
        raise WrongUse(
            f"a set of the form {source.form} has categories, and what they mean is never guessed",
            next_step="Name their scheme: --scheme SCHEME.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was read: digest and size of the file, the first rows that never match, name and SHA-256 of each delta."""

    sha256: str
    size_bytes: int
    refused: tuple[Refused, ...]
    deltas: tuple[tuple[str, str], ...] = ()


def build_set(source: Source, folder: Path, listener: Listener, *, unsafe: bool) -> tuple[Told, Counts]:
    """Read the file into a store in `folder`. Raises WrongUse for another form, and where no record can match."""
    with StoreBuilder(folder) as builder:
        told, counts = (
            _build_in_place(source, builder, listener)
            if source.form == "nsrl"
            else _build_read(source, builder, listener, unsafe=unsafe)
        )
    if not counts.records:
        lines = tuple(_in_words(refused) for refused in told.refused)
        raise WrongUse(f"{visible(os.fsencode(source.path))}: no record of it can match", problems=lines)
    hashes = builder.take_hashes()
    if len(hashes):
        (folder / NEAR).mkdir(mode=0o700)
        with Finder(unsafe=unsafe, cache_folder=kernel_cache()) as finder:
            finder.build(hashes, folder / NEAR)
    return told, counts


def _build_read(
    source: Source, builder: StoreBuilder, listener: Listener, *, unsafe: bool
) -> tuple[Told, Counts]:  # fmt: skip
    reading = Reading(source.path, source.form, unsafe=unsafe)
    first: list[Refused] = []
    for row in reading:
        if isinstance(row, Refused):
            builder.refuse(row)
            first += [row][: _SHOWN - len(first)]
        else:
            builder.add(row)
        listener.more(1)
        listener.tick()
    told = Told(sha256=reading.sha256, size_bytes=reading.bytes_read, refused=tuple(first))
    if file_digest(source.path)[0] != told.sha256:
        raise WrongUse(f"{visible(os.fsencode(source.path))} changed while it was read", next_step="Add it again.")
    return told, builder.finish()


def _build_in_place(source: Source, builder: StoreBuilder, listener: Listener) -> tuple[Told, Counts]:
    with _opened(source.path):
        database = database_at(source.path)
        sha256, size_bytes = file_digest(source.path)
    first: list[Refused] = []
    deltas, changes = _overlaid(source, database, builder, first, listener) if source.deltas else ((), None)
    rows = 0
    for columns, refused in read_rows(database, builder.overlay if changes else None):
        for each in refused:
            builder.refuse(each)
        first += refused[: _SHOWN - len(first)]
        for kind, (digests, numbers) in columns.items():
            builder.add_digests(kind, digests, numbers)
        count = max(len(numbers) for _, numbers in columns.values())
        rows += count
        listener.more(count)
        listener.tick()
    told = Told(sha256=sha256, size_bytes=size_bytes, refused=tuple(first), deltas=deltas)
    return told, builder.finish(database, rows, changes)


def _overlaid(
    source: Source, database: Database, builder: StoreBuilder, first: list[Refused], listener: Listener
) -> tuple[tuple[tuple[str, str], ...], Changes]:  # fmt: skip
    """Apply the deltas in their order; each with its name and digest, and what they changed."""
    told: list[tuple[str, str]] = []
    with overlay_builder(database, builder.overlay) as overlay:
        for path in source.deltas:
            name = visible(os.fsencode(path.name))
            with _opened(path), path.open("rb") as file:
                digest, _ = file_digest(path)
                for why in apply_delta(file, overlay):
                    if why:
                        refused = Refused(line=why.line, key=name, field="", reason=f"{name}: {why.reason}")
                        builder.refuse(refused)
                        first += [refused][: _SHOWN - len(first)]
                    listener.more(1)
                    listener.tick()
                if file_digest(path)[0] != digest:
                    raise WrongUse(f"{name} changed while it was read", next_step="Add the set again.")
            told.append((name, digest))
        return tuple(told), overlay.finish()


@contextmanager
def _opened(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise WrongUse(f"{visible(os.fsencode(path))}: {error.strerror or error}") from error


def seal_set(source: Source, folder: Path, told: Told, counts: Counts) -> Manifest:
    """Write the manifest over every file, all of them on the disk."""
    files = []
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        path.chmod(0o444)
        digest, size_bytes = file_digest(path)
        with path.open("rb") as file:
            os.fsync(file.fileno())
        files.append(SealedFile(name=str(path.relative_to(folder)), sha256=digest, size_bytes=size_bytes))
    body: dict[str, Json] = {
        "name": source.name,
        "form": source.form,
        "role": source.role.value,
        "scheme": source.scheme,
        "source": {"name": visible(os.fsencode(source.path.name)), "about": source.about, "sha256": told.sha256},
        "source_bytes": told.size_bytes,
        "records": counts.records,
        "refused": counts.refused,
        "radius_bits": source.radius_bits,
        "quality_min": source.quality_min,
        "video_rule": source.video_rule.value,
    }
    if counts.changes:
        body["deltas"] = [{"name": name, "sha256": digest} for name, digest in told.deltas]
        body["changes"] = msgspec.to_builtins(counts.changes)
    manifest = Manifest(files=tuple(files), body=body)
    manifest.write(folder)
    for each in (folder / NEAR, folder):
        if each.is_dir():
            with open_folder(each) as descriptor:
                os.fsync(descriptor)
    return manifest


def _in_words(refused: Refused) -> str:
    where = f"line {refused.line}{f', {refused.field}' if refused.field else ''}"
    return f"{where}: {visible(refused.reason)}"


def words_of(rows: Iterable[Refused]) -> Iterator[str]:
    """Refused rows in words: line, field, reason."""
    return map(_in_words, rows)
