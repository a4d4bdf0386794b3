"""The one module that turns video bytes into frames, by FFmpeg's demuxers and decoders through PyAV where it is there.

PyAV is no part of a default install (`headwater[video]`): its wheels carry FFmpeg built with libx264 and libx265, which
are under the GPL. Without it nothing here decodes, and whoever asks is told so. The rules, so that a hash can be
repeated elsewhere:

- The demuxer is the one of the media type, which is by content; FFmpeg guesses nothing. Demuxers and decoders that are
  not listed here are not used. One thread; no file, protocol or network: bytes come from the content alone.
- The first video stream, without its cover pictures. Every frame is decoded, in the order of presentation.
- A frame is taken at, or as the first one after, each quarter of a second of presentation. The vPDQ reference takes one
  a second; a copy that was cut at another moment shows others at its whole seconds. Times are exact, counted from the
  stream's own start.
- Luma is swscale's `gray`: the Y plane, brought to full range. Pixels as stored: no rotation, no edit list, no
  deinterlacing, no aspect; the eight turned hashes cover rotation.
"""

import io
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from headwater.examine.decode import Decoding
from headwater.model.errors import LimitReached, Malformed, MissingDependency

try:
    import av
    import av.logging
except ImportError:  # the extra is not installed
    av = None  # type: ignore[assignment]

DEMUXERS = {
    "video/mp4": "mov",
    "video/quicktime": "mov",
    "video/3gpp": "mov",
    "video/x-m4v": "mov",
    "video/x-matroska": "matroska",
    "video/webm": "matroska",
    "video/x-msvideo": "avi",
    "video/mpeg": "mpeg",
    "video/mp2t": "mpegts",
    "video/x-ms-asf": "asf",
    "video/x-flv": "flv",
    "video/ogg": "ogg",
    "video/h264": "h264",
}
_CODINGS = """
av1 bmp ffv1 flv1 gif h261 h263 h264 hevc huffyuv jpeg2000 mjpeg mpeg1video mpeg2video mpeg4 msmpeg4v1 msmpeg4v2
msmpeg4v3 msvideo1 png prores qtrle rawvideo svq1 svq3 theora utvideo vc1 vp6f vp8 vp9 wmv1 wmv2 wmv3
"""
CODECS = frozenset(_CODINGS.split())
A_SECOND = 4  # frames that are taken
FRAMES_MAX = 2 * 3600 * A_SECOND  # that are taken of one video
NEEDED = "PyAV is not installed: pip install 'headwater[video]'"
_BUFFER_BYTES = 1 << 18
_COVER = 0x400  # AV_DISPOSITION_ATTACHED_PIC
Luma = NDArray[np.uint8]


def is_installed() -> bool:
    """Whether videos can be decoded here at all."""
    return av is not None


def decodes(media_type: str) -> bool:
    """Whether there is a demuxer for the type."""
    return media_type in DEMUXERS


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoHeader:
    """What the container says of the stream. format: FFmpeg's demuxer; codec: its name of the coding."""

    format: str
    codec: str
    width_pixels: int
    height_pixels: int
    duration_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenFrame:
    """One frame. number: its place among all that were decoded, from 0. luma: (height, width) uint8."""

    number: int
    time_seconds: float
    luma: Luma


