"""The workstation's disk: two volumes in a GPT, wrapped as E01 with one damaged chunk under one copied file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryFile
from uuid import UUID

from headwater.demo.ewf_writer import CHUNK_BYTES, Metadata, write_ewf
from headwater.demo.fat_writer import FatFile, FatKind, Volume, plan_fat
from headwater.demo.partition_writer import SECTOR_BYTES, lay_out, write_gpt
from headwater.demo.placed import Placed, digest
from headwater.demo.story import BEGIN, Story
from headwater.demo.truth import FileTruth
from headwater.model.visible import visible

_SEGMENT_BYTES = 24 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """The chunk that will not be readable, and what of the file it leaves (unreadable bytes as zeros)."""

    chunk: int
    read: bytes


def write_disk(
    story: Story, exhibit: str, volumes: Sequence[Sequence[Placed]], damaged: bytes, folder: Path
) -> tuple[Path, list[FileTruth]]:
    """Write ``<exhibit>.E01`` and its further segments; returns the first and the truth of every file.

    damaged: the path, on the last volume, of the file to lie under the damaged chunk; at least 96 KiB long.
    """
    planned = [_plan(story, number, placed) for number, placed in enumerate(volumes)]
    rng = story.rng(800)
    identities = [UUID(bytes=rng.bytes(16), version=4) for _ in range(len(planned) + 1)]
    parts = lay_out([one.geometry.total_sectors for one in planned], ["data", "backup"], identities[1:])
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
    truths = [
        _truth(exhibit, f"p{number}", one, damage if one.path == damaged and number == len(volumes) else None)
        for number, placed in enumerate(volumes, 1)
        for one in placed
    ]
    return segments[0], truths


def _metadata(story: Story, exhibit: str) -> Metadata:
    return Metadata(
        case_number="Springhead",
        evidence_number=exhibit,
        description="invented: pictures of lighthouses",
        examiner="made by code",
        acquired=BEGIN + timedelta(days=110),
        set_guid=story.rng(802).bytes(16),
    )


def _plan(story: Story, number: int, placed: Sequence[Placed]) -> Volume:
    files = [
        FatFile(path=one.path.decode(), data=one.data, modified=one.modified, deleted=one.deleted) for one in placed
    ]
    kind: FatKind = "fat16" if number else "fat32"
    return plan_fat(files, kind=kind, sectors_per_cluster=1, volume_id=int(story.rng(801, number).integers(2**32)))


def _damage(placed: Sequence[Placed], damaged: bytes, offset_bytes: int) -> Damage:
    """Choose the first chunk that lies wholly inside the file."""
    data = next(one.data for one in placed if one.path == damaged)
    chunk = -(-offset_bytes // CHUNK_BYTES)
    first = chunk * CHUNK_BYTES - offset_bytes
    if first + CHUNK_BYTES > len(data):
        raise ValueError(f"{len(data)} bytes hold no whole chunk")
    return Damage(chunk=chunk, read=data[:first] + bytes(CHUNK_BYTES) + data[first + CHUNK_BYTES :])


def _truth(exhibit: str, partition: str, one: Placed, damage: Damage | None) -> FileTruth:
    return FileTruth(
        exhibit=exhibit,
        path=visible(f"{partition}/{_found_as(one)}".encode()),
        sha256=one.sha256 if damage is None else digest(damage.read),
        size_bytes=len(one.data),
        allocation="deleted" if one.deleted else "allocated",
        damaged=damage is not None,
        sha256_original="" if damage is None else one.sha256,
        note=one.note,
    )


def _found_as(one: Placed) -> str:
    """Spell the path as it is found: a deleted short name lost its first letter, shown as ``_`` by TSK."""
    folder, slash, name = one.path.decode().rpartition("/")
    short = one.deleted and name.isascii() and name == name.upper() and len(name.partition(".")[0]) <= 8
    return f"{folder}{slash}_{name[1:]}" if short else one.path.decode()
