"""Measures one picture's periodic traces again from the evidence, for a page to look at. Nothing is kept of it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headwater import __version__
from headwater.examine import registry
from headwater.export.traces import TracesPage, write_traces
from headwater.model.errors import WrongUse
from headwater.model.finding import State
from headwater.model.visible import visible
from headwater.seal.files import write_new
from headwater.steps.rederive import Rederivation, examine_again
from headwater.steps.rederive_compare import sealed_item
from headwater.steps.runner import Pool
from headwater.steps.verify_target import meant_by
from headwater.steps.workspace import Workspace

_EXAMINER = "traces"
_SPECTRUM, _CFA, _BLOCKS, _COEFFICIENTS = (f"traces.{each}" for each in ("spectrum", "cfa", "blocks", "coefficients"))
_COLOURS = ("red", "green", "blue")


def draw_traces(workspace: Workspace, pool: Pool, name: str, out: Path) -> TracesPage:
    """Write the page of the picture `name` means to `out`. Raises WrongUse for no picture, or an `out` there is."""
    items = meant_by(workspace, name).items
    if len(items) != 1:
        raise WrongUse(f"not one item: {visible(name)}", next_step="Copy one from: headwater show items")
    if out.exists():
        raise WrongUse(f"there is something already: {visible(str(out))}", next_step="Give another --out.")
    page = _measured(workspace, pool, items[0])
    write_new(out, write_traces(page).encode())
    return page


def _measured(workspace: Workspace, pool: Pool, item: str) -> TracesPage:
    sealed = sealed_item(workspace, item)
    job = examine_again(workspace, pool, sealed, (_EXAMINER,))
    if isinstance(job, Rederivation):
        raise WrongUse(f"item {item} has no content of its own")
    if job.fault or job.result is None or job.result.contents is None:
        raise WrongUse(f"item {item} could not be read again: {visible(job.fault or 'gone since it was listed')}")
    if not job.result.found:
        raise WrongUse(f"item {item} is no picture that is decoded")
    seen = {each.seen.claim: each.seen for each in job.result.found}
    values = {claim: json.loads(each.value) for claim, each in seen.items() if each.state is State.FOUND}
    method = registry.methods((_EXAMINER,), workspace.settings.digest)[_EXAMINER]
    silences = {claim: visible(each.reason) for claim, each in seen.items() if each.state is not State.FOUND}
    return _page(
        values,
        item=item,
        sha256=job.result.contents.sha256,
        path=visible(sealed.path),
        tool_version=__version__,
        method=method.code_digest,
        silences=silences,
    )


def _page(values: Mapping[str, Any], **about: Any) -> TracesPage:  # noqa: ANN401 - of JSON, from a worker
    """The figures as a page takes them. Raises WrongUse where a worker did not give what the examiner gives."""
    coefficients = values.get(_COEFFICIENTS, {"counts": {}, "steps": []})
    try:
        return TracesPage(
            spectrum=_rows(values.get(_SPECTRUM, {"levels": []})["levels"]),
            colours={name: [float(each) for each in values[_CFA][name]] for name in _COLOURS if _CFA in values},
            blocks=_rows(values.get(_BLOCKS, {"levels": []})["levels"]),
            counts={str(place): [int(each) for each in row] for place, row in coefficients["counts"].items()},
            steps=[int(step) for step in coefficients["steps"]],
            **about,
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise WrongUse("the worker gave no figures that can be drawn") from error


def _rows(levels: Any) -> list[list[float]]:  # noqa: ANN401 - of JSON, from a worker
    return [[float(level) for level in row] for row in levels]
