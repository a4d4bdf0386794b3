"""The limits of one archive, counted while it is listed or read.

A limit that is reached raises LimitReached; the Readers turn it into one Refusal and keep what was listed before.
"""

from headwater.evidence.reader import Limits
from headwater.model.errors import LimitReached

FREE_BYTES = 16 << 20  # the ratio is not looked at before this much came out


def check_ratio(limits: Limits, *, packed_bytes: int, unpacked_bytes: int) -> None:
    """Raise LimitReached where more came out of a compressed stream than its packed size can honestly hold."""
    if unpacked_bytes > FREE_BYTES and unpacked_bytes > limits.ratio * max(packed_bytes, 1):
        raise LimitReached(
            f"unpacks to more than {limits.ratio} times its size (limit ratio {limits.ratio}): "
            f"{unpacked_bytes} bytes out of {packed_bytes}"
        )


def check_unpacked(limits: Limits, unpacked_bytes: int) -> None:
    """Raise LimitReached past the bytes one archive may unpack to."""
    if unpacked_bytes > limits.unpacked_bytes:
        raise LimitReached(f"unpacks to more than {limits.unpacked_bytes} bytes (limit unpacked_bytes)")


class Tally:
    """Counts what one listing of one archive yields."""

    def __init__(self, limits: Limits, archive_bytes: int) -> None:
        self._limits = limits
        self._archive_bytes = archive_bytes
        self._entries = 0
        self._unpacked_bytes = 0

    def entry(self) -> None:
        """Count one member. Raises LimitReached."""
        self._entries += 1
        if self._entries > self._limits.entries:
            raise LimitReached(f"more than {self._limits.entries} members (limit entries)")

    def name(self, name: bytes) -> None:
        """Count one member, its name too. Raises LimitReached."""
        self.entry()
        if len(name) > self._limits.name_bytes:
            raise LimitReached(f"a name of {len(name)} bytes, over {self._limits.name_bytes} (limit name_bytes)")

    def member(self, *, packed_bytes: int, unpacked_bytes: int) -> None:
        """Count what one compressed member can unpack to before its own ratio stops it. Raises LimitReached."""
        self._unpacked_bytes += min(unpacked_bytes, max(FREE_BYTES, self._limits.ratio * packed_bytes))
        check_unpacked(self._limits, self._unpacked_bytes)
        check_ratio(self._limits, packed_bytes=self._archive_bytes, unpacked_bytes=self._unpacked_bytes)
