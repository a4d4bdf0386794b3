"""The folder of one operation, and the one object every step is given."""

import fcntl
import os
import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from headwater import __version__
from headwater.examine import registry
from headwater.findings.slug import exhibit_slug
from headwater.model.canonical import Json, canonical_bytes
from headwater.model.errors import HeadwaterError, WrongUse
from headwater.model.settings import Operation, Settings
from headwater.model.visible import visible
from headwater.seal.chain import KEY, Chain, ChainReport
from headwater.seal.checkpoint import Checkpoint
from headwater.seal.files import read_only as open_plain
from headwater.seal.files import replace_file, sync_folder
from headwater.seal.keys import config_folder, find_signer, load_signer
from headwater.seal.witness import WitnessReport, add_checkpoint, check_checkpoints, witness_path
from headwater.steps.settings_file import check_name, first_settings, read_settings

SETTINGS = "headwater.toml"
CUSTODY = "custody.jsonl"
MADE = "workspace_made"  # kind of the first custody entry
_FOLDERS = ("findings", "index", "out")
_BODY_BYTES = 256 << 10  # custody tells of evidence, it never carries it


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyReport:
    """What checking custody found. keys: those it introduces, 32 raw bytes by key id."""

    chain: ChainReport
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    keys: Mapping[str, bytes] = field(default_factory=dict)


class Workspace:
    """One operation on disk. Used in a `with`, it is this process's alone until the end, unless opened read-only.

    folder, findings_folder, index_folder, out_folder: where things lie. settings: headwater.toml. custody: the chain.
    """

    def __init__(self, folder: Path, settings: Settings, *, read_only: bool = False) -> None:
        self.folder = folder
        self.settings = settings
        self.custody = Chain(folder / CUSTODY, None if read_only else load_signer())
        self.findings_folder, self.index_folder, self.out_folder = (folder / name for name in _FOLDERS)
        self._read_only = read_only
        self._is_introduced = False  # whether custody has our key
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
        workspace = cls(folder, settings)
        workspace.custody.introduce()
        made: dict[str, Json] = {"operation": operation, "id": settings.operation.id, "version": __version__}
        workspace.record(MADE, made)
        workspace.checkpoint()
        replace_file(folder / SETTINGS, first_settings(settings.operation).encode())
        sync_folder(folder.parent)
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path, *, read_only: bool = False) -> Self:
        """Open a workspace. Raises WrongUse where there is none, and for every fault of its headwater.toml at once."""
        folder = folder.absolute()
        try:
            with os.fdopen(open_plain(folder / SETTINGS), "rb") as file:
                text = file.read().decode()
        except (FileNotFoundError, NotADirectoryError) as error:
            raise WrongUse(
                f"no operation in {visible(os.fsencode(folder))}",
                next_step="Make one: headwater init DIR --operation NAME; or name one: -w DIR.",
            ) from error
        except UnicodeDecodeError as error:
            raise WrongUse(f"{SETTINGS} is not UTF-8", next_step="Save it as UTF-8.") from error
        settings = read_settings(text)
        if not settings.examiners:
            names = registry.default_names(slow=settings.run.slow, plugin_kinds=settings.plugins.kinds)
            settings = replace(settings, run=replace(settings.run, examiners=names))
        _check_keys_outside(folder)
        return cls(folder, settings, read_only=read_only)

    def __enter__(self) -> Self:
        if not self._read_only:
            self._lock = _lock(self.folder, fcntl.LOCK_EX)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def hold_still(self) -> None:
        """Keep runs away until the end, where it is open for reading only. Raises WrongUse while one is at work."""
        if self._lock < 0:
            self._lock = _lock(self.folder, fcntl.LOCK_SH)

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
        if not self._is_introduced:
            self.custody.introduce()
            self._is_introduced = True
        self.custody.append(kind, body)

    def recorded(self, kind: str) -> Iterator[Mapping[str, Any]]:
        """The bodies of all custody entries of one kind, in order. Raises DoesNotVerify where the chain is broken."""
        return (entry.body for entry in self.custody.entries() if entry.kind == kind)

    def slug(self, exhibit: str) -> str:
        """The name of an exhibit's folder."""
        return exhibit_slug(exhibit)

    def checkpoint(self) -> Checkpoint:
        """Sign custody as it stands, there and in the witness file outside; its head belongs on a hand-over sheet."""
        return add_checkpoint(self.custody, self._origin, self._witness(config_folder()))

    def verify_custody(self, accepted: Collection[str] = ()) -> CustodyReport:
        """Check the chain, its checkpoints, its signers and the witness. Changes nothing.

        accepted: ids of other people's keys that may have signed.
        """
        report = self.custody.verify({})
        if report.problems:
            return CustodyReport(chain=report, problems=report.problems, notes=report.notes)
        config = config_folder()
        own = find_signer(config)
        witnessed = check_checkpoints(
            self.custody, self._origin, self._witness(config), own.public_key if own else None, accepted
        )
        return CustodyReport(
            chain=report,
            problems=(*witnessed.problems, *self._identity_faults()),
            notes=(*report.notes, *_signers(witnessed)),
            keys=report.keys,
        )

    @property
    def _origin(self) -> str:
        return f"headwater.example/custody/{self.settings.operation.id}"

    def _witness(self, config: Path) -> Path:
        return witness_path(config, self.settings.operation.id)

    def _identity_faults(self) -> Iterator[str]:
        made = next((entry for entry in self.custody.entries() if entry.kind != KEY), None)
        operation = self.settings.operation
        if made is None or made.kind != MADE or made.body.get("id") != operation.id:
            yield f"{SETTINGS}: the operation's id is not the one that {CUSTODY} begins with"
        elif made.body.get("operation") != operation.name:
            yield f"{SETTINGS}: the operation's name is not the one that {CUSTODY} begins with"


def _signers(witnessed: WitnessReport) -> Iterator[str]:
    """Who vouches for the chain, in words."""
    of_each = ", ".join(f"{count:,} by {signer or 'nobody'}" for signer, count in witnessed.signers.items())
    yield f"entries signed: {of_each}"
    if not witnessed.in_witness:
        yield (
            "no checkpoint of this operation is kept on this machine: neither a cut at the end nor whose key it is "
            "would show; compare key and head with the hand-over sheet (--key, --head)"
        )


def _lock(folder: Path, kind: int) -> int:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
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
