"""Known sets of an operation: added whole or not at all, kept under seals, the newest of a name in use."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from headwater.findings.slug import exhibit_slug
from headwater.findings.views import connect
from headwater.match.finder import Finder
from headwater.match.nsrl import Database, apply_delta, database_at, overlay_builder, read_rows
from headwater.match.nsrl_delta import Changes
from headwater.match.reading import Reading
from headwater.match.schemes import NONE, scheme_of
from headwater.match.store import NEAR, Counts, Store, StoreBuilder
from headwater.model.errors import DoesNotVerify, HeadwaterError, WrongUse
from headwater.model.known import WIDTHS, KnownSet, Refused, Role, VideoRule
from headwater.model.visible import visible
from headwater.seal.files import TEMPORARY, file_digest, open_folder, sync_folder
from headwater.seal.manifest import Manifest, SealedFile
from headwater.steps.runner import kernel_cache, require_sandbox
from headwater.steps.seals import SET_ADDED, Listener
from headwater.steps.workspace import Workspace

if TYPE_CHECKING:
    from headwater.model.canonical import Json

SET_WITHDRAWN = "known_set_withdrawn"
SET_RELEASED = "known_set_released"
FOLDER = "known"
HELD_BACK_SHARE = 0.01  # of the operation's pictures that one harmless set may take out of the queue unasked
_SHOWN = 20
_BATCH = 50_000
_NO_SCHEME = frozenset({"nsrl", "pdq", "vpdq", "digests"})  # forms without categories
_PICTURES = """
SELECT DISTINCT sha256, sha1, md5 FROM items WHERE media_type LIKE 'image/%' AND sha256 IS NOT NULL
"""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """A set as it was added. refused: the first rows that never match. before: the version it takes the place of.

    held_back: why it is not in use yet; empty where it is. gained, lost: of each kind of digest how many different ones
    the version before did not have, and how many only that one had. not_compared: why that is not known. changes: what
    deltas changed; none without deltas.
    """

    known: KnownSet
    refused: tuple[Refused, ...]
    before: KnownSet | None
    held_back: str = ""
    is_new: bool = True
    gained: Mapping[str, int] = field(default_factory=dict)
    lost: Mapping[str, int] = field(default_factory=dict)
    not_compared: str = ""
    changes: Changes | None = None


def add_set(workspace: Workspace, source: Source, listener: Listener, *, unsafe: bool) -> Added:
    """Read a file into a set and put it in use, in place of an older one of its name.

    It is built in a folder of another name, sealed, renamed, and counts from its entry in custody on. Raises WrongUse
    for a scheme that is none, a file of another form, and a set without a single record.
    """
    _check(source)
    require_sandbox(unsafe=unsafe)
    folder = workspace.folder / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    _clean(folder)
    building = folder / f"{TEMPORARY}{exhibit_slug(source.name)}"
    building.mkdir(mode=0o700)
    listener.begin("hashset")
    try:
        told, counts = _build(source, building, listener, unsafe=unsafe)
        manifest = _sealed(source, building, told, counts)
        return _put_in_use(workspace, source, building, manifest, told, counts, unsafe=unsafe)
    finally:
        listener.end()
        shutil.rmtree(building, ignore_errors=True)


def _check(source: Source) -> None:
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
class _Told:
    sha256: str
    size_bytes: int
    refused: tuple[Refused, ...]
    deltas: tuple[tuple[str, str], ...] = ()  # name and SHA-256


def _build(source: Source, folder: Path, listener: Listener, *, unsafe: bool) -> tuple[_Told, Counts]:
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
) -> tuple[_Told, Counts]:  # fmt: skip
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
    told = _Told(sha256=reading.sha256, size_bytes=reading.bytes_read, refused=tuple(first))
    if file_digest(source.path)[0] != told.sha256:
        raise WrongUse(f"{visible(os.fsencode(source.path))} changed while it was read", next_step="Add it again.")
    return told, builder.finish()


def _build_in_place(source: Source, builder: StoreBuilder, listener: Listener) -> tuple[_Told, Counts]:
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
    told = _Told(sha256=sha256, size_bytes=size_bytes, refused=tuple(first), deltas=deltas)
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


def _sealed(source: Source, folder: Path, told: _Told, counts: Counts) -> Manifest:
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


def _put_in_use(
    workspace: Workspace, source: Source, building: Path, manifest: Manifest, told: _Told, counts: Counts,
    *, unsafe: bool,
) -> Added:  # fmt: skip
    name = f"{exhibit_slug(source.name)}-{manifest.digest[:16]}"
    known = KnownSet(
        name=source.name, form=source.form, role=source.role, scheme=source.scheme, source=source.about,
        source_sha256=told.sha256, source_bytes=told.size_bytes, folder=name, digest=manifest.digest,
        records=counts.records, refused=counts.refused, radius_bits=source.radius_bits,
        quality_min=source.quality_min, video_rule=source.video_rule,
    )  # fmt: skip
    before = next((each for each in known_sets(workspace) if each.name == source.name), None)
    if before == known:
        return Added(
            known=known, refused=told.refused, before=before, is_new=False, changes=counts.changes
        )  # fmt: skip
    new = Store(building)
    gained, lost, not_compared = _change(workspace, new, before)
    held_back = reason_to_hold_back(workspace, known, new)
    target = building.with_name(name)
    if not target.exists():
        building.rename(target)
        sync_folder(target.parent)
    body: dict[str, Json] = {"folder": name, "digest": manifest.digest, "held_back": held_back, "about": source.about}
    body["unsafe"] = unsafe
    body["gained"], body["lost"] = {**gained}, {**lost}
    workspace.record(SET_ADDED, {**manifest.body, **body})
    workspace.checkpoint()
    return Added(
        known=known, refused=told.refused, before=before, held_back=held_back, gained=gained, lost=lost,
        not_compared=not_compared, changes=counts.changes,
    )  # fmt: skip


def _change(
    workspace: Workspace, new: Store, before: KnownSet | None
) -> tuple[Mapping[str, int], Mapping[str, int], str]:
    """Of each kind of digest how many are new and how many are gone; why it is not known, where it is not."""
    if before is None:
        return {}, {}, ""
    try:
        old = open_set(workspace, before)
        return new.missing_in(old), old.missing_in(new), ""
    except HeadwaterError as error:  # it is replaced all the same: that is what helps
        return {}, {}, error.message


def reason_to_hold_back(workspace: Workspace, known: KnownSet, store: Store) -> str:
    """A harmless set that would take many pictures out of the queue may be a poisoned one: a person releases it.

    Asked when a set is added, and again by each matching, for exhibits come later than sets.
    """
    if known.role != Role.HARMLESS or known.digest in {body["digest"] for body in workspace.recorded(SET_RELEASED)}:
        return ""
    pictures = taken = 0
    with closing(connect(workspace.folder)) as connection:
        for batch in connection.sql(_PICTURES).to_arrow_reader(_BATCH):
            rows = batch.to_pylist()
            pictures += len(rows)
            taken += len({row for kind in WIDTHS for row, _ in _hits(store, kind, rows)})
    if pictures and taken > pictures * HELD_BACK_SHARE:
        return f"it would take {taken:,} of {pictures:,} pictures out of the queue, more than {HELD_BACK_SHARE:.0%}"
    return ""


def _hits(store: Store, kind: str, rows: list[dict[str, Any]]) -> Iterator[tuple[int, int]]:
    there = [(place, row[kind]) for place, row in enumerate(rows) if row[kind] and len(row[kind]) == 2 * WIDTHS[kind]]
    digests = np.frombuffer(bytes.fromhex("".join(text for _, text in there)), np.uint8).reshape(-1, WIDTHS[kind])
    found, numbers = store.look_up(kind, digests)
    return ((there[place][0], number) for place, number in zip(found.tolist(), numbers.tolist(), strict=True))


def _clean(folder: Path) -> None:
    """Remove what an interrupted import left: it never counted."""
    for each in folder.glob(f"{TEMPORARY}*"):
        shutil.rmtree(each)


def all_sets(workspace: Workspace) -> Iterator[tuple[KnownSet, str]]:
    """Every version that was ever added, in order, and its state: in use, or why not.

    A withdrawal and a release are of the version that was there then: added again, it begins anew.
    """
    added, gone, held = _acts(workspace)
    newest = {str(body["name"]): place for place, body in enumerate(added) if place not in held}
    for place, body in enumerate(added):
        state = "in use"
        if place in held:  # the version before it stays in use
            state = f"held back: {body['held_back']}"
        elif newest[str(body["name"])] != place:
            state = "replaced"
        elif place in gone:
            state = f"withdrawn: {gone[place]}"
        yield _known(body), state


def _acts(workspace: Workspace) -> tuple[list[Mapping[str, Any]], dict[int, str], set[int]]:
    """What custody says, in its order: every set that was added; by place why it was withdrawn; which are held back."""
    added: list[Mapping[str, Any]] = []
    gone: dict[int, str] = {}
    held: set[int] = set()
    for entry in workspace.custody.entries():
        if entry.kind == SET_ADDED:
            held |= {len(added)} if entry.body["held_back"] else set()
            added.append(entry.body)
        elif entry.kind in {SET_WITHDRAWN, SET_RELEASED}:
            place = max(place for place, body in enumerate(added) if body["digest"] == entry.body["digest"])
            held.discard(place)
            if entry.kind == SET_WITHDRAWN:
                gone[place] = str(entry.body["reason"])
    return added, gone, held


def known_sets(workspace: Workspace) -> tuple[KnownSet, ...]:
    """The sets in use, by name: of each name the newest, unless it was withdrawn or is held back."""
    return tuple(sorted((known for known, state in all_sets(workspace) if state == "in use"), key=lambda one: one.name))


def open_set(workspace: Workspace, known: KnownSet) -> Store:
    """Open a version of a set, which is never changed, whatever is added later.

    Raises DoesNotVerify where it is not as custody has it: an answer of a changed set would be worth nothing.
    """
    folder = workspace.folder / FOLDER / known.folder
    problems = [*map(str, Manifest.check(folder))]
    if not problems and Manifest.read(folder).digest != known.digest:
        problems = ["its manifest is not the one that custody has"]
    if problems:
        raise DoesNotVerify(
            f"the known set {visible(known.name)} is not as it was sealed",
            names=tuple(problems),
            next_step="Withdraw it (headwater hashset withdraw) and add its file anew.",
        )
    return Store(folder)


def withdraw_set(workspace: Workspace, name: str, reason: str) -> KnownSet:
    """Take a set out of use; its matches go with the next matching. Raises WrongUse where none is called so."""
    known = _meant(workspace, name, reason, lambda state: not state.startswith(("withdrawn", "replaced")))
    workspace.record(SET_WITHDRAWN, {"name": name, "digest": known.digest, "reason": reason})
    workspace.checkpoint()
    return known


def release_set(workspace: Workspace, name: str, reason: str) -> KnownSet:
    """Let a set take what it takes: one that was held back, or whose matches are. Raises WrongUse where none is."""
    known = _meant(workspace, name, reason, lambda state: state.startswith(("held back", "in use")))
    workspace.record(SET_RELEASED, {"name": name, "digest": known.digest, "reason": reason})
    workspace.checkpoint()
    return known


def _meant(workspace: Workspace, name: str, reason: str, fits: Callable[[str], bool]) -> KnownSet:
    """The newest version of that name in a state that fits."""
    if not reason.strip():
        raise WrongUse("a reason is needed", next_step="Give one: --reason WORDS")
    found = [known for known, state in all_sets(workspace) if known.name == name and fits(state)]
    if not found:
        raise WrongUse(
            f"no known set called {visible(name)} is in such a state",
            next_step="headwater hashset list shows them all.",
        )
    return found[-1]


def refused_rows(workspace: Workspace, name: str) -> Iterator[Refused]:
    """Every row of a set that never matches, in the order of its source. Raises WrongUse where none is called so."""
    found = [known for known, _ in all_sets(workspace) if known.name == name]
    if not found:
        raise WrongUse(
            f"no known set is called {visible(name)}", next_step="headwater hashset list shows them all."
        )  # fmt: skip
    return open_set(workspace, found[-1]).refused()


def _known(body: Mapping[str, Any]) -> KnownSet:
    return KnownSet(
        name=body["name"], form=body["form"], role=Role(body["role"]), scheme=body["scheme"],
        source=body["about"], source_sha256=body["source"]["sha256"], source_bytes=body["source_bytes"],
        folder=body["folder"], digest=body["digest"], records=body["records"], refused=body["refused"],
        radius_bits=body["radius_bits"], quality_min=body["quality_min"],
        video_rule=VideoRule(body.get("video_rule", VideoRule.KNOWN)),  # sets of an earlier version have none
    )  # fmt: skip


def _in_words(refused: Refused) -> str:
    where = f"line {refused.line}{f', {refused.field}' if refused.field else ''}"
    return f"{where}: {visible(refused.reason)}"


def words_of(rows: Iterable[Refused]) -> Iterator[str]:
    """Refused rows in words: line, field, reason."""
    return map(_in_words, rows)
