"""The upstream graph of many pictures: how long it takes, in what memory, and whether it has every planted edge.

Run: ``python -m headwater.bench.upstream_scale --pictures 200000 --dir DIR``. What was found is made by code: records
of 20 models and 500 workflows on ten devices, and uploads without a record that look like some of the pictures. The
graph is built in a process of its own; then one more exhibit arrives, and it is built again. Exit 1 where an edge is
missing or is not planted.
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
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from headwater.bench.silent import Silent
from headwater.findings.parts import PartStore, operation_folder, part_folder
from headwater.findings.views import connect
from headwater.model.canonical import Json, canonical_text
from headwater.steps.attribute import attribute
from headwater.steps.rows import Rows
from headwater.steps.workspace import Workspace

MODELS, WORKFLOWS, DEVICES = 20, 500, 10
_UPLOAD_EVERY = 5  # each fifth picture is an upload, near the picture before it
_UNIT = 512
_NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
_SERVER, _ADDED = "SRV", "NEW"
_FINDING = {
    "version": "1", "state": "found", "reason": "", "spans": [], "code_digest": "", "settings_digest": "",
    "model_digest": "", "input_size_bytes": 0, "tool_version": "", "tool_digest": "", "library_versions": "{}",
    "trust_list_digest": None, "calibration_digest": None, "examined_at": _NOON,
}  # fmt: skip
_PLACE = {
    "source": "s", "parent_item": None, "locator": "", "raw_path": b"", "kind": "file", "size_bytes": 1, "inode": "",
    "allocation": "allocated", "created": None, "accessed": None, "changed": None, "times_zone": "utc", "note": "",
}  # fmt: skip
_READ = {
    "md5": "", "sha1": "", "bytes_read": 1, "extension_disagrees": None, "damaged": False, "damaged_ranges": [],
}  # fmt: skip
_NO_GRADE: dict[str, Any] = {
    "grade": "undetermined", "strength": "", "rule": "T2", **dict.fromkeys("geckf", 0), "signals": [],
    "reasons": [], "weighed": "{}", "findings_used": [], "findings_aside": [], "sentence_ids": [], "rules_digest": "",
    "validation_digest": None,
}  # fmt: skip


def digest(word: str) -> str:
    """A SHA-256 of a made thing."""
    return sha256(word.encode()).hexdigest()


def is_upload(number: int) -> bool:
    """Whether a picture is an upload without a record, near the one before it."""
    return number % _UPLOAD_EVERY == _UPLOAD_EVERY - 1


def model_of(number: int) -> int:
    """The model that a picture was made with; half of all with the first, as a default is."""
    return 0 if number % 2 else number // 2 % MODELS


def workflow_of(number: int) -> str:
    """The digest of a picture's workflow; a third of all have one and the same."""
    return digest(f"workflow {0 if number % 3 == 0 else number % WORKFLOWS}")


def device_of(number: int) -> str:
    """Where a picture lies. A model lies on the device of its number."""
    return _SERVER if is_upload(number) else f"D-{model_of(number) % DEVICES:02d}"


def make_exhibits(workspace: Workspace, first: int, stop: int) -> None:
    """Seal what was found of these pictures: the first by device, with the models; others as one exhibit."""
    by_device: dict[str, list[int]] = {}
    for number in range(first, stop):
        by_device.setdefault(_ADDED if first else device_of(number), []).append(number)
    for device, numbers in sorted(by_device.items()):
        with PartStore(part_folder(workspace.findings_folder, device, f"{first:016d}"), workspace.custody) as store:
            for start in range(0, len(numbers), _UNIT):
                rows = Rows()
                for number in numbers[start : start + _UNIT]:
                    _add_picture(rows, device, number)
                store.commit(f"unit-{start:09d}", rows.tables())
            if not first and device != _SERVER:
                rows = Rows()
                for number in range(int(device[2:]), MODELS, DEVICES):
                    _add_model(rows, device, number)
                store.commit("models", rows.tables())


def _add_picture(rows: Rows, device: str, number: int) -> None:
    name, made = digest(f"picture {number}"), not is_upload(number)
    moment = _NOON + timedelta(minutes=number) + (timedelta(days=3) if not made else timedelta())
    path = f"out/{number:09d}.png" if made else f"srv/uploads/{name[:40]}.jpg"
    _add_file(rows, device, name, path, "image/png" if made else "image/jpeg", moment)
    if made:
        model = digest(f"model {model_of(number)}")
        record: dict[str, Json] = {
            "generator": "a1111", "carrier": "PNG tEXt parameters", "whole": True, "input_use": "none", "inputs": [],
            "loras": [], "models": [{"hash": model[:10], "hash_kind": "autov2", "name": f"model-{model_of(number)}"}],
            "seed": str(int(name[:8], 16)), "shape_sha256": workflow_of(number), "version": "v1",
            "negative_sha256": digest(f"negative {number % 7}"), "prompt_sha256": digest(f"prompt {number}"),
        }  # fmt: skip
        prompt = f"a harbour at dusk, style {chr(97 + number % 26)}x, picture of pier {name[:6]}"
        _add_finding(rows, name, "generators", "generator.record", canonical_text(record))
        _add_finding(rows, name, "generators", "generator.prompt", canonical_text({"prompt": prompt}))
    _add_finding(rows, name, "picture", "picture.width_pixels", "512" if made else "256")
    _add_finding(rows, name, "picture", "picture.height_pixels", "512" if made else "256")
    _add_finding(rows, name, "perceptual", "perceptual.pdq", digest(f"look {number - is_upload(number)}"))
    _add_finding(rows, name, "perceptual", "perceptual.pdq_quality", "90")


