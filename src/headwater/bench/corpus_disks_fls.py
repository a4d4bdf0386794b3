"""Our list of a volume's names against that of The Sleuth Kit's `fls -r -p`, each difference with its cause."""

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from headwater.evidence.open import SourceReader, describe
from headwater.model.errors import MissingDependency
from headwater.model.item import Allocation, Entry, Refusal

_LINE = re.compile(rb"(?P<types>./.) (?P<deleted>\* )?(?P<address>[\d-]+)(?P<reused>\(realloc\))?:\t(?P<path>.*)")
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_BLANK = re.compile(rb"\$OrphanFiles/OrphanFile-\d+")
_SECTOR_BYTES = 512


def compare(path: Path, segments: Sequence[Path], reader: SourceReader) -> list[dict[str, Any]]:
    """One row per volume with a file system: names in common, differences by cause, and how many have none."""
    found: dict[str, list[Entry | Refusal]] = {}
    for entry in reader.entries():
        found.setdefault(_volume(entry), []).append(entry)
    rows = []
    for volume in describe(reader).volumes:
        if volume.file_system in ("", "empty"):
            continue
        lines = fls(segments, volume.start_bytes // _SECTOR_BYTES)
        rows.append({"image": path.name, "volume": volume.name, **_differences(found.get(volume.name, []), lines)})
    return rows


def fls(segments: Sequence[Path], start_sector: int) -> list[re.Match[bytes]]:
    """Return the parsed lines of `fls -r -p`. Raises MissingDependency without fls, ValueError for a strange line."""
    program = shutil.which("fls")
    if program is None:
        raise MissingDependency("fls is not installed", next_step="Install the sleuthkit package.")
    command = [program, "-r", "-p", "-o", str(start_sector), *map(str, segments)]
    output = subprocess.run(command, check=True, capture_output=True, env={"TZ": "UTC"}, timeout=300).stdout
    return [_parsed(line) for line in output.split(b"\n") if line]


def _parsed(line: bytes) -> re.Match[bytes]:
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError(f"a line of fls that is not understood: {line!r}")
    return match


def _volume(entry: Entry | Refusal) -> str:
    layers = entry.locator.layers
    return layers[1].name.decode() if len(layers) > 2 else ""


def _differences(entries: Sequence[Entry | Refusal], lines: Sequence[re.Match[bytes]]) -> dict[str, Any]:
    """Compare one by one, not as sets: address, path, and whether it is deleted."""
    ours = Counter(_our_key(entry) for entry in entries)
    theirs = Counter(_their_key(line) for line in lines)
    by_our_key = {_our_key(entry): entry for entry in entries}
    by_their_key = {_their_key(line): line for line in lines}
    causes: Counter[str] = Counter()
    for their_key, number in (theirs - ours).items():
        causes[_why_only_theirs(by_their_key[their_key])] += number
    for our_key, number in (ours - theirs).items():
        causes[_why_only_ours(by_our_key[our_key], lines)] += number
    unexplained = sum(number for cause, number in causes.items() if cause.startswith("unexplained"))
    return {
        "ours": ours.total(),
        "fls": theirs.total(),
        "common": (ours & theirs).total(),
        "differences": dict(causes),
        "unexplained": unexplained,
        "good": not unexplained,
    }


def _our_key(entry: Entry | Refusal) -> tuple[str, bytes, bool]:
    """`fls` prints a control character as ^."""
    layer = entry.locator.layers[-1]
    gone = isinstance(entry, Entry) and entry.allocation is not Allocation.ALLOCATED
    return layer.address, _CONTROL.sub(b"^", layer.name), gone


def _their_key(line: re.Match[bytes]) -> tuple[str, bytes, bool]:
    return line["address"].decode(), _CONTROL.sub(b"^", line["path"]), line["deleted"] is not None


def _why_only_theirs(line: re.Match[bytes]) -> str:
    types, address = line["types"].decode(), line["address"].decode()
    if types[2] == "d" or (types[0] == "d" and types[2] == "-"):
        return "directory: counted, not listed"
    if types.lower() == "v/v":
        return "made up by TSK: a view of the file system's own structures"
    if address.count("-") == 2 and address.split("-")[1] != "128":
        return "NTFS index attribute: not a file's data"
    if _BLANK.fullmatch(line["path"]):
        return "blank inode: neither name nor content"
    return f"unexplained: {line[0].decode('utf-8', 'backslashreplace')}"


def _why_only_ours(entry: Entry | Refusal, lines: Sequence[re.Match[bytes]]) -> str:
    layer = entry.locator.layers[-1]
    if isinstance(entry, Refusal):
        return f"refused: {entry.message}"
    if "-" not in layer.address and any(line["path"].startswith(layer.name + b":") for line in lines):
        return "NTFS file without $DATA: fls lists its index attributes only"
    return f"unexplained: only ours: {entry.locator.path}"
