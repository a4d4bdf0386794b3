"""What a deleted name still stands for: its own content, or nothing any more.

A deleted name keeps the number of its inode. Once that inode is given to another file the content behind it is the
other file's, and must not be shown under the deleted name. NTFS counts every reuse of an MFT entry in a sequence
number, and counts it up by one when the file is deleted (The Sleuth Kit, tsk_fs_dir_get).
"""

from dataclasses import dataclass

from headwater.evidence.disk.clusters import ClusterMap
from headwater.evidence.disk.tsk import DATA, FILE_NAME, Attribute, Record, attributes, is_deleted, open_inode
from headwater.model.errors import Overwritten

REALLOCATED = "left-over name; its inode has been given to another file since, so it has no content of its own"
NAME_ONLY = "only the name is left, no inode"
OVERWRITTEN = "deleted; its clusters are in use by other files, so no content of its own is left"
CONTIGUOUS = "deleted; FAT keeps no chain for it: content taken from its first cluster on"
UNNAMED = "in use, yet no directory names it"
UNNAMED_FOLDER = b"$Unnamed"
WITHOUT_CONTENT = (REALLOCATED, NAME_ONLY, OVERWRITTEN)
_MAX_SEQUENCE = 0xFFFF


@dataclass(frozen=True, slots=True)
class Named:
    """A name and the inode it may still stand for. `file` is None where `note` says why there is none."""

    name: bytes
    inode: int
    deleted: bool
    directory: bool
    file: Record | None
    note: str


def resolve(file_system: Record, kind: str, found: Record) -> Named:
    """Decide what TSK's directory entry stands for."""
    name = found.info.name
    deleted = is_deleted(name)
    file, note = _file(file_system, kind, found) if deleted or found.info.meta is None else (found, "")
    deleted = deleted or note != "" or (file is not None and found.info.meta is None)
    directory = int((file.info.meta if file else name).type) in ((2, 11) if file else (3,))
    return Named(name=name.name, inode=int(name.meta_addr), deleted=deleted, directory=directory, file=file, note=note)


def _file(file_system: Record, kind: str, found: Record) -> tuple[Record | None, str]:
    name = found.info.name
    file = found if found.info.meta is not None else open_inode(file_system, int(name.meta_addr) or -1)
    if file is None:
        return None, NAME_ONLY
    meta = file.info.meta
    if not is_deleted(meta):
        return None, REALLOCATED
    if kind == "ntfs" and not same_use(int(name.meta_seq), int(meta.seq)):
        return None, REALLOCATED
    return file, ""


def same_use(name_sequence: int, entry_sequence: int) -> bool:
    """Whether an unused MFT entry is still the deleted name's own: counted up once since (16 bits, zero skipped)."""
    return entry_sequence == (name_sequence + 1 if name_sequence < _MAX_SEQUENCE else 1)


def fate(attribute: Attribute, clusters: ClusterMap | None, *, first_decides: bool) -> str:
    """Tell what became of a deleted file's clusters: nothing, or the note that says so.

    first_decides: on FAT everything is reckoned from the first cluster, so nothing is left once that is in use.
    """
    runs = [(place, length) for _, length, place in attribute.runs if place is not None]
    if attribute.resident or clusters is None or not (attribute.size_bytes or runs):
        return ""
    if first_decides:
        return _fate_in_a_row(runs, clusters)
    counts = [clusters.used(place, length) for place, length in runs]
    used, total = sum(count[0] for count in counts), sum(count[1] for count in counts)
    return f"deleted; {used} of its {total} clusters are in use now: that part is another file's" if used else ""


def _fate_in_a_row(runs: list[tuple[int, int]], clusters: ClusterMap) -> str:
    """Tell it for FAT, where a deleted file is taken from its first cluster on, past every cluster that is in use."""
    if not runs or clusters.used(runs[0][0], 1)[0]:
        return OVERWRITTEN
    used = clusters.used(runs[0][0], runs[-1][0] + runs[-1][1] - runs[0][0])[0]
    if not used:
        return CONTIGUOUS
    return f"{CONTIGUOUS}, past {used} in use now: it was in pieces, or that part is overwritten"


def overwritten(fate: str) -> Overwritten | None:
    """Make the error of a content that may be another file's by now; None where all of it may be its own."""
    return None if fate in ("", CONTIGUOUS) else Overwritten(fate)


def is_empty_record(file: Record) -> bool:
    """Whether an orphan is an inode that was never used or was wiped: no size, no data, no name of its own."""
    if int(file.info.meta.size) > 0:
        return False
    return not any(one.kind == FILE_NAME or (one.kind == DATA and one.size_bytes) for one in attributes(file))
