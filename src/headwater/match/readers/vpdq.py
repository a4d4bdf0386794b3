"""vPDQ hashes of videos: `frame,quality,hash,timestamp` lines, and the compact JSON of ThreatExchange's Python code."""

import json
import math
import re
from collections.abc import Iterator
from typing import BinaryIO

from headwater.match.degenerate import unusable
from headwater.match.readers.lines import Line, read_lines
from headwater.match.readers.sift import Row, sift, whole_number
from headwater.model.known import Frame, Record, Refused

_SECONDS = re.compile(r"\d{1,12}(\.\d{1,18})?([eE][+-]?\d{1,2})?")


def read_vpdq(stream: BinaryIO) -> Iterator[Record | Refused]:
    """One video a block of lines, blocks apart by an empty line; or one a line, where it is a JSON array.

    The key of a video is its first line. The compact form has times of three digits only (`9.9e+02`); they are kept as
    they came. Frames whose hash may not match are refused one by one.
    """
    block: list[Line] = []
    for line in read_lines(stream):
        text = line.text.strip()
        if line.fault:
            yield Refused(line=line.number, key=str(line.number), field="", reason=line.fault)
        elif text.startswith("["):
            yield from _video(block, [])
            block = []
            yield from _compact(line.number, text)
        elif text:
            block.append(line)
        else:
            yield from _video(block, [])
            block = []
    yield from _video(block, [])


def _video(block: list[Line], frames: list[Frame]) -> Iterator[Record | Refused]:
    if not block:
        return
    for line in block:
        fields = [field.strip() for field in line.text.split(",")]
        if len(fields) != 4:
            yield Refused(line=line.number, key=str(block[0].number), field="", reason="not frame,quality,hash,time")
        else:
            number, quality, text, seconds = fields
            yield from _frame(block[0].number, line.number, (text, quality, seconds), number, frames)
    yield from _record(block[0].number, frames)


def _compact(number: int, text: str) -> Iterator[Record | Refused]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        yield Refused(line=number, key=str(number), field="", reason=f"not JSON: {error}")
        return
    frames: list[Frame] = []
    for place, each in enumerate(told):
        fields = str(each).split(",")
        if len(fields) == 3:
            yield from _frame(number, number, (fields[0], fields[1], fields[2]), str(place), frames)
        else:
            yield Refused(line=number, key=str(number), field=f"frame {place}", reason="not hash,quality,time")
    yield from _record(number, frames)


def _frame(
    key: int, line: int, fields: tuple[str, str, str], number: str, frames: list[Frame]
) -> Iterator[Refused]:  # fmt: skip
    text, quality, seconds = (field.strip().lower() for field in fields)
    figure, place = whole_number(quality), whole_number(number)
    why = unusable("pdq", text, figure)
    if figure is None or place is None or not _SECONDS.fullmatch(seconds) or not math.isfinite(float(seconds)):
        why = "frame, quality or time is no number"
    if why or figure is None or place is None:
        yield Refused(line=line, key=str(key), field=f"frame {number[:20]}", reason=why)
        return
    frames.append(Frame(number=place, pdq=text, quality=figure, time_seconds=float(seconds)))


def _record(line: int, frames: list[Frame]) -> Iterator[Record | Refused]:
    yield from sift(Row(key=str(line), line=line, hashes={}, frames=tuple(frames), source={"frames": len(frames)}))
