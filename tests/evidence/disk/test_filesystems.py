"""File systems made by mkfs tools, without mounting or root, and read back byte for byte."""

import hashlib
import os
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headwater.evidence.disk.clusters import fat_layout, fat_map
from headwater.evidence.disk.deleted import REALLOCATED, same_use
from headwater.evidence.disk.ext_inodes import HELD
from headwater.evidence.disk.fat_chain import chain_runs
from headwater.evidence.disk.filesystems import FileSystemReader
from headwater.evidence.disk.guard import SPARE_NAMES, VISITS_PER_DIRECTORY, Guard
from headwater.evidence.disk.orphans import directory_sectors
from headwater.evidence.disk.volume_facts import volume_facts
from headwater.evidence.reader import Limits
from headwater.model.errors import EvidenceError, LimitReached, Malformed, Overwritten
from headwater.model.item import Allocation, ByteRange, Entry, ItemKind, Refusal, Zone

_ENVIRONMENT = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin", "MTOOLS_SKIP_CHECK": "1", "TZ": "UTC"}
_CHART = bytes(range(256)) * 40  # 10,240 bytes, benign: a test chart
_SMALL = b"lighthouse" * 3  # resident in its MFT entry
_HIDDEN = bytes(reversed(range(256))) * 30


class Memory:
    """A ByteSource in memory; ranges in `bad` read as zeros."""

    def __init__(self, data: bytes, bad: tuple[ByteRange, ...] = ()) -> None:
        self._data = bytearray(data)
        self._bad = bad
        for one in bad:
            self._data[one.offset_bytes : one.end_bytes] = bytes(one.length_bytes)

    @property
    def size_bytes(self) -> int:
        return len(self._data)

    def read_at(self, offset_bytes: int, length_bytes: int) -> bytes:
        return bytes(self._data[offset_bytes : offset_bytes + length_bytes])

    def bad_ranges(self) -> tuple[ByteRange, ...]:
        return self._bad


def _run(*command: str | bytes | Path) -> None:
    subprocess.run(command, check=True, env=_ENVIRONMENT, capture_output=True, timeout=60)


