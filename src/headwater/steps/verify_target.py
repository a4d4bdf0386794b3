"""What a person means who asks for something to be verified."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from headwater.findings.views import connect
from headwater.model.errors import WrongUse
from headwater.model.visible import visible
from headwater.steps.exhibits import known_sources
from headwater.steps.workspace import Workspace

_DIGEST = re.compile(r"[0-9a-f]{8,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """Items to derive again, or one exhibit, or one file that may be a copy of something sealed; or everything."""

    items: tuple[str, ...] = ()
    exhibit: str | None = None
    file: Path | None = None


def meant_by(workspace: Workspace, target: str | None) -> Meant:
    """What `target` names. Raises WrongUse where it names nothing."""
    if target is None:
        return Meant()
    sources = known_sources(workspace)
    exhibits = {known.exhibit for known in sources}
    if target in exhibits:
        return Meant(exhibit=target)
    path = Path(os.path.realpath(target))
    for known in sources:
        if path in known.files.paths:
            return Meant(exhibit=known.exhibit)
    name = "".join(target.split()).lower()
    if _DIGEST.fullmatch(name) and (items := _items_named(workspace, name)):
        return Meant(items=items)
    if path.is_file():
        return Meant(file=path)
    raise WrongUse(
        f"nothing here is called {visible(target)}",
        next_step=f"Exhibits: {', '.join(map(visible, sorted(exhibits))) or 'none yet'}.",
    )


def read_head(text: str) -> str:
    """A head of a chain as a person copied it: 64 hexadecimal digits, spaces and capitals allowed. Raises WrongUse."""
    head = "".join(text.split()).lower()
    if not re.fullmatch(r"[0-9a-f]{64}", head):
        raise WrongUse(
            f"not a head of a chain: {visible(text)}",
            next_step="A head has 64 hexadecimal digits. The report and headwater verify print it whole.",
        )
    return head


def _items_named(workspace: Workspace, name: str) -> tuple[str, ...]:
    """The items meant by the beginning of an item id, a finding id or a SHA-256: one item for each content."""
    query = """
    SELECT min(item) FROM items
    WHERE starts_with(item, $name) OR starts_with(sha256, $name)
      OR sha256 IN (SELECT sha256 FROM part_findings WHERE starts_with(finding, $name))
    GROUP BY coalesce(sha256, item)
    """
    connection = connect(workspace.folder)
    try:
        return tuple(row[0] for row in connection.execute(query, {"name": name}).fetchall())
    finally:
        connection.close()
