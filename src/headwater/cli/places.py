"""Whether everything a command will write can be written, asked before any work."""

import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from headwater.model.errors import MissingDependency, WrongUse
from headwater.model.visible import visible
from headwater.seal.keys import config_folder, load_signer
from headwater.steps.workspace import Workspace

_PROBE_BYTES = 4096


def check_own_places(evidence: Sequence[Path] = ()) -> None:
    """Of the user: the configuration folder, with the signing key, and the temporary folder.

    Before a workspace is opened, for that makes the key. Raises WrongUse where the evidence holds the configuration
    folder, which is then left alone; MissingDependency with every fault.
    """
    config = config_folder()
    for path in evidence:
        if config.resolve().is_relative_to(path.resolve()):
            raise WrongUse(
                f"the configuration folder lies in the evidence {visible(os.fsencode(path))}",
                next_step="Evidence is never written to: set HEADWATER_CONFIG_DIR to a folder outside it.",
            )
    temporary = Path(os.environ.get("TMPDIR") or tempfile.gettempdir())
    _check({"the configuration folder": config, "the temporary folder": temporary}.items())
    load_signer()


def check_workspace(workspace: Workspace) -> None:
    """Of the operation: the folders that work ends up in. Raises MissingDependency."""
    folders = (workspace.findings_folder, workspace.index_folder, workspace.out_folder, workspace.folder)
    _check(("the workspace", folder) for folder in folders)


def _check(places: Iterable[tuple[str, Path]]) -> None:
    """Write a few bytes, that are gone at once, into each."""
    faults = {what: fault for what, folder in places if (fault := _fault(what, folder))}
    if faults:
        raise MissingDependency(
            "; ".join(faults.values()),
            next_step="Make room, or give permission, there; or choose other folders: "
            "-w DIR, HEADWATER_CONFIG_DIR, TMPDIR.",
        )


def _fault(what: str, folder: Path) -> str:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(_PROBE_BYTES))
            probe.flush()
    except OSError as error:
        return f"{what} cannot be written: {visible(os.fsencode(folder))}: {error.strerror}"
    return ""
