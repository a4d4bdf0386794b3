"""Whether everything a command will write can be written, asked before any work."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from headwater.model.errors import MissingDependency
from headwater.model.visible import visible
from headwater.seal.keys import config_folder, load_signer
from headwater.steps.workspace import Workspace

_PROBE_BYTES = 4096


def check_places(workspace: Workspace | None = None) -> None:
    """Write a few bytes, that are gone at once, where work will be kept. Raises MissingDependency with every fault."""
    faults = {what: fault for what, folder in _places(workspace) if (fault := _fault(what, folder))}
    if faults:
        raise MissingDependency(
            "; ".join(faults.values()),
            next_step="Make room, or give permission, there; or choose other folders: "
            "-w DIR, HEADWATER_CONFIG_DIR, TMPDIR.",
        )
    load_signer()


def _places(workspace: Workspace | None) -> Iterator[tuple[str, Path]]:
    if workspace:
        for folder in (workspace.findings_folder, workspace.index_folder, workspace.out_folder, workspace.folder):
            yield "the workspace", folder
    yield "the configuration folder", config_folder()
    yield "the temporary folder", Path(os.environ.get("TMPDIR") or tempfile.gettempdir())


def _fault(what: str, folder: Path) -> str:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(_PROBE_BYTES))
            probe.flush()
    except OSError as error:
        return f"{what} cannot be written: {visible(os.fsencode(folder))}: {error.strerror}"
    return ""
