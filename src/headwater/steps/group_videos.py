"""Gathers videos: those that show nothing that another does not, and the pictures that show a frame of one.

A video joins a medoid where every hashed frame of it, flat ones aside, is near a frame of the medoid: a copy, a cut out
of it, a re-encoded one. What shares less stays for itself, for what it holds besides was seen by nobody; two videos
that share VIDEO_SHARE of the frames of each hang together loosely. A picture never joins a video: it stands beside it.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

import duckdb

from headwater.match.finder import Finder
from headwater.match.sides import rule_words
from headwater.match.video import Shared, frame_rows, shared
from headwater.model.fingerprint import VideoPrint
from headwater.model.known import QUALITY_MIN, RADIUS_BITS, VideoRule
from headwater.steps.fingerprints import fingerprints, videos
from headwater.steps.group_rows import FRAME, VISUAL, group_row
from headwater.steps.looks import Near, kept_of, near_words, nearest
from headwater.steps.seals import Listener

_JOINS = f"each frame of quality {QUALITY_MIN} or more within {RADIUS_BITS} of 256 bits of a frame of the medoid"
_OLD = """
CREATE OR REPLACE TABLE old_videos AS
SELECT DISTINCT sha256 FROM part_findings SEMI JOIN (SELECT sha256 FROM groups WHERE kind = 'visual') USING (sha256)
WHERE state = 'found' AND claim = 'video.segment'
"""
_MEDOIDS = "SELECT sha256 FROM groups SEMI JOIN old_videos USING (sha256) WHERE kind = 'visual' AND is_medoid"
_LED = "SELECT DISTINCT sha256 FROM groups WHERE kind = 'frame' AND is_medoid"


@dataclass(slots=True)
class Linked:
    """What hangs together because of videos: pairs of digests."""

    pairs: list[tuple[str, str]] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        """Everything that is in a pair."""
        return {name for pair in self.pairs for name in pair}


def video_rows(
    connection: duckdb.DuckDBPyConnection, finder: Finder, listener: Listener, linked: Linked
) -> Iterator[dict[str, Any]]:
    """The rows of new videos, and of the frames that pictures show where one of both is new; `linked` is filled.

    `connection` has the tables new_videos, new_pictures and medoids.
    """
    connection.execute(_OLD)
    yield from _video_groups(connection, finder, listener, linked)
    led = {sha256 for (sha256,) in connection.execute(_LED).fetchall()}
    rule = rule_words(RADIUS_BITS, QUALITY_MIN)
    for kept, asking in (("new_videos", ""), ("old_videos", "new_pictures")):
        for row in _shown(connection, finder, listener, kept, asking):
            linked.pairs.append((row["video"], row["sha256"]))
            video = str(row["video"])
            if video not in led:
                led.add(video)
                yield group_row(FRAME, video, video, bits=None, variant="", is_medoid=True, rule=rule)
            yield group_row(
                FRAME, video, row["sha256"], bits=row["bits"], variant=row["variant"], is_medoid=False, rule=rule
            )


def _video_groups(
    connection: duckdb.DuckDBPyConnection, finder: Finder, listener: Listener, linked: Linked
) -> Iterator[dict[str, Any]]:
    """New videos join the medoids that are there, or become medoids: the one with most frames first."""
    different: dict[str, int] = {}
    flat: dict[str, int] = {}
    near: dict[str, dict[str, Shared]] = {}
    for asking in videos(connection, "new_videos"):
        for each in asking:
            different[each.sha256] = len({frame.whole[0] for frame in each.frames})
            flat[each.sha256], near[each.sha256] = each.flat, {}
        for table in ("old_videos", "new_videos"):
            for kept in videos(connection, table):
                for video, other, found in _shares(finder, asking, kept):
                    near[video][other] = found
                listener.more(len(kept))
                listener.tick()
    medoids = {sha256 for (sha256,) in connection.execute(_MEDOIDS).fetchall()}
    for sha256 in sorted(near, key=lambda each: (-different[each], each)):
        row = _group_row(sha256, near[sha256], medoids, flat[sha256])
        medoids |= {sha256} if row["is_medoid"] else set()
        linked.pairs += [(sha256, other) for other, found in near[sha256].items() if all(map(found.fits, VideoRule))]
        yield row


def _group_row(sha256: str, near: Mapping[str, Shared], medoids: AbstractSet[str], flat: int) -> dict[str, Any]:
    """Who joins the medoid of which it holds most, or is one itself."""
    leading = {other: found for other, found in near.items() if other in medoids and found.asked == found.asked_of}
    if not leading:
        return group_row(VISUAL, sha256, sha256, bits=None, variant="", is_medoid=True, rule=_JOINS)
    medoid = min(leading, key=lambda other: (-leading[other].kept / leading[other].kept_of, other))
    words = leading[medoid].words("the medoid") + f"; {flat} too flat to compare" * bool(flat)
    bits = leading[medoid].distance_bits
    return group_row(VISUAL, medoid, sha256, bits=bits, variant=words, is_medoid=False, rule=_JOINS)


def _shares(
    finder: Finder, asking: Sequence[VideoPrint], kept: Sequence[VideoPrint]
) -> Iterator[tuple[str, str, Shared]]:
    asked, rows = frame_rows(asking), frame_rows(kept)
    if len(asked.owners) and len(rows.owners):
        pairs = finder.near(rows.hashes, asked.hashes)
        for (video, other), found in shared(pairs, asked, rows.owners, rows.labels).items():
            if asking[video].sha256 != kept[other].sha256:
                yield asking[video].sha256, kept[other].sha256, found


def _shown(
    connection: duckdb.DuckDBPyConnection, finder: Finder, listener: Listener, kept: str, asking: str
) -> Iterator[Mapping[str, Any]]:
    """Of each picture and video the frame that the picture is nearest to."""
    for batch in videos(connection, kept):
        frames = [frame for video in batch for frame in video.frames]
        hashes, labels, owners = kept_of(frames)
        for prints in fingerprints(connection, asking):
            best: dict[tuple[str, str], Near] = {}
            for near in nearest(finder, hashes, (labels, owners), prints, RADIUS_BITS):
                pair = frames[near.number].sha256, near.sha256
                if pair not in best or near.distance_bits < best[pair].distance_bits:
                    best[pair] = near
            for (video, sha256), near in best.items():
                words = near_words(near, frames[near.number].frame_seconds)
                yield {"video": video, "sha256": sha256, "bits": near.distance_bits, "variant": words}
            listener.more(len(prints))
            listener.tick()
