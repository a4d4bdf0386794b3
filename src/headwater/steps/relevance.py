"""Relevance scores that another tool gave, taken in by digest: sealed, and told to custody."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from pathlib import Path

from headwater.findings.parts import PartStore, custody_name, operation_folder
from headwater.model.errors import WrongUse
from headwater.model.visible import visible
from headwater.origin.relevance import Refused, Score, read_scores
from headwater.steps.rows import Rows
from headwater.steps.seals import RELEVANCE_ADDED
from headwater.steps.workspace import Workspace

RELEVANCE = "relevance"  # the folder of its parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """One file of scores, as it was taken in. refused: every row that does not count."""

    name: str
    sha256: str
    rows: int
    refused: tuple[Refused, ...]


def add_scores(workspace: Workspace, path: Path, name: str) -> Added:
    """Take in a CSV file of digests and scores. Raises WrongUse where it cannot be read, or no row of it counts."""
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise WrongUse(f"{visible(str(path))}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise WrongUse(f"{visible(str(path))} is not UTF-8", next_step="Save it as CSV in UTF-8.") from error
    rows, refused, taken = Rows(), [], 0
    for row in read_scores(text.splitlines(keepends=True)):
        if isinstance(row, Score):
            rows.add(
                RELEVANCE, {"name": name, "kind": row.kind, "digest": row.digest, "score": row.score, "line": row.line}
            )
            taken += 1
        else:
            refused.append(row)
    if not taken:
        problems = tuple(f"line {row.line}: {row.reason}" for row in refused[:20])
        raise WrongUse(f"{visible(str(path))}: no row of it counts", problems=problems)
    digest = sha256(data).hexdigest()
    folder = operation_folder(workspace.findings_folder, RELEVANCE)
    body = {"folder": custody_name(folder), "name": name, "sha256": digest, "rows": taken, "refused": len(refused)}
    workspace.record(RELEVANCE_ADDED, body)
    with PartStore(folder, workspace.custody) as store:
        committed = store.committed()
        unit = next(each for number in count(1) if (each := f"scores-{number}") not in committed)
        store.commit(unit, rows.tables())
        store.seal()
    return Added(name=name, sha256=digest, rows=taken, refused=tuple(refused))


def imported(workspace: Workspace) -> Iterator[Added]:
    """Every file of scores that was taken in, without the rows it refused."""
    for body in workspace.recorded(RELEVANCE_ADDED):
        yield Added(name=body["name"], sha256=body["sha256"], rows=body["rows"], refused=())
