"""The verify pass: one read of every segment gives its digest, the media's digests, and every fault on the way."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields

from headwater.evidence.disk.ewf import EwfImage, is_ewf
from headwater.evidence.disk.raw import SECTOR_BYTES, RawImage
from headwater.evidence.disk.segments import Segment, SegmentSource
from headwater.evidence.reader import ByteSource
from headwater.formats.ewf import Acquisition, refuse_relatives
from headwater.model.errors import EvidenceError, Truncated
from headwater.model.item import ByteRange
from headwater.model.source_report import Compared, SectorRange, SegmentDigest, SourceReport

_STEP_BYTES = 1 << 20

Progress = Callable[[int], None]


def verify_source(segments: Sequence[Segment], progress: Progress, *, is_archive: bool = False) -> SourceReport:
    """Read every segment once and report. Never raises for damage: `failure` then says why there are no media digests.

    progress is called with the number of segment bytes done. is_archive: it has no sectors that could be odd.
    """
    streams = _Streams(segments, progress)
    ewf = is_ewf(segments)
    try:
        return _verify_ewf(segments, streams) if ewf else _verify_raw(segments, streams, is_archive=is_archive)
    except EvidenceError as error:
        return SourceReport(
            kind="e01" if ewf else "raw",
            segments=streams.finish(),
            failure_kind=error.kind,
            failure=error.message,
        )


class _Stream:
    """Digests a segment while it is read from front to back. A read behind the front is digested and passed on.

    A read of what has gone by already goes to the file again.
    """

    def __init__(self, source: SegmentSource) -> None:
        self.source = source
        self.front = 0
        self._sha256 = hashlib.sha256(usedforsecurity=False)

    @property
    def size_bytes(self) -> int:
        return self.source.size_bytes

    def read_at(self, offset_bytes: int, length_bytes: int) -> bytes:
        if offset_bytes < self.front:
            return self.source.read_at(offset_bytes, length_bytes)
        self.advance(offset_bytes)
        data = self.source.read_at(offset_bytes, length_bytes)
        self._take(data)
        return data

    def advance(self, end_bytes: int) -> None:
        """Digest up to `end_bytes`."""
        end_bytes = min(end_bytes, self.size_bytes)
        while self.front < end_bytes:
            self._take(self.source.read_at(self.front, min(_STEP_BYTES, end_bytes - self.front)))

    def _take(self, data: bytes) -> None:
        self._sha256.update(data)
        self.front += len(data)

    def bad_ranges(self) -> tuple[ByteRange, ...]:
        return self.source.bad_ranges()

    def digest(self) -> SegmentDigest:
        return SegmentDigest(
            name=self.source.segment.name,
            size_bytes=self.size_bytes,
            sha256=self._sha256.hexdigest(),
            unreadable=self.bad_ranges(),
        )


class _Streams:
    def __init__(self, segments: Sequence[Segment], progress: Progress) -> None:
        self.each = [_Stream(SegmentSource(segment)) for segment in segments]
        self._progress = progress

    def tick(self) -> None:
        self._progress(sum(stream.front for stream in self.each))

    def finish(self) -> tuple[SegmentDigest, ...]:
        """Digest what no chunk asked for."""
        for stream in self.each:
            while stream.front < stream.size_bytes:
                stream.advance(stream.front + _STEP_BYTES)
                self.tick()
        return tuple(stream.digest() for stream in self.each)


class _MediaDigests:
    def __init__(self) -> None:
        self._hashes = tuple(hashlib.new(name, usedforsecurity=False) for name in ("md5", "sha1", "sha256"))

    def update(self, data: bytes) -> None:
        for each in self._hashes:
            each.update(data)

    def hexdigests(self) -> tuple[str, str, str]:
        md5, sha1, sha256 = (each.hexdigest() for each in self._hashes)
        return md5, sha1, sha256


def _read_through(source: ByteSource, ranges: Sequence[ByteRange], streams: _Streams) -> Iterator[bytes]:
    for span in ranges:
        for at in range(span.offset_bytes, span.end_bytes, _STEP_BYTES):
            yield source.read_at(at, min(_STEP_BYTES, span.end_bytes - at))
            streams.tick()


def _verify_ewf(segments: Sequence[Segment], streams: _Streams) -> SourceReport:
    image = EwfImage(segments, chunk_sources=streams.each)
    covered, digests = image.covered(), _MediaDigests()
    whole = sum(span.length_bytes for span in covered) == image.size_bytes
    for data in _read_through(image, covered, streams):
        if whole:
            digests.update(data)
    md5, sha1, sha256 = digests.hexdigests() if whole else ("", "", "")
    bad = _sectors(image.bad_ranges(), image.volume.sector_bytes)
    chunks = -(-image.size_bytes // image.volume.chunk_bytes)
    return SourceReport(
        kind="e01",
        segments=streams.finish(),
        size_bytes=image.size_bytes,
        sector_bytes=image.volume.sector_bytes,
        md5=md5,
        sha1=sha1,
        sha256=sha256,
        stored_md5=image.stored.md5,
        stored_sha1=image.stored.sha1,
        md5_compared=_compared(image.stored.md5, md5),
        sha1_compared=_compared(image.stored.sha1, sha1),
        bad_sectors=bad,
        acquisition_errors=image.acquisition_errors,
        chunks_expected=chunks,
        chunks_read=chunks - sum(-(-each.sector_count // image.volume.sectors_per_chunk) for each in bad),
        acquiry=_spelled(image.acquiry),
        notes=image.notes,
    )


def _verify_raw(segments: Sequence[Segment], streams: _Streams, *, is_archive: bool) -> SourceReport:
    if not segments:
        raise Truncated("no segments")
    refuse_relatives(SegmentSource(segments[0]).read_at(0, 16))
    image, digests = RawImage(segments, sources=streams.each), _MediaDigests()
    for data in _read_through(image, (ByteRange(offset_bytes=0, length_bytes=image.size_bytes),), streams):
        digests.update(data)
    md5, sha1, sha256 = digests.hexdigests()
    return SourceReport(
        kind="raw",
        segments=streams.finish(),
        size_bytes=image.size_bytes,
        md5=md5,
        sha1=sha1,
        sha256=sha256,
        bad_sectors=_sectors(image.bad_ranges(), SECTOR_BYTES),
        notes=() if is_archive else image.notes,
    )


def _sectors(ranges: Sequence[ByteRange], sector_bytes: int) -> tuple[SectorRange, ...]:
    """Every sector a range touches."""
    spans = ((bad.offset_bytes // sector_bytes, -(-bad.end_bytes // sector_bytes)) for bad in ranges)
    return tuple(SectorRange(first_sector=first, sector_count=end - first) for first, end in spans)


def _compared(stored: str, computed: str) -> Compared:
    if not stored:
        return Compared.ABSENT
    if not computed:
        return Compared.NOT_COMPUTED
    return Compared.MATCH if stored == computed else Compared.DIFFERS


def _spelled(headers: Sequence[Acquisition]) -> tuple[tuple[str, str], ...]:
    """Return the first header's named fields that are filled in."""
    named = (each.name for each in fields(Acquisition) if each.name != "other")
    return tuple((name, getattr(headers[0], name)) for name in named if getattr(headers[0], name)) if headers else ()
