"""The spans of one file's metadata findings: ranges with the digest of their bytes, each digested once."""

from collections.abc import Sequence
from hashlib import sha256

from headwater.formats.structure import Range, Source
from headwater.model.finding import Span

SPANS_MAX = 64  # of one finding; more of them are given as one that covers all
_HASHED_BYTES_MAX = 256 << 20  # of one file, beyond the file's own digest
_BLOCK_BYTES = 1 << 20


class Spans:
    """Makes the spans of one file, within a budget of bytes to digest."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._digests: dict[tuple[int, int], str] = {}
        self._budget = _HASHED_BYTES_MAX

    def of(self, ranges: Sequence[Range], role: str) -> tuple[Span, ...]:
        """Spans of these ranges; where there are too many, one from the first to the last, whose role says so."""
        if len(ranges) <= SPANS_MAX:
            return tuple([self.one(where, role) for where in ranges])
        start = min(where.offset_bytes for where in ranges)
        end = max(where.offset_bytes + where.length_bytes for where in ranges)
        return (self.one(Range(start, end - start), f"{role}: {len(ranges)} pieces from here to the end of this span"),)

    def one(self, where: Range, role: str) -> Span:
        """Give a span with the digest of its bytes; without one where the budget of the file is spent."""
        offset, length = where.offset_bytes, where.length_bytes
        digest = self._digests.get((offset, length))
        if digest is None:
            digest = self._digests[offset, length] = self._digest(offset, length)
        return Span(offset_bytes=offset, length_bytes=length, sha256=digest, role=role)

    def _digest(self, offset: int, length: int) -> str:
        if length > self._budget:
            return ""
        self._budget -= length
        if length <= _BLOCK_BYTES:
            return sha256(self._source.read_at(offset, length)).hexdigest()
        running = sha256()
        for at in range(offset, offset + length, _BLOCK_BYTES):
            running.update(self._source.read_at(at, min(_BLOCK_BYTES, offset + length - at)))
        return running.hexdigest()
