"""Proof that no damage to an E01 is silent: one-byte changes and truncations, each verified, told apart by place.

    python -m headwater.bench.disk_damage IMAGE.E01 [IMAGE.E02 ...] [--flips 1000] [--cuts 100] [--seed 1]

Exit status 1 where any change was silent: media bytes that differ outside the reported sectors, or nothing said at all;
2 where an image is not there or is no E01. Some changes alter no byte of the media: in a deflate stream a back
reference to other zeros gives the same zeros. Of these nothing but the digest of the segment file can tell; they are
counted apart.
"""

import argparse
import os
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from headwater.bench.arguments import a_file
from headwater.evidence.disk.ewf import EwfImage
from headwater.evidence.disk.ewf_chain import SegmentMap, map_segment
from headwater.evidence.disk.segments import Segment, SegmentSource
from headwater.evidence.disk.verify import verify_source
from headwater.formats.ewf import FILE_HEADER_BYTES, TABLE_HEADER_BYTES, Section
from headwater.model.errors import EvidenceError
from headwater.model.source_report import Compared, SourceReport

_STEP_BYTES = 1 << 20


class Said(StrEnum):
    """What reported a change, the most exact first."""

    SECTORS = "sector ranges"
    STRUCTURE = "structural note"
    REFUSED = "image refused"
    STORED_DIGEST = "stored digest"
    SEGMENT_DIGEST = "no media byte changed: segment SHA-256 only"
    SILENT = "SILENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One change: where it fell, what was said, and how many media bytes were wrong outside the reported sectors."""

    segment: str
    offset_bytes: int
    region: str
    said: Said
    wrong_bytes: int


