"""Metadata of every file of a folder: ours beside exiftool's, with the cause of each difference.

``python -m headwater.bench.corpus_metadata FOLDER [--json]``. Maker notes, composites and file facts are no part of the
comparison; standard directories of EXIF, XMP, IPTC and PNG text are. Exits 1 where a difference is not explained.
"""

import argparse
import json
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from headwater.bench.arguments import a_folder
from headwater.bench.corpus_metadata_exif import EXIF_NOT_COMPARED, exif_cause
from headwater.bench.corpus_metadata_values import EQUAL, compare
from headwater.bench.corpus_metadata_xmp import our_xmp, their_xmp, xmp_cause
from headwater.examine.metadata import examine_source, reader_for
from headwater.formats.structure import Bytes
from headwater.model.finding import Seen

_FAMILIES = ("EXIF", "XMP", "IPTC", "PNG text")
_DIRECTORIES = ("IFD", "SubIFD", "ExifIFD", "GPS", "InteropIFD", "GlobParamIFD")
_PNG_CHUNK_FIELDS = {
    "iCCP-name",
    "iDOT",
    "sRGB",
    "gAMA",
    "sBIT",
    "bKGD",
    "tIME",
    "tRNS",
    "hIST",
    "sPLT",
    "sTER",
    "PLTE",
    "cHRM",
    "oFFs",
    "pCAL",
    "sCAL",
}
Key = tuple[str, str]  # (family, path)
Values = dict[Key, list[Any]]


@dataclass(slots=True)
class Row:
    """Counts of one family."""

    agree: int = 0
    differ: int = 0
    ours: int = 0
    theirs: int = 0
    causes: Counter[str] = field(default_factory=Counter)
    unexplained: list[str] = field(default_factory=list)


def read_ours(path: Path) -> tuple[list[Seen], str]:
    """Our findings of a file; a reason where the format is not ours."""
    data = path.read_bytes()
    read = reader_for(data[:65536])
    return (list(examine_source(Bytes(data), read)), "") if read else ([], "not a picture format read here")


def our_values(seen: Iterable[Seen]) -> Values:
    """Give our findings by family and path."""
    values: Values = defaultdict(list)
    for record in seen:
        reader = _OURS.get(record.claim)
        if reader is not None:
            key, value = reader(json.loads(record.value))
            if key is not None:
                values[key].append(value)
    return values


def _our_exif(value: dict[str, Any]) -> tuple[Key | None, Any]:
    if value["tag"] in EXIF_NOT_COMPARED or value["ifd"].startswith("Kodak"):
        return None, None
    return ("EXIF", f"{value['ifd']} {value['tag']:04X} {value['name']}"), value["value"]


def _our_iptc(value: dict[str, Any]) -> tuple[Key | None, Any]:
    return ("IPTC", f"{value['dataset']}"), value["value"]


def _our_text(value: dict[str, Any]) -> tuple[Key | None, Any]:
    keyword = value["keyword"]
    if keyword.startswith("Raw profile type "):
        return None, None
    return ("PNG text", f"{keyword}-{value['language']}" if value["language"] else keyword), value["text"]


_OURS: dict[str, Callable[[dict[str, Any]], tuple[Key | None, Any]]] = {
    "exif.tag": _our_exif,
    "iptc.dataset": _our_iptc,
    "png.text": _our_text,
    "xmp.property": our_xmp,
}


def run_exiftool(folder: Path) -> list[dict[str, Any]]:
    """Every file of the folder by one exiftool process."""
    options = ["-r", "-j", "-D", "-G1:4", "-n", "-a", "-u", "-struct", "-api", "largefilesupport=1", "-i", "SYMLINKS"]
    done = subprocess.run(["exiftool", *options, "--", str(folder)], capture_output=True, check=False)
    files: list[dict[str, Any]] = json.loads(done.stdout or b"[]")
    return files


def their_values(file: dict[str, Any]) -> Values:
    """Give one file of exiftool's answer by family and path."""
    values: Values = defaultdict(list)
    for name, record in file.items():
        group = name.rpartition(":")[0]
        if isinstance(record, dict) and group:
            for key, value in _theirs(group.split(":")[0], record):
                values[key].append(value)
    return values


def _theirs(group: str, record: dict[str, Any]) -> Iterator[tuple[Key, Any]]:
    number, value = record["id"], record["val"]
    if group.startswith(_DIRECTORIES) and isinstance(number, int):
        if number not in EXIF_NOT_COMPARED:
            yield ("EXIF", f"{group} {number:04X}"), value
    elif group.startswith("IPTC") and isinstance(number, int):
        yield from ((("IPTC", str(number)), item) for item in (value if isinstance(value, list) else [value]))
    elif group.startswith("XMP-"):
        yield from their_xmp(str(number), value)
    elif group == "PNG" and isinstance(number, str) and number not in _PNG_CHUNK_FIELDS:
        yield ("PNG text", number), value


def compare_file(path: str, ours: Values, theirs: Values, rows: dict[str, Row], context: "Context") -> None:
    """Count one file's agreements and differences into `rows`."""
    named = {_bare(key): key for key in ours}
    merged: Values = defaultdict(list)
    for key, values in ours.items():
        merged[_bare(key)] += values
    for key in sorted(merged.keys() | theirs.keys()):
        shown = f"{path}: {named.get(key, key)[1]}"
        _count(rows[key[0]], key, list(merged.get(key, ())), list(theirs.get(key, ())), shown, context)


