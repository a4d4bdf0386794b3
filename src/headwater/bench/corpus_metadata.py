"""Metadata of every file of a folder: ours beside exiftool's, with the cause of each difference.

``python -m headwater.bench.corpus_metadata FOLDER [--json]``. Maker notes, composites, file facts and colour profiles
are no part of the comparison; standard directories of EXIF, XMP, IPTC, PNG text, comments, APP12, tags and times of
videos are. Exits 1 where a difference is not explained; each of those is printed with what both say of the file's
damage.
"""

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from headwater.bench.arguments import a_folder
from headwater.bench.corpus_metadata_exif import exif_cause
from headwater.bench.corpus_metadata_ours import Key, Values, our_values, read_ours
from headwater.bench.corpus_metadata_theirs import run_exiftool, their_values
from headwater.bench.corpus_metadata_values import EQUAL, compare
from headwater.bench.corpus_metadata_video import app12_cause, tag_cause, time_cause
from headwater.bench.corpus_metadata_xmp import xmp_cause
from headwater.model.finding import Seen

_FAMILIES = ("EXIF", "XMP", "IPTC", "PNG text", "comment", "APP12", "video tags", "times")
_WORDS_LETTERS = 90


@dataclass(slots=True)
class Row:
    """Counts of one family."""

    agree: int = 0
    differ: int = 0
    ours: int = 0
    theirs: int = 0
    causes: Counter[str] = field(default_factory=Counter)
    unexplained: list[str] = field(default_factory=list)


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

    warning: str  # exiftool's own
    damage: str  # the first place of ours
    refused: str

    def words(self) -> str:
        """What both say of the file, where they say something."""
        said = (f"exiftool: {self.warning}" if self.warning else "", f"ours: {self.damage}" if self.damage else "")
        return f" [{'; '.join(filter(None, said))}]" if any(said) else ""


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
        row.unexplained.append(f"{shown}: ours {_cut(mine)}, exiftool {_cut(value)}{context.words()}")
    row.ours += len(ours)
    row.theirs += len(theirs)
    for mine in ours:
        _only(row, _only_ours(key, context), f"{shown}: only ours {_cut(mine)}{context.words()}")
    for value in theirs:
        _only(row, _only_theirs(context), f"{shown}: only exiftool {_cut(value)}{context.words()}")


def _cut(value: object) -> str:
    return repr(str(value)[:_WORDS_LETTERS])


def _only(row: Row, cause: str, shown: str) -> None:
    if cause:
        row.causes[cause] += 1
    else:
        row.unexplained.append(shown)


def _cause(key: Key, mine: object, value: object) -> str | None:
    reader = _CAUSES.get(key[0])
    return compare(mine, value, (lambda left, right: reader(key[1], left, right)) if reader else None)


def _iptc_cause(_key: str, left: str, right: str) -> str | None:
    return "date or time without colons as stored by us" if left == right.replace(":", "") else None


def _text_cause(_key: str, left: str, right: str) -> str | None:
    return "line ends" if left.replace("\r\n", "\n") == right.replace("\r\n", "\n") else None


_CAUSES: dict[str, Callable[[str, str, str], str | None]] = {
    "EXIF": exif_cause,
    "XMP": xmp_cause,
    "IPTC": _iptc_cause,
    "PNG text": _text_cause,
    "APP12": app12_cause,
    "video tags": lambda _key, left, right: tag_cause(left, right),
    "times": lambda _key, left, right: time_cause(left, right),
}


def _only_ours(key: Key, context: Context) -> str:
    """Where exiftool itself says that it left something out."""
    if key[0] == "EXIF" and "pointer references previous" in context.warning:
        return "only ours: exiftool took the directory for one it had read ('pointer references previous')"
    if key[0] == "XMP" and "Extracted only 1000" in context.warning:
        return "only ours: exiftool ends a list after 1000 items, and says so"
    if context.damage and context.warning:
        return f"only ours: read further in a damaged file; exiftool: {context.warning}"
    return ""


def _only_theirs(context: Context) -> str:
    return f"only exiftool: {context.refused}" if context.refused else ""


def _first_damage(seen: Sequence[Seen]) -> str:
    return next((str(json.loads(one.value)["what"]) for one in seen if one.claim == "damage.structure"), "")


def _warnings(file: dict[str, Any]) -> str:
    said = [record for name, record in file.items() if name.rpartition(":")[2] in ("Warning", "Error")]
    return "; ".join(str(one["val"] if isinstance(one, dict) else one) for one in said)


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
        context = Context(_warnings(file), _first_damage(seen), refused)
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
