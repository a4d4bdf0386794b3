"""Every disk image of a corpus folder, read and held against what is known of it.

`python -m headwater.bench.corpus_disks FOLDER [--json]`: known contents by digest and path, the Digital Forensics Tool
Testing images by their published MD5 list, each list of names against The Sleuth Kit's `fls`, and refusals by name.
Runs without the sandbox, on images made for testing only.
"""

import argparse
import hashlib
import json
import re
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from os import O_NOFOLLOW, O_RDONLY, close, fsencode, fstat
from os import open as open_descriptor
from pathlib import Path
from typing import Any

import zstandard

from headwater.bench.arguments import a_folder
from headwater.bench.corpus_disks_fls import compare
from headwater.evidence.archive import open_archive
from headwater.evidence.disk.segments import Segment
from headwater.evidence.open import SourceReader, describe, open_source
from headwater.evidence.reader import Content, Limits, Reader
from headwater.evidence.segments_on_disk import find_segments
from headwater.model.errors import EvidenceError
from headwater.model.item import Allocation, Entry, ItemKind

_LIMITS = Limits()
_CHUNK_BYTES = 1 << 20
_KNOWN = "made_known_files.json"
_HEAD_BYTES = 36 << 10
_MD5 = re.compile(r"\b[0-9a-f]{32}\b")
_MADE = ("disk.E01", "disksplit.E01", "ext4.raw", "fat.raw", "fat.splitraw.000", "ntfs.raw")
_HELD = {"ext": 30, "fat": 30, "ntfs": 20}  # of the 30 known files
# Files whose content must come out right, of how many. In 6-undel-fat the other three are fragmented: FAT keeps no
# chain of a deleted file, and the page itself lists, as incorrect, what taking the clusters in a row gives instead.
_DFTT = {"7-undel-ntfs": (9, 9), "6-undel-fat": (3, 6), "8-jpeg-search": (16, 16)}
_WRONG_CONTENT = "Incorrect MD5"
_PARTS = ("made", "dftt", "dfvfs", "plaso", "made_known_files.json")
_REFUSED = {
    ".qcow2": "qcow2", ".vdi": "VDI", ".vhdx": "VHDX", ".vmdk": "VMDK", ".vpc": "VHD", "apfs.raw": "APFS",
    "hfsplus.raw": "HFS+", ".iso": "ISO 9660", ".dmg": "HFS+",
}  # fmt: skip


@contextmanager
def opened(path: Path) -> Iterator[SourceReader]:
    """Open an image and all its segments read-only."""
    segments: list[Segment] = []
    try:
        for one in find_segments(path):
            descriptor = open_descriptor(one, O_RDONLY | O_NOFOLLOW)
            segments.append(Segment(one.name, descriptor, fstat(descriptor).st_size))
        yield open_source(segments, _LIMITS)
    finally:
        for segment in segments:
            close(segment.fd)


def gather(corpus: Path, scratch: Path) -> list[Path]:
    """All images of the corpus, those stored compressed or in a zip unpacked into `scratch`."""
    for stored in sorted((corpus / "made").glob("*.zst")):
        with stored.open("rb") as packed, (scratch / stored.stem).open("wb") as image:
            zstandard.ZstdDecompressor().copy_stream(packed, image)
    for stored in sorted((corpus / "dftt").glob("*.zip")):
        folder = scratch / stored.stem
        folder.mkdir()
        with zipfile.ZipFile(stored) as archive:
            for number, member in enumerate(archive.infolist()):
                if not member.is_dir():
                    suffix = Path(member.filename).suffix or ".bin"
                    (folder / f"{stored.stem}-{number}{suffix}").write_bytes(archive.read(member))
    found = [path for folder in ("made", "dfvfs", "plaso") for path in sorted((corpus / folder).iterdir())]
    found += sorted(path for path in scratch.rglob("*") if path.is_file())
    later = re.compile(r"\.(E0[2-9]|00[1-9]|zst|html|txt|xml)$")
    return [path for path in found if not later.search(path.name)]


def digests(content: Content) -> tuple[str, str]:
    """SHA-256 and MD5 of a whole content."""
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    while data := content.read(_CHUNK_BYTES):
        sha256.update(data)
        md5.update(data)
    return sha256.hexdigest(), md5.hexdigest()


def files(reader: Reader, depth: int = 0) -> Iterator[tuple[Entry, str, str]]:
    """Every file with its SHA-256 and MD5, those inside archives too."""
    for entry in reader.entries():
        if not isinstance(entry, Entry) or entry.kind not in (ItemKind.FILE, ItemKind.STREAM):
            continue
        try:
            content = reader.open(entry)
            sha256, md5 = digests(content)
            yield entry, sha256, md5
            yield from _inside(entry, content, depth)
        except EvidenceError:
            yield entry, "", ""


def _inside(entry: Entry, content: Content, depth: int) -> Iterator[tuple[Entry, str, str]]:
    source = content.source()
    if source is None or depth >= _LIMITS.depth:
        return
    name = entry.locator.layers[-1].name
    try:
        inner = open_archive(source, head=source.read_at(0, _HEAD_BYTES), outer_name=name, limits=_LIMITS)
    except EvidenceError:
        return
    if inner is not None:
        yield from files(inner, depth + 1)


