"""The main job: ingest, examine, close, report. Resumable, and safe to repeat."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from headwater.evidence.reader import Limits
from headwater.model.errors import DoesNotVerify, WrongUse
from headwater.steps.close import close_source
from headwater.steps.examine import examine_source
from headwater.steps.exhibits import KnownSource, admit, known_sources, plan
from headwater.steps.ingest import Listener, list_source, verify_jobs
from headwater.steps.runner import OpenSource, Pool, kernel_cache, require_sandbox
from headwater.steps.sources import close_source_files, open_source_files, resolve, sizes_bytes
from headwater.steps.workspace import Workspace

SANDBOX = "sandbox"
_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
    """What a run did to one source."""

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


def open_pool(workspace: Workspace, *, unsafe: bool) -> AbstractContextManager[Pool]:
    """A pool of jailed workers; what jails them is written into custody first. Raises MissingDependency."""
    words = require_sandbox(unsafe=unsafe)
    workspace.record(SANDBOX, {"sandbox": words, "unsafe": unsafe, "workers": workspace.settings.workers})
    return Pool(
        workers=workspace.settings.workers,
        unsafe=unsafe,
        limits=workspace.settings.worker,
        cache_folder=str(kernel_cache()),
    )


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


def _examine_if_there(workspace: Workspace, pool: Pool, known: KnownSource, listener: Listener) -> RunOutcome:
    try:
        sizes_bytes(known.files)
    except WrongUse as error:
        return RunOutcome(known=known, examined=0, changed=(error.message,))
    return _examine(workspace, pool, known, listener)


def _examine(workspace: Workspace, pool: Pool, known: KnownSource, listener: Listener) -> RunOutcome:
    with _opened(workspace, known) as source:
        list_source(workspace, pool, known, source, listener)
        examined = examine_source(workspace, pool, known, source, listener)
        comparison = close_source(workspace, pool, known, listener)
    return RunOutcome(known=known, examined=examined, changed=tuple(comparison.changed))


@contextmanager
def _opened(workspace: Workspace, known: KnownSource) -> Iterator[OpenSource]:
    source = open_source_files(known.files, reading_limits(workspace))
    try:
        yield source
    finally:
        close_source_files(source)
