"""Examines every listed item of a source: new contents only, unit by unit, in the pool."""

from collections.abc import Iterator
from importlib.metadata import version
from itertools import chain

from headwater import __version__
from headwater.evidence.folder import Folder
from headwater.examine import registry
from headwater.examine.messages import WorkSettings
from headwater.findings.parts import PartStore
from headwater.model.canonical import Json, canonical_text
from headwater.model.material import TRUST_LIST, materials_digest
from headwater.steps.exhibits import KnownSource
from headwater.steps.ingest import Listener, verify_jobs
from headwater.steps.materials import needed
from headwater.steps.rows import Rows, lost_content_row
from headwater.steps.runner import Job, OpenSource, Pool
from headwater.steps.seen import SeenContents
from headwater.steps.stores import examined_digests, findings_store, listed_units
from headwater.steps.unit import Examination, ListedItem, UnitJob
from headwater.steps.workspace import Workspace

EXAMINED = "examined"
_LIBRARIES = (
    "c2pa-python",
    "msgspec",
    "numba",
    "numpy",
    "pi-heif",
    "pillow",
    "pyarrow",
    "pytsk3",
    "simplejpeg",
    "zlib-ng",
    "zstandard",
)


def library_versions() -> dict[str, Json]:
    """The versions of the libraries that can change a finding."""
    return {name: version(name) for name in _LIBRARIES}


def examiner_set(workspace: Workspace) -> str:
    """The digest of the examiners chosen now, with their code and settings."""
    settings = workspace.settings
    given = needed(workspace, settings.examiners)
    return registry.examiner_set_digest(registry.methods(settings.examiners, settings.digest, given))


def examine_source(workspace: Workspace, pool: Pool, known: KnownSource, source: OpenSource, listener: Listener) -> int:
    """Examine what is not examined yet, beside the verify pass. Returns how many items were done."""
    settings = workspace.settings
    names = settings.examiners
    given = needed(workspace, names)
    methods = registry.methods(names, settings.digest, given)
    chosen = examiner_set(workspace)
    folder = Folder(known.files.paths[0]) if known.files.is_folder else None
    seen = SeenContents(workspace.index_folder / "seen.sqlite", examined_digests(workspace, chosen))
    try:
        with findings_store(workspace, known.exhibit, chosen) as store:
            examination = Examination(
                exhibit=known.exhibit,
                source=source,
                folder=folder,
                store=store,
                seen=seen,
                settings=WorkSettings(
                    known.exhibit, known.files.source, source.limits, names, settings.digest, settings.pictures.pixels
                ),
                methods=methods,
                tool={
                    "tool_version": __version__,
                    "tool_digest": registry.tool_digest(),
                    "library_versions": canonical_text(library_versions()),
                    "trust_list_digest": materials_digest(given, TRUST_LIST) or None,
                    "calibration_digest": None,
                },
                tally=listener,
            )
            total = sum(len(items) for _, _, items in _open_units(workspace, known, store))
            listener.begin("examine", total)
            jobs: Iterator[Job] = chain(
                verify_jobs(workspace, known, source, listener),
                (
                    UnitJob(examination=examination, unit=unit, start=start, items=items)
                    for unit, start, items in _open_units(workspace, known, store)
                ),
            )
            pool.run(jobs, tick=listener.tick)
            _say_lost(known, store, seen)
            store.seal()
    finally:
        seen.close()
        if folder:
            folder.close()
    listener.end()
    workspace.record(
        EXAMINED,
        {"exhibit": known.exhibit, "source": known.files.source, "examiner_set": chosen, "items": total},
    )
    return total


def _say_lost(known: KnownSource, store: PartStore, seen: SeenContents) -> None:
    """A Failure for each content that went unexamined because its unit was given up: no silence."""
    if not seen.given_up:
        return
    digests = sorted(seen.given_up)
    rows = Rows()
    for digest in digests:
        rows.add("failures", lost_content_row(known.exhibit, known.files.source, digest))
    unit = f"{known.unit_prefix}lost-{digests[0][:16]}"
    if unit not in store.committed():
        store.commit(unit, rows.tables())


def _open_units(
    workspace: Workspace, known: KnownSource, store: PartStore
) -> Iterator[tuple[str, int, list[ListedItem]]]:
    committed = store.committed()
    for unit, start, items in listed_units(workspace, known.exhibit, known.unit_prefix):
        if unit not in committed:
            yield unit, start, items
