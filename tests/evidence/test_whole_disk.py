"""A file system in the first sector, beside a partition table or with more bytes behind its end than its own."""

import os
import struct
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from headwater.evidence.disk.segments import Segment
from headwater.evidence.open import SourceReader, describe, open_source
from headwater.evidence.reader import Limits
from headwater.model.item import Allocation, Entry, Refusal

ENVIRONMENT = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin", "MTOOLS_SKIP_CHECK": "1"}
SECTOR, MIB = 512, 1 << 20
CHARTS = {name: name.encode() * 3000 for name in ("fat", "ext", "ntfs")}
Opener = Callable[[bytes], SourceReader]
Volumes = dict[str, bytes]


@pytest.fixture
def opens() -> Iterator[Opener]:
    descriptors: list[int] = []

    def _open(data: bytes) -> SourceReader:
        descriptor = os.memfd_create("disk")
        descriptors.append(descriptor)
        os.write(descriptor, data)
        return open_source([Segment("disk", descriptor, len(data))], Limits())

    yield _open
    for descriptor in descriptors:
        os.close(descriptor)


@pytest.fixture(scope="module")
def volumes(tmp_path_factory: pytest.TempPathFactory) -> Volumes:
    """One of each kind, of 4 MiB (NTFS of 4 MiB with its last sector), each with a chart of its own."""
    folder = tmp_path_factory.mktemp("volumes")
    for kind, chart in CHARTS.items():
        (folder / kind).mkdir()
        (folder / kind / f"{kind}.bin").write_bytes(chart)
        (folder / f"{kind}.img").write_bytes(bytes(4 * MIB))
    image, ntfs = folder / "fat.img", folder / "ntfs.img"
    for command in (
        ["mkfs.vfat", "-F", "16", "-s", "1", image],
        ["mcopy", "-i", image, folder / "fat" / "fat.bin", "::/fat.bin"],
        ["mkfs.ext2", "-q", "-b", "1024", "-d", folder / "ext", folder / "ext.img"],
        ["mkntfs", "-q", "-F", "-Q", ntfs],
        ["ntfscp", ntfs, folder / "ntfs" / "ntfs.bin", "ntfs.bin"],
    ):
        subprocess.run([*map(str, command)], check=True, env=ENVIRONMENT, capture_output=True, timeout=60)
    return {kind: Path(folder / f"{kind}.img").read_bytes() for kind in CHARTS}


def with_table(disk: bytes, *partitions: tuple[int, int]) -> bytes:
    """The disk with a table over its first sector's: (first byte, bytes) of each partition."""
    entries = b"".join(struct.pack("<B3xB3xII", 0, 0x83, start // SECTOR, size // SECTOR) for start, size in partitions)
    return disk[:446] + entries.ljust(64, b"\0") + b"\x55\xaa" + disk[512:]


def read(reader: SourceReader) -> tuple[set[bytes], list[str]]:
    """What of the charts is in use and read, and what is refused."""
    found = list(reader.entries())
    in_use = [each for each in found if isinstance(each, Entry) and each.allocation is Allocation.ALLOCATED]
    files = [each for each in in_use if each.locator.layers[-1].name.endswith(b".bin")]
    return {reader.open(each).read() for each in files}, [each.message for each in found if isinstance(each, Refusal)]


def charts(*kinds: str) -> set[bytes]:
    return {CHARTS[kind] for kind in kinds}


@pytest.mark.parametrize(("first", "second"), [("fat", "ext"), ("ntfs", "fat"), ("ext", "ntfs")])
def test_partitions_behind_a_file_system_in_the_first_sector_are_read_too(
    opens: Opener, volumes: Volumes, first: str, second: str
) -> None:
    disk = volumes[first] + volumes[second] + bytes(MIB)
    reader = opens(with_table(disk, (4 * MIB, 4 * MIB)))
    assert read(reader) == (charts(first, second), [])
    shape = describe(reader)
    assert [volume.name for volume in shape.volumes] == ["the whole disk", "p1"]
    outside = MIB + (SECTOR if first == "ntfs" else 0)  # NTFS does not count the copy of its first sector
    assert shape.notes == (f"{outside:,} bytes lie outside every volume: not examined",)


@pytest.mark.parametrize("first", ["fat", "ext", "ntfs"])
def test_a_partition_within_a_file_system_is_read_and_both_are_named(
    opens: Opener, volumes: Volumes, tmp_path: Path, first: str
) -> None:
    inner = tmp_path / "inner"
    inner.write_bytes(bytes(64 * 1024))
    chart = tmp_path / "inner.bin"
    chart.write_bytes(b"inner")
    for command in (["mkfs.vfat", "-F", "12", inner], ["mcopy", "-i", inner, chart, "::/inner.bin"]):
        subprocess.run([*map(str, command)], check=True, env=ENVIRONMENT, capture_output=True, timeout=60)
    at = 3 * MIB + MIB // 2
    disk = volumes[first][:at] + inner.read_bytes() + volumes[first][at + 64 * 1024 :]
    found, refused = read(opens(with_table(disk, (at, 64 * 1024))))
    assert found == {CHARTS[first], b"inner"}
    assert len(refused) == 1
    assert refused[0].startswith(f"the same bytes are claimed twice: by the {first}")
    assert "p1 of the partition table" in refused[0]


@pytest.mark.parametrize("first", ["fat", "ntfs"])
def test_text_in_a_boot_sector_that_passes_for_a_table_is_no_refusal(
    opens: Opener, volumes: Volumes, first: str
) -> None:
    reader = opens(with_table(volumes[first], (2 * MIB, 64 * 1024)))
    assert read(reader) == (charts(first), [])
    assert "p1 of the partition table: within the file system, not read apart" in describe(reader).notes


def test_an_ext_superblock_that_outlived_a_new_partitioning_is_a_note(opens: Opener, volumes: Volumes) -> None:
    disk = volumes["ext"][:2048] + bytes(MIB - 2048) + volumes["fat"]
    reader = opens(with_table(disk, (MIB, 4 * MIB)))
    assert read(reader) == (charts("fat"), [])
    assert describe(reader).notes[0].startswith("the superblock of an ext file system without a root directory")


@pytest.mark.parametrize("kind", ["fat", "ext", "ntfs"])
@pytest.mark.parametrize("table", [False, True])
def test_what_lies_behind_the_end_of_a_file_system_is_counted(
    opens: Opener, volumes: Volumes, kind: str, table: bool
) -> None:
    said = "1,048,576 bytes behind the end of the file system: not examined"
    for rest, expected in ((bytes(MIB), False), (bytes(MIB - 1) + b"x", True)):
        disk = volumes[kind] + rest
        if table:
            disk = with_table(bytes(MIB) + disk, (MIB, len(disk)))
        shape = describe(opens(disk))
        assert (said in shape.volumes[0].notes) is expected
        assert any("behind the end" in note for note in shape.volumes[0].notes) is expected


def test_the_copy_of_a_boot_sector_behind_the_end_is_not_counted(opens: Opener, volumes: Volumes) -> None:
    whole = volumes["ntfs"]
    assert whole[-SECTOR:][:84] == whole[:84]
    for disk in (whole, whole[:-SECTOR] + bytes(4096) + whole[-SECTOR:]):
        assert describe(opens(disk)).volumes[0].notes == ()
