"""Key frames of a video and the hashes of four frames a second: what finds it again, whole, cut, or as a still."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from headwater.examine.examiner import Example
from headwater.examine.video_decode import FRAMES_MAX, NEEDED, TakenFrame, VideoReader, decodes, is_installed
from headwater.examine.view import View
from headwater.kernels.pdq import Pdq, Plane, dihedral
from headwater.kernels.pdq_parts import insides, small_luma
from headwater.model.canonical import Json, canonical_text
from headwater.model.errors import EvidenceError
from headwater.model.finding import Seen, State
from headwater.model.known import QUALITY_MIN, RADIUS_BITS

_HEADER_CLAIMS = ("format", "codec", "width_pixels", "height_pixels", "duration_seconds")
_SEGMENT_FRAMES = 300  # of one finding, whose size is limited


class VideoFrames:
    """Claims of a video, from its container and from decoding every frame.

    video.format, video.codec: FFmpeg's names. video.width_pixels, video.height_pixels: as stored.
    video.duration_seconds: as the container says; `nothing` where it does not.
    video.decodes: `whole`; `partial` where pieces of the stream are damaged or more than FRAMES_MAX frames would be
    hashed; `failed` with its reason. video.decode_note: what was not decoded, or not hashed.
    video.frames: how many were decoded; video.hashes: how many were hashed, four a second.
    video.segment: JSON of one run of hashed frames that look like its first, the key frame: start and end in seconds;
    key: frame, time, quality, eight hashes in the order of `VARIANTS`, and those of what is inside its borders; frames:
    a list of [frame, quality, hash, time]. Frames count from 0, times are seconds from the stream's start, in full.

    Where PyAV is not installed all are `not_run`.
    """

    name = "video"
    version = "1"
    claims = (
        *(f"video.{claim}" for claim in _HEADER_CLAIMS),
        "video.decodes",
        "video.decode_note",
        "video.frames",
        "video.hashes",
        "video.segment",
    )

    def accepts(self, view: View) -> bool:
        return decodes(view.media_type)

    def examine(self, view: View) -> Iterator[Seen]:
        if not is_installed():
            yield Seen(claim="video.decodes", state=State.NOT_RUN, reason=NEEDED)
            return
        try:
            with VideoReader(view.read_at, view.size_bytes, view.media_type, view.decoding, view.touch) as reader:
                yield from _header(reader)
                yield from _frames(reader)
        except EvidenceError as fault:
            yield Seen(claim="video.decodes", state=State.FAILED, reason=f"{fault.kind}: {fault.message}")

    def examples(self) -> tuple[Example, ...]:
        if not is_installed():
            return (Example(name="slope.avi", data=_grey_avi(), expected=()),)
        expected = (
            ("video.format", "avi"),
            ("video.codec", "rawvideo"),
            ("video.width_pixels", "64"),
            ("video.height_pixels", "48"),
            ("video.duration_seconds", "2.0"),
            ("video.decodes", "whole"),
            ("video.frames", "2"),
            ("video.hashes", "2"),
            ("video.segment", None),
        )
        return (Example(name="slope.avi", data=_grey_avi(), expected=expected),)


def _header(reader: VideoReader) -> Iterator[Seen]:
    for claim in _HEADER_CLAIMS:
        value = getattr(reader.header, claim)
        if value is None:
            yield Seen(claim=f"video.{claim}", state=State.NOTHING, reason="the container does not say")
        else:
            yield Seen(claim=f"video.{claim}", value=str(value))


def _frames(reader: VideoReader) -> Iterator[Seen]:
    hashed, segment = 0, None
    for frame in reader.taken():
        hashes = dihedral(frame.luma)
        hashed += 1
        if segment is None or not segment.holds(hashes[0]):
            if segment is not None:
                yield segment.seen()
            segment = _Segment(key=hashes, insides=_insides(frame) if hashes[0].quality >= QUALITY_MIN else [])
        segment.add(frame, hashes[0])
    if segment is None:
        yield Seen(claim="video.decodes", state=State.FAILED, reason="malformed: not one frame of it can be decoded")
        return
    yield segment.seen()
    yield Seen(claim="video.frames", value=str(reader.frames))
    yield Seen(claim="video.hashes", value=str(hashed))
    notes = [*_notes(reader)]
    yield Seen(claim="video.decodes", value="partial" if reader.faults or reader.is_cut else "whole")
    if notes:
        yield Seen(claim="video.decode_note", value="; ".join(notes))


def _notes(reader: VideoReader) -> Iterator[str]:
    if reader.faults:
        yield f"{reader.faults} pieces of the stream are damaged or missing"
    if reader.is_cut:
        yield f"{FRAMES_MAX} frames are hashed; what comes later was not decoded"
    if reader.is_timeless:
        yield "frames carry no times: counted by the frame rate"


@dataclass(slots=True)
class _Segment:
    key: tuple[Pdq, ...]
    insides: list[Json]
    frames: list[tuple[int, int, str, float]] = field(default_factory=list)

    def holds(self, other: Pdq) -> bool:
        """Whether the frame looks like the key frame; flat ones go together."""
        key = self.key[0]
        if len(self.frames) >= _SEGMENT_FRAMES or (key.quality < QUALITY_MIN) != (other.quality < QUALITY_MIN):
            return False
        differing = int.from_bytes(key.bits, "big") ^ int.from_bytes(other.bits, "big")
        return key.quality < QUALITY_MIN or differing.bit_count() <= RADIUS_BITS

    def add(self, frame: TakenFrame, hashed: Pdq) -> None:
        self.frames.append((frame.number, hashed.quality, str(hashed), frame.time_seconds))

    def seen(self) -> Seen:
        number, quality, _, start = self.frames[0]
        hashes: list[Json] = [str(each) for each in self.key]
        key: Json = {
            "frame": number, "time": start, "quality": quality, "hashes": hashes, "insides": self.insides,
        }  # fmt: skip
        frames: list[Json] = [[*each] for each in self.frames]
        told: Json = {"start": start, "end": self.frames[-1][3], "key": key, "frames": frames}
        return Seen(claim="video.segment", value=canonical_text(told))


def _insides(frame: TakenFrame) -> list[Json]:
    found = (each for each in insides(small_luma(Plane(frame.luma))) if each.hashes[0].quality >= QUALITY_MIN)
    return [[str(turned) for turned in each.hashes] for each in found]


def _grey_avi() -> bytes:
    """Two frames of a grey slope, a second each, uncompressed (AVI RIFF File Reference; BITMAPINFOHEADER)."""
    width, height = 64, 48
    frames = [
        bytes((3 * x + 5 * y + shift) % 256 for y in range(height) for x in range(width) for _ in range(3))
        for shift in (0, 20)
    ]
    size = len(frames[0])
    main = struct.pack("<14I", 1_000_000, size, 0, 0x10, len(frames), 0, 1, size, width, height, 0, 0, 0, 0)
    stream = b"vidsDIB " + struct.pack("<10I4H", 0, 0, 0, 1, 1, 0, len(frames), size, 0, 0, 0, 0, width, height)
    picture = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, size, 0, 0, 0, 0)
    header = _chunk(b"avih", main) + _list(b"strl", _chunk(b"strh", stream) + _chunk(b"strf", picture))
    movie = b"".join(_chunk(b"00db", frame) for frame in frames)
    return _chunk(b"RIFF", b"AVI " + _list(b"hdrl", header) + _list(b"movi", movie))


def _list(kind: bytes, body: bytes) -> bytes:
    return _chunk(b"LIST", kind + body)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body