def _add_model(rows: Rows, device: str, number: int) -> None:
    name = digest(f"model {number}")
    _add_file(rows, device, name, f"models/model-{number}.safetensors", "application/x-safetensors", _NOON)
    header = canonical_text({"format": "safetensors", "kind": "checkpoint"})
    hashes = canonical_text({"sha256": name, "autov2": name[:10], "autov3": digest(f"tensors {number}")})
    _add_finding(rows, name, "models", "model.header", header)
    _add_finding(rows, name, "models", "model.hashes", hashes)


def _add_file(rows: Rows, device: str, name: str, path: str, media_type: str, moment: datetime) -> None:
    item = digest(f"{device} {path}")
    rows.add("items", {**_PLACE, "item": item, "exhibit": device, "path": path, "modified": moment})
    rows.add("contents", {**_READ, "item": item, "sha256": name, "media_type": media_type})


def _add_finding(rows: Rows, name: str, examiner: str, claim: str, value: str) -> None:
    finding = digest(f"{name} {claim} {value}")
    row = {**_FINDING, "finding": finding, "sha256": name, "examiner": examiner, "claim": claim, "value": value}
    rows.add("findings", row)


def make_conclusions(workspace: Workspace, pictures: int) -> None:
    """Seal origins and groups, as tracing and grouping leave them: every upload joins the picture before it."""
    whole = {"tool_version": "", "tool_digest": "", "contents": pictures}
    folder = operation_folder(workspace.findings_folder, digest(f"concluded {pictures}")[:16])
    with PartStore(folder, workspace.custody) as store:
        for start in range(0, pictures, 50_000):
            rows = Rows()
            for number in range(start, min(start + 50_000, pictures)):
                name, medoid = (digest(f"picture {each}") for each in (number, number - is_upload(number)))
                rows.add("origins", {**_NO_GRADE, "sha256": name})
                rows.add(
                    "groups",
                    {"group": medoid[:16], "kind": "visual", "sha256": name, "variant": "original", "rule": "",
                     "is_medoid": name == medoid, "distance_bits": None if name == medoid else 4},
                )  # fmt: skip
            store.commit(f"concluded-{start:09d}", rows.tables())
        rows = Rows()
        rows.add("traces", {**whole, "rules_digest": "", "inputs_digest": "", "traced_at": _NOON})
        rows.add("groupings", {**whole, "lineage": f"{pictures}", "parts_digest": "", "grouped_at": _NOON})
        store.commit("whole", rows.tables())
    workspace.record("traced", {"digest": digest(f"traced {pictures}")})


def built(folder: Path) -> dict[str, float | int]:
    """Build the graph, and tell how long it took and what it held at most: what the child process does."""
    with Workspace.open(folder) as workspace:
        began = time.perf_counter()
        done = attribute(workspace, Silent())
        seconds = time.perf_counter() - began
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    return {"seconds": seconds, "bytes": held, "edges": done.edges, "ties": done.ties, "hands": done.hands}


def differences(folder: Path, pictures: int) -> int:
    """How many planted edges are missing, and how many there are that were not planted."""
    planted = set(_planted(pictures))
    with closing(connect(folder)) as connection:
        query = "SELECT source, edge, target FROM upstream WHERE edge IN ('made_by', 'ran', 'near_duplicate')"
        found = {(bytes.fromhex(source), edge, target) for source, edge, target in connection.execute(query).fetchall()}
    return len(planted ^ found)


def _planted(pictures: int) -> Iterator[tuple[bytes, str, str]]:
    for number in range(pictures):
        name = bytes.fromhex(digest(f"picture {number}"))
        if is_upload(number):
            yield name, "near_duplicate", digest(f"picture {number - 1}")
        else:
            yield name, "made_by", digest(f"model {model_of(number)}")
            yield name, "ran", f"workflow:{workflow_of(number)}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Make, build, add an exhibit, build again, compare, print; exit 1 where an edge differs."""
    parser = argparse.ArgumentParser(prog="headwater.bench.upstream_scale", description=__doc__.split("\n\n", 1)[0])
    parser.add_argument("--pictures", type=int, default=200_000)
    parser.add_argument("--more", type=int, default=1_000, help="pictures of the exhibit that arrives afterwards")
    parser.add_argument("--dir", type=Path, default=None)
    parser.add_argument("--built", type=Path, default=None, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.built:
        print(json.dumps(built(options.built)))
        return 0
    with tempfile.TemporaryDirectory(prefix="headwater-bench-", dir=options.dir) as place:
        folder = Path(place) / "operation"
        Workspace.init(folder, "Upstream").close()
        wrong = 0
        for first, stop in ((0, options.pictures), (options.pictures, options.pictures + options.more)):
            with Workspace.open(folder) as workspace:
                make_exhibits(workspace, first, stop)
                make_conclusions(workspace, stop)
            told = _child(folder)
            differ = differences(folder, stop)
            wrong += differ
            print(
                f"{stop:,} pictures, {stop - first:,} of them new: {told['edges']:,} edges, {told['ties']:,} ties, "
                f"{told['hands']:,} hands in {told['seconds']:.1f} s, at most {int(told['bytes']) >> 20:,} MiB; "
                f"{'every planted edge and no other' if not differ else f'{differ:,} edges differ'}",
                flush=True,
            )
        return int(wrong > 0)


def _child(folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "headwater.bench.upstream_scale", "--built", str(folder)]
    ended = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    told: dict[str, float] = json.loads(ended.stdout)
    return told


if __name__ == "__main__":
    sys.exit(main())
