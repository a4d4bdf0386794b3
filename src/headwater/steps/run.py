"""The main job: ingest, examine, close, report. Resumable, and safe to repeat."""

import os
import pwd
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from headwater import __version__
from headwater.evidence.reader import Limits
from headwater.examine import registry
from headwater.model.errors import DoesNotVerify, WrongUse
from headwater.model.visible import visible
from headwater.sandbox import plugins
from headwater.steps.close import close_source
from headwater.steps.examine import examine_source, examiner_set, library_versions
from headwater.steps.exhibits import KnownSource, admit, known_sources, not_as_acquired, plan
from headwater.steps.ingest import Listener, list_source, verify_jobs
from headwater.steps.materials import needed, with_paths
from headwater.steps.runner import OpenSource, Pool, kernel_cache, require_sandbox
from headwater.steps.seals import WORK_BEGUN, require_sound
from headwater.steps.sources import close_source_files, open_source_files, resolve, sizes_bytes
from headwater.steps.workspace import Workspace

_SHOWN = 50
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
    """What a run did to one source.

    changed: what is not as it was when it was opened.
    """

    known: KnownSource
    examined: int
    changed: tuple[str, ...]


def reading_limits(workspace: Workspace) -> Limits:
    """The limits of the settings, as readers take them."""
    settings = workspace.settings.limits
    return Limits(
        depth=settings.depth,
        ratio=settings.ratio,
        unpacked_bytes=settings.unpacked_bytes,
        entries=settings.entries,
        nested_bytes=settings.nested_bytes,
    )


def begin_work(workspace: Workspace, listener: Listener, work: str, *, unsafe: bool) -> AbstractContextManager[Pool]:
    """A pool of jailed workers for work on evidence, once everything sealed is found to hold.

    work: the command. What works, with what settings, on which machine, and what jails the workers, is written into
    custody. Raises MissingDependency, DoesNotVerify.
    """
    words = require_sandbox(unsafe=unsafe)
    require_sound(workspace, listener)
    workspace.record(WORK_BEGUN, {"work": work, "sandbox": words, "unsafe": unsafe, **_means(workspace)})
    return _pool(workspace, unsafe=unsafe)


def open_pool(workspace: Workspace, *, unsafe: bool) -> AbstractContextManager[Pool]:
    """A pool of jailed workers that only look again: nothing is written. Raises MissingDependency."""
    require_sandbox(unsafe=unsafe)
    return _pool(workspace, unsafe=unsafe)


def _pool(workspace: Workspace, *, unsafe: bool) -> Pool:
    return Pool(
        workers=workspace.settings.workers,
        unsafe=unsafe,
        limits=workspace.settings.worker,
        cache_folder=str(kernel_cache()),
        materials=with_paths(workspace, needed(workspace, workspace.settings.examiners)),
        environment=_plugins(workspace),
    )


def _plugins(workspace: Workspace) -> dict[str, str]:
    """What workers are started with to load plug-ins. Raises WrongUse where one is not as headwater.toml names it."""
    digest = workspace.settings.plugins.photodna
    return plugins.environment(plugins.PHOTODNA, plugins.named(plugins.PHOTODNA, digest).digest) if digest else {}


def _means(workspace: Workspace) -> dict[str, Any]:
    """With what the work is done, and where: settings, code, libraries, machine and user."""
    settings = workspace.settings
    given = needed(workspace, settings.examiners)
    methods = registry.methods(settings.examiners, settings.digest, given)
    machine = os.uname()
    return {
        "settings": asdict(settings),
        "workers": settings.workers,
        "examiners": {
            name: {"version": method.version, "code_digest": method.code_digest} for name, method in methods.items()
        },
        "examiner_set": examiner_set(workspace),
        "materials": [{"kind": each.kind, "name": each.name, "sha256": each.sha256} for each in given],
        "tool_version": __version__,
        "tool_digest": registry.tool_digest(),
        "library_versions": library_versions(),
        "machine": {"name": machine.nodename, "kernel": machine.release, "boot": boot_id()},
        "user": user_name(),
    }


