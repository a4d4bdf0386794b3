"""Content credentials through the C2PA SDK, which this module alone calls.

Source: https://pypi.org/project/c2pa-python/. It fetches what a file names unless it is told not to, and takes a
misspelt setting without a word; so a test counts requests. Identity assertions stay unread: they name persons, and
checking them asks the network. Certificates come from the SDK's crJSON, all else from its manifest store report.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from c2pa import C2paError, Context, Reader

from headwater.examine.view import View
from headwater.model.errors import Malformed

_SETTINGS: Mapping[str, Mapping[str, object]] = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
    "core": {"allowed_network_hosts": [], "decode_identity_assertions": False},
}
_BUFFER_BYTES = 1 << 20
_REASON_LETTERS_MAX = 300


@dataclass(frozen=True, slots=True)
class Store:
    """A manifest store as the SDK reports it. report: Reader.json. signatures: by label, from its crJSON."""

    report: Mapping[str, object]
    signatures: Mapping[str, Mapping[str, object]]


class _Bytes(io.RawIOBase):
    """A view as the stream that the SDK reads: on demand, so a long file is never held whole by us."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._view.size_bytes}[whence]
        if start + offset < 0:
            raise ValueError("before the beginning")
        self._at = start + offset
        return self._at

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # typeshed has the wider Buffer
        wanted = min(len(buffer), _BUFFER_BYTES, max(0, self._view.size_bytes - self._at))
        data = self._view.read_at(self._at, wanted)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def read_store(view: View, anchors: str) -> Store:
    """Read and validate the store that `view` carries. anchors: PEM of the trust lists, or nothing.

    Raises Malformed where it cannot be read, with the SDK's own words.
    """
    try:
        with (
            io.BufferedReader(_Bytes(view), _BUFFER_BYTES) as stream,
            Reader(view.media_type, stream, context=_context(anchors)) as reader,
        ):
            report = json.loads(reader.json())
            return Store(report if isinstance(report, dict) else {}, _signatures(reader))
    except (C2paError, ValueError, RecursionError) as error:
        raise Malformed(f"the credentials cannot be read: {str(error)[:_REASON_LETTERS_MAX]}") from error


@lru_cache(maxsize=4)
def _context(anchors: str) -> Context:
    trust = {"trust": {"trust_anchors": anchors}} if anchors else {}
    return Context.from_dict({**_SETTINGS, **trust})


def _signatures(reader: Reader) -> dict[str, Mapping[str, object]]:
    try:
        found = json.loads(reader.crjson())
    except (C2paError, ValueError, RecursionError):
        return {}  # all that is missing then are certificates and times
    manifests = found.get("manifests") if isinstance(found, dict) else None
    return {
        str(each["label"]): each["signature"]
        for each in (manifests if isinstance(manifests, list) else [])
        if isinstance(each, dict) and "label" in each and isinstance(each.get("signature"), dict)
    }
