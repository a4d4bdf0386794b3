"""Learns how cameras encode: `python -m headwater.bench.learn_encoders FOLDER... [--except MANIFEST...]`.

Each FOLDER has a manifest.csv (path, sha256, truth, note). Rows whose truth is camera are read if they are JPEGs that
no rule contradicts, that name no editing program and carry no segment of one. `--except` names manifests of what is
measured later: no file of theirs is learned from. Prints src/headwater/examine/camera_evidence/learned_encoders.py.
"""

import argparse
import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from headwater.evidence.content import BytesSource
from headwater.examine.camera_evidence import learned_encoders
from headwater.examine.camera_evidence.encoder import DIGITS, NOT_LEARNED, cell, layout_of
from headwater.examine.camera_evidence.facts import Facts, gather
from headwater.examine.camera_evidence.rules import Outcome, judged
from headwater.examine.view import View
from headwater.formats.jpeg_standard import tables_digest

Row = tuple[str, str, str, str, str]
_PROGRAMS = ("APP13", "APP14", "APP12 Ducky", "APP1 http://ns.adobe.com")
_CROPPED = "lossless crop"


def learn(folders: Iterable[Path], left_out: frozenset[str]) -> Counter[Row]:
    """How many files there are of each encoding: digest of tables, sampling, layout, Make, Model."""
    found: Counter[Row] = Counter()
    for folder in folders:
        for row in _rows(folder / "manifest.csv"):
            if row["truth"] == "camera" and row["sha256"] not in left_out:
                learned = learn_file((folder / row["path"]).read_bytes(), cropped=_CROPPED in row.get("note", ""))
                found.update([learned] if learned else [])
    return found


def learn_file(data: bytes, *, cropped: bool) -> Row | None:
    """The encoding of one file; None where it cannot be a camera's own. cropped: a program wrote its segments anew."""
    view = View(sha256="", size_bytes=len(data), name=b"", source=BytesSource(data=data))
    facts = gather(view)
    if facts is None or facts.coding is None or not facts.coding.tables:
        return None
    make, model = facts.text("make"), facts.text("model")
    if not make or not model or any(kind.startswith(_PROGRAMS) for kind in facts.order) or not _is_unchanged(facts):
        return None
    layout = NOT_LEARNED if cropped else layout_of(facts.coding)
    return tables_digest(facts.coding.tables)[:DIGITS], facts.coding.sampling, layout, cell(make), cell(model)


def _is_unchanged(facts: Facts) -> bool:
    """Whether the size holds, nothing fails, and Software names no program that edits."""
    rules = {rule["rule"]: rule for rule in judged(facts)}
    fails = any(rule["outcome"] == Outcome.FAILS for rule in rules.values())
    return (
        not fails and rules["size"]["outcome"] == Outcome.HOLDS and "names a program" not in rules["software"]["detail"]
    )


def module(found: Counter[Row]) -> str:
    """The module that holds what was learned."""
    lines = "".join(
        f"{'|'.join(row)}|{files}\n" for row, files in sorted(found.items(), key=lambda pair: (pair[0][3:], pair[0]))
    )
    head = f'"""{learned_encoders.__doc__}"""\n\n'
    return f'{head}LEARNED_FILES = {found.total()}\nLEARNED = """\n{lines}"""\n'


def _rows(manifest: Path) -> Iterator[dict[str, str]]:
    with manifest.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def main() -> None:
    """Read the arguments, learn, print."""
    parser = argparse.ArgumentParser(prog="python -m headwater.bench.learn_encoders")
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--except", dest="left_out", nargs="*", type=Path, default=[], metavar="MANIFEST")
    given = parser.parse_args()
    left_out = frozenset(row["sha256"] for manifest in given.left_out for row in _rows(manifest))
    print(module(learn(given.folders, left_out)), end="")


if __name__ == "__main__":
    main()
