"""Reading an E01 from end to end, against libewf-python. The image is made by ewfacquire, the peer's own writer."""

import hashlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from headwater.bench.inputs import disk
from headwater.bench.rows import BenchRow, by_turns, peak_bytes, peer_module, peer_program
from headwater.evidence.disk.ewf import EwfImage
from headwater.evidence.disk.segments import Segment

MEDIA_BYTES = 512 << 20
_STEP_BYTES = 1 << 20
_TARGET = 5.0
_REPEATS = 3


def rows() -> Iterator[BenchRow]:
    """One row: MiB of media a second. Raises MissingDependency without pyewf or ewfacquire."""
    pyewf = peer_module("pyewf", "libewf-python")
    acquire = peer_program("ewfacquire", "ewf-tools")
    with tempfile.TemporaryDirectory(prefix="headwater-bench-") as name:
        media = make_image(acquire, Path(name), MEDIA_BYTES)
        image = str(Path(name) / "disk.E01")
        stored = Path(image).stat().st_size
        turns = by_turns(lambda: read_ours(image), lambda: read_pyewf(pyewf, image), repeats=_REPEATS)
        yield BenchRow(
            name="e01",
            input=f"{MEDIA_BYTES >> 20} MiB of empty space and log lines, stored in {stored >> 20} MiB: 32 KiB chunks, "
            "level best",
            peer=f"libewf-python {pyewf.get_version()}",
            ours_per_second=(MEDIA_BYTES >> 20) / turns.ours_seconds,
            peer_per_second=(MEDIA_BYTES >> 20) / turns.peer_seconds,
            ratio=turns.ratio,
            same_output=turns.ours == (MEDIA_BYTES, 0) and _digests(pyewf, image) == (media, media),
            peak_memory_bytes=peak_bytes(lambda: read_ours(image)),
            unit="MiB",
            target=_TARGET,
            note="one core each, 1 MiB a read; every chunk's Adler-32 compared; SHA-256 of the media, of ours and of "
            "the peer's compared, outside the time; peak is of this process",
        )


def make_image(acquire: str, folder: Path, size_bytes: int) -> str:
    """Write disk.E01 into `folder`; returns the SHA-256 of its media."""
    digest = hashlib.sha256()
    raw = folder / "disk.raw"
    with raw.open("wb") as file:
        for block in disk(size_bytes):
            digest.update(block)
            file.write(block)
    options = ["-u", "-q", "-c", "best", "-f", "encase6", "-S", "7EiB", "-t", str(folder / "disk")]
    subprocess.run([acquire, *options, str(raw)], check=True, capture_output=True)
    raw.unlink()
    return digest.hexdigest()


def read_ours(image: str) -> tuple[int, int]:
    """Read everything with our reader; returns the bytes given and how many of them were bad."""
    descriptor = os.open(image, os.O_RDONLY)
    try:
        opened = EwfImage([Segment(name="disk.E01", fd=descriptor, size_bytes=os.fstat(descriptor).st_size)])
        given = sum(map(len, _blocks(opened)))
        return given, sum(bad.length_bytes for bad in opened.bad_ranges())
    finally:
        os.close(descriptor)


def read_pyewf(pyewf: ModuleType, image: str) -> int:
    """Read everything with the peer; returns the bytes given."""
    return sum(map(len, _peer_blocks(pyewf, image)))


def _digests(pyewf: ModuleType, image: str) -> tuple[str, str]:
    """SHA-256 of the media as we and as the peer read it."""
    descriptor = os.open(image, os.O_RDONLY)
    try:
        opened = EwfImage([Segment(name="disk.E01", fd=descriptor, size_bytes=os.fstat(descriptor).st_size)])
        return _sha256(_blocks(opened)), _sha256(_peer_blocks(pyewf, image))
    finally:
        os.close(descriptor)


def _blocks(image: EwfImage) -> Iterator[bytes]:
    return (image.read_at(at, _STEP_BYTES) for at in range(0, image.size_bytes, _STEP_BYTES))


def _peer_blocks(pyewf: ModuleType, image: str) -> Iterator[bytes]:
    handle = pyewf.handle()
    handle.open([image])
    try:
        while block := handle.read(_STEP_BYTES):
            yield block
    finally:
        handle.close()


def _sha256(blocks: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block)
    return digest.hexdigest()
