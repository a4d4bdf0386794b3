"""Pictures behind the end of a picture: one after another, or in the blocks of Samsung's trailer."""

from collections.abc import Iterator, Sequence

from headwater.formats.jpeg import read_jpeg
from headwater.formats.png import read_png
from headwater.formats.seft import read_seft
from headwater.formats.structure import Range, Source
from headwater.formats.trailing import first_signature, signature_behind_zeros

_PICTURES_MAX = 64
_NAME_LETTERS_MAX = 60
_HEAD_BYTES = 16
_HEADERS = {
    "jpeg": b"",
    "png": b"",
    "gif": b"",
    "tiff": b"",
    "riff": b"WEBP",
}  # and what stands at byte 8


class _From:
    """A Source from one byte of another on."""

    __slots__ = ("_source", "_start", "size_bytes")

    def __init__(self, source: Source, start_bytes: int) -> None:
        self._source = source
        self._start = start_bytes
        self.size_bytes = source.size_bytes - start_bytes

    def read_at(self, offset_bytes: int, length_bytes: int) -> bytes:
        return self._source.read_at(self._start + offset_bytes, length_bytes)


def pictures_behind(source: Source, end_bytes: int, known: Sequence[Range]) -> Iterator[tuple[str, Range]]:
    """Pictures from `end_bytes` on: carrier and range. `known`: those named elsewhere, which are passed over."""
    blocks = read_seft(source, end_bytes)
    for block in blocks:
        if _kind(source, block.where.offset_bytes):
            yield f"Samsung trailer {_shown(block.name)}", block.where
    starts = {each.offset_bytes: each.length_bytes for each in known}
    at = end_bytes
    for _ in range(0 if blocks else _PICTURES_MAX):
        if at >= source.size_bytes:
            return
        at += signature_behind_zeros(source, at)[0]
        length = starts.get(at, 0) or _length(source, at)
        if length <= 0:
            return
        if at not in starts:
            yield "behind the end", Range(at, length)
        at += length


def _kind(source: Source, start: int) -> str:
    """What picture begins there; empty where none does."""
    head = source.read_at(start, _HEAD_BYTES)
    kind = first_signature(head)
    return kind if head[8:].startswith(_HEADERS.get(kind, b"none")) else ""


def _length(source: Source, start: int) -> int:
    """How long the picture is that begins there, 0 where none does: to the end of the file where it has no end."""
    kind = _kind(source, start)
    rest = _From(source, start)
    read = {"jpeg": read_jpeg, "png": read_png}.get(kind)
    end = read(rest).end_bytes if read else None
    return (end or rest.size_bytes) if kind else 0


def _shown(name: str) -> str:
    return name[:_NAME_LETTERS_MAX].replace("/", "_")