class VideoReader:
    """Opens one video; `header` is there at once, `taken` decodes it once. A context manager.

    read_at: as `View.read_at`. touch: called for every frame. Afterwards `frames` says how many were decoded and
    `faults` how many pieces of the stream were not, or only in part; `is_cut` whether FRAMES_MAX ended it.
    """

    def __init__(
        self, read_at: Callable[[int, int], bytes], size_bytes: int, media_type: str, decoding: Decoding,
        touch: Callable[[], None],
    ) -> None:  # fmt: skip
        """Open it. Raises MissingDependency without PyAV, Malformed, LimitReached."""
        if av is None:
            raise MissingDependency(NEEDED)
        self._decoding, self._touch = decoding, touch
        self.frames = self.faults = 0
        self.is_cut = self.is_timeless = False
        file = io.BufferedReader(_Bytes(read_at, size_bytes), _BUFFER_BYTES)
        try:
            self._container: Any = av.open(
                file, format=DEMUXERS[media_type], buffer_size=_BUFFER_BYTES, metadata_errors="replace"
            )
        except av.error.FFmpegError as error:
            raise Malformed(f"no video can be read from it: {_words(error)}") from error
        try:
            self._stream = self._chosen()
            self.header = self._header()
        except BaseException:
            self._container.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._container.close()

    def taken(self) -> Iterator[TakenFrame]:
        """A_SECOND frames a second. Raises LimitReached for frames of too many pixels."""
        due, before, taken = 0, Fraction(0), 0
        for frame in self._decoded():
            number, self.frames = self.frames, self.frames + 1
            time = self._time(frame, number)
            if time < before - 1:  # a stream that begins again, such as one that was joined of two
                due = math.floor(time * A_SECOND)
            before = time
            if time * A_SECOND < due:
                continue
            if taken == FRAMES_MAX:
                self.is_cut = True
                return
            due, taken = math.floor(time * A_SECOND) + 1, taken + 1
            self._check(frame.width, frame.height)
            luma = np.ascontiguousarray(frame.reformat(format="gray").to_ndarray())
            yield TakenFrame(number=number, time_seconds=float(time), luma=luma)

    def _chosen(self) -> Any:  # noqa: ANN401 - PyAV is untyped where it is absent
        streams = [each for each in self._container.streams.video if not int(each.disposition) & _COVER]
        if not streams:
            raise Malformed("there is no video in it")
        stream = streams[0]
        context = stream.codec_context
        codec = context.codec.canonical_name if context is not None else "a coding that FFmpeg has no decoder for"
        if codec not in CODECS:
            raise Malformed(f"coded as {codec}, which is not decoded here")
        self._check(context.width, context.height)
        context.thread_count, context.thread_type = 1, "NONE"
        return stream

    def _check(self, width_pixels: int, height_pixels: int) -> None:
        if width_pixels * height_pixels > self._decoding.max_pixels:
            raise LimitReached(
                f"{width_pixels} x {height_pixels} pixels are more than {self._decoding.max_pixels} are allowed"
            )

    def _header(self) -> VideoHeader:
        context, lasts = self._stream.codec_context, self._stream.duration
        seconds = lasts * self._stream.time_base if lasts is not None else None
        if seconds is None and self._container.duration is not None:
            seconds = Fraction(self._container.duration, 1_000_000)  # AV_TIME_BASE
        return VideoHeader(
            format=str(self._container.format.name),
            codec=str(context.codec.canonical_name),
            width_pixels=context.width,
            height_pixels=context.height,
            duration_seconds=None if seconds is None else float(seconds),
        )

    def _decoded(self) -> Iterator[Any]:
        """Every frame that can be had; what cannot is counted, and the next piece is tried."""
        packets = self._container.demux(self._stream)
        while True:
            self._touch()
            try:
                packet = next(packets, None)
            except av.error.FFmpegError:
                self.faults += 1
                return  # the container itself is broken off
            if packet is None:
                return
            try:
                frames = packet.decode()
            except av.error.FFmpegError:
                self.faults += 1
                continue
            for frame in frames:
                self.faults += bool(frame.is_corrupt)
                yield frame

    def _time(self, frame: Any, number: int) -> Fraction:  # noqa: ANN401 - as above
        """From the stream's start on, exact; of a stream without times by its rate, or by one of 25 frames a second."""
        pts = frame.pts if frame.pts is not None else frame.dts
        if pts is None:
            self.is_timeless = True
            return number / Fraction(self._stream.average_rate or 25)
        return Fraction(pts - (self._stream.start_time or 0)) * Fraction(frame.time_base or self._stream.time_base)


class _Bytes(io.RawIOBase):
    """The content as a file that FFmpeg can seek in."""

    def __init__(self, read_at: Callable[[int, int], bytes], size_bytes: int) -> None:
        super().__init__()
        self._read_at, self._size, self._at = read_at, size_bytes, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - as RawIOBase has it
        data = self._read_at(self._at, min(len(buffer), max(0, self._size - self._at)))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def _words(error: Exception) -> str:
    return str(getattr(error, "strerror", "") or error).lower()
