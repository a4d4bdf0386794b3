"""A compressed span of a ByteSource as a stream of unpacked bytes, held against the limits."""

from headwater.evidence.archive.aside import Aside
from headwater.evidence.archive.decoders import Decoder, NewDecoder, decode
from headwater.evidence.archive.faults import NoStream, Surplus, WrongCheck
from headwater.evidence.archive.guard import check_ratio, check_unpacked
from headwater.evidence.archive.supply import Supply
from headwater.evidence.reader import ByteSource, Limits
from headwater.model.errors import EvidenceError, LimitReached, Malformed, Truncated

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
        self._supply = Supply(source, start_bytes, end_bytes)
        self._start = start_bytes
        self._new_decoder = new_decoder
        self._decoder: Decoder = new_decoder()
        self._limits = limits
        self._joined = joined
        self._streams = 1
        self._ended_streams = 0
        self._whole_bytes = 0  # what came out of the streams that have ended
        self._wrong = ""  # what of the checks of those does not hold
        self._aside = Aside()
        self._produced = 0
        self._fault: EvidenceError | None = None
        self.sound_bytes = 0
        self.ended_at = start_bytes  # in the source: the end of the last stream that has ended

    @property
    def unused_bytes(self) -> int:
        """How many packed bytes lie behind the end of the only stream."""
        if self._joined or not self._decoder.eof:
            return 0
        return self._supply.left_bytes + len(self._decoder.unused_data)

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
                packed_bytes = self._supply.offset_bytes - self._start
                check_ratio(self._limits, packed_bytes=packed_bytes, unpacked_bytes=self._produced)
                check_unpacked(self._limits, self._produced)
                return out
        if self._wrong:
            raise WrongCheck(self._wrong)
        if self._aside.said:
            raise Surplus(self._aside.said)
        return b""

    def _named(self, error: EvidenceError) -> EvidenceError:
        """Say of what follows a whole stream and is none that it is so; and what was wrong before."""
        if isinstance(error, NoStream) and self._streams > 1:
            error = Surplus(
                f"what follows the end of the compressed stream, from packed byte {self.ended_at - self._start} on, "
                f"is no further stream ({error.message})"
            )
        if self._wrong and isinstance(error, Malformed | Truncated) and error.message != self._wrong:
            error = Malformed(f"{self._wrong}; {error.message}")
        return self._with_aside(error)

    def _with_aside(self, error: EvidenceError) -> EvidenceError:
        """Say of an error that ends a stream what the headers up to there keep besides."""
        if self._joined and self._ended_streams < self._streams:
            self._aside.take(self._decoder)
        said = self._aside.said
        if not said or error.message == said or not isinstance(error, Malformed | Truncated):
            return error
        return type(error)(f"{error.message}; {said}")

    def _more(self) -> bytes:
        data = self._supply.take()
        if not data:
            raise Truncated(f"compressed data ends early, after {self._produced} unpacked bytes")
        return data

    def _end_stream(self) -> None:
        """Note what the stream that has ended is worth, and go back to where it ended."""
        if self._ended_streams == self._streams:
            return
        self._ended_streams = self._streams
        if self._joined:
            self._supply.give_back(len(self._decoder.unused_data))
            self._aside.take(self._decoder)
        self.ended_at = self._supply.offset_bytes
        self._whole_bytes = self._produced
        self._wrong = self._wrong or self._decoder.wrong
        if not self._wrong:
            self.sound_bytes = self._produced

    def _next_stream(self) -> bool:
        self._end_stream()
        if not self._joined or not self._supply.skip_zeros():
            return False
        self._streams += 1
        if self._streams > _MOST_STREAMS:
            raise LimitReached(f"more than {_MOST_STREAMS} compressed streams in one file")
        self._decoder = self._new_decoder()
        return True
