"""Known sets of an operation: added whole or not at all, kept under seals, the newest of a name in use."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headwater.findings.slug import exhibit_slug
from headwater.findings.views import connect
from headwater.match.nsrl_delta import Changes
from headwater.match.store import Counts, Store
from headwater.model.errors import DoesNotVerify, HeadwaterError, WrongUse
from headwater.model.known import WIDTHS, KnownSet, Refused, Role, VideoRule
from headwater.model.visible import visible
from headwater.seal.files import TEMPORARY, sync_folder
from headwater.seal.manifest import Manifest
from headwater.steps.known_build import Source, Told, build_set, check_source, seal_set
from headwater.steps.runner import require_sandbox
from headwater.steps.seals import SET_ADDED, Listener
from headwater.steps.workspace import Workspace

if TYPE_CHECKING:
    from headwater.model.canonical import Json

SET_WITHDRAWN = "known_set_withdrawn"
SET_RELEASED = "known_set_released"
FOLDER = "known"
HELD_BACK_SHARE = 0.01  # of the operation's pictures that one harmless set may take out of the queue unasked
_BATCH = 50_000
_PICTURES = """
SELECT DISTINCT sha256, sha1, md5 FROM items WHERE media_type LIKE 'image/%' AND sha256 IS NOT NULL
"""


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
    check_source(source)
    require_sandbox(unsafe=unsafe)
    folder = workspace.folder / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    _clean(folder)
    building = folder / f"{TEMPORARY}{exhibit_slug(source.name)}"
    building.mkdir(mode=0o700)
    listener.begin("hashset")
    try:
        told, counts = build_set(source, building, listener, unsafe=unsafe)
        manifest = seal_set(source, building, told, counts)
        return _put_in_use(workspace, source, building, manifest, told, counts, unsafe=unsafe)
    finally:
        listener.end()
        shutil.rmtree(building, ignore_errors=True)


def _put_in_use(
    workspace: Workspace, source: Source, building: Path, manifest: Manifest, told: Told, counts: Counts,
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
