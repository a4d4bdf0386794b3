"""Recall and false matches of videos: a camera that goes over real pictures, filmed, copied and cut.

Every large enough picture of the corpora becomes a film of eight seconds; each copy of each film is compared with all
films by both public rules of vPDQ, and by its frames. The movement is made, the pictures are real. Run:
``python -m headwater.bench.corpus_video CORPORA``; --json for lines, --films N for as many films at most.
"""

import argparse
import json
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from headwater.bench.corpus_matching import read_pictures
from headwater.bench.made_videos import Picture, encoded, pan
from headwater.evidence.content import BytesSource
from headwater.examine.video import VideoFrames
from headwater.examine.view import View
from headwater.match.finder import compared
from headwater.match.sides import asking_rows, fits
from headwater.match.video import FrameRows, frame_rows, shared
from headwater.model.fingerprint import VideoPrint
from headwater.model.known import RADIUS_BITS, VideoRule
from headwater.steps.fingerprints import video_print
from headwater.steps.looks import kept_of

_WIDTH, _HEIGHT, _PER_SECOND, _SECONDS = 480, 360, 10, 8
_LEAST = (600, 450)
_FILMS = 120
Frames = Sequence[Picture]


def _each(change: Callable[[Image.Image], Image.Image]) -> Callable[[Frames], Frames]:
    return lambda frames: [np.asarray(change(Image.fromarray(each))) for each in frames]


def _film(frames: Frames, container: str = "mp4", codec: str = "mpeg4", quality: int = 4) -> bytes:
    return encoded(frames, container=container, codec=codec, per_second=_PER_SECOND, quality=quality)


