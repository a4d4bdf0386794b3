"""Where an exhibit's sealed parts lie: one folder for what it holds, one for what each set of examiners found."""

from collections.abc import Iterator

from headwater.findings.parts import PartStore, committed_files, committed_units, part_folder, read_part, table_of
from headwater.steps.unit import ListedItem
from headwater.steps.workspace import Workspace

ITEMS = "items"
_COLUMNS = ("item", "locator", "kind", "size_bytes", "modified", "note")


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
    for unit, files in sorted(committed_units(folder).items()):
        for file in files if unit.startswith(prefix) else ():
            if table_of(file) == "items":
                items = [ListedItem(**row) for row in read_part(folder / file.name, _COLUMNS).to_pylist()]
                yield unit, start, items
                start += len(items)


def examined_digests(workspace: Workspace, examiner_set: str) -> Iterator[str]:
    """SHA-256 of every content that this set of examiners has examined, in any exhibit; part by part, with repeats."""
    for folder in sorted(workspace.findings_folder.glob(f"*/{examiner_set[:16]}")):
        for file in committed_files(folder):
            if table_of(file) == "findings":
                yield from read_part(folder / file.name, ["sha256"])["sha256"].unique().to_pylist()
