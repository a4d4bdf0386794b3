"""How a JPEG was encoded (ITU-T T.81, Annex B): frame, sampling, tables, and the order of its segments."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from headwater.formats.jpeg import QuantisationTable, quantisation_tables
from headwater.formats.jpeg_standard import HUFFMAN_RUNS, Table
from headwater.formats.structure import Part, Range, Source, Structure

_FRAMES = frozenset({*(f"SOF{n}" for n in range(16))} - {"SOF4", "SOF8", "SOF12"})
_TABLE_BYTES_MAX = 64 << 10
_PARTS_MAX = 200
_COMPONENTS_MAX = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One component of the frame: how it is sampled and which quantisation table it uses."""

    identifier: int
    across: int
    down: int
    table: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """What the headers say of the encoding.

    frame: SOF0 is baseline, SOF2 progressive. tables: those of the components in the order of use, luma first, equal
    ones once. huffman: `standard` where every table has the code lengths of T.81 Annex K, else `optimised`; `absent`
    where there is none. ranges: where frame and tables lie.
    """

    frame: str
    precision_bits: int
    width_pixels: int
    height_pixels: int
    components: tuple[Component, ...]
    tables: tuple[Table, ...]
    huffman: str
    order: tuple[str, ...]
    ranges: tuple[Range, ...]

    @property
    def sampling(self) -> str:
        """As in ``2x2,1x1,1x1``: across x down of each component."""
        return ",".join(f"{each.across}x{each.down}" for each in self.components)


def read_coding(source: Source, structure: Structure) -> Coding | None:
    """Read the headers of the first frame of a JPEG. None where there is no whole frame header. Never raises."""
    parts = structure.parts[:_PARTS_MAX]
    frame = next((part for part in parts if part.kind in _FRAMES), None)
    body = _body(source, frame) if frame else b""
    if frame is None or len(body) < 6:
        return None
    count = min(body[5], _COMPONENTS_MAX)
    if not count or len(body) < 6 + 3 * count:
        return None
    components = tuple(_component(body[6 + 3 * index : 9 + 3 * index]) for index in range(count))
    used = [part for part in parts if part.kind in ("DQT", "DHT")]
    return Coding(
        frame=frame.kind,
        precision_bits=body[0],
        width_pixels=int.from_bytes(body[3:5], "big"),
        height_pixels=int.from_bytes(body[1:3], "big"),
        components=components,
        tables=_tables(source, used, components),
        huffman=_huffman(b"".join(_body(source, part) for part in used if part.kind == "DHT")),
        order=segment_order(parts),
        ranges=tuple(Range(part.data_offset_bytes, part.data_length_bytes) for part in (frame, *used)),
    )


def segment_order(parts: Sequence[Part]) -> tuple[str, ...]:
    """The segments up to the first scan, runs of the same kind as one; what comes behind the picture is left out."""
    kinds = []
    for part in parts:
        kinds.append(part.kind[:48])
        if part.kind == "SOS":
            break
    return tuple(kind for kind, _ in groupby(kinds))


def _component(data: bytes) -> Component:
    return Component(identifier=data[0], across=data[1] >> 4, down=data[1] & 15, table=data[2])


def _tables(source: Source, parts: Sequence[Part], components: Sequence[Component]) -> tuple[Table, ...]:
    found: dict[int, QuantisationTable] = {}
    for part in parts:
        if part.kind == "DQT":
            found |= {table.identifier: table for table in quantisation_tables(_body(source, part))}
    used = (found[each.table].values for each in components if each.table in found)
    return tuple(dict.fromkeys(used))


def _huffman(data: bytes) -> str:
    """Compare the numbers of codes of each length (T.81, B.2.4.2); values follow from those in the Annex's tables."""
    at = 0
    seen = 0
    standard = True
    while at + 17 <= len(data):
        runs = tuple(data[at + 1 : at + 17])
        seen += 1
        standard = standard and runs in HUFFMAN_RUNS
        at += 17 + sum(runs)
    if not seen:
        return "absent"
    return "standard" if standard else "optimised"


def _body(source: Source, part: Part) -> bytes:
    return source.read_at(part.data_offset_bytes, min(part.data_length_bytes, _TABLE_BYTES_MAX))
