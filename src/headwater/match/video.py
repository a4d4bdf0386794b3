"""How much of two videos is the same, by the hashes of their frames: vPDQ, with both public rules.

Source: ThreatExchange, `vpdq`. Each hash of a video counts once, however long it stands still. A frame is found where
one of the other video is within the radius; no turn, mirror or border of it is tried.

The public lists hold a frame a second. Of a seized video four are hashed: those frames of a list that lie between its
whole seconds are found by them. What share of the seized video was found is counted on one frame a second all the same.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headwater.match.digest_table import Numbers
from headwater.match.pairs import Hashes, Pairs, hash_rows
from headwater.match.sides import FRAME, Labels
from headwater.model.fingerprint import VideoPrint
from headwater.model.known import VIDEO_SHARE, VideoRule

_RULE_OF = {VideoRule.KNOWN: "the known video", VideoRule.SEIZED: "this video"}
_SOURCE = {
    VideoRule.KNOWN: "the README of ThreatExchange's vPDQ",
    VideoRule.SEIZED: "the Python code of ThreatExchange's vPDQ",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameRows:
    """The different hashes of some videos: rows, (n, 32), and of each its video's place.

    on_second: whether it is of the first frame of a second.
    """

    hashes: Hashes
    owners: Numbers
    on_second: NDArray[np.bool_]

    @property
    def labels(self) -> Labels:
        """As `match.sides` has them: each is a frame."""
        return np.full(len(self.owners), FRAME, np.uint8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Two videos that share frames: how many different ones of each were found in the other, of how many.

    distance_bits: of the frame of the kept video that is furthest from its nearest.
    """

    asked: int
    asked_of: int
    kept: int
    kept_of: int
    distance_bits: int

    def fits(self, rule: VideoRule) -> bool:
        """Whether enough is shared, by that rule."""
        found, of = (self.kept, self.kept_of) if rule is VideoRule.KNOWN else (self.asked, self.asked_of)
        return found >= VIDEO_SHARE * of

    def words(self, other: str) -> str:
        """What is shared, in words. other: what the kept video is called."""
        return (
            f"{self.kept} of {self.kept_of} frames of {other} ({self.kept / self.kept_of:.1%}), "
            f"{self.asked} of {self.asked_of} of this one ({self.asked / self.asked_of:.1%})"
        )


def frame_rows(videos: Sequence[VideoPrint], *, every: bool = True) -> FrameRows:
    """The different hashes of videos, in their order. every: or else those of one frame a second."""
    found: list[tuple[int, str, bool]] = []
    for owner, video in enumerate(videos):
        first_in: dict[int, str] = {}
        for each in video.frames:
            first_in.setdefault(math.floor(each.frame_seconds or 0), each.whole[0])
        on_second = set(first_in.values())
        different = dict.fromkeys(each.whole[0] for each in video.frames)
        found += [(owner, text, text in on_second) for text in different if every or text in on_second]
    return FrameRows(
        hashes=hash_rows([text for _, text, _ in found]),
        owners=np.array([owner for owner, _, _ in found], np.int64),
        on_second=np.array([is_first for _, _, is_first in found], np.bool_),
    )


def shared(
    batches: Iterable[Pairs], asked: FrameRows, owners: Numbers, labels: Labels
) -> Mapping[tuple[int, int], Shared]:
    """What each asking video shares with each kept one: by the place of the first and the owner of the second.

    owners, labels: of each hash that was searched; what is no frame is left aside. Memory: one row for each pair of
    frames that are near.
    """
    columns = [*_columns(batches, asked, owners, labels)]
    if not columns:
        return {}
    asker, owner, query, place, bits = (np.concatenate([each[side] for each in columns]) for side in range(5))
    asked_of = np.bincount(asked.owners[asked.on_second])
    order = np.lexsort((bits, place, owner, asker))
    asker, owner, query, place, bits = (each[order] for each in (asker, owner, query, place, bits))
    starts = np.flatnonzero(np.r_[True, (asker[1:] != asker[:-1]) | (owner[1:] != owner[:-1])])
    found: dict[tuple[int, int], Shared] = {}
    for start, stop in zip(starts.tolist(), [*starts[1:].tolist(), len(asker)], strict=True):
        queries = np.unique(query[start:stop])
        places, first = np.unique(place[start:stop], return_index=True)  # the first of each is its nearest
        of_owner = slice(*np.searchsorted(owners, [owner[start], owner[start] + 1]).tolist())
        found[int(asker[start]), int(owner[start])] = Shared(
            asked=int(np.count_nonzero(asked.on_second[queries])),
            asked_of=int(asked_of[asker[start]]),
            kept=len(places),
            kept_of=int(np.count_nonzero(labels[of_owner] == FRAME)),
            distance_bits=int(bits[start:stop][first].max()),
        )
    return found


def _columns(
    batches: Iterable[Pairs], asked: FrameRows, owners: Numbers, labels: Labels
) -> Iterable[Sequence[Numbers]]:
    for pairs in batches:
        counts = labels[pairs.place] == FRAME
        query, place = pairs.query[counts], pairs.place[counts]
        yield asked.owners[query], owners[place], query, place, pairs.distance_bits[counts].astype(np.int64)


def video_rule_words(rule: VideoRule, radius_bits: int, quality_min: int) -> str:
    """The rule in words, with its figures and whose it is."""
    return (
        f"vPDQ: at least {VIDEO_SHARE:.0%} of the frames of {_RULE_OF[rule]} within {radius_bits} of 256 bits of "
        f"one of the other, which may hold any others (rule of {_SOURCE[rule]}); quality {quality_min} or more"
    )