def _write(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def _blank(folder: Path, name: str, size_bytes: int) -> Path:
    path = folder / name
    with path.open("wb") as file:
        file.truncate(size_bytes)
    return path


def _reader(data: bytes, kind: str, limits: Limits | None = None) -> FileSystemReader:
    return FileSystemReader(Memory(data), kind, limits or Limits())


def _listed(reader: FileSystemReader) -> dict[bytes, Entry]:
    return {found.locator.raw_path: found for found in reader.entries() if isinstance(found, Entry)}


def _refused(reader: FileSystemReader) -> list[Refusal]:
    return [found for found in reader.entries() if isinstance(found, Refusal)]


@pytest.fixture(scope="module")
def ext(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("ext")
    tree = folder / "tree"
    (tree / "harbour" / "deep").mkdir(parents=True)
    for path, data in ((tree / "harbour" / "chart.bin", _CHART), (tree / "harbour" / "deep" / "small.txt", _SMALL)):
        path.write_bytes(data)
        os.utime(path, (1_600_000_000, 1_600_000_001))
    (tree / "link").symlink_to("harbour/chart.bin")
    os.mkfifo(tree / "pipe")
    Path(os.fsdecode(os.fsencode(tree) + b"/bad\xff\x1bname")).write_bytes(b"x")
    image = _blank(folder, "ext.img", 8 << 20)
    _run("mkfs.ext4", "-q", "-L", "coast", "-d", tree, image)
    nanoseconds = 987_654_321 << 2  # ext4 keeps the epoch's upper bits in the lowest two
    _run("debugfs", "-w", "-R", f"set_inode_field harbour/chart.bin mtime_extra {nanoseconds}", image)
    return image.read_bytes()


@pytest.fixture(scope="module")
def fat(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("fat")
    image = _blank(folder, "fat.img", 16 << 20)
    _run("mkfs.vfat", "-F", "16", "-n", "COAST", image)
    chart, small = _write(folder, "chart", _CHART), _write(folder, "small", _SMALL)
    _run("mmd", "-i", image, "::/DCIM", "::/GONE")
    _run("mcopy", "-i", image, chart, "::/DCIM/A long name.bin")
    _run("mcopy", "-i", image, small, "::/GONE/INNER.TXT")
    _run("mcopy", "-i", image, small, "::/DEL.TXT")
    return image.read_bytes()


@pytest.fixture(scope="module")
def fat_deleted(fat: bytes, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("fat_deleted")
    image = _write(folder, "fat.img", fat)
    _run("mdel", "-i", image, "::/DEL.TXT", "::/GONE/INNER.TXT")
    _run("mrd", "-i", image, "::/GONE")
    return image.read_bytes()


@pytest.fixture(scope="module")
def ntfs(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("ntfs")
    image = _blank(folder, "ntfs.img", 8 << 20)
    chart, small, hidden = (
        _write(folder, "chart", _CHART), _write(folder, "small", _SMALL), _write(folder, "hidden", _HIDDEN)
    )  # fmt: skip
    _run("mkntfs", "-F", "-q", "-Q", "-L", "coast", image)
    _run("ntfscp", "-f", image, chart, "chart.bin")
    _run("ntfscp", "-f", image, small, "small.txt")
    _run("ntfscp", "-f", "-N", "stream", image, hidden, "chart.bin")
    return image.read_bytes()


def _mft_entry(image: bytes, name: str) -> tuple[int, int]:
    """Inode and byte offset of the MFT entry that holds `name`."""
    start = int.from_bytes(image[48:56], "little") * image[13] * 512
    found = image.index(name.encode("utf-16-le"), start)
    inode = (found - start) // 1024
    assert image[start + inode * 1024 :].startswith(b"FILE")
    return inode, start + inode * 1024


def _ntfs_deleted(image: bytes, name: str, times_reused: int) -> bytes:
    """Mark an MFT entry unused and count its sequence number up, as the system does when it deletes a file."""
    changed = bytearray(image)
    _, at = _mft_entry(image, name)
    changed[at + 22] &= 0xFE
    sequence = int.from_bytes(changed[at + 16 : at + 18], "little") + times_reused
    changed[at + 16 : at + 18] = sequence.to_bytes(2, "little")
    return bytes(changed)


def test_ext_lists_every_file_once_with_raw_names_and_kinds(ext: bytes) -> None:
    reader = _reader(ext, "ext")
    found = _listed(reader)
    assert {path: entry.kind for path, entry in found.items()} == {
        b"harbour/chart.bin": ItemKind.FILE,
        b"harbour/deep/small.txt": ItemKind.FILE,
        b"bad\xff\x1bname": ItemKind.FILE,
        b"link": ItemKind.SYMLINK,
        b"pipe": ItemKind.OTHER,
    }
    assert all(entry.allocation is Allocation.ALLOCATED for entry in found.values())
    assert found[b"harbour/chart.bin"].size_bytes == len(_CHART)
    assert reader.open(found[b"link"]).read() == b"harbour/chart.bin"


def test_ext_times_are_utc_to_the_microsecond(ext: bytes) -> None:
    times = _listed(_reader(ext, "ext"))[b"harbour/chart.bin"].times
    assert times.zone is Zone.UTC
    assert times.modified == datetime(2020, 9, 13, 12, 26, 41, 987654, tzinfo=UTC)
    assert times.created is not None


@pytest.mark.parametrize(("name", "kind", "path", "data"), [
    ("ext", "ext", b"harbour/chart.bin", _CHART),
    ("fat", "fat", b"DCIM/A long name.bin", _CHART),
    ("ntfs", "ntfs", b"chart.bin", _CHART),
    ("ntfs", "ntfs", b"small.txt", _SMALL),
    ("ntfs", "ntfs", b"chart.bin:stream", _HIDDEN),
])  # fmt: skip
def test_content_reads_whole_in_pieces_and_at_random(
    request: pytest.FixtureRequest, name: str, kind: str, path: bytes, data: bytes
) -> None:
    reader = _reader(request.getfixturevalue(name), kind)
    content = reader.open(_listed(reader)[path])
    assert content.read(7) + content.read(1) + content.read() == data
    assert content.read(5) == b""
    content.rewind()
    assert hashlib.sha256(content.read()).digest() == hashlib.sha256(data).digest()
    source = content.source()
    assert source is not None
    assert source.read_at(100, 50) == data[100:150]
    assert source.read_at(len(data) - 3, 50) == data[-3:]
    assert not content.damaged()


def test_an_entry_opens_in_another_reader(ntfs: bytes) -> None:
    entry = _listed(_reader(ntfs, "ntfs"))[b"chart.bin:stream"]
    assert _reader(ntfs, "ntfs").open(entry).read() == _HIDDEN


@pytest.mark.parametrize(("name", "kind"), [("ext", "ext"), ("fat_deleted", "fat"), ("ntfs", "ntfs")])
def test_twice_gives_the_same_list_and_no_locator_twice(request: pytest.FixtureRequest, name: str, kind: str) -> None:
    reader = _reader(request.getfixturevalue(name), kind)
    once, again = list(reader.entries()), list(reader.entries())
    assert once == again
    assert len({str(found.locator) for found in once}) == len(once)


@pytest.mark.parametrize(("name", "kind", "exact"), [("ext", "ext", "ext4"), ("fat", "fat", "fat16"), ("ntfs",) * 3])
def test_facts_name_the_exact_type_and_label(request: pytest.FixtureRequest, name: str, kind: str, exact: str) -> None:
    facts = volume_facts(Memory(request.getfixturevalue(name)), kind)
    assert (facts.file_system, facts.label.lower()) == (exact, "coast")


def test_encrypted_ext_directories_are_noted(ext: bytes) -> None:
    image = bytearray(ext)
    image[1024 + 98] |= 0x01  # INCOMPAT_ENCRYPT
    assert "encrypted" in " ".join(volume_facts(Memory(bytes(image)), "ext").notes)


def test_fat_times_have_no_zone_and_deleted_names_lose_a_letter(fat_deleted: bytes) -> None:
    reader = _reader(fat_deleted, "fat")
    found = _listed(reader)
    assert set(found) == {b"COAST       (Volume Label Entry)", b"DCIM/A long name.bin", b"_EL.TXT", b"_ONE/_NNER.TXT"}
    assert found[b"DCIM/A long name.bin"].times.zone is Zone.UNKNOWN
    assert "date only" in found[b"DCIM/A long name.bin"].note
    assert found[b"COAST       (Volume Label Entry)"].kind is ItemKind.OTHER
    for path in (b"_EL.TXT", b"_ONE/_NNER.TXT"):
        assert found[path].allocation is Allocation.DELETED
        assert reader.open(found[path]).read() == _SMALL


def test_fat_deleted_file_whose_cluster_is_reused_has_no_content(fat_deleted: bytes, tmp_path: Path) -> None:
    image = _write(tmp_path, "fat.img", fat_deleted)
    _run("mcopy", "-i", image, _write(tmp_path, "new", b"N" * 3_000_000), "::/DCIM/NEW.BIN")
    reader = _reader(image.read_bytes(), "fat")
    found = _listed(reader)
    assert reader.open(found[b"DCIM/NEW.BIN"]).read() == b"N" * 3_000_000
    with pytest.raises(EvidenceError, match="in use by other files"):
        reader.open(found[b"_EL.TXT"])
    assert any("in use by other files" in refusal.message for refusal in _refused(reader))  # the directory _ONE


def test_fat_deleted_file_with_a_cluster_in_between_in_use_says_so(tmp_path: Path) -> None:
    image = _blank(tmp_path, "fat.img", 16 << 20)
    _run("mkfs.vfat", "-F", "16", "-s", "1", image)
    chart, small = _write(tmp_path, "chart", _CHART), _write(tmp_path, "small", _SMALL)
    for path, name in ((small, "A.TXT"), (chart, "CHART.BIN")):
        _run("mcopy", "-i", image, path, f"::/{name}")
    _run("mdel", "-i", image, "::/CHART.BIN")
    data = bytearray(image.read_bytes())
    at = bytes(data).index(_CHART)
    layout = fat_layout(Memory(bytes(data)))
    second = (at - layout.data_bytes) // layout.cluster_bytes + 2 + 1
    data[layout.table_bytes + 2 * second : layout.table_bytes + 2 * second + 2] = b"\xff\xff"  # taken by another
    reader = _reader(bytes(data), "fat")
    content = reader.open(_listed(reader)[b"_HART.BIN"])
    content.read()
    assert content.fault is not None
    assert (content.fault.kind, "past 1 in use now" in content.fault.message) == ("overwritten", True)


@pytest.mark.parametrize("width", [12, 16, 32])
def test_fat_chain_that_loops_is_read_as_far_as_it_goes(width: int, tmp_path: Path) -> None:
    image = _blank(tmp_path, "fat.img", {12: 2 << 20, 16: 16 << 20, 32: 64 << 20}[width])
    _run("mkfs.vfat", "-F", str(width), "-s", "1", "-S", "512", image)
    _run("mcopy", "-i", image, _write(tmp_path, "f", _CHART), "::/F.BIN")
    data = bytearray(image.read_bytes())
    layout = fat_layout(Memory(bytes(data)))
    first = (bytes(data).index(_CHART) - layout.data_bytes) // layout.cluster_bytes + 2
    place, shift = layout.table_bytes + (first + 3) * width // 8, (first + 3) * width % 8
    entry = int.from_bytes(data[place : place + 4], "little") & ~(((1 << width) - 1) << shift)
    data[place : place + 4] = (entry | first + 1 << shift).to_bytes(4, "little")  # the fourth leads to the second
    reader = _reader(bytes(data), "fat")
    content = reader.open(_listed(reader)[b"F.BIN"])
    assert content.read() == _CHART[:2048] + bytes(len(_CHART) - 2048)
    assert list(content.damaged()) == [ByteRange(offset_bytes=2048, length_bytes=len(_CHART) - 2048)]


@given(data=st.binary(max_size=2048), inode=st.integers(0, 1 << 40), size=st.integers(0, 1 << 32))
@settings(deadline=None)
def test_a_chain_in_any_bytes_ends(data: bytes, inode: int, size: int) -> None:
    for width in (12, 16, 32):
        runs = chain_runs(Memory(data), width, inode, size)
        assert sum(length for _, length, _ in runs) <= size + (255 << 16)


def test_fat_directory_that_holds_itself_is_cut(tmp_path: Path) -> None:
    image = _blank(tmp_path, "loop.img", 16 << 20)
    _run("mkfs.vfat", "-F", "16", image)
    _run("mmd", "-i", image, "::/SUB", "::/SUB/INNER")
    _run("mcopy", "-i", image, _write(tmp_path, "f", _SMALL), "::/SUB/F.TXT")
    data = bytearray(image.read_bytes())
    cluster = data[data.index(b"SUB        ") + 26 :][:2]
    at = data.index(b"INNER      ") + 26
    data[at : at + 2] = cluster
    reader = _reader(bytes(data), "fat")
    assert [refusal.message for refusal in _refused(reader)] == ["directory 517 holds itself: cut here"]
    assert b"SUB/F.TXT" in _listed(reader)


def test_phantom_directory_entries_are_counted_before_the_orphan_search(fat: bytes) -> None:
    image = bytearray(fat)
    half = len(image) // 2
    phantom = struct.pack("<11sBBBHHHHHHHI", b"PHANTOM JPG", 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 9, 100)
    image[half:] = phantom * ((len(image) - half) // len(phantom))
    volume = Memory(bytes(image))
    clusters = fat_map(volume, 16)
    count = (len(image) - clusters.origin_bytes) // clusters.cluster_bytes
    assert directory_sectors(volume, clusters, count) == half // 512
    assert directory_sectors(Memory(fat), clusters, count) == 0


@pytest.mark.parametrize("width", [12, 16, 32])
def test_fat_map_counts_clusters_in_use(width: int, tmp_path: Path) -> None:
    size = {12: 2 << 20, 16: 16 << 20, 32: 64 << 20}[width]
    image = _blank(tmp_path, "fat.img", size)
    _run("mkfs.vfat", "-F", str(width), "-s", "1", "-S", "512", image)
    _run("mcopy", "-i", image, _write(tmp_path, "f", _CHART), "::/F.BIN")
    assert volume_facts(Memory(image.read_bytes()), "fat").file_system == f"fat{width}"
    clusters = fat_map(Memory(image.read_bytes()), width)
    at = image.read_bytes().index(_CHART)
    assert clusters.used(at, len(_CHART)) == (20, 20)
    assert clusters.used(at, len(_CHART) + 512) == (20, 21)


def test_ntfs_lists_streams_metadata_and_no_index_attributes(ntfs: bytes) -> None:
    found = _listed(_reader(ntfs, "ntfs"))
    assert found[b"chart.bin:stream"].kind is ItemKind.STREAM
    assert found[b"chart.bin:stream"].inode.count("-") == 2
    assert found[b"$MFT"].note == "file system metadata"
    assert found[b"$BadClus:$Bad"].kind is ItemKind.OTHER
    assert found[b"chart.bin"].times.zone is Zone.UTC
    assert not [path for path in found if b"$I30" in path or path.endswith((b"$SDH", b"$SII"))]


def test_ntfs_stream_of_a_directory_is_listed(ntfs: bytes) -> None:
    image = bytearray(ntfs)
    _, at = _mft_entry(ntfs, "chart.bin")
    image[at + 22] |= 2  # MFT_RECORD_IS_DIRECTORY
    found = _listed(_reader(bytes(image), "ntfs"))
    assert found[b"chart.bin:stream"].kind is ItemKind.STREAM


def test_ntfs_deleted_file_keeps_content_and_streams(ntfs: bytes) -> None:
    reader = _reader(_ntfs_deleted(ntfs, "chart.bin", 1), "ntfs")
    found = _listed(reader)
    for path, data in ((b"chart.bin", _CHART), (b"chart.bin:stream", _HIDDEN)):
        assert found[path].allocation is Allocation.DELETED
        assert reader.open(found[path]).read() == data


@pytest.mark.parametrize("all_of_them", [True, False])
def test_ntfs_deleted_file_whose_clusters_are_reused_says_so(ntfs: bytes, all_of_them: bool) -> None:
    image = bytearray(_ntfs_deleted(ntfs, "chart.bin", 1))
    bitmap = _listed(_reader(ntfs, "ntfs"))[b"$Bitmap"]
    before = _reader(ntfs, "ntfs").open(bitmap).read()
    cluster = ntfs.index(_CHART) // (ntfs[13] * 512)
    place = ntfs.index(before)
    for used in range(cluster, cluster + -(-len(_CHART) // (ntfs[13] * 512))):
        image[place + used // 8] &= ~(1 << used % 8)
    free = _reader(bytes(image), "ntfs")
    content = free.open(_listed(free)[b"chart.bin"])
    assert (content.read(), content.fault) == (_CHART, None)
    image[place + cluster // 8] |= 1 << cluster % 8
    if all_of_them:
        image[place : place + len(before)] = before
    reader = _reader(bytes(image), "ntfs")
    reused = reader.open(_listed(reader)[b"chart.bin"])
    assert reused.read() == _CHART
    assert isinstance(reused.fault, Overwritten)
    assert ("3 of its 3" if all_of_them else "1 of its 3") in reused.fault.message


def test_ntfs_name_of_a_reused_entry_shows_nothing_of_the_new_file(ntfs: bytes) -> None:
    reader = _reader(_ntfs_deleted(ntfs, "chart.bin", 3), "ntfs")
    found = _listed(reader)
    assert found[b"chart.bin"].note == REALLOCATED
    assert found[b"chart.bin"].size_bytes is None
    with pytest.raises(EvidenceError):
        reader.open(found[b"chart.bin"])
    orphan = found[b"$OrphanFiles/chart.bin"]
    assert orphan.allocation is Allocation.ORPHAN
    assert reader.open(orphan).read() == _CHART


def test_ext_deleted_name_of_a_reused_inode_shows_nothing_of_the_new_file(ext: bytes, tmp_path: Path) -> None:
    image = _write(tmp_path, "ext.img", ext)
    new = _write(tmp_path, "new", b"another file")
    _run("debugfs", "-w", "-R", "rm harbour/chart.bin", image)
    deleted = _reader(image.read_bytes(), "ext")
    assert deleted.open(_listed(deleted)[b"harbour/chart.bin"]).read() == _CHART
    _run("debugfs", "-w", "-R", f"write {new} new.bin", image)
    reader = _reader(image.read_bytes(), "ext")
    found = _listed(reader)
    assert reader.open(found[b"new.bin"]).read() == b"another file"
    assert found[b"new.bin"].inode == found[b"harbour/chart.bin"].inode
    with pytest.raises(EvidenceError, match="given to another file"):
        reader.open(found[b"harbour/chart.bin"])


def test_sequence_numbers_count_once_for_a_deletion() -> None:
    assert same_use(1, 2)
    assert same_use(0xFFFF, 1)
    assert not same_use(1, 1)
    assert not same_use(1, 3)


@pytest.mark.parametrize(("name", "kind", "path"), [
    ("ext", "ext", b"harbour/chart.bin"), ("fat", "fat", b"DCIM/A long name.bin"), ("ntfs", "ntfs", b"chart.bin"),
])  # fmt: skip
def test_damage_is_mapped_to_the_bytes_of_the_file(
    request: pytest.FixtureRequest, name: str, kind: str, path: bytes
) -> None:
    image: bytes = request.getfixturevalue(name)
    at = image.index(_CHART)
    reader = FileSystemReader(Memory(image, (ByteRange(offset_bytes=at + 600, length_bytes=512),)), kind, Limits())
    content = reader.open(_listed(reader)[path])
    assert content.read(500) == _CHART[:500]
    assert not content.damaged()
    assert content.read() == _CHART[500:600] + bytes(512) + _CHART[1112:]
    assert content.damaged() == [ByteRange(offset_bytes=600, length_bytes=512)]


def test_damage_in_an_mft_entry_marks_its_resident_file(ntfs: bytes) -> None:
    at = ntfs.index(_SMALL)
    reader = FileSystemReader(Memory(ntfs, (ByteRange(offset_bytes=at + 8, length_bytes=4),)), "ntfs", Limits())
    content = reader.open(_listed(reader)[b"small.txt"])
    assert content.read() != _SMALL
    assert content.damaged() == [ByteRange(offset_bytes=0, length_bytes=len(_SMALL))]


def test_a_file_beyond_the_end_of_a_cut_image_is_zeros_and_damaged(fat: bytes) -> None:
    cut = fat[: fat.index(_CHART) + 4096]
    reader = _reader(cut, "fat")
    content = reader.open(_listed(reader)[b"DCIM/A long name.bin"])
    assert content.read() == _CHART[:4096] + bytes(len(_CHART) - 4096)
    assert content.damaged() == [ByteRange(offset_bytes=4096, length_bytes=len(_CHART) - 4096)]


def test_guard_counts_names_against_the_volume_and_visits_of_a_directory() -> None:
    guard = Guard(room=10)
    assert guard.limit == 80 + SPARE_NAMES
    assert not any(guard.count() for _ in range(guard.limit))
    said = f"enumeration looks wrong: {guard.limit + 1} names listed, the volume has 10 inodes; stopped"
    assert guard.count() == said
    assert guard.enter(5, [2, 5]) == "directory 5 holds itself: cut here"
    assert not any(guard.enter(7, [2]) for _ in range(VISITS_PER_DIRECTORY))
    assert "reached 5 times" in guard.enter(7, [2])
    assert "deep" in guard.enter(8, list(range(2000, 3024)))


def test_enumeration_stops_with_a_refusal_when_the_guard_says_so(ext: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headwater.evidence.disk.guard.SPARE_NAMES", 0)
    monkeypatch.setattr("headwater.evidence.disk.guard.NAMES_PER_INODE", 0)
    found = list(_reader(ext, "ext").entries())
    assert len(found) == 1
    assert isinstance(found[0], Refusal)
    assert found[0].kind == LimitReached.kind
    assert found[0].message.startswith("enumeration looks wrong")


def test_paths_beyond_the_limit_are_refused(ext: bytes) -> None:
    refused = _refused(_reader(ext, "ext", Limits(name_bytes=12)))
    assert {refusal.kind for refusal in refused} == {LimitReached.kind}
    assert len(refused) == 2


@pytest.mark.parametrize("size", ["0x8000000", "0x7fffffff", "0x4000000000", "0xffffffffffffff00"])
@pytest.mark.parametrize("name", ["<2>", "harbour", "chart.bin"])
def test_a_size_no_block_map_reaches_does_not_hold_the_sleuth_kit(tmp_path: Path, name: str, size: str) -> None:
    (tmp_path / "tree" / "harbour").mkdir(parents=True)
    _write(tmp_path / "tree", "chart.bin", _CHART)
    _write(tmp_path / "tree" / "harbour", "small.txt", _SMALL)
    image = _blank(tmp_path, "ext.img", 8 << 20)
    _run("mkfs.ext2", "-q", "-b", "1024", "-d", tmp_path / "tree", image)
    _run("debugfs", "-w", "-R", f"set_inode_field {name} size {size}", image)
    reader = _reader(image.read_bytes(), "ext")
    found, refused = _listed(reader), _refused(reader)
    if name == "chart.bin":
        assert HELD in found[b"chart.bin"].note
        with pytest.raises(LimitReached):
            reader.open(found[b"chart.bin"])
    else:
        assert [(one.kind, HELD in one.message) for one in refused] == [("malformed", True)]
    for path, data in ((b"chart.bin", _CHART), (b"harbour/small.txt", _SMALL)):
        if name not in ("<2>", path.decode().split("/")[0]):
            assert reader.open(found[path]).read() == data


@pytest.mark.parametrize(("blocks", "said_inodes"), [(12, 8192), (100, 64)])
def test_a_file_over_what_is_said_to_be_the_inode_table_keeps_its_bytes(
    tmp_path: Path, blocks: int, said_inodes: int
) -> None:
    inode = bytearray(_CHART[:256])  # one that The Sleuth Kit would count for hours, if it were one
    inode[32:36], inode[96:100], inode[108:112] = bytes(4), bytes(4), b"\xff" * 4
    (tmp_path / "tree").mkdir()
    for each in ("chart.bin", "gone.bin"):
        _write(tmp_path / "tree", each, bytes(inode) * (4 * blocks))
    image = _blank(tmp_path, "ext.img", 4 << 20)
    _run("mkfs.ext2", "-q", "-b", "1024", "-I", "256", "-N", "64", "-d", tmp_path / "tree", image)
    _run("debugfs", "-w", "-R", "unlink gone.bin", image)
    data = bytearray(image.read_bytes())
    data[1024:1028] = said_inodes.to_bytes(4, "little")
    data[1024 + 40 : 1024 + 44] = (8192).to_bytes(4, "little")  # inodes in a group: as many as there can be
    reader = _reader(bytes(data), "ext")
    found = _listed(reader)
    for name in (b"chart.bin", b"$Unnamed/13"):
        content = reader.open(found[name])
        assert content.read() == bytes(inode) * (4 * blocks)
        assert not content.damaged()


def test_more_inodes_in_a_group_than_its_bitmap_has_bits_is_a_damaged_volume(ext: bytes) -> None:
    data = bytearray(ext)
    data[1024 + 40 : 1024 + 44] = b"\xff" * 4
    with pytest.raises(Malformed, match="4294967295 inodes in a group"):
        _reader(bytes(data), "ext")


def test_a_hole_of_any_size_is_held_against_what_is_stored(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    _blank(tree, "hole.bin", 1 << 30)
    _blank(tree, "small hole.bin", 4 << 20)
    image = _blank(tmp_path, "ext.img", 4 << 20)
    _run("mkfs.ext4", "-q", "-d", tree, image)
    reader = _reader(image.read_bytes(), "ext")
    with pytest.raises(LimitReached, match="1073741824 bytes, of which 0 are stored"):
        reader.open(_listed(reader)[b"hole.bin"])
    assert reader.open(_listed(reader)[b"small hole.bin"]).read() == bytes(4 << 20)


@pytest.mark.parametrize("address", ["", "x", "1-2", "99999999", "-1", "5-128-1-1"])
def test_an_address_that_leads_nowhere_is_an_evidence_error(ntfs: bytes, address: str) -> None:
    reader = _reader(ntfs, "ntfs")
    entry = next(found for found in reader.entries() if isinstance(found, Entry))
    layer = entry.locator.layers[-1]
    locator = type(entry.locator)(layers=(type(layer)(kind=layer.kind, name=layer.name, address=address),))
    with pytest.raises(Malformed):
        reader.open(Entry(locator=locator))


# A defect of a C library may end its process: damaged images are read in one of their own, as in a worker.
_READ_ALL = """
import sys
from headwater.evidence.content import BytesSource
from headwater.evidence.disk.fat_chain import chain_runs
from headwater.evidence.disk.filesystems import FileSystemReader
from headwater.evidence.reader import Limits
from headwater.model.errors import EvidenceError
from headwater.model.item import Entry
kind, pristine = sys.argv[1], open(sys.argv[2], "rb").read()
print("ready", flush=True)
for line in sys.stdin:
    image = bytearray(pristine)
    cut, *flips = [int(word) for word in line.split()]
    for at, value in zip(flips[::2], flips[1::2]):
        image[at % len(image)] ^= value
    try:
        reader = FileSystemReader(BytesSource(bytes(image[:cut])), kind, Limits(unpacked_bytes=1 << 26))
        for found in reader.entries():
            if isinstance(found, Entry):
                try:
                    content = reader.open(found)
                    content.read(1 << 20)
                    content.damaged()
                except EvidenceError:
                    pass
    except EvidenceError:
        pass
    print("done", flush=True)
"""


class _Worker:
    """A process that reads damaged images, started again where the C library ends it or holds it too long."""

    def __init__(self, kind: str, image: Path) -> None:
        self._command = [sys.executable, "-c", _READ_ALL, kind, str(image)]
        self._process = self._started()

    def _started(self) -> "subprocess.Popen[str]":
        process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=_ENVIRONMENT)  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    def read(self, line: str) -> str:
        """The worker's answer; a Python traceback is what must not come."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        limit = threading.Timer(10, self._process.kill)  # as the broker ends a worker that takes too long
        limit.start()
        answer = self._process.stdout.readline()
        limit.cancel()
        if answer == "done\n":
            return "done"
        error = self._end()
        died = self._process.returncode
        self._process = self._started()
        return f"killed by signal {-died}" if died < 0 else error

    def _end(self) -> str:
        """Wait for the end of the process and close its pipes; what it said on stderr."""
        with suppress(BrokenPipeError), self._process:  # what was written and never read goes with the pipe
            return self._process.communicate(timeout=30)[1]
        return ""

    def close(self) -> None:
        self._process.kill()
        self._end()


@pytest.fixture(scope="module")
def workers(
    tmp_path_factory: pytest.TempPathFactory, ext: bytes, fat_deleted: bytes, ntfs: bytes
) -> Iterator[Callable[[str], _Worker]]:
    folder = tmp_path_factory.mktemp("workers")
    images = {"ext": ext, "fat": fat_deleted, "ntfs": ntfs}
    made = {kind: _Worker(kind, _write(folder, kind, data)) for kind, data in images.items()}
    yield made.__getitem__
    for worker in made.values():
        worker.close()


_HOT = {"ext": 200_000, "fat": 120_000, "ntfs": 100_000}


@pytest.mark.parametrize("kind", ["ext", "fat", "ntfs"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_images_raise_nothing_but_evidence_errors(
    workers: Callable[[str], _Worker], kind: str, data: st.DataObject
) -> None:
    at = st.one_of(st.integers(0, _HOT[kind]), st.integers(0, 1 << 24))
    flips = data.draw(st.lists(st.tuples(at, st.integers(1, 255)), max_size=40))
    cut = data.draw(st.one_of(st.just(1 << 30), st.integers(0, 1 << 23)))
    answer = workers(kind).read(" ".join(map(str, [cut, *(number for flip in flips for number in flip)])))
    assert answer == "done" or answer.startswith("killed by signal")
