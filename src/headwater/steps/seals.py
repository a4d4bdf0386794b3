"""Whether what is sealed is as it was sealed: the custody chain with its witness, and every folder of parts.

Asked by `headwater verify`, and before every run: what does not hold is not added to, reported from or signed over.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from headwater.findings.parts import COMMIT, COMMITS, SEALED, check_parts, custody_name, part_folder, sealed_files
from headwater.model.errors import DoesNotVerify
from headwater.model.visible import visible
from headwater.seal.chain import Chain
from headwater.seal.entry import ChainEntry
from headwater.seal.manifest import MANIFEST, Manifest, SealedFile
from headwater.seal.witness import holds_head
from headwater.steps.exhibits import SOURCE_OPENED
from headwater.steps.stores import ITEMS
from headwater.steps.workspace import CUSTODY, CustodyReport, Workspace

WORK_BEGUN = "work_begun"  # kind of the custody entry of a command that works on evidence
TRACE_BEGUN = "trace_begun"  # kind of the entry after which a folder of origins may be there
QUEUE_BEGUN = "queue_begun"  # likewise of a folder of the queue
MATCH_BEGUN = "match_begun"  # likewise of a folder of matches
GROUP_BEGUN = "group_begun"  # likewise of a folder of groups
ATTRIBUTE_BEGUN = "attribute_begun"  # likewise of a folder of the upstream graph
SET_ADDED = "known_set_added"  # of a known set that is in use from here on
CASEFILE_BEGUN = "casefile_begun"  # likewise of what another tool told of an exhibit
RELEVANCE_ADDED = "relevance_added"  # likewise of the folder of scores
_SHOWN = 50
_NOT_BEGUN = "unfinished: a run was interrupted before anything in it counted; run again"
_NOT_SEALED = "not sealed yet: a run was interrupted; run again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was checked. `problems` names what does not hold; `notes` what should be known beside."""

    what: str
    name: str
    checked: int
    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()


class Listener(Protocol):
    """Hears how the check gets on."""

    def begin(self, step: str, total: int = 0) -> None: ...
    def more(self, count: int) -> None: ...
    def tick(self) -> None: ...
    def end(self, words: str = "") -> None: ...


def require_sound(workspace: Workspace, listener: Listener) -> None:
    """Raise DoesNotVerify, with every name, unless custody and every folder of parts hold.

    A last line that a kill cut short is moved aside first: it never counted.
    """
    listener.begin("seals")
    _settle(workspace)
    custody = workspace.verify_custody()
    problems = [*custody.problems]
    for check in () if problems else check_seals(workspace, custody):
        problems += (f"{check.name}: {problem}" for problem in check.problems)
        listener.more(check.checked)
        listener.tick()
    listener.end()
    if problems:
        raise DoesNotVerify(
            "this workspace is not as it was sealed, so nothing is added to it",
            names=(*problems[:_SHOWN], *([f"and {len(problems) - _SHOWN:,} more"] if len(problems) > _SHOWN else [])),
            next_step="Keep it as it is. Put back a copy that verifies, or begin a new workspace. "
            "headwater verify has the whole list.",
        )


def _settle(workspace: Workspace) -> None:
    workspace.custody.settle()
    for folder in part_folders(workspace, None):
        Chain(folder / COMMITS, workspace.custody.signer).settle()


def check_of(custody: CustodyReport) -> Check:
    """What was found of the custody chain, its checkpoints, its signers and the witness, as a Check."""
    entries, head = custody.chain.entries, custody.chain.head
    notes = (*custody.notes, f"head {head}") if entries else custody.notes
    return Check(what="custody", name=CUSTODY, checked=entries, problems=custody.problems, notes=notes)


def check_head(workspace: Workspace, head: str) -> Check:
    """Whether a head of the chain that is known from outside, 64 hexadecimal digits, is an entry of it."""
    held = holds_head(workspace.custody, head)
    problems = () if held else (f"{head} is no entry of this chain: it was rewritten, or is another one",)
    return Check(what="head", name=CUSTODY, checked=1, problems=problems)


def check_seals(workspace: Workspace, custody: CustodyReport, *, exhibit: str | None = None) -> Iterator[Check]:
    """Every folder of parts against its commits, its manifest, and what custody knows of it.

    Where custody itself is broken, against the folder's own manifest only.
    """
    whole = not custody.problems
    seals = {str(body["folder"]): body for body in workspace.recorded(SEALED)} if whole else {}
    known = set(_known_folders(workspace)) if whole else set()
    for folder in part_folders(workspace, exhibit):
        name = custody_name(folder)
        seal = seals.pop(name, None)
        if whole and name not in known:
            yield _problem(name, "surplus: custody knows of no such folder")
        else:
            yield _check_folder(folder, seal, custody.keys if whole else None)
    for name in seals:
        if exhibit is None or name.partition("/")[0] == workspace.slug(exhibit):
            yield _problem(name, "missing: custody has a seal over this folder")
    for name in _strays(workspace) if exhibit is None else ():
        yield _problem(name, "surplus: no part of the findings")


