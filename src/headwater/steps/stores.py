"""Where an exhibit's sealed parts lie: one folder for what it holds, one for what each set of examiners found."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

from headwater.findings.parts import PartStore, committed_files, part_folder
from headwater.steps.unit import ListedItem
from headwater.steps.workspace import Workspace

ITEMS = "items"
_COLUMNS = ["item", "locator", "kind", "size_bytes"]


def items_store(workspace: Workspace, exhibit: str) -> PartStore:
    """The parts that say what an exhibit holds."""
    return PartStore(part_folder(workspace.findings_folder, exhibit, ITEMS), workspace.custody)


def findings_store(workspace: Workspace, exhibit: str, examiner_set: str) -> PartStore:
    """The parts that one set of examiners filled."""
    return PartStore(part_folder(workspace.findings_folder, exhibit, examiner_set), workspace.custody)


def listed_units(workspace: Workspace, exhibit: str, prefix: str) -> Iterator[tuple[str, int, list[ListedItem]]]:
    """Every listed unit of a source, in order: its name, the number of its first item, its items."""
    folder = part_folder(workspace.findings_folder, exhibit, ITEMS)
    start = 0
    for path in sorted(_item_parts(folder, prefix)):
        table = pq.read_table(path, columns=_COLUMNS, memory_map=False)
        items = [ListedItem(**row) for row in table.to_pylist()]
        yield path.name.removeprefix("part-").removesuffix("-items.parquet"), start, items
        start += len(items)


def _item_parts(folder: Path, prefix: str) -> Iterator[Path]:
    for file in committed_files(folder):
        if file.name.startswith(f"part-{prefix}") and file.name.endswith("-items.parquet"):
            yield folder / file.name


def examined_digests(workspace: Workspace, examiner_set: str) -> Iterator[str]:
    """SHA-256 of every content that this set of examiners has examined, in any exhibit; part by part, with repeats."""
    for folder in sorted(workspace.findings_folder.glob(f"*/{examiner_set[:16]}")):
        for file in committed_files(folder):
            if file.name.endswith("-findings.parquet"):
                yield from (
                    pq.read_table(folder / file.name, columns=["sha256"], memory_map=False)["sha256"]
                    .unique()
                    .to_pylist()
                )
