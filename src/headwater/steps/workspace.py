"""The folder of one operation, and the one object every step is given."""

import fcntl
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from headwater import __version__
from headwater.examine import registry
from headwater.findings.parts import SEALED, custody_name
from headwater.findings.slug import exhibit_slug
from headwater.model.canonical import Json, canonical_bytes
from headwater.model.errors import HeadwaterError, WrongUse
from headwater.model.settings import Operation, Settings
from headwater.model.visible import visible
from headwater.seal.chain import Chain, ChainReport
from headwater.seal.checkpoint import Checkpoint
from headwater.seal.files import replace_file, sync_folder
from headwater.seal.keys import config_folder, find_signer, load_signer
from headwater.seal.witness import add_checkpoint, check_checkpoints, holds_head, witness_path
from headwater.steps.settings_file import check_name, first_settings, read_settings

SETTINGS = "headwater.toml"
CUSTODY = "custody.jsonl"
MADE = "workspace_made"  # kind of the first custody entry
SOURCE_OPENED = "source_opened"
_FOLDERS = ("findings", "index", "out")
_BODY_BYTES = 256 << 10  # custody tells of evidence, it never carries it


class Workspace:
    """One operation on disk. Used in a `with`, it is this process's alone until the end, unless opened read-only.

    folder, findings_folder, index_folder, out_folder: where things lie. settings: headwater.toml. custody: the chain.
    """

    def __init__(self, folder: Path, settings: Settings, *, read_only: bool = False) -> None:
        self.folder = folder
        self.settings = settings
        self.custody = Chain(folder / CUSTODY)
        self.findings_folder, self.index_folder, self.out_folder = (folder / name for name in _FOLDERS)
        self._read_only = read_only
        self._lock = -1

    @classmethod
    def init(cls, folder: Path, operation: str) -> Self:
        """Make an empty workspace. Raises WrongUse where there is one, or something in its place."""
        check_name(operation)
        folder = folder.absolute()
        _check_empty(folder)
        settings = Settings(operation=Operation(name=operation, id=secrets.token_hex(16)))
        _check_keys_outside(folder)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in _FOLDERS:
            (folder / name).mkdir(mode=0o700)
        made: dict[str, Json] = {"operation": operation, "id": settings.operation.id, "version": __version__}
        Chain(folder / CUSTODY).append(MADE, made)
        replace_file(folder / SETTINGS, first_settings(settings.operation).encode())
        sync_folder(folder.parent)
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path, *, read_only: bool = False) -> Self:
        """Open a workspace. Raises WrongUse where there is none, and for every fault of its headwater.toml at once."""
        folder = folder.absolute()
        try:
            text = (folder / SETTINGS).read_bytes().decode()
        except (FileNotFoundError, NotADirectoryError) as error:
            raise WrongUse(
                f"no operation in {visible(os.fsencode(folder))}",
                next_step="Make one: headwater init DIR --operation NAME; or name one: -w DIR.",
            ) from error
        except UnicodeDecodeError as error:
            raise WrongUse(f"{SETTINGS} is not UTF-8", next_step="Save it as UTF-8.") from error
        settings = read_settings(text)
        if not settings.examiners:
            built_in = tuple(each.name for each in registry.BUILT_IN)
            settings = replace(settings, run=replace(settings.run, examiners=built_in))
        _check_keys_outside(folder)
        return cls(folder, settings, read_only=read_only)

    def __enter__(self) -> Self:
        if not self._read_only:
            self._lock = _lock(self.folder)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the next run begin. Safe to call twice."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def record(self, kind: str, body: Mapping[str, Any]) -> None:
        """Write an act into custody; it is on the disk when this returns.

        The body holds references, digests and counts, never content of a picture and never a prompt: over 256 KiB it is
        refused. Raises HeadwaterError.
        """
        if self._read_only:
            raise HeadwaterError("the workspace is open for reading only")
        if len(canonical_bytes(body)) > _BODY_BYTES:
            raise HeadwaterError(f"a custody entry of kind {kind} may not be that long")
        self.custody.append(kind, body)

    def recorded(self, kind: str) -> Iterator[Mapping[str, Any]]:
        """The bodies of all custody entries of one kind, in order. Raises DoesNotVerify where the chain is broken."""
        return (entry.body for entry in self.custody.entries() if entry.kind == kind)

    def exhibits(self) -> Mapping[str, tuple[str, ...]]:
        """The sources of each exhibit, as custody has them: both in the order they were opened."""
        found: dict[str, tuple[str, ...]] = {}
        for body in self.recorded(SOURCE_OPENED):
            exhibit, source = str(body["exhibit"]), str(body["source"])
            found[exhibit] = (*(each for each in found.get(exhibit, ()) if each != source), source)
        return found

    def slug(self, exhibit: str) -> str:
        """The name of an exhibit's folder."""
        return exhibit_slug(exhibit)

    def sealed_digest(self, folder: Path) -> str | None:
        """The digest of the last manifest over a folder of parts, as custody has it."""
        digests = [str(body["digest"]) for body in self.recorded(SEALED) if body["folder"] == custody_name(folder)]
        return digests[-1] if digests else None

    def checkpoint(self) -> Checkpoint:
        """Sign custody as it stands, there and in the witness file outside; its head belongs on a hand-over sheet."""
        config = config_folder()
        return add_checkpoint(self.custody, self._origin, load_signer(config), self._witness(config))

    def verify_custody(self, head: str | None = None) -> ChainReport:
        """Check the chain, its checkpoints, the witness, and a head known from outside. Changes nothing."""
        report = self.custody.verify()
        if report.problems:
            return report
        config = config_folder()
        signer = find_signer(config)
        witnessed = check_checkpoints(
            self.custody, self._origin, self._witness(config), signer.public_key if signer else None
        )
        problems = [*witnessed.problems, *self._identity_faults()]
        if head is not None and not holds_head(self.custody, head.strip()):
            problems.append(f"{CUSTODY}: the head {visible(head)} is no entry of this chain")
        notes = [*report.notes]
        if not witnessed.in_witness:
            notes.append("no checkpoint of this operation is kept on this machine: a cut at the end would not show")
        return replace(report, problems=tuple(problems), notes=tuple(notes))

    @property
    def _origin(self) -> str:
        return f"headwater.example/custody/{self.settings.operation.id}"

    def _witness(self, config: Path) -> Path:
        return witness_path(config, self.settings.operation.id)

    def _identity_faults(self) -> Iterator[str]:
        first = next(self.custody.entries(), None)
        if first is None or first.kind != MADE or first.body.get("id") != self.settings.operation.id:
            yield f"{SETTINGS}: the operation's id is not the one that {CUSTODY} begins with"


def _lock(folder: Path) -> int:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise WrongUse(
            "another run is at work in this workspace", next_step="Wait for it, or stop it; nothing is lost by that."
        ) from error
    return descriptor


def _check_empty(folder: Path) -> None:
    if (folder / SETTINGS).exists():
        raise WrongUse(
            f"there is an operation in {visible(os.fsencode(folder))} already",
            next_step="headwater run goes on with it.",
        )
    taken = [name for name in (*_FOLDERS, CUSTODY) if os.path.lexists(folder / name)]
    if taken or (os.path.lexists(folder) and not folder.is_dir()):
        raise WrongUse(
            f"{visible(os.fsencode(folder))} holds {', '.join(taken) or 'no folder'} already",
            next_step="Choose an empty folder.",
        )


def _check_keys_outside(folder: Path) -> None:
    if config_folder().resolve().is_relative_to(folder.resolve()):
        raise WrongUse(
            "the configuration folder lies inside the workspace, and the signing key with it",
            next_step="Set HEADWATER_CONFIG_DIR to a folder outside.",
        )