class Original:
    """The undamaged image: its media in memory, its report, its sections."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.segments = tuple(segments)
        self.report = verify_source(segments, lambda _: None)
        image = EwfImage(segments)
        self.media = b"".join(image.read_at(at, _STEP_BYTES) for at in range(0, image.size_bytes, _STEP_BYTES))
        self.maps = tuple(map_segment(segment.name, SegmentSource(segment)) for segment in segments)

    def judge(self, damaged: Sequence[Segment], index: int, offset_bytes: int) -> Outcome:
        """Verify the damaged set and hold it against this one."""
        report = verify_source(damaged, lambda _: None)
        wrong = self._wrong_bytes(damaged)
        said = _said(report, self.report)
        return Outcome(
            segment=self.segments[index].name,
            offset_bytes=offset_bytes,
            region=region_of(self.maps[index], offset_bytes),
            said=Said.SILENT if wrong else said,
            wrong_bytes=wrong,
        )

    def _wrong_bytes(self, damaged: Sequence[Segment]) -> int:
        """Media bytes that differ although their sector is not reported."""
        try:
            image = EwfImage(damaged)
        except EvidenceError:
            return 0
        wrong = abs(image.size_bytes - len(self.media)) if not image.notes else 0
        for at in range(0, min(image.size_bytes, len(self.media)), _STEP_BYTES):
            read, true = image.read_at(at, _STEP_BYTES), self.media[at : at + _STEP_BYTES]
            if read != true:
                wrong += _differing(image, at, read, true)
        return wrong


def _differing(image: EwfImage, at: int, read: bytes, true: bytes) -> int:
    places = {at + index for index, (one, other) in enumerate(zip(read, true, strict=False)) if one != other}
    for bad in image.bad_ranges():
        places = {place for place in places if not bad.offset_bytes <= place < bad.end_bytes}
    return len(places)


def _said(report: SourceReport, original: SourceReport) -> Said:
    if report.failure_kind:
        return Said.REFUSED
    if report.bad_sectors != original.bad_sectors:
        return Said.SECTORS
    if report.notes != original.notes:
        return Said.STRUCTURE
    if Compared.DIFFERS in {report.md5_compared, report.sha1_compared}:
        return Said.STORED_DIGEST
    same = [each.sha256 for each in report.segments] == [each.sha256 for each in original.segments]
    return Said.SILENT if same else Said.SEGMENT_DIGEST


def region_of(segment: SegmentMap, offset_bytes: int) -> str:
    """Name the part of a segment file an offset lies in."""
    if offset_bytes < FILE_HEADER_BYTES:
        return "file header"
    for section in segment.sections:
        end = section.data_offset_bytes if section.is_last else section.end_bytes
        if section.offset_bytes <= offset_bytes < end:
            return _region_in(section, offset_bytes)
    return "between sections"


def _region_in(section: Section, offset_bytes: int) -> str:
    within = offset_bytes - section.data_offset_bytes
    if within < 0:
        at = within + 76
        part = "type" if at < 16 else "offsets" if at < 32 else "padding" if at < 72 else "checksum"
        return f"{section.type} descriptor {part}"
    if section.type in {"table", "table2"}:
        return f"{section.type} {'header' if within < TABLE_HEADER_BYTES else 'entries'}"
    if section.type in {"volume", "disk", "data"}:
        return f"{section.type} {'fields' if within < 80 else 'padding'}"
    if section.type in {"hash", "digest"}:
        used = 16 if section.type == "hash" else 36
        return f"{section.type} {'value' if within < used else 'rest'}"
    return "sectors data" if section.type == "sectors" else f"{section.type} text"


def flips(original: Original, count: int, seed: int) -> Iterator[Outcome]:
    """Change one byte to another value at each of `count` random places, undo it after each."""
    chance = random.Random(seed)  # noqa: S311 - reproducible, not secret
    sizes = [segment.size_bytes for segment in original.segments]
    with _scratch_copies(original.segments) as copies:
        for _ in range(count):
            index = chance.choices(range(len(sizes)), sizes)[0]
            yield _flip(original, copies, index, chance.randrange(sizes[index]), chance.randrange(1, 256))


def structure_flips(original: Original, seed: int) -> Iterator[Outcome]:
    """Change every single byte outside the chunk data, once."""
    chance = random.Random(seed)  # noqa: S311 - reproducible, not secret
    with _scratch_copies(original.segments) as copies:
        for index, segment in enumerate(original.segments):
            for at in range(segment.size_bytes):
                if region_of(original.maps[index], at) != "sectors data":
                    yield _flip(original, copies, index, at, chance.randrange(1, 256))


def _flip(original: Original, copies: Sequence[Segment], index: int, at: int, change: int) -> Outcome:
    fd = copies[index].fd
    before = os.pread(fd, 1, at)
    os.pwrite(fd, bytes([before[0] ^ change]), at)
    try:
        return original.judge(copies, index, at)
    finally:
        os.pwrite(fd, before, at)


def truncations(original: Original, count: int, seed: int) -> Iterator[Outcome]:
    """Cut the last segment, or one in the middle, at `count` random places."""
    chance = random.Random(seed)  # noqa: S311 - reproducible, not secret
    sizes = [segment.size_bytes for segment in original.segments]
    for _ in range(count):
        index = chance.choices(range(len(sizes)), sizes)[0]
        at = chance.randrange(sizes[index])
        cut = list(original.segments)
        cut[index] = Segment(cut[index].name, cut[index].fd, at)
        yield original.judge(cut, index, at)


@contextmanager
def _scratch_copies(segments: Sequence[Segment]) -> Iterator[tuple[Segment, ...]]:
    """Make copies in memory that may be changed; the originals are never written."""
    copies = []
    for segment in segments:
        fd = os.memfd_create("damage")
        copies.append(Segment(segment.name, fd, segment.size_bytes))
        source = SegmentSource(segment)
        for at in range(0, segment.size_bytes, _STEP_BYTES):
            os.pwrite(fd, source.read_at(at, _STEP_BYTES), at)
    try:
        yield tuple(copies)
    finally:
        for copy in copies:
            os.close(copy.fd)


def table(outcomes: Sequence[Outcome]) -> str:
    """Rows: where the change fell; columns: what reported it."""
    counts = Counter((outcome.region, outcome.said) for outcome in outcomes)
    columns = [said for said in Said if any(said is key[1] for key in counts)]
    lines = [f"{'where it fell':32}" + "".join(f"{said:>{_width(said)}}" for said in columns)]
    lines += [
        f"{region:32}" + "".join(f"{counts[region, said]:{_width(said)}}" for said in columns)
        for region in sorted({outcome.region for outcome in outcomes})
    ]
    totals = Counter(outcome.said for outcome in outcomes)
    lines.append(f"{'all':32}" + "".join(f"{totals[said]:{_width(said)}}" for said in columns))
    return "\n".join(lines)


def _width(said: Said) -> int:
    return max(len(said) + 2, 18)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the proof on one image."""
    parser = argparse.ArgumentParser(prog="python -m headwater.bench.disk_damage", description=__doc__)
    parser.add_argument("segments", nargs="+", type=a_file)
    parser.add_argument("--flips", type=int, default=1000)
    parser.add_argument("--cuts", type=int, default=100)
    parser.add_argument("--structure", action="store_true", help="also change every byte outside the chunk data")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    original = _original(parser, chosen.segments)
    runs = {
        f"{chosen.flips} one-byte changes": flips(original, chosen.flips, chosen.seed),
        f"{chosen.cuts} truncations": truncations(original, chosen.cuts, chosen.seed),
    }
    if chosen.structure:
        runs["every byte outside the chunk data"] = structure_flips(original, chosen.seed)
    counted: Counter[Said] = Counter()
    for title, run in runs.items():
        outcomes = list(run)
        counted.update(outcome.said for outcome in outcomes)
        print(f"{title}\n{table(outcomes)}\n")
    unchanged, silent = counted[Said.SEGMENT_DIGEST], counted[Said.SILENT]
    print(f"said: {counted.total() - unchanged - silent}")
    print(f"{Said.SEGMENT_DIGEST}: {unchanged}")
    print(f"silent: {silent}")
    return 1 if silent else 0


def _original(parser: argparse.ArgumentParser, paths: Sequence[Path]) -> Original:
    """Open the image, or end with status 2, saying in words what is wrong with it."""
    for path in paths:
        if not path.is_file():
            parser.error(f"{path} is not there, or is no file")
    try:
        return Original([_opened(path) for path in paths])
    except (EvidenceError, OSError) as error:
        parser.error(f"{paths[0]} cannot be read as an E01: {error}")


def _opened(path: Path) -> Segment:
    return Segment(path.name, os.open(path, os.O_RDONLY), path.stat().st_size)


if __name__ == "__main__":
    sys.exit(main())
