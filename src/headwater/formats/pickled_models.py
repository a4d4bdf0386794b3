"""The pickles in a model file, whatever container they lie in. They are cut out and listed, never loaded.

Sources: pytorch/pytorch, torch/serialization.py (zip with ``data.pkl``; older files are five pickles one after another:
magic number, protocol, system, the object, keys of the storages that follow); numpy, numpy/lib/format.py (a header in
ASCII, then a pickle where the type is ``O``); joblib, numpy_pickle_utils.py (a pickle, also behind zlib).
"""

import ast
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from headwater.formats.structure import Source
from headwater.model.errors import LimitReached, Malformed, Truncated

ZIP, LEGACY, PICKLE, NPY = (
    "application/x-pytorch", "application/x-pytorch-legacy", "application/x-python-pickle", "application/x-npy",
)  # fmt: skip
PICKLE_BYTES_MAX = 64 << 20  # of one pickle that is listed
_MEMBERS_MAX = 64
_ZLIB_HEADS = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
_PROTOCOLS = tuple(bytes((0x80, number)) for number in range(2, 6))
_NPY_MAGIC = b"\x93NUMPY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The bytes of one or more pickles, one behind the other. offset_bytes: in the file; none where it is packed.

    is_whole: false where they are only the beginning of what there is.
    """

    name: str
    data: bytes
    offset_bytes: int | None = None
    is_whole: bool = True


def is_deflated_pickle(head: bytes) -> bool:
    """Tell a pickle behind zlib, as joblib writes it, by its first bytes."""
    if not head.startswith(_ZLIB_HEADS):
        return False
    try:
        return zlib.decompressobj().decompress(head, 2).startswith(_PROTOCOLS)
    except zlib.error:
        return False


def cut_pickles(source: Source, media_type: str) -> Iterator[Cut]:
    """Every pickle of the file. Raises Malformed, Truncated or LimitReached."""
    if media_type == ZIP:
        yield from _of_zip(source)
    elif media_type == NPY:
        yield from _of_npy(source)
    elif media_type in (LEGACY, PICKLE):
        yield _from(source, "pickle", 0)
    else:
        yield _inflated(source)


def _from(source: Source, name: str, offset_bytes: int) -> Cut:
    wanted = min(source.size_bytes - offset_bytes, PICKLE_BYTES_MAX)
    data = source.read_at(offset_bytes, wanted)
    whole = offset_bytes + len(data) == source.size_bytes
    return Cut(name=name, data=data, offset_bytes=offset_bytes, is_whole=whole)


def _of_npy(source: Source) -> Iterator[Cut]:
    head = source.read_at(0, 12)
    if not head.startswith(_NPY_MAGIC) or len(head) < 12:
        raise Truncated("the header of a NumPy array breaks off")
    width = 2 if head[6] == 1 else 4
    length = int.from_bytes(head[8 : 8 + width], "little")
    if length > 1 << 20:
        raise LimitReached(f"a header of {length} bytes is more than is read")
    text = source.read_at(8 + width, length).decode("utf-8", "replace")
    try:
        header = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, RecursionError, MemoryError) as fault:
        raise Malformed(f"the header of a NumPy array: {fault}") from fault
    described = header.get("descr") if isinstance(header, dict) else None
    if "O" in str(described):
        yield _from(source, "objects of the array", 8 + width + length)


def _of_zip(source: Source) -> Iterator[Cut]:
    try:
        with zipfile.ZipFile(io.BufferedReader(_File(source))) as archive:
            members = [one for one in archive.infolist() if one.filename.endswith(".pkl")]
            if not members:
                raise Malformed("a zip of PyTorch without data.pkl")
            for one in members[:_MEMBERS_MAX]:
                with archive.open(one) as member:
                    data = member.read(PICKLE_BYTES_MAX)
                    yield Cut(name=one.filename, data=data, is_whole=not member.read(1))
            if len(members) > _MEMBERS_MAX:
                more = len(members) - _MEMBERS_MAX
                raise LimitReached(f"{_MEMBERS_MAX} pickles of a zip are listed; {more} were not")
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as fault:
        raise Malformed(f"the zip of a model: {fault}") from fault


def _inflated(source: Source) -> Cut:
    running = zlib.decompressobj()
    data = bytearray()
    try:
        for offset in range(0, source.size_bytes, 1 << 20):
            block = source.read_at(offset, min(1 << 20, source.size_bytes - offset))
            data += running.decompress(block, PICKLE_BYTES_MAX - len(data) + 1)
            if len(data) > PICKLE_BYTES_MAX:
                return Cut(name="behind zlib", data=bytes(data[:PICKLE_BYTES_MAX]), is_whole=False)
    except zlib.error as fault:
        raise Malformed(f"what is behind zlib: {fault}") from fault
    return Cut(name="behind zlib", data=bytes(data), is_whole=running.eof)


class _File(io.RawIOBase):
    """A content as the zip reader wants it."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        base = {0: 0, 1: self._at, 2: self._source.size_bytes}[whence]
        if base + offset < 0:
            raise OSError("a place before the beginning of the file")
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - a writable buffer, which has no name before Python 3.12
        data = self._source.read_at(self._at, min(len(buffer), max(self._source.size_bytes - self._at, 0)))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