def _bare(key: Key) -> Key:
    return (key[0], " ".join(key[1].split(" ")[:2])) if key[0] == "EXIF" else key


@dataclass(frozen=True, slots=True)
class Context:
    """What explains a whole file's differences."""

    errors: str
    broken: bool
    refused: str


def _count(row: Row, key: Key, ours: list[Any], theirs: list[Any], shown: str, context: Context) -> None:
    for value in list(theirs):
        best = next(((mine, cause) for mine in ours if (cause := _cause(key, mine, value))), None)
        if best is None:
            continue
        ours.remove(best[0])
        theirs.remove(value)
        if best[1] == EQUAL:
            row.agree += 1
        else:
            row.differ += 1
            row.causes[best[1]] += 1
    for mine, value in zip(list(ours), list(theirs), strict=False):
        ours.remove(mine)
        theirs.remove(value)
        row.differ += 1
        row.unexplained.append(f"{shown}: ours {str(mine)[:90]!r}, exiftool {str(value)[:90]!r}")
    row.ours += len(ours)
    row.theirs += len(theirs)
    for mine in ours:
        _only(row, _only_ours(key, context), f"{shown}: only ours {str(mine)[:90]!r}")
    for value in theirs:
        _only(row, _only_theirs(context), f"{shown}: only exiftool {str(value)[:90]!r}")


def _only(row: Row, cause: str, shown: str) -> None:
    if cause:
        row.causes[cause] += 1
    else:
        row.unexplained.append(shown)


def _cause(key: Key, mine: object, value: object) -> str | None:
    if key[0] == "EXIF":
        return compare(mine, value, lambda left, right: exif_cause(key[1], left, right))
    if key[0] == "XMP":
        return compare(mine, value, lambda left, right: xmp_cause(key[1], left, right))
    return compare(mine, value, _iptc_cause if key[0] == "IPTC" else _png_cause)


def _iptc_cause(left: str, right: str) -> str | None:
    digits = right.replace(":", "")
    return "date or time without colons as stored by us" if left == digits else None


def _png_cause(left: str, right: str) -> str | None:
    if left.replace("\r\n", "\n") == right.replace("\r\n", "\n"):
        return "line ends"
    return None


def _only_ours(key: Key, context: Context) -> str:
    if key[0] == "EXIF" and "pointer references previous" in context.errors:
        return "only ours: exiftool took the directory for one it had read ('pointer references previous')"
    if context.broken:
        return "only ours: a damaged file, read further by us"
    return ""


def _only_theirs(context: Context) -> str:
    if context.refused:
        return f"only exiftool: {context.refused}"
    return ""


def run(folder: Path) -> dict[str, Any]:
    """Compare, and give the whole result as plain data."""
    start = time.perf_counter()
    theirs = run_exiftool(folder)
    exiftool_seconds = time.perf_counter() - start
    rows = {family: Row() for family in _FAMILIES}
    seconds = 0.0
    for file in sorted(theirs, key=lambda one: one["SourceFile"]):
        start = time.perf_counter()
        seen, refused = read_ours(Path(file["SourceFile"]))
        seconds += time.perf_counter() - start
        broken = any(record.claim == "damage.structure" for record in seen)
        context = Context(str(file.get("ExifTool:Warning", "")), broken, refused)
        shown = str(Path(file["SourceFile"]).relative_to(folder))
        compare_file(shown, our_values(seen), their_values(file), rows, context)
    return {
        "files": len(theirs),
        "ours_seconds": round(seconds, 3),
        "exiftool_seconds": round(exiftool_seconds, 3),
        "families": {
            name: {
                "agree": row.agree,
                "differ": row.differ,
                "only_ours": row.ours,
                "only_exiftool": row.theirs,
                "causes": dict(row.causes.most_common()),
                "unexplained": row.unexplained,
            }
            for name, row in rows.items()
        },
    }


def show(result: dict[str, Any]) -> None:
    """Print the table and the causes."""
    print(f"{'family':10}{'agree':>8}{'differ':>8}{'only ours':>11}{'only exiftool':>15}{'unexplained':>13}")
    for name, row in result["families"].items():
        unexplained = len(row["unexplained"])
        print(
            f"{name:10}{row['agree']:>8}{row['differ']:>8}{row['only_ours']:>11}{row['only_exiftool']:>15}{unexplained:>13}"
        )
    for name, row in result["families"].items():
        for cause, count in row["causes"].items():
            print(f"  {name}: {count:5}  {cause}")
        for line in row["unexplained"][:200]:
            print(f"  {name}: NOT EXPLAINED  {line}")
    rate = result["files"] / max(result["ours_seconds"], 1e-9)
    print(f"{result['files']} files: ours {result['ours_seconds']} s ({rate:.0f} files/s)")
    print(f"exiftool: {result['exiftool_seconds']} s")


def main(arguments: list[str]) -> int:
    """Compare one folder; 1 where a difference is not explained."""
    parser = argparse.ArgumentParser(prog="headwater.bench.corpus_metadata", description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", type=a_folder)
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    options = parser.parse_args(arguments)
    result = run(options.folder)
    if options.json:
        print(json.dumps(result, indent=2, ensure_ascii=False))
    else:
        show(result)
    return 1 if any(row["unexplained"] for row in result["families"].values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
