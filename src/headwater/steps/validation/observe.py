"""One pass of the ordinary pipeline over a folder of files under random names, in a workspace that is then gone.

The workers are given bytes; what the laboratory says of them is joined afterwards, by these names.
"""

import secrets
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from headwater.findings.views import connect
from headwater.model.fingerprint import Fingerprint, VideoPrint
from headwater.model.material import CAMERA, Material
from headwater.model.settings import Settings
from headwater.seal.keys import config_folder
from headwater.seal.witness import witness_path
from headwater.steps import run as steps
from headwater.steps.cameras import CAMERA_ENROLLED
from headwater.steps.fingerprints import fingerprints, videos
from headwater.steps.ingest import Listener
from headwater.steps.materials import add_material, materials, with_paths
from headwater.steps.runner import Pool
from headwater.steps.trace import trace
from headwater.steps.validation.grades import NONE, Grade, read_grades
from headwater.steps.workspace import Workspace

_EXHIBIT = "VALIDATION"
_FILES = """
SELECT i.path, i.sha256, coalesce(i.size_bytes, 0), coalesce(m.media_type, ''), coalesce(m.width_pixels, 0),
  coalesce(m.height_pixels, 0), coalesce(m.pdq, '')
FROM items i LEFT JOIN media m ON m.sha256 = i.sha256
WHERE i.parent_item IS NULL AND i.sha256 IS NOT NULL
"""
_FINDINGS = "SELECT sha256, claim, value FROM findings WHERE state = 'found' ORDER BY sha256, claim, value"
_COMPARED = """
SELECT sha256, value, state = 'found' FROM findings
WHERE examiner = 'sensor' AND state IN ('found', 'nothing') AND contains(value, '"pce"') ORDER BY sha256, value
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What the pipeline says of one file. claims: (claim, value) of everything found in its content.

    print_, video: what it is found by; none where it is flat or has no pixels, and after the pass was compared.
    compared: (value, whether it is over the threshold) of each sensor pattern that it was compared with.
    """

    sha256: str
    size_bytes: int
    media_type: str
    width_pixels: int
    height_pixels: int
    pdq: str
    grade: Grade
    claims: Sequence[tuple[str, str]] = ()
    compared: Sequence[tuple[str, bool]] = ()
    print_: Fingerprint | None = None
    video: VideoPrint | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What the methods under test are given: settings (the defaults where None), trust lists, sensor patterns.

    references: SHA-256 of every file that a pattern was learned from; None where no pattern is given.
    """

    settings: Settings | None = None
    materials: Sequence[tuple[Material, Path]] = ()
    references: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Where passes are made, and with what."""

    folder: Path
    means: Means
    pool: Pool
    listener: Listener


def new_name() -> str:
    """A name that says nothing."""
    return secrets.token_hex(16)


def means_of(operation: Path) -> Means:
    """The means of an operation, as it stands. Raises WrongUse, DoesNotVerify."""
    workspace = Workspace.open(operation, read_only=True)
    given = materials(workspace)
    learned = {digest for body in workspace.recorded(CAMERA_ENROLLED) for digest in body["references"]}
    return Means(
        settings=workspace.settings,
        materials=with_paths(workspace, given),
        references=frozenset(learned) if any(each.kind == CAMERA for each in given) else None,
    )


@contextmanager
def empty_workspace(folder: Path, means: Means) -> Iterator[Workspace]:
    """A workspace with these means, gone at the end, and its witness file with it."""
    with TemporaryDirectory(prefix="pass-", dir=folder) as place:
        own = Workspace.init(Path(place) / "workspace", "Validation")
        if means.settings:
            own.settings = replace(means.settings, operation=own.settings.operation)
        try:
            with own:
                for material, path in means.materials:
                    add_material(own, material.kind, material.name, path.read_bytes(), {})
                yield own
        finally:
            witness_path(config_folder(), own.settings.operation.id).unlink(missing_ok=True)


def observe(bench: Bench, files: Path) -> Mapping[str, Observed]:
    """Run everything over the files of a folder, and return what was said of each, by its name there."""
    with empty_workspace(bench.folder, bench.means) as workspace:
        steps.run(workspace, bench.pool, [files], bench.listener, exhibit=_EXHIBIT, country="")
        trace(workspace, bench.listener)
        connection = connect(workspace.folder)
        try:
            return _read(connection)
        finally:
            connection.close()


def _read(connection: duckdb.DuckDBPyConnection) -> Mapping[str, Observed]:
    grades = read_grades(connection)
    claims: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for sha256, claim, value in connection.execute(_FINDINGS).fetchall():
        claims[sha256].append((claim, value))
    compared: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for sha256, value, is_over in connection.execute(_COMPARED).fetchall():
        compared[sha256].append((value, is_over))
    prints = {each.sha256: each for batch in fingerprints(connection) for each in batch}
    films = {each.sha256: each for batch in videos(connection) for each in batch}
    return {
        str(path): Observed(
            sha256=sha256,
            size_bytes=size,
            media_type=media_type,
            width_pixels=width,
            height_pixels=height,
            pdq=pdq,
            grade=grades.get(sha256, NONE),
            claims=tuple(claims.get(sha256, ())),
            compared=tuple(compared.get(sha256, ())),
            print_=prints.get(sha256),
            video=films.get(sha256),
        )
        for path, sha256, size, media_type, width, height, pdq in connection.execute(_FILES).fetchall()
    }
