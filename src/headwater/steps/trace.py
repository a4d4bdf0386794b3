"""Weighs everything that was found into origins and ties, and seals them. Nothing is opened, nothing is decoded.

A trace stands in a folder of its own under findings/@operation. The last one that came to its end is the one that is
shown; where nothing changed since, none is made.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from headwater import __version__
from headwater.examine.method import code_digest
from headwater.findings.parts import OPERATION, PartStore, committed_files, custody_name, operation_folder
from headwater.findings.views import connect
from headwater.model.canonical import Json, digest_of
from headwater.model.material import CAMERA
from headwater.origin.claims import Content
from headwater.origin.context import Context
from headwater.origin.digest import rules_digest
from headwater.origin.weigh import weigh
from headwater.steps.adopted import validated_methods
from headwater.steps.materials import materials
from headwater.steps.origin_rows import origin_row
from headwater.steps.rows import Rows
from headwater.steps.seals import TRACE_BEGUN, Listener
from headwater.steps.trace_contents import prepare, read_contents
from headwater.steps.trace_context import gather
from headwater.steps.workspace import Workspace

TRACED = "traced"
_UNIT_CONTENTS = 2000
_WHOLE = "whole"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """What a trace came to. is_new: whether anything had to be weighed again."""

    contents: int
    is_new: bool


def trace(workspace: Workspace, listener: Listener) -> Traced:
    """Weigh every picture and video of the operation, as far as findings or rules changed since the last trace."""
    digests = {"rules_digest": rules_digest(), "inputs_digest": inputs_digest(workspace), "code_digest": _code()}
    done = [*workspace.recorded(TRACED)]
    if done and all(done[-1][name] == digest for name, digest in digests.items()):
        return Traced(contents=int(done[-1]["contents"]), is_new=False)
    folder = operation_folder(workspace.findings_folder, digest_of([len(done), *digests.values()])[:16])
    workspace.record(TRACE_BEGUN, {"folder": custody_name(folder), **digests})
    listener.begin("trace")
    with PartStore(folder, workspace.custody) as store:
        contents = _weigh_all(workspace, store, listener)
        if _WHOLE not in store.committed():
            rows = Rows()
            rows.add("traces", _whole(digests, contents))
            store.commit(_WHOLE, rows.tables())
        sealed = store.seal()
    workspace.record(TRACED, {"folder": custody_name(folder), "digest": sealed, "contents": contents, **digests})
    workspace.checkpoint()
    listener.end()
    return Traced(contents=contents, is_new=True)


def inputs_digest(workspace: Workspace) -> str:
    """SHA-256 over the digests of all parts that count, the examiners chosen, the methods validated here, patterns."""
    folders = [folder for folder in workspace.findings_folder.glob("*/*") if folder.parent.name != OPERATION]
    parts = sorted(file.sha256 for folder in folders for file in committed_files(folder))
    told: list[Json] = [parts, [*workspace.settings.examiners], sorted(validated_methods(workspace))]
    return digest_of([*told, patterns(workspace)])


def patterns(workspace: Workspace) -> list[str]:
    """Digests of the cameras' patterns that count now."""
    return sorted(each.sha256 for each in materials(workspace) if each.kind == CAMERA)


def _code() -> str:
    return code_digest("headwater.steps.trace")


def _weigh_all(workspace: Workspace, store: PartStore, listener: Listener) -> int:
    """Weigh in units of some contents, each committed once; what an interrupted trace committed stays."""
    count = 0
    with closing(connect(workspace.folder)) as connection:
        prepare(connection, workspace.findings_folder, patterns(workspace))
        context = gather(workspace, connection)
        committed = store.committed()
        for number, contents in enumerate(_units(read_contents(connection))):
            unit = f"origins-{number:06d}"
            count += len(contents)
            if unit not in committed:
                store.commit(unit, _rows(contents, context).tables())
            listener.more(len(contents))
            listener.tick()
    return count


def _units(contents: Iterator[Content]) -> Iterator[list[Content]]:
    while unit := [*islice(contents, _UNIT_CONTENTS)]:
        yield unit


def _rows(contents: list[Content], context: Context) -> Rows:
    rows = Rows()
    for content in contents:
        origin = weigh(content, context)
        rows.add("origins", origin_row(origin))
        for tie in origin.ties:
            rows.add("ties", tie.as_row())
    return rows


def _whole(digests: Mapping[str, str], contents: int) -> dict[str, Any]:
    return {
        "rules_digest": digests["rules_digest"],
        "inputs_digest": digests["inputs_digest"],
        "contents": contents,
        "tool_version": __version__,
        "tool_digest": digests["code_digest"],
        "traced_at": datetime.now(UTC),
    }
