"""Fills the report from what is sealed, and writes it into the workspace."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import duckdb

from headwater import __version__
from headwater.examine import registry
from headwater.export.records import Accounting, Fault, GlanceLine, GroupCounts, PictureCounts, Report
from headwater.export.report import write_html
from headwater.findings.views import connect
from headwater.model.counted import counted
from headwater.model.visible import visible
from headwater.origin.queue import RULE
from headwater.seal.files import replace_file
from headwater.seal.keys import load_signer
from headwater.steps import report_plots as plots
from headwater.steps import report_tables as tables
from headwater.steps.adopted import validation_words
from headwater.steps.exhibits import known_sources
from headwater.steps.report_cameras import cameras
from headwater.steps.report_known import known_counts, known_lines
from headwater.steps.report_origins import first_lines, origin_lines, tier_lines
from headwater.steps.report_sources import SourceStory, faults, seized
from headwater.steps.report_upstream import upstream_part
from headwater.steps.seals import WORK_BEGUN, was_unsafe
from headwater.steps.summary import pictures
from headwater.steps.workspace import Workspace

REPORT_WRITTEN = "report_written"
_EVERYWHERE = "all exhibits"


def write_report(workspace: Workspace) -> Path:
    """Write out/report.html from what is sealed now; its digest goes into custody. Returns its path."""
    connection = connect(workspace.folder)
    try:
        page = write_html(_report(workspace, connection)).encode()
    finally:
        connection.close()
    path = workspace.out_folder / "report.html"
    replace_file(path, page)
    workspace.record(REPORT_WRITTEN, {"name": path.name, "sha256": sha256(page).hexdigest()})
    workspace.checkpoint()
    return path


def _report(workspace: Workspace, connection: duckdb.DuckDBPyConnection) -> Report:
    stories = [SourceStory(workspace, known) for known in known_sources(workspace)]
    exhibits = list(dict.fromkeys(story.known.exhibit for story in stories))
    chosen = workspace.settings.examiners
    accounting, contents, bytes_read, zone_unknown = tables.accounting(connection)
    folders = [workspace.slug(exhibit) for exhibit in exhibits]
    counts, _ = pictures(connection, folders, looked="perceptual" in chosen)
    begun = [dict(body) for body in workspace.recorded(WORK_BEGUN)]
    unsafe = was_unsafe(workspace)
    not_run = [each.name for each in registry.BUILT_IN if each.name not in chosen and not each.on_demand]
    kinds, failure_counts, failures, failures_total = tables.failures(connection)
    deleted, deleted_total = tables.deleted(connection)
    endings, endings_total = tables.endings(connection)
    times_by, times, times_none = plots.times(connection)
    copies, copies_total = tables.copies(connection)
    named, named_total = cameras(workspace, connection, exhibits)
    chain = workspace.custody.verify()
    known = known_counts(workspace, connection)
    return Report(
        operation=visible(workspace.settings.operation.name),
        made_at=datetime.now(UTC),
        tool_version=__version__,
        sandbox=sorted({str(body["sandbox"]) for body in begun}),
        unsafe=unsafe,
        glance=[*_glance(workspace, connection, stories, exhibits)],
        faults=[
            *(fault for story in stories for fault in faults(story)),
            *_faults_of_all(accounting, not_run, unsafe=unsafe),
        ],
        sources=[seized(story) for story in stories],
        accounting=accounting,
        pictures=PictureCounts(**asdict(counts)),
        contents=contents,
        bytes_read=bytes_read,
        examiners=[*tables.examiners(workspace, connection)],
        examiners_not_run=not_run,
        failure_kinds=kinds,
        failure_counts=failure_counts,
        failures=failures,
        failures_total=failures_total,
        types=plots.types(connection),
        deleted=deleted,
        deleted_total=deleted_total,
        endings=endings,
        endings_total=endings_total,
        times_by=times_by,
        times=times,
        times_none=times_none,
        zone_unknown=zone_unknown,
        sizes=plots.sizes(connection),
        copies=copies,
        copies_total=copies_total,
        cameras=named,
        cameras_total=named_total,
        cameras_looked="metadata" in chosen,
        known_sets=known_lines(workspace, connection),
        known=GroupCounts(pictures=known.pictures, groups=known.groups),
        upstream=upstream_part(connection),
        origins=origin_lines(workspace, connection, exhibits),
        tiers=tier_lines(connection),
        first=first_lines(connection),
        queue_rule=RULE,
        custody_entries=chain.entries,
        custody_head=chain.head,
        key_id=load_signer().key_id,
        validation=validation_words(workspace),
    )


def _glance(
    workspace: Workspace,
    connection: duckdb.DuckDBPyConnection,
    stories: Sequence[SourceStory],
    exhibits: Sequence[str],
) -> Iterator[GlanceLine]:
    counts = tables.counts_of_exhibits(workspace, connection, exhibits)
    for exhibit in exhibits:
        own = [story for story in stories if story.known.exhibit == exhibit]
        listed, inside, of_pictures, deleted, damaged, failures = counts[exhibit]
        yield GlanceLine(
            exhibit=visible(exhibit),
            country=visible(own[0].known.country),
            forms=[story.form for story in own],
            digests=[story.digest for story in own],
            read_only="yes",
            listed=listed,
            inside=inside,
            pictures=of_pictures,
            deleted=deleted,
            damaged=damaged,
            failures=failures,
        )


def _faults_of_all(accounting: Accounting, not_run: Sequence[str], *, unsafe: bool) -> Iterator[Fault]:
    if unsafe:
        yield Fault(
            where=_EVERYWHERE,
            words="read without a sandbox: --unsafe-no-sandbox was given for at least one run, and hostile evidence "
            "could have acted on this machine; custody has the entry",
        )
    if accounting.waiting:
        words = f"{counted(accounting.waiting, 'file')} listed, not examined yet: headwater examine goes on"
        yield Fault(where=_EVERYWHERE, words=words)
    if accounting.failed:
        yield Fault(where=_EVERYWHERE, words=f"{counted(accounting.failed, 'file')} not read, a failure each")
    if not_run:
        yield Fault(where=_EVERYWHERE, words=f"not looked for by {', '.join(not_run)}: {tables.NOT_CHOSEN}")
