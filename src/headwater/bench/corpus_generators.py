"""What a manifest says that files carry of generators, beside what is read: every miss and surplus with its cause.

``python -m headwater.bench.corpus_generators FOLDER``; the folder has a manifest.csv with the columns path and marks.
Marks of what other examiners read (credentials, labels, watermarks, screenshots) are left out.
"""

import argparse
import csv
import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from headwater.bench.arguments import a_folder
from headwater.evidence.content import BytesSource
from headwater.examine.generators import Generators
from headwater.examine.view import View
from headwater.model.finding import Seen, State

FAMILIES = frozenset(
    {
        *("a1111", "forge", "sdnext", "comfyui", "invokeai", "novelai", "fooocus", "swarmui", "easydiffusion"),
        *("drawthings", "midjourney", "grok"),
    }
)
_HIDDEN = "stealth"


@dataclass(frozen=True, slots=True)
class Row:
    """One file: the marks of its row in the manifest that belong here, those read, and what the readers said."""

    path: str
    expected: frozenset[str]
    read: frozenset[str]
    seen: tuple[Seen, ...]


def examined(data: bytes) -> tuple[Seen, ...]:
    """What the examiner says of one content; nothing where it does not look at it."""
    view = View(sha256="", size_bytes=len(data), name=b"", source=BytesSource(data=data))
    examiner = Generators()
    return tuple(examiner.examine(view)) if examiner.accepts(view) else ()


def marks_of(seen: tuple[Seen, ...]) -> frozenset[str]:
    """The families read, and ``stealth`` where one lay in the pixels."""
    values = [json.loads(one.value) for one in seen if one.state is State.FOUND]
    hidden = {_HIDDEN for value in values if " LSB " in value["carrier"]}
    return frozenset({value["generator"] for value in values} | hidden)


def rows(folder: Path) -> Iterator[Row]:
    """Every file of the manifest."""
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            expected = frozenset(line["marks"].split("+")) & (FAMILIES | {_HIDDEN})
            seen = examined((folder / line["path"]).read_bytes())
            yield Row(line["path"], expected, marks_of(seen), seen)


def why(row: Row) -> str:
    """Why what was read is not what was expected, in the readers' own facts."""
    told = [json.loads(one.value) for one in row.seen if one.claim == "generator.record" and one.state is State.FOUND]
    failed = [one.reason for one in row.seen if one.state in (State.FAILED, State.NOT_RUN)]
    if failed:
        return "; ".join(failed)
    if told and all(value["told_by"] == "layout" for value in told):
        return "the text is in this layout and names no program"
    if told:
        return ", ".join(f"{value['carrier']} names {value['generator']}" for value in told)
    return "no text in the file is a known record"


def show(every: list[Row]) -> int:
    """Print the table of marks and every difference; give how many there are."""
    expected, read, agree = Counter[str](), Counter[str](), Counter[str]()
    for row in every:
        expected.update(row.expected)
        read.update(row.read)
        agree.update(row.expected & row.read)
    print(f"{'mark':14}{'expected':>9}{'read':>6}{'agree':>7}")
    for mark in sorted(expected | read):
        print(f"{mark:14}{expected[mark]:>9}{read[mark]:>6}{agree[mark]:>7}")
    different = [row for row in every if row.expected != row.read]
    for row in different:
        missed, surplus = sorted(row.expected - row.read), sorted(row.read - row.expected)
        print(f"{row.path}: missed {missed}, surplus {surplus}: {why(row)}")
    records = [
        json.loads(one.value) for row in every for one in row.seen if one.claim == "generator.record" and one.value
    ]
    whole = sum(bool(value.get("whole")) for value in records)
    uses = Counter(str(value.get("input_use")) for value in records)
    print(f"{len(every)} files, {len(records)} records, {whole} whole; pictures that went in: {dict(uses)}")
    for value in (value for value in records if not value.get("whole", True)):
        print(f"  in part: {value['generator']}, {value['carrier']}: {value['why']}")
    return len(different)


def main(arguments: list[str]) -> int:
    """Compare one folder; 1 where a mark is missed or surplus."""
    parser = argparse.ArgumentParser(prog="headwater.bench.corpus_generators", description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", type=a_folder)
    return 1 if show(list(rows(parser.parse_args(arguments).folder))) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
