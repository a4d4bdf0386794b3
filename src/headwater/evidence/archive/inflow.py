"""A compressed span of a ByteSource as a stream of unpacked bytes, held against the limits."""

from headwater.evidence.archive.decoders import Decoder, NewDecoder, decode
from headwater.evidence.archive.guard import check_ratio, check_unpacked
from headwater.evidence.reader import ByteSource, Limits
from headwater.model.errors import EvidenceError, LimitReached, Malformed, Truncated

_CHUNK_BYTES = 1 << 16
_MOST_STREAMS = 1_000_000  # gzip members, bzip2 and xz streams or zstd frames in one file


class Inflow:
    """Reads forwards only. `joined`: further streams may follow the first, as in gzip, with zero padding between.

    After EvidenceError was raised, every further read raises it again.
    """

    def __init__(
        self,
        source: ByteSource,
        start_bytes: int,
        end_bytes: int,
        new_decoder: NewDecoder,
        limits: Limits,
        *,
        joined: bool,
    ) -> None:
        self._source = source
        self._offset = self._start = start_bytes
        self._end = end_bytes
        self._new_decoder = new_decoder
        self._decoder: Decoder = new_decoder()
        self._limits = limits
        self._joined = joined
        self._streams = 1
        self._stream_began = 0  # what had been unpacked before the present stream
        self._produced = 0
        self._waiting = b""  # read from the source, not yet fed
        self._fault: EvidenceError | None = None

    def read(self, length_bytes: int) -> bytes:
        """At least one byte and at most `length_bytes`; empty at the end. Raises EvidenceError."""
        if self._fault:
            raise self._fault
        try:
            return self._read(length_bytes)
        except EvidenceError as error:
            self._fault = self._named(error)
            raise self._fault from error

    def _read(self, length_bytes: int) -> bytes:
        while not self._decoder.eof or self._next_stream():
            data = self._more() if self._decoder.needs_input else b""
            if out := decode(self._decoder, data, length_bytes):
                self._produced += len(out)
                check_ratio(self._limits, packed_bytes=self._offset - self._start, unpacked_bytes=self._produced)
                check_unpacked(self._limits, self._produced)
                return out
        return b""

    def _named(self, error: EvidenceError) -> EvidenceError:
        if isinstance(error, Malformed) and self._streams > 1 and self._produced == self._stream_began:
            return Malformed(f"what follows the end of the compressed stream is no further stream ({error.message})")
        return error

    def _chunk(self) -> bytes:
        if self._waiting:
            data, self._waiting = self._waiting, b""
            return data
        data = self._source.read_at(self._offset, min(_CHUNK_BYTES, self._end - self._offset))
        self._offset += len(data)
        return data

    def _more(self) -> bytes:
        data = self._chunk()
        if not data:
            raise Truncated(f"compressed data ends early, after {self._produced} unpacked bytes")
        return data

    def _next_stream(self) -> bool:
        if not self._joined:
            return False
        self._waiting = self._decoder.unused_data.lstrip(b"\0")
        while not self._waiting:
            if not (chunk := self._chunk()):
                return False
            self._waiting = chunk.lstrip(b"\0")
        self._streams += 1
        if self._streams > _MOST_STREAMS:
            raise LimitReached(f"more than {_MOST_STREAMS} compressed streams in one file")
        self._stream_began = self._produced
        self._decoder = self._new_decoder()
        return True