def boot_id() -> str:
    """Which start of this machine it is (random(4)); empty where the system does not say."""
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except OSError:
        return ""


def user_name() -> str:
    """The login name, or the number, that this process works under."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def check_evidence(workspace: Workspace, evidence: Sequence[Path], *, exhibit: str | None, country: str) -> None:
    """Whether `ingest` and `run` would take these sources, before any worker starts. Raises WrongUse."""
    plan(workspace, [resolve(path) for path in evidence], exhibit, country)


def ingest(
    workspace: Workspace,
    pool: Pool,
    evidence: Sequence[Path],
    listener: Listener,
    *,
    exhibit: str | None,
    country: str,
) -> tuple[KnownSource, ...]:
    """Open, list and verify sources."""
    admitted = admit(workspace, [resolve(path) for path in evidence], exhibit, country)
    for known in admitted:
        with _opened(workspace, known) as source:
            list_source(workspace, pool, known, source, listener)
            listener.begin("verify")
            pool.run(verify_jobs(workspace, known, source, listener), tick=listener.tick)
            listener.end()
    workspace.checkpoint()
    return admitted


def examine(workspace: Workspace, pool: Pool, listener: Listener) -> tuple[RunOutcome, ...]:
    """Examine every source of the operation, and digest it again at the close; one that is gone does not stop it."""
    return tuple(_examine_if_there(workspace, pool, known, listener) for known in known_sources(workspace))


def run(
    workspace: Workspace,
    pool: Pool,
    evidence: Sequence[Path],
    listener: Listener,
    *,
    exhibit: str | None,
    country: str,
) -> tuple[RunOutcome, ...]:
    """Everything, source by source; the verify pass runs beside the examination."""
    admitted = admit(workspace, [resolve(path) for path in evidence], exhibit, country)
    return tuple(_examine(workspace, pool, known, listener) for known in admitted)


def raise_if_changed(outcomes: Sequence[RunOutcome]) -> None:
    """Evidence that changed while it was read is an error of its own. Raises DoesNotVerify."""
    if names := tuple(name for outcome in outcomes for name in outcome.changed):
        raise DoesNotVerify(
            "evidence is not what it was when it was opened",
            names=(*names[:_SHOWN], *([f"and {len(names) - _SHOWN:,} more"] if len(names) > _SHOWN else [])),
            next_step="Check cable and path, then: headwater verify. Nothing was written to it. "
            "headwater show failures has the whole list.",
        )


def raise_if_differs(workspace: Workspace, sources: Sequence[KnownSource]) -> None:
    """A digest stored in an image that its content does not have is an error of its own. Raises DoesNotVerify."""
    differing = [
        f"{visible(known.exhibit)}: {words}" for known in sources for words in not_as_acquired(workspace, known)
    ]
    if differing:
        raise DoesNotVerify(
            "evidence differs from what was acquired",
            names=tuple(differing),
            next_step="Damaged places are listed and their items marked. Check the image against another copy of it; "
            "headwater show failures has every place. Nothing was written to it.",
        )


def _examine_if_there(workspace: Workspace, pool: Pool, known: KnownSource, listener: Listener) -> RunOutcome:
    try:
        sizes_bytes(known.files)
    except WrongUse as error:
        return RunOutcome(known=known, examined=0, changed=(error.message,))
    return _examine(workspace, pool, known, listener)


def _examine(workspace: Workspace, pool: Pool, known: KnownSource, listener: Listener) -> RunOutcome:
    with _opened(workspace, known) as source:
        list_source(workspace, pool, known, source, listener)
        workspace.checkpoint()
        examined = examine_source(workspace, pool, known, source, listener)
        workspace.checkpoint()
        comparison = close_source(workspace, pool, known, examiner_set(workspace), listener)
    return RunOutcome(known=known, examined=examined, changed=tuple(comparison.changed))


@contextmanager
def _opened(workspace: Workspace, known: KnownSource) -> Iterator[OpenSource]:
    source = open_source_files(known.files, reading_limits(workspace))
    try:
        yield source
    finally:
        close_source_files(source)
