"""MD5, SHA-1 and SHA-256 of a content, in one read.

MD5 and SHA-1 are for matching against sets that carry nothing else; only SHA-256 names content (FIPS 180-4, RFC 1321).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import md5, sha1, sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import _Hash as Hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Digests:
    """Three digests as lower-case hexadecimal, and how many bytes they cover. md5 is empty where it was not begun."""

    md5: str
    sha1: str
    sha256: str
    size_bytes: int


class Digester:
    """Feeds every chunk to SHA-1 and SHA-256, and to MD5 from where that is begun."""

    __slots__ = ("_md5", "_sha1", "_sha256", "size_bytes")

    def __init__(self) -> None:
        self._md5: Hash | None = None
        self._sha1 = sha1(usedforsecurity=False)
        self._sha256 = sha256(usedforsecurity=False)
        self.size_bytes = 0

    def begin_md5(self, before: Iterable[bytes]) -> None:
        """Feed MD5 too from now on. before: every chunk so far."""
        self._md5 = md5(usedforsecurity=False)
        for chunk in before:
            self._md5.update(chunk)

    def update(self, chunk: bytes) -> None:
        self._sha1.update(chunk)
        self._sha256.update(chunk)
        if self._md5:
            self._md5.update(chunk)
        self.size_bytes += len(chunk)

    def digests(self) -> Digests:
        """The digests of what was fed so far."""
        return Digests(
            md5=self._md5.hexdigest() if self._md5 else "",
            sha1=self._sha1.hexdigest(),
            sha256=self._sha256.hexdigest(),
            size_bytes=self.size_bytes,
        )
