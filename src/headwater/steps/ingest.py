"""Opens seized evidence read-only, lists every item, and sees to its verification."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from headwater.evidence.folder import Folder
from headwater.examine.messages import Fault
from headwater.findings.parts import PartStore
from headwater.model.canonical import Json, canonical_text, digest_of
from headwater.model.errors import DoesNotVerify
from headwater.steps.checks import VerifyJob
from headwater.steps.exhibits import SOURCE_LISTED, SOURCE_VERIFIED, KnownSource, bad_sectors, state
from headwater.steps.listing import ListJob, UnitWriter, list_folder, sealed_units
from headwater.steps.rows import Rows, source_failure_row
from headwater.steps.runner import OpenSource, Pool
from headwater.steps.stores import items_store
from headwater.steps.workspace import Workspace

VERIFY = "verify"  # the step, as failures name it
_TOLD = 50  # entries of a list in a report that custody is told; their count and digest always
_TOLD_CHARACTERS = 2_000


class Listener(Protocol):
    """Hears how the steps get on."""

    def begin(self, step: str, total: int = 0) -> None: ...
    def item(self, path: str, size_bytes: int, *, failed: bool) -> None: ...
    def more(self, count: int) -> None: ...
    def tick(self) -> None: ...
    def end(self, words: str = "") -> None: ...


def list_source(
    workspace: Workspace, pool: Pool, known: KnownSource, source: OpenSource, listener: Listener
) -> Mapping[str, object]:
    """List a source, unless that was done. Returns the custody entry: items, shape, what was refused.

    An interrupted listing goes on. Raises DoesNotVerify where the evidence does not list as it did.
    """
    done = state(workspace, known, SOURCE_LISTED)
    if done and not done.get("incomplete"):
        return done
    listener.begin("list")
    body: dict[str, Json] = {"exhibit": known.exhibit, "source": known.files.source}
    with items_store(workspace, known.exhibit) as store:

        def writer() -> UnitWriter:
            settings = workspace.settings
            return UnitWriter(
                exhibit=known.exhibit,
                source=known.files.source,
                prefix=known.unit_prefix,
                store=store,
                unit_items=settings.unit_items,
                unit_bytes=settings.unit_bytes,
                listed=listener.more,
                source_bytes=None if known.files.is_folder else sum(each.size_bytes for each in source.segments),
            )

        if known.files.is_folder:
            writing = writer()
            with Folder(known.files.paths[0]) as opened:
                list_folder(opened.walk(), writing, listener.tick)
            _write_folder(store, known)
            body |= {"items": writing.items, "shape": {}, "refused": ""}
        else:
            job = ListJob(source=source, writer_for=writer)
            pool.run([job], tick=listener.tick)
            body |= {"items": job.items, "shape": dict(job.shape), "refused": job.refused}
            if job.incomplete:
                body["incomplete"] = job.incomplete
        sealed = sum(rows.get("items", 0) for rows in sealed_units(store, known.unit_prefix).values())
        if "incomplete" in body:
            body["items"] = sealed
        if sealed != body["items"]:
            raise DoesNotVerify(f"{known.files.source}: {body['items']} items were listed, {sealed} are sealed")
        store.seal()
    listener.end()
    workspace.record(SOURCE_LISTED, body)
    return body


def verify_jobs(
    workspace: Workspace, known: KnownSource, source: OpenSource, listener: Listener
) -> tuple[VerifyJob, ...]:
    """The verify pass still owed to a source; none for a folder, whose files are digested one by one."""
    if known.files.is_folder or state(workspace, known, SOURCE_VERIFIED):
        return ()

    def ended(report: Mapping[str, Json], failure: Fault | None = None) -> None:
        faults = [failure] if failure else [*source_faults(report)]
        with items_store(workspace, known.exhibit) as store:
            _write_verified(workspace, store, known, source, report, faults)
            store.seal()
        body: dict[str, Json] = {"exhibit": known.exhibit, "source": known.files.source, "report": _told(report)}
        workspace.record(SOURCE_VERIFIED, body)

    def verified(report: Json) -> None:
        if isinstance(report, dict):
            ended(report)
        else:
            failed("broken", "the worker's report is not one")

    def failed(kind: str, message: str) -> None:
        ended({"failed": f"{kind}: {message}"}, Fault(VERIFY, kind, message))

    return (VerifyJob(source=source, verified=verified, failed=failed, progress=lambda _: listener.tick()),)


def source_faults(report: Mapping[str, Any]) -> Iterator[Fault]:
    """What the verify pass could not read, or found to differ: each a Failure of the whole source."""
    if report.get("failure_kind"):
        yield Fault(VERIFY, report["failure_kind"], f"no media can be made of its segments: {report['failure']}")
        return
    count, ranges, listed = bad_sectors(report)
    if count:
        where = ", ".join(f"{each['first_sector']:,}+{each['sector_count']:,}" for each in listed[:8])
        more = ", …" if ranges > 8 else ""
        message = f"{count:,} sectors of the media are unreadable, damaged or absent (first+count: {where}{more})"
        yield Fault(VERIFY, "damaged", message)
    if report["kind"] == "e01" and not report["sha256"]:
        read, expected = report["chunks_read"], report["chunks_expected"]
        message = (
            f"part of the image is absent: {read:,} of {expected:,} chunks were read, and no digest covers the rest"
        )
        yield Fault(VERIFY, "truncated", message)
    for name in ("md5", "sha1"):
        if report[f"{name}_compared"] == "differs":
            message = f"{name.upper()} as acquired {report[f'stored_{name}']}, now {report[name]}"
            yield Fault(VERIFY, "differs", message)


def _told(report: Mapping[str, Any]) -> dict[str, Json]:
    """The report as custody has it: of long lists the beginning, the count and the digest. The sources have all."""
    told: dict[str, Json] = {}
    for key, value in report.items():
        if key == "segments" and isinstance(value, list | tuple):
            told[key] = [_told(each) if isinstance(each, dict) else each for each in value]
        elif isinstance(value, list | tuple) and len(value) > _TOLD:
            told |= {key: value[:_TOLD], f"{key}_count": len(value), f"{key}_digest": digest_of(value)}
        elif isinstance(value, str) and len(value) > _TOLD_CHARACTERS:
            told[key] = f"{value[:_TOLD_CHARACTERS]}…"
        else:
            told[key] = value
    if ranges := report.get("bad_sectors"):
        told |= {"bad_sector_ranges": len(ranges), "bad_sector_count": sum(each["sector_count"] for each in ranges)}
    return told


def _write_folder(store: PartStore, known: KnownSource) -> None:
    rows = Rows()
    rows.add("sources", _source_row(known, form="folder", size_bytes=None, segments=[], report={}))
    _commit_once(store, f"{known.unit_prefix}source", rows)


def _write_verified(
    workspace: Workspace,
    store: PartStore,
    known: KnownSource,
    source: OpenSource,
    report: Mapping[str, Json],
    faults: Sequence[Fault],
) -> None:
    listed: Mapping[str, Any] = state(workspace, known, SOURCE_LISTED) or {}
    form = str((listed.get("shape") or {}).get("container") or report.get("kind") or "unknown")
    segments: list[Json] = [{"name": each.name, "size_bytes": each.size_bytes} for each in source.segments]
    size = sum(each.size_bytes for each in source.segments)
    rows = Rows()
    rows.add("sources", _source_row(known, form=form, size_bytes=size, segments=segments, report=report))
    for fault in faults:
        row = source_failure_row(known.exhibit, known.files.source, fault.kind, fault.message, step=fault.examiner)
        rows.add("failures", row)
    _commit_once(store, f"{known.unit_prefix}source", rows)


def _commit_once(store: PartStore, unit: str, rows: Rows) -> None:
    if unit not in store.committed():
        store.commit(unit, rows.tables())


def _source_row(
    known: KnownSource, *, form: str, size_bytes: int | None, segments: list[Json], report: Mapping[str, Json]
) -> dict[str, object]:
    return {
        "exhibit": known.exhibit,
        "source": known.files.source,
        "name": known.files.name,
        "form": form,
        "size_bytes": size_bytes,
        "segments": canonical_text(segments),
        "digests": canonical_text(report),
        "bad_ranges": canonical_text(report.get("bad_sectors", [])),
        "notes": canonical_text(report.get("notes", [])),
    }