def was_unsafe(workspace: Workspace) -> bool:
    """Whether anything was read or searched without a sandbox, in any command so far."""
    kinds = (WORK_BEGUN, SET_ADDED, CASEFILE_BEGUN, MATCH_BEGUN, GROUP_BEGUN)
    return any(bool(body["unsafe"]) for kind in kinds for body in workspace.recorded(kind))


def part_folders(workspace: Workspace, exhibit: str | None) -> tuple[Path, ...]:
    """Every folder of sealed parts, of one exhibit or of all."""
    return tuple(
        folder
        for folder in sorted(workspace.findings_folder.glob("*/*"))
        if _is_folder(folder) and (exhibit is None or folder.parent.name == workspace.slug(exhibit))
    )


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink() and not path.parent.is_symlink()


def _strays(workspace: Workspace) -> Iterator[str]:
    """What lies beside the folders of parts, where nothing belongs."""
    findings = workspace.findings_folder
    for path in sorted([*findings.glob("*"), *findings.glob("*/*")]):
        is_exhibit = path.parent == findings and path.is_dir() and not path.is_symlink()
        if not (is_exhibit or _is_folder(path)):
            yield str(path.relative_to(findings))


def _known_folders(workspace: Workspace) -> Iterator[str]:
    """The folders that custody has begun.

    Of each exhibit the items, and findings for each examiner set; of the operation matches, groups, traces, queues
    and scores.
    """
    exhibits = {str(body["exhibit"]) for body in workspace.recorded(SOURCE_OPENED)}
    sets = {str(body["examiner_set"]) for body in workspace.recorded(WORK_BEGUN)}
    for exhibit in exhibits:
        for name in (ITEMS, *sets):
            yield custody_name(part_folder(workspace.findings_folder, exhibit, name))
    kinds = (CASEFILE_BEGUN, MATCH_BEGUN, GROUP_BEGUN, TRACE_BEGUN, ATTRIBUTE_BEGUN, QUEUE_BEGUN, RELEVANCE_ADDED)
    for kind in kinds:
        yield from (str(body["folder"]) for body in workspace.recorded(kind))


def _problem(name: str, problem: str) -> Check:
    return Check(what="parts", name=f"findings/{visible(os.fsencode(name))}", checked=0, problems=(problem,))


def _check_folder(folder: Path, seal: Mapping[str, Any] | None, keys: Mapping[str, bytes] | None) -> Check:
    problems = check_parts(folder, keys, str(seal["digest"]) if seal else None)
    notes: tuple[str, ...] = ()
    unsealed = any(problem.file == MANIFEST and problem.kind == "missing" for problem in problems)
    has_strays = any(problem.kind == "surplus" for problem in problems)
    if keys is not None and unsealed and (note := _unfinished(folder, seal, has_strays=has_strays)):
        problems = tuple(each for each in problems if not _is_left_by_a_kill(folder, each.file, each.kind))
        notes = (note,)
    elif not seal:
        notes = ("not held against custody, which has no whole seal over it",)
    return Check(
        what="parts",
        name="/".join(folder.parts[-3:]),
        checked=sum(1 for _ in folder.iterdir()),
        problems=tuple(f"{problem}" for problem in problems),
        notes=notes,
    )


def _unfinished(folder: Path, seal: Mapping[str, Any] | None, *, has_strays: bool) -> str:
    """Why a folder without a manifest may be as it is: a run was interrupted in it. Empty where that is not so."""
    try:
        entries = [*Chain(folder / COMMITS).entries()]
        if seal is None:
            return _NOT_SEALED if any(entry.kind == COMMIT for entry in entries) else _NOT_BEGUN
        return _NOT_SEALED if _was_added_to(entries, seal, has_strays=has_strays) else ""
    except DoesNotVerify:
        return ""


def _was_added_to(entries: Sequence[ChainEntry], seal: Mapping[str, Any], *, has_strays: bool) -> bool:
    """Whether custody's seal is over a beginning of commits.jsonl, and something came after."""
    files: list[SealedFile] = []
    is_past_seal = False
    for entry in entries:
        if is_past_seal:
            return True
        files += sealed_files(entry)
        if len(files) == seal["files"]:
            sealed = Manifest(files=tuple(files), body={"commits": {"entries": entry.seq + 1, "head": entry.digest}})
            is_past_seal = sealed.digest == seal["digest"]
    return is_past_seal and has_strays


def _is_left_by_a_kill(folder: Path, name: str, kind: str) -> bool:
    """The manifest to come, files that do not count and are removed by the next run, commits to come."""
    return name == MANIFEST or kind == "surplus" or (name == COMMITS and not (folder / COMMITS).exists())
