"""What headwater.toml says. Every field has a default but the operation's; units stand in the names."""

import os
from dataclasses import dataclass, field, fields

from headwater.model.canonical import Json, digest_of

CHANGES_FINDINGS = {"changes_findings": True}  # metadata of the fields that `Settings.digest` is taken over


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """name: as people call it. id: 32 hexadecimal digits, set once; names the witness file and the checkpoints."""

    name: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """How a run is cut up. None of it changes a Finding.

    workers: processes; 0 is one for each core. unit_items, unit_bytes: what goes into one sealed part, whichever is
    reached first. examiners: which run; empty is every built-in. slow: whether the slow ones are among those.
    """

    workers: int = 0
    unit_items: int = 512
    unit_bytes: int = 64 << 20
    examiners: tuple[str, ...] = ()
    slow: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingLimits:
    """Where reading containers stops on purpose (the same fields as evidence.reader.Limits)."""

    depth: int = 4
    ratio: int = 200
    unpacked_bytes: int = 64 << 30
    entries: int = 2_000_000
    nested_bytes: int = 512 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerLimits:
    """What one worker process may use; over it, it is killed and the item becomes a Failure."""

    resident_bytes: int = 1 << 30
    address_space_bytes: int = 2 << 30
    item_seconds: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureLimits:
    """pixels: width times height over which a picture is described but not decoded."""

    pixels: int = field(default=200_000_000, metadata=CHANGES_FINDINGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSettings:
    """pce: the peak to correlation energy from which a picture is said to bear a camera's pattern.

    It goes into the pattern when a camera is enrolled, and by the pattern's digest into every finding id.
    """

    pce: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginSettings:
    """Which plug-ins may be loaded: each by the digest of its code, 64 hexadecimal digits; empty is none.

    The digest of the plug-in that is there is part of the method of its findings.
    """

    photodna: str = ""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Those that are named."""
        return tuple(each.name for each in fields(self) if getattr(self, each.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The whole file, one field a table."""

    operation: Operation
    run: RunSettings = RunSettings()
    limits: ReadingLimits = ReadingLimits()
    worker: WorkerLimits = WorkerLimits()
    pictures: PictureLimits = PictureLimits()
    cameras: CameraSettings = CameraSettings()
    plugins: PluginSettings = PluginSettings()

    @property
    def workers(self) -> int:
        """How many workers to start: as set, or one for each core this process may use."""
        return self.run.workers or len(os.sched_getaffinity(0))

    @property
    def unit_items(self) -> int:
        return self.run.unit_items

    @property
    def unit_bytes(self) -> int:
        return self.run.unit_bytes

    @property
    def examiners(self) -> tuple[str, ...]:
        return self.run.examiners

    @property
    def digest(self) -> str:
        """SHA-256 over the settings that can change a Finding, not over those of speed or of what is read."""
        chosen: dict[str, Json] = {
            f"{table.name}.{setting.name}": getattr(getattr(self, table.name), setting.name)
            for table in fields(self)
            for setting in fields(getattr(self, table.name))
            if setting.metadata.get("changes_findings")
        }
        return digest_of(chosen)
