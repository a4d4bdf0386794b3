"""Goes through what The Sleuth Kit left out of a FAT directory, the directories among it as well."""

from collections.abc import Container, Iterator
from dataclasses import dataclass

from headwater.evidence.disk.fat_entries import ROOT_INODE, FatEntries, FatEntry

UNLISTED = "an entry that The Sleuth Kit does not take for one; read by its own cluster chain"
NO_DIRECTORY = "marked as a directory, yet no directory begins there: its clusters are given as a file"
FROM_ITS_CHAIN = (UNLISTED, NO_DIRECTORY)
_NO_CLUSTERS = "directory: its entry names no cluster of this volume, so nothing of it can be listed"
_TWICE = "directory: it begins with a cluster another one begins with; not listed again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlisted:
    """What was left out: a file, or why there is none (`refusal`). `note` says how it was found."""

    path: bytes
    inode: int
    entry: FatEntry | None = None
    size_bytes: int = 0
    refusal: str = ""
    note: str = UNLISTED


def left_out(fat: FatEntries, inode: int, path: bytes, listed: Container[int]) -> Iterator[Unlisted]:
    """Yield what a directory in use holds beside the inodes `listed`. Its entries come in their order on the volume."""
    waiting: list[tuple[int, bytes, Container[int]]] = [(inode, path, listed)]
    entered = {fat.first_cluster(inode)}
    while waiting:
        directory, above, known = waiting.pop()
        if directory != ROOT_INODE and not fat.begins_a_directory(directory):
            yield _no_directory(fat, directory, above)
            continue
        for each in fat.unlisted(directory, known):
            if isinstance(each, str):
                yield Unlisted(path=above, inode=directory, refusal=each)
                continue
            below = above + b"/" + each.name if above else each.name
            if not each.is_directory:
                yield Unlisted(path=below, inode=each.inode, entry=each, size_bytes=fat.size_bytes(each.inode))
            elif each.first_cluster in entered:
                yield Unlisted(path=below, inode=each.inode, refusal=_TWICE)
            else:
                entered.add(each.first_cluster)
                waiting.append((each.inode, below, ()))


def _no_directory(fat: FatEntries, inode: int, path: bytes) -> Unlisted:
    entry = fat.entry(inode)
    if entry is None or not fat.has(entry.first_cluster):
        return Unlisted(path=path, inode=inode, refusal=_NO_CLUSTERS)
    return Unlisted(path=path, inode=inode, entry=entry, size_bytes=fat.size_bytes(inode), note=NO_DIRECTORY)
