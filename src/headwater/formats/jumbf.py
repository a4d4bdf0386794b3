"""JUMBF (ISO/IEC 19566-5): the boxes of a store, of which C2PA makes its own.

A superbox ``jumb`` begins with a description box ``jumd``: a UUID that says what kind it is, and mostly a label. An
embedded file is a superbox with a description ``bfdb``, which names its media type, and its bytes in ``bidb``.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from headwater.formats.structure import Piece, Range, Source

_DEPTH_MAX = 16
_BOXES_MAX = 4096
_STORE_BYTES_MAX = 32 << 20
_UUID_BYTES = 16
_LABELLED = 0x02
_LABEL_BYTES_MAX = 256
_SEGMENT_HEADER_BYTES = 8  # of an APP11 segment: "JP", instance, number
_HEAD_BYTES = 64


@dataclass(frozen=True, slots=True)
class JumbfBox:
    """One box that holds no boxes.

    labels: of the superboxes around it, from the outermost in, empty where one has none. Offsets count from the
    start of the store. place: the number of each superbox among its neighbours, from 0.
    """

    kind: str
    labels: tuple[str, ...]
    place: tuple[int, ...]
    offset_bytes: int
    length_bytes: int


def read_store(source: Source, piece: Piece) -> Piece:
    """A named C2PA store with its bytes: what frames it (APP11 segments, a uuid box) is left out.

    Empty where it is larger than 32 MiB.
    """
    runs = _unframed(source, piece.sources) if piece.carrier == "APP11" else _bare(source, piece.sources)
    if sum(run.length_bytes for run in runs) > _STORE_BYTES_MAX:
        return Piece(piece.kind, b"", (), piece.sources, piece.carrier)
    data = b"".join(source.read_at(run.offset_bytes, run.length_bytes) for run in runs)
    return Piece(piece.kind, data, runs, piece.sources, piece.carrier)


def _unframed(source: Source, segments: tuple[Range, ...]) -> tuple[Range, ...]:
    """The box that was cut into segments: each repeats the box's header, which counts in the first one only."""
    numbered = sorted(
        (int.from_bytes(source.read_at(each.offset_bytes + 4, 4), "big"), each.offset_bytes, each.length_bytes)
        for each in segments
    )
    runs = []
    for index, (_, start, length) in enumerate(numbered):
        stated = source.read_at(start + _SEGMENT_HEADER_BYTES, 4)
        again = (16 if stated == b"\0\0\0\1" else 8) if index else 0
        skip = _SEGMENT_HEADER_BYTES + again
        if length > skip:
            runs.append(Range(start + skip, length - skip))
    return tuple(runs)


def _bare(source: Source, ranges: tuple[Range, ...]) -> tuple[Range, ...]:
    """From the first superbox on; a uuid box of ISOBMFF has its purpose before it (C2PA specification, appendix A)."""
    first = ranges[0]
    head = source.read_at(first.offset_bytes, min(_HEAD_BYTES, first.length_bytes))
    skip = head.find(b"jumb") - 4
    if skip <= 0 or head[4:8] == b"jumd":
        return ranges
    return (Range(first.offset_bytes + skip, first.length_bytes - skip), *ranges[1:])


def read_jumbf(data: bytes) -> tuple[JumbfBox, ...]:
    """Every box of a store that holds no boxes, in order. Never raises; a length that is wrong ends its superbox."""
    found: list[JumbfBox] = []
    superboxes: list[int] = []
    labels = (_label(data, 8, len(data)),) if data[4:8] == b"jumd" else ()
    _walk(data, (0, len(data)), labels, (0,) * len(labels), found, superboxes)
    return tuple(found)


def _walk(
    data: bytes,
    region: tuple[int, int],
    labels: tuple[str, ...],
    place: tuple[int, ...],
    found: list[JumbfBox],
    superboxes: list[int],
) -> None:
    """Read the boxes of a region. superboxes: where each one met so far begins."""
    inside = 0
    for kind, start, end in _boxes(data, *region):
        if len(found) + len(superboxes) >= _BOXES_MAX:
            return
        if kind == "jumb" and len(labels) < _DEPTH_MAX:
            described = next(_boxes(data, start, end), ("", start, start))
            label = _label(data, described[1], described[2]) if described[0] == "jumd" else ""
            superboxes.append(start)
            _walk(data, (start, end), (*labels, label), (*place, inside), found, superboxes)
            inside += 1
        elif kind != "jumd":
            found.append(JumbfBox(kind, labels, place, start, end - start))


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    """Boxes side by side: kind, and where the content begins and ends."""
    at = start
    while at + 8 <= end:
        length = int.from_bytes(data[at : at + 4], "big")
        skip = 8
        if length == 1:
            length, skip = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        elif length == 0:
            length = end - at
        if length < skip:
            return
        yield data[at + 4 : at + 8].decode("latin-1"), min(at + skip, end), min(at + length, end)
        at += length


def _label(data: bytes, start: int, end: int) -> str:
    """The label of a description box, empty where it has none."""
    toggles = data[start + _UUID_BYTES : start + _UUID_BYTES + 1]
    if not toggles or not toggles[0] & _LABELLED:
        return ""
    raw = data[start + _UUID_BYTES + 1 : min(end, start + _UUID_BYTES + 1 + _LABEL_BYTES_MAX)]
    return raw.partition(b"\0")[0].decode("utf-8", "replace")


def media_type_of(data: bytes, description: JumbfBox) -> str:
    """The media type that a ``bfdb`` box states, in lower case."""
    raw = data[description.offset_bytes + 1 : description.offset_bytes + description.length_bytes]
    return raw[:_LABEL_BYTES_MAX].partition(b"\0")[0].decode("latin-1").lower()
