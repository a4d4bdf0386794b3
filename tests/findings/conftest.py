from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from headwater.findings.parts import PartStore, part_folder
from headwater.findings.schema import SCHEMAS, table
from headwater.seal.chain import Chain

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
DEFAULTS = {"items": {"allocation": "allocated", "kind": "file", "times_zone": "utc", "modified": NOON}}
ZERO = {"string": "", "int64": 0, "int32": 0, "bool": False, "binary": b"", "timestamp[us, tz=UTC]": NOON}


def digest(word: object) -> str:
    return sha256(str(word).encode()).hexdigest()


def rows(name: str, *given: Mapping[str, object]):
    """A table from rows that name only what matters; the rest is empty."""

    def value(row, field):
        row = {**DEFAULTS.get(name, {}), **row}
        return row.get(field.name, None if field.nullable else ZERO.get(str(field.type), []))

    columns: dict[str, Sequence[object]] = {field.name: [value(row, field) for row in given] for field in SCHEMAS[name]}
    return table(name, columns)


def unit(number: int):
    """One picture, seen by two examiners, and one failure."""
    item, sha = f"{number:032x}", digest(number)
    return {
        "items": rows(
            "items",
            {"item": item, "exhibit": "LH-01", "source": "disk", "path": f"pics/{number}.jpg", "size_bytes": number},
        ),
        "contents": rows("contents", {"item": item, "sha256": sha, "media_type": "image/jpeg", "bytes_read": number}),
        "findings": rows(
            "findings",
            finding(sha, "picture.width_pixels", "640"),
            finding(sha, "perceptual.pdq", "ab" * 32),
        ),
        "failures": rows("failures", {"item": item, "examiner": "metadata", "kind": "malformed", "message": "no"}),
    }


def finding(sha: str, claim: str, value: str, **more: object):
    return {
        "finding": digest((sha, claim, value)),
        "sha256": sha,
        "examiner": claim.partition(".")[0],
        "claim": claim,
        "value": value,
        "state": "found",
        "examined_at": NOON,
        **more,
    }


@pytest.fixture
def operation(tmp_path: Path) -> Path:
    folder = tmp_path / "Op 'Spring[head]*'"
    (folder / "findings").mkdir(parents=True)
    return folder


@pytest.fixture
def custody(operation: Path) -> Chain:
    return Chain(operation / "custody.jsonl")


@pytest.fixture
def open_store(operation: Path, custody: Chain):
    def open_(exhibit: str = "LH-01", examiners: str = "a" * 64) -> PartStore:
        return PartStore(part_folder(operation / "findings", exhibit, examiners), custody)

    return open_
