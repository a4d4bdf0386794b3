"""MD5, SHA-1 and SHA-256 of a content, in one read.

MD5 and SHA-1 are for matching against sets that carry nothing else; only SHA-256 names content (FIPS 180-4, RFC 1321).
"""

from dataclasses import dataclass
from hashlib import md5, sha1, sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Digests:
    """Three digests as lower-case hexadecimal, and how many bytes they cover."""

    md5: str
    sha1: str
    sha256: str
    size_bytes: int


class Digester:
    """Feeds every chunk to the three digests."""

    __slots__ = ("_md5", "_sha1", "_sha256", "size_bytes")

    def __init__(self) -> None:
        self._md5 = md5(usedforsecurity=False)
        self._sha1 = sha1(usedforsecurity=False)
        self._sha256 = sha256(usedforsecurity=False)
        self.size_bytes = 0

    def update(self, chunk: bytes) -> None:
        self._md5.update(chunk)
        self._sha1.update(chunk)
        self._sha256.update(chunk)
        self.size_bytes += len(chunk)

    def digests(self) -> Digests:
        """The digests of what was fed so far."""
        return Digests(
            md5=self._md5.hexdigest(),
            sha1=self._sha1.hexdigest(),
            sha256=self._sha256.hexdigest(),
            size_bytes=self.size_bytes,
        )