_INSET = (_WIDTH // 20, _HEIGHT // 20)
COPIES: Mapping[str, Callable[[Frames], bytes]] = {
    "H.264, rate factor 30": lambda frames: _film(frames, "matroska", "libx264", 30),
    "VP9, rate factor 40": lambda frames: _film(frames, "webm", "libvpx-vp9", 40),
    "half size": lambda frames: _film(_each(lambda one: one.resize((_WIDTH // 2, _HEIGHT // 2)))(frames)),
    "grey": lambda frames: _film(_each(lambda one: one.convert("L").convert("RGB"))(frames)),
    "cut: seconds 2 to 6": lambda frames: _film(frames[2 * _PER_SECOND : 6 * _PER_SECOND]),
    "cut: from 0.5 s on": lambda frames: _film(frames[_PER_SECOND // 2 :]),
    "letterbox, black": lambda frames: _film(_each(lambda one: ImageOps.expand(one, (0, 60), (0, 0, 0)))(frames)),
    "mirror": lambda frames: _film(_each(ImageOps.mirror)(frames)),
    "crop 5 % off each side": lambda frames: _film(_each(lambda one: one.crop(
        (*_INSET, _WIDTH - _INSET[0], _HEIGHT - _INSET[1])).resize((_WIDTH, _HEIGHT)))(frames)),
    "joined with another": lambda frames: _film([*frames, *(each[::-1, :, ::-1].copy() for each in frames[::-1])]),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What of `films` copies was found: by the rules for a list of a frame a second, among exhibits, by any frame.

    known, seized: of a list. own: by the rule of the known video, where Headwater hashed both.
    """

    copy: str
    films: int
    known: float
    seized: float
    own: float
    frame: float
    unlike: int
    false_known: int
    false_seized: int
    false_own: int
    false_frame: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; exit 1 where there are fewer than two films."""
    parser = argparse.ArgumentParser(prog="python -m headwater.bench.corpus_video", description=__doc__)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--films", type=int, default=_FILMS)
    given = parser.parse_args(arguments)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of files that are damaged on purpose
        films = list(islice(_films(given.corpora), given.films))
    if len(films) < 2:
        print(f"{given.corpora}: {len(films)} pictures of {_LEAST[0]} x {_LEAST[1]} pixels or more")
        return 1
    kept = [_print(_film(frames), number) for number, frames in enumerate(films)]
    rows = [_row(name, kept, [_print(copy(each), place) for place, each in enumerate(films)])
            for name, copy in COPIES.items()]  # fmt: skip
    if given.json:
        print(*(json.dumps(asdict(row)) for row in rows), sep="\n")
    else:
        _show(rows)
    return 0


def _show(rows: Sequence[Row]) -> None:
    print(f"{rows[0].films} films of {_SECONDS} seconds; within {RADIUS_BITS} bits, the list with a frame a second")
    heads = f"{'80 % of the known':>18} {'80 % of the seized':>19} {'own':>8} {'any frame':>10}"
    print(f"{'copy':26} {heads}   false of unlike pairs")
    for row in rows:
        false = f"{row.false_known}, {row.false_seized}, {row.false_own}, {row.false_frame} of {row.unlike:,}"
        print(f"{row.copy:26} {row.known:18.1%} {row.seized:19.1%} {row.own:8.1%} {row.frame:10.1%}   {false}")


def _films(folder: Path) -> Iterator[Frames]:
    for _, picture in read_pictures(folder):
        if picture.size >= _LEAST and picture.height >= _LEAST[1]:
            yield list(pan(np.asarray(picture), _WIDTH, _HEIGHT, _SECONDS * _PER_SECOND))


def _print(data: bytes, number: int) -> VideoPrint:
    view = View(sha256="", size_bytes=len(data), name=b"", source=BytesSource(data=data))
    seen = [json.loads(each.value) for each in VideoFrames().examine(view) if each.claim == "video.segment"]
    return video_print(f"{number:064x}", seen)


def _row(name: str, kept: Sequence[VideoPrint], asking: Sequence[VideoPrint]) -> Row:
    a_second, every = _by_rule(frame_rows(kept, every=False), asking), _by_rule(frame_rows(kept), asking)
    by_frame = _by_frame(kept, asking)
    own = {(number, number) for number in range(len(kept))}
    known, seized, both = a_second[VideoRule.KNOWN], a_second[VideoRule.SEIZED], every[VideoRule.KNOWN]
    return Row(
        copy=name, films=len(kept), known=len(known & own) / len(kept), seized=len(seized & own) / len(kept),
        own=len(both & own) / len(kept), frame=len(by_frame & own) / len(kept),
        unlike=len(kept) * (len(kept) - 1), false_known=len(known - own),
        false_seized=len(seized - own), false_own=len(both - own), false_frame=len(by_frame - own),
    )  # fmt: skip


def _by_rule(kept: FrameRows, asking: Sequence[VideoPrint]) -> Mapping[VideoRule, set[tuple[int, int]]]:
    asked = frame_rows(asking)
    found = shared(compared(kept.hashes, asked.hashes, RADIUS_BITS), asked, kept.owners, kept.labels)
    return {rule: {pair for pair, each in found.items() if each.fits(rule)} for rule in VideoRule}


def _by_frame(kept: Sequence[VideoPrint], asking: Sequence[VideoPrint]) -> set[tuple[int, int]]:
    """Which copies have a frame that looks like one of which film, turned, mirrored or bordered too."""
    frames = [(number, frame) for number, video in enumerate(kept) for frame in video.frames]
    films = np.array([number for number, _ in frames])
    hashes, labels, owners = kept_of([frame for _, frame in frames])
    found: set[tuple[int, int]] = set()
    for number, video in enumerate(asking):
        rows = [asking_rows(frame) for frame in video.frames]
        asked, asked_labels = (np.concatenate([each[side] for each in rows]) for side in (0, 1))
        for pairs in compared(hashes, asked, RADIUS_BITS):
            counts = fits(labels[pairs.place], asked_labels[pairs.query], pairs.distance_bits, RADIUS_BITS)
            found |= {(number, film) for film in films[owners[pairs.place[counts]]].tolist()}
    return found


if __name__ == "__main__":
    raise SystemExit(main())
