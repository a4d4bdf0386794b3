"""The workstation's disk: volumes in a GPT, wrapped as E01 with one damaged chunk under one copied file."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryFile
from uuid import UUID

from headwater.demo.ewf_writer import CHUNK_BYTES, Metadata, write_ewf
from headwater.demo.fat_writer import FatFile, Volume, plan_fat
from headwater.demo.partition_writer import SECTOR_BYTES, lay_out, write_gpt
from headwater.demo.placed import Placed, file_truth
from headwater.demo.story import OPERATION, Story
from headwater.demo.timeline import local
from headwater.demo.truth import FileTruth
from headwater.model.visible import visible

_SEGMENT_BYTES = 24 << 20
_SHORT_STEM = 8
_HEAD_BYTES = 16 << 10  # more than any generator's record before the pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """The chunk that will not be readable, and what of the file it leaves (unreadable bytes as zeros)."""

    chunk: int
    read: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """A written image: its first segment, the truth of every file, and what can be read of the damaged one."""

    first: Path
    files: tuple[FileTruth, ...]
    damaged: Placed


def write_disk(story: Story, exhibit: str, volumes: Sequence[Sequence[Placed]], damaged: bytes, folder: Path) -> Disk:
    """Write ``<exhibit>.E01`` and its further segments.

    damaged: the path, on the last volume, of the file to lie under the damaged chunk; at least 96 KiB long.
    """
    planned = [_plan(story, number, placed) for number, placed in enumerate(volumes)]
    rng = story.rng(800)
    identities = [UUID(bytes=rng.bytes(16), version=4) for _ in range(len(planned) + 1)]
    names = [f"volume {number}" for number in range(1, len(planned) + 1)]
    parts = lay_out([one.geometry.total_sectors for one in planned], names, identities[1:])
    starts = [part.first_sector * SECTOR_BYTES for part in parts]
    damage = _damage(volumes[-1], damaged, starts[-1] + planned[-1].offsets_bytes[damaged.decode()])
    with TemporaryFile(dir=folder) as raw:
        write_gpt(raw, parts, identities[0])
        for volume, start in zip(planned, starts, strict=True):
            volume.write(raw, start)
        raw.seek(0)
        segments = write_ewf(
            raw,
            folder,
            exhibit,
            segment_bytes=_SEGMENT_BYTES,
            metadata=_metadata(story, exhibit),
            damage=(damage.chunk,),
        )
    files, read = [], None
    for number, placed in enumerate(volumes, 1):
        for one in placed:
            under = number == len(volumes) and one.path == damaged
            read = replace(one, data=damage.read) if under else read
            files.append(_truth(exhibit, f"p{number}", one, damage if under else None))
    if read is None:
        raise ValueError(f"no file {damaged!r} on the last volume")
    return Disk(first=segments[0], files=tuple(files), damaged=read)


def _metadata(story: Story, exhibit: str) -> Metadata:
    return Metadata(
        case_number="Springhead",
        evidence_number=exhibit,
        description=OPERATION,
        examiner="made by code",
        acquired=story.days.producer_seized,
        set_guid=story.rng(802).bytes(16),
    )


def _plan(story: Story, number: int, placed: Sequence[Placed]) -> Volume:
    """Lay the files out; FAT keeps wall-clock times."""
    files = [
        FatFile(
            path=one.path.decode(), data=one.data, modified=local(one.modified), deleted=one.deleted,
            created=local(one.created) if one.created else None,
        )
        for one in placed
    ]  # fmt: skip
    kind, sectors = story.layout.volumes[number]
    identity = int(story.rng(801, number).integers(2**32))
    return plan_fat(files, kind=kind, sectors_per_cluster=sectors, volume_id=identity)


def _damage(placed: Sequence[Placed], damaged: bytes, offset_bytes: int) -> Damage:
    """Choose the first chunk that lies wholly inside the file and leaves its head: what it is can still be told."""
    data = next(one.data for one in placed if one.path == damaged)
    chunk = -(-(offset_bytes + _HEAD_BYTES) // CHUNK_BYTES)
    first = chunk * CHUNK_BYTES - offset_bytes
    if first + CHUNK_BYTES > len(data):
        raise ValueError(f"{len(data)} bytes hold no whole chunk")
    return Damage(chunk=chunk, read=data[:first] + bytes(CHUNK_BYTES) + data[first + CHUNK_BYTES :])


def _truth(exhibit: str, partition: str, one: Placed, damage: Damage | None) -> FileTruth:
    path = visible(f"{partition}/{_found_as(one)}".encode())
    if damage is None:
        return file_truth(exhibit, path, one)
    found = file_truth(exhibit, path, replace(one, data=damage.read))
    return replace(found, damaged=True, sha256_original=one.sha256)


def _found_as(one: Placed) -> str:
    """Spell the path as it is found: a deleted short name lost its first letter, shown as ``_`` by TSK."""
    folder, slash, name = one.path.decode().rpartition("/")
    short = one.deleted and name.isascii() and name == name.upper() and len(name.partition(".")[0]) <= _SHORT_STEM
    return f"{folder}{slash}_{name[1:]}" if short else one.path.decode()