def known_content(path: Path, known: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Per volume: known digests found, and how their paths compare."""
    by_digest = {one["sha256"]: fsencode(one["path"]) for one in known}
    rows: dict[str, dict[str, Any]] = {}
    with opened(path) as reader:
        for entry, sha256, _ in files(reader):
            layer = entry.locator.layers[-1]
            volume = "/".join(str(one) for one in entry.locator.layers[:-1]) + f" {layer.kind}"
            row = rows.setdefault(volume, {"image": path.name, "volume": volume, "held": _HELD.get(layer.kind, 0),
                                           "found": set(), "paths": {}})  # fmt: skip
            if sha256 in by_digest:
                row["found"].add(sha256)
                verdict = compare_path(by_digest[sha256], layer.name, entry.allocation)
                row["paths"][verdict] = row["paths"].get(verdict, 0) + 1
    for row in rows.values():
        row["found"] = len(row["found"])
        row["good"] = row["found"] == row["held"] and "different" not in row["paths"]
    return list(rows.values())


def compare_path(known: bytes, found: bytes, allocation: Allocation) -> str:
    """How a path found compares with the known one."""
    if found == known:
        return "equal"
    if found == known.rpartition(b"/")[2]:
        return "equal, at the root"
    folder, slash, name = known.rpartition(b"/")
    lost = folder + slash + b"_" + name[1:]
    return "first letter lost" if allocation is Allocation.DELETED and found == lost else "different"


def published(scratch: Path, name: str) -> dict[str, Any]:
    """One DFTT image against the MD5 list of its own page, whose incorrect contents are counted apart: not as found."""
    page = next((scratch / name).glob("*.html")).read_text("latin-1")
    image = next((scratch / name).glob("*.dd"))
    right, _, wrong = page.partition(_WRONG_CONTENT)
    wanted = set(_MD5.findall(right)) - {hashlib.md5(image.read_bytes(), usedforsecurity=False).hexdigest()}
    with opened(image) as reader:
        found = {md5 for _, _, md5 in files(reader)}
    foretold = set(_MD5.findall(wrong))
    least, of = _DFTT[name]
    rightly, wrongly = len(found & wanted), len(found & foretold)
    return {
        "image": name,
        "MD5s of the page found": f"{rightly + wrongly} of {len(wanted | foretold)}",
        "right content": f"{rightly} of {len(wanted)} files",
        "wrong content, as the page foretells": f"{wrongly} of {len(foretold)}",
        "good": rightly >= least and len(wanted) == of and wrongly == len(foretold),
    }


def refusal(path: Path, said: str) -> dict[str, Any]:
    """Say what an unsupported image is refused with."""
    try:
        with opened(path) as reader:
            return {"image": path.name, "refused": "", "opened": describe(reader).container, "good": False}
    except EvidenceError as error:
        return {"image": path.name, "refused": error.message, "good": said in error.message}


def _expected_refusal(path: Path) -> str:
    return next((said for ending, said in _REFUSED.items() if path.name.endswith(ending)), "")


def measure(corpus: Path) -> dict[str, Any]:
    """All four tables."""
    known = json.loads((corpus / _KNOWN).read_text())
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        images = gather(corpus, scratch)
        made = [row for path in images if path.name in _MADE for row in known_content(path, known)]
        lists = []
        for path in images:
            if not _expected_refusal(path) and path.suffix not in (".tar", ".zip"):
                with opened(path) as reader:
                    lists += compare(path, find_segments(path), reader)
        return {
            "known": made,
            "published": [published(scratch, one) for one in _DFTT],
            "fls": lists,
            "refused": [refusal(path, _expected_refusal(path)) for path in images if _expected_refusal(path)],
            "seconds": round(time.monotonic() - started, 1),
        }


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables. Exit status 1 where anything is not as it should be, 2 where the corpus is not there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=a_folder, help="the folder of disk images")
    parser.add_argument("--json", action="store_true", help="print as JSON")
    given = parser.parse_args(arguments)
    missing = [name for name in _PARTS if not (given.corpus / name).exists()]
    if missing:
        parser.error(f"{given.corpus} is not the corpus of disk images: {', '.join(missing)} not there")
    result = measure(given.corpus)
    if given.json:
        json.dump(result, sys.stdout, indent=1)
    else:
        _print(result)
    rows = [row for table in ("known", "published", "fls", "refused") for row in result[table]]
    return 0 if rows and all(row["good"] for row in rows) else 1


def _print(result: dict[str, Any]) -> None:
    write = sys.stdout.write
    for table in ("known", "published", "fls", "refused"):
        write(f"\n{table}\n")
        for row in result[table]:
            mark = "ok " if row["good"] else "NOT"
            write(f"  {mark} " + "  ".join(f"{key}: {value}" for key, value in row.items() if key != "good") + "\n")
    write(f"\n{result['seconds']} s\n")


if __name__ == "__main__":
    sys.exit(main())
