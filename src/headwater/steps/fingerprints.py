"""The fingerprints of an operation's pictures and videos, read from what was found of them, some at a time."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from headwater.findings.views import findings_by_part
from headwater.match.sides import VARIANTS
from headwater.model.fingerprint import Fingerprint, VideoPrint
from headwater.model.known import QUALITY_MIN
from headwater.model.photodna import VALUE_BYTES, Values, value_of

_BATCH = 4096
_CLAIMS = {
    "quality": "perceptual.pdq_quality",
    "whole": "perceptual.pdq_dihedral",
    "inside": "perceptual.pdq_inside",
    "turned": "perceptual.pdq_turned",
    "parts": "perceptual.pdq_parts",
}
_NAMES = {claim: name for name, claim in _CLAIMS.items()}
# Contents that were examined more than once, with the last time: `once` is a claim that each examination gives once.
_AGAIN = """
SELECT sha256, max(examined_at) AS last FROM part_findings WHERE state = 'found' AND claim = ?
GROUP BY sha256 HAVING count(*) > 1
"""
Row = Mapping[str, Any]


def fingerprints(connection: duckdb.DuckDBPyConnection, only: str = "") -> Iterator[list[Fingerprint]]:
    """Every picture of quality 50 or more, in the order of the parts they stand in, a few thousand at a time.

    Of one that was examined more than once the last examination counts. only: name of a table of the connection with a
    column sha256; no other pictures are given then.
    """
    held: list[Fingerprint] = []
    for sha256, rows in _by_content(connection, _CLAIMS.values(), _CLAIMS["quality"], only):
        told = {_NAMES[row["claim"]]: row["value"] for row in rows}
        if (made := _print(sha256, told)) is not None:
            held.append(made)
        if len(held) >= _BATCH:
            yield held
            held = []
    if held:
        yield held


def _by_content(
    connection: duckdb.DuckDBPyConnection, claims: Collection[str], once: str, only: str
) -> Iterator[tuple[str, list[Row]]]:
    """The rows of each content's last examination. Memory: one part, and the digests of `only`."""
    chosen = _digests(connection, only) if only else None
    repeated = connection.cursor().sql(_AGAIN, params=[once]).to_arrow_table()
    again = {row["sha256"]: row["last"] for row in repeated.to_pylist()}
    for part in findings_by_part(connection, {*claims, once}):
        digests = part.column("sha256").to_pylist()
        if chosen is not None:
            part = part.filter(pa.array([digest in chosen for digest in digests], pa.bool_()))  # noqa: PLW2901
        of_part: dict[str, list[Row]] = {}
        for row in part.to_pylist():
            of_part.setdefault(row["sha256"], []).append(row)
        for digest, rows in sorted(of_part.items()):
            at = {row["examined_at"] for row in rows if row["claim"] == once}
            if at and again.get(digest, max(at)) in at:
                yield digest, [row for row in rows if row["claim"] in claims]


def _digests(connection: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    reader = connection.cursor().table(table).select("sha256").to_arrow_reader(_BATCH)
    return {digest for batch in reader for digest in batch.column("sha256").to_pylist()}


def _print(sha256: str, told: Mapping[str, str]) -> Fingerprint | None:
    whole, quality = json.loads(told.get("whole", "[]")), _number(told.get("quality", ""))
    if quality < QUALITY_MIN or len(whole) != len(VARIANTS):
        return None
    return Fingerprint(
        sha256=sha256,
        quality=quality,
        whole=tuple(whole),
        turned=tuple(json.loads(told.get("turned", "[]"))),
        insides=tuple(tuple(each["hashes"]) for each in json.loads(told.get("inside", "[]"))),
        parts=tuple(json.loads(told["parts"])["hashes"]) if "parts" in told else (),
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def videos(connection: duckdb.DuckDBPyConnection, only: str = "") -> Iterator[list[VideoPrint]]:
    """Every video with a frame of quality 50 or more, some thousands of frames at a time; order and only as above."""
    held: list[VideoPrint] = []
    for sha256, rows in _by_content(connection, ("video.segment",), "video.decodes", only):
        video = video_print(sha256, [json.loads(row["value"]) for row in rows])
        if video.frames:
            held.append(video)
        if sum(len(each.frames) for each in held) >= _BATCH:
            yield held
            held = []
    if held:
        yield held


def photodna_values(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[list[str], Values]]:
    """The PhotoDNA value of every content that has one, as it was last made, a few thousand at a time."""
    claim = "photodna.value"
    made = ((sha256, value_of(rows[0]["value"])) for sha256, rows in _by_content(connection, (claim,), claim, ""))
    there = ((sha256, value) for sha256, value in made if value)
    while some := [*islice(there, _BATCH)]:
        values = np.frombuffer(b"".join(value for _, value in some), np.uint8).reshape(-1, VALUE_BYTES)
        yield [sha256 for sha256, _ in some], values


def video_print(sha256: str, segments: Sequence[Mapping[str, Any]]) -> VideoPrint:
    """What a video is found by, of the values of its `video.segment`."""
    frames: dict[tuple[float, str], Fingerprint] = {}  # the same frame of two examinations is one
    flat = 0
    for segment in segments:
        key = segment["key"]
        for number, quality, text, seconds in segment["frames"]:
            is_key = number == key["frame"]
            if quality < QUALITY_MIN:
                flat += 1
            else:
                frames[seconds, text] = Fingerprint(
                    sha256=sha256, quality=quality, whole=tuple(key["hashes"]) if is_key else (text,),
                    insides=tuple(map(tuple, key["insides"])) if is_key else (), frame_seconds=seconds,
                )  # fmt: skip
    return VideoPrint(sha256=sha256, frames=tuple(frames[each] for each in sorted(frames)), flat=flat)
