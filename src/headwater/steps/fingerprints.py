"""The fingerprints of an operation's pictures and videos, read from what was found of them, some at a time."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import duckdb
import numpy as np

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
_QUERY = f"""
SELECT sha256, {
    ", ".join(f"arg_max(value, examined_at) FILTER (claim = '{claim}') AS {name}" for name, claim in _CLAIMS.items())
}
FROM part_findings
WHERE state = 'found' AND claim IN ({", ".join(f"'{claim}'" for claim in _CLAIMS.values())})
GROUP BY sha256
HAVING try_cast(arg_max(value, examined_at) FILTER (claim = 'perceptual.pdq_quality') AS INTEGER) >= {QUALITY_MIN}
ORDER BY sha256
"""  # noqa: S608 - our own names

# Of a video that was examined more than once the last examination counts: the segments of two are not to be mixed.
_SEGMENTS = """
SELECT sha256, value FROM part_findings WHERE state = 'found' AND claim = 'video.segment'
QUALIFY code_digest || model_digest = first_value(code_digest || model_digest)
  OVER (PARTITION BY sha256 ORDER BY examined_at DESC)
ORDER BY sha256
"""

_PHOTODNA = """
SELECT sha256, arg_max(value, examined_at) AS value FROM part_findings
WHERE state = 'found' AND claim = 'photodna.value' GROUP BY sha256 ORDER BY sha256
"""


def fingerprints(connection: duckdb.DuckDBPyConnection, only: str = "") -> Iterator[list[Fingerprint]]:
    """Every picture of quality 50 or more, by digest, a few thousand at a time.

    only: name of a table of the connection with a column sha256; no other pictures are given then.
    """
    query = f"SELECT p.* FROM ({_QUERY}) p SEMI JOIN {only} USING (sha256) ORDER BY sha256" if only else _QUERY  # noqa: S608
    for batch in connection.cursor().sql(query).to_arrow_reader(_BATCH):
        prints = [_print(row) for row in batch.to_pylist()]
        yield [each for each in prints if each is not None]


def _print(row: dict[str, str | None]) -> Fingerprint | None:
    whole = json.loads(row["whole"] or "[]")
    if len(whole) != len(VARIANTS):
        return None
    return Fingerprint(
        sha256=str(row["sha256"]),
        quality=int(row["quality"] or 0),
        whole=tuple(whole),
        turned=tuple(json.loads(row["turned"] or "[]")),
        insides=tuple(tuple(each["hashes"]) for each in json.loads(row["inside"] or "[]")),
        parts=tuple(json.loads(row["parts"])["hashes"]) if row["parts"] else (),
    )


def videos(connection: duckdb.DuckDBPyConnection, only: str = "") -> Iterator[list[VideoPrint]]:
    """Every video with a frame of quality 50 or more, by digest, some thousands of frames at a time.

    only: as above.
    """
    query = f"SELECT v.* FROM ({_SEGMENTS}) v SEMI JOIN {only} USING (sha256) ORDER BY sha256" if only else _SEGMENTS  # noqa: S608
    batches = connection.cursor().sql(query).to_arrow_reader(_BATCH)
    rows = (row for batch in batches for row in batch.to_pylist())
    held: list[VideoPrint] = []
    for sha256, segments in groupby(rows, key=lambda row: str(row["sha256"])):
        video = video_print(sha256, [json.loads(row["value"]) for row in segments])
        if video.frames:
            held.append(video)
        if sum(len(each.frames) for each in held) >= _BATCH:
            yield held
            held = []
    if held:
        yield held


def photodna_values(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[list[str], Values]]:
    """The PhotoDNA value of every content that has one, as it was last made, by digest, a few thousand at a time."""
    for batch in connection.cursor().sql(_PHOTODNA).to_arrow_reader(_BATCH):
        rows = [row for row in batch.to_pylist() if value_of(row["value"])]
        values = np.frombuffer(b"".join(bytes.fromhex(row["value"]) for row in rows), np.uint8)
        yield [row["sha256"] for row in rows], values.reshape(-1, VALUE_BYTES)


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
