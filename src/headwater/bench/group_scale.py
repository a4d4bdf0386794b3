"""Grouping of many pictures: how long it takes and in what memory, with every planted copy held against the answer.

Run: ``python -m headwater.bench.group_scale --pictures 100000 --dir DIR``. Fingerprints are made by code, of pictures
that are none: a tenth are copies of others, by the whole or by a part. Grouping runs in a process of its own, with its
worker below it. The outcome is compared with what was planted: exit 1 where it differs.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headwater.bench.silent import Silent
from headwater.findings.parts import PartStore, part_folder
from headwater.findings.views import connect
from headwater.match.pairs import HASH_BYTES
from headwater.model.canonical import Json, canonical_text
from headwater.model.parts import GRID, PARTS
from headwater.steps.group import group
from headwater.steps.rows import Rows
from headwater.steps.workspace import Workspace

_SEED = 47
_UNIT = 512  # as many as a run seals together
_COPY_EVERY, _BITS = 10, 20  # each tenth is a copy, that many bits from its original
_FLAT_PARTS = 0.25
_BORDERED = 0.1
_EIGHT = 8
_TOOL = {
    "finding": "", "examiner": "perceptual", "version": "2", "state": "found", "reason": "", "spans": [],
    "code_digest": "", "settings_digest": "", "model_digest": "", "input_size_bytes": 0, "tool_version": "",
    "tool_digest": "", "library_versions": "{}", "trust_list_digest": None, "calibration_digest": None,
    "examined_at": datetime(2026, 5, 1, tzinfo=UTC),
}  # fmt: skip
Bytes = NDArray[np.uint8]


def name_of(number: int) -> str:
    """The SHA-256 that a made picture is called by."""
    return f"{number:064x}"


def original_of(number: int) -> int:
    """Which picture one is a copy of; itself where it is none."""
    return number - 1 - number // _COPY_EVERY % (_COPY_EVERY - 1) if number % _COPY_EVERY == _COPY_EVERY - 1 else number


def is_by_part(number: int) -> bool:
    """Whether a copy has its original as a part alone, as a crop has."""
    return original_of(number) != number and number // _COPY_EVERY % 2 == 1


def made_findings(number: int) -> dict[str, str]:
    """The claims of one made picture."""
    rng = np.random.default_rng([_SEED, number])
    wholes, turned, inside, parts = (_random(rng, rows) for rows in (_EIGHT, _EIGHT, _EIGHT, len(PARTS)))
    flat = rng.random(len(PARTS)) < _FLAT_PARTS
    bordered = rng.random() < _BORDERED
    original = original_of(number)
    if original != number:
        other = np.random.default_rng([_SEED, original])
        kept, _, _, its_parts = (_random(other, rows) for rows in (_EIGHT, _EIGHT, _EIGHT, len(PARTS)))
        its_flat = other.random(len(PARTS)) < _FLAT_PARTS
        place = int(np.flatnonzero(~its_flat)[0])
        wholes[0] = _flipped(rng, its_parts[place] if is_by_part(number) else kept[0])
        bordered = False
    boxes: Json = [{"box": [0.1, 0.1, 0.9, 0.9], "hashes": [*_texts(inside)]}] if bordered else []
    told = ["" if is_flat else text for is_flat, text in zip(flat, _texts(parts), strict=True)]
    return {
        "perceptual.pdq": wholes[0].tobytes().hex(),
        "perceptual.pdq_quality": "90",
        "perceptual.pdq_dihedral": canonical_text(_texts(wholes)),
        "perceptual.pdq_turned": canonical_text(_texts(turned)),
        **({"perceptual.pdq_inside": canonical_text(boxes)} if boxes else {}),
        "perceptual.pdq_parts": canonical_text({"grid": GRID, "hashes": told}),
    }


def _random(rng: np.random.Generator, rows: int) -> Bytes:
    return rng.integers(0, 256, (rows, HASH_BYTES), np.uint8)


def _flipped(rng: np.random.Generator, hash_: Bytes) -> Bytes:
    bits = np.unpackbits(hash_)
    bits[rng.choice(len(bits), _BITS, replace=False)] ^= 1
    return np.packbits(bits)


def _texts(hashes: Bytes) -> list[str]:
    text = hashes.tobytes().hex()
    return [text[place : place + 2 * HASH_BYTES] for place in range(0, len(text), 2 * HASH_BYTES)]


def make(folder: Path, pictures: int) -> None:
    """An operation that has the findings of that many pictures, and nothing else."""
    Workspace.init(folder, "Grouping").close()
    with (
        Workspace.open(folder) as workspace,
        PartStore(part_folder(workspace.findings_folder, "MADE", "0" * 64), workspace.custody) as store,
    ):
        for first in range(0, pictures, _UNIT):
            rows = Rows()
            for row in _rows(first, min(first + _UNIT, pictures)):
                rows.add("findings", row)
            store.commit(f"unit-{first:09d}", rows.tables())


def _rows(first: int, stop: int) -> Iterator[dict[str, Any]]:
    for number in range(first, stop):
        for claim, value in made_findings(number).items():
            yield {**_TOOL, "sha256": name_of(number), "claim": claim, "value": value}


def grouped(folder: Path) -> dict[str, float | int]:
    """Group, and tell how long it took and what it held at most: what the child process does."""
    with Workspace.open(folder) as workspace:
        began = time.perf_counter()
        done = group(workspace, Silent(), unsafe=False)
        seconds = time.perf_counter() - began
    own, below = (resource.getrusage(who).ru_maxrss << 10 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "seconds": seconds, "broker_bytes": own, "worker_bytes": below,
        "pictures": done.pictures, "groups": done.groups,
    }  # fmt: skip


def differences(folder: Path, pictures: int) -> int:
    """How many pictures stand in another group than that of their original."""
    query = "SELECT sha256, \"group\" FROM groups WHERE kind = 'visual'"
    with closing(connect(folder)) as connection:
        found: dict[str, str] = dict(connection.execute(query).fetchall())
    right = sum(found.get(name_of(number)) == found.get(name_of(original_of(number)), "") for number in range(pictures))
    wanted = sum(original_of(number) == number for number in range(pictures))
    return pictures - right + abs(len({*found.values()}) - wanted)


def main(arguments: Sequence[str] | None = None) -> int:
    """Make, group, compare, print; exit 1 where a picture is not where it was planted."""
    parser = argparse.ArgumentParser(prog="headwater.bench.group_scale", description=__doc__.split("\n\n", 1)[0])
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--dir", type=Path, default=None)
    parser.add_argument("--grouped", type=Path, default=None, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.grouped:
        print(json.dumps(grouped(options.grouped)))
        return 0
    with tempfile.TemporaryDirectory(prefix="headwater-bench-", dir=options.dir) as place:
        folder = Path(place) / "operation"
        began = time.perf_counter()
        make(folder, options.pictures)
        print(f"{options.pictures:,} pictures made in {time.perf_counter() - began:.0f} s", flush=True)
        command = [sys.executable, "-m", "headwater.bench.group_scale", "--grouped", str(folder)]
        ended = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        told = json.loads(ended.stdout)
        wrong = differences(folder, options.pictures)
        print(
            f"grouped in {told['seconds']:.1f} s ({told['pictures'] / told['seconds']:,.0f} pictures/s): "
            f"{told['pictures']:,} pictures, {told['groups']:,} looks\n"
            f"peak     broker {told['broker_bytes'] >> 20:,} MiB, worker at most {told['worker_bytes'] >> 20:,} MiB\n"
            f"planted  {'every one is in the group of its original' if not wrong else f'{wrong:,} differ'}"
        )
        return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
