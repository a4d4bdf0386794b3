"""What cannot be read of a directory or of a file system's own tables is said: names and files may be missing."""

import os
import subprocess

import pytest

from headwater.evidence.disk.clusters import fat_layout
from headwater.evidence.disk.filesystems import FileSystemReader
from headwater.evidence.reader import Limits
from headwater.model.item import ByteRange, Entry, Refusal

ENVIRONMENT = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin", "MTOOLS_SKIP_CHECK": "1"}
CHART = bytes(range(256)) * 80


class Holed:
    """A ByteSource whose bad range reads as zeros, and is known once something of it was asked for."""

    def __init__(self, data, start=0, length=0):
        self.data = data[:start] + bytes(length) + data[start + length :]
        self.hole = ByteRange(offset_bytes=start, length_bytes=length)
        self.size_bytes = len(data)
        self.found = False

    def read_at(self, offset_bytes, length_bytes):
        end = offset_bytes + length_bytes
        self.found |= max(offset_bytes, self.hole.offset_bytes) < min(end, self.hole.end_bytes)
        return self.data[offset_bytes:end]

    def bad_ranges(self):
        return (self.hole,) if self.found else ()


@pytest.fixture(scope="module")
def volumes(tmp_path_factory):
    """One volume of each kind with coast/chart.bin; NTFS has chart.bin in its root, as its tool makes no folder."""
    folder = tmp_path_factory.mktemp("holes")
    chart = folder / "tree" / "coast" / "chart.bin"
    chart.parent.mkdir(parents=True)
    chart.write_bytes(CHART)
    images = {kind: folder / kind for kind in ("ext", "fat", "ntfs")}
    for image in images.values():
        image.write_bytes(bytes(8 << 20))
    for command in (
        ["mkfs.ext4", "-q", "-F", "-d", folder / "tree", images["ext"]],
        ["mkfs.vfat", "-F", "16", "-s", "1", images["fat"]],
        ["mmd", "-i", images["fat"], "::/COAST"],
        ["mcopy", "-i", images["fat"], chart, "::/COAST/CHART.BIN"],
        ["mkntfs", "-F", "-q", "-Q", images["ntfs"]],
        ["ntfscp", "-f", images["ntfs"], chart, "chart.bin"],
    ):
        subprocess.run(list(map(str, command)), check=True, env=ENVIRONMENT, capture_output=True, timeout=60)
    return {kind: image.read_bytes() for kind, image in images.items()}


def listed(kind, source):
    found = list(FileSystemReader(source, kind, Limits()).entries())
    return [one for one in found if isinstance(one, Entry)], [one.message for one in found if isinstance(one, Refusal)]


def place_of_names(kind, data):
    """Where the block or cluster lies that names the chart."""
    name = {"ext": b"chart.bin", "fat": b"CHART   BIN"}[kind]
    return data.index(name) // 512 * 512


@pytest.mark.parametrize("kind", ["ext", "fat", "ntfs"])
def test_nothing_is_said_of_a_volume_that_reads_whole(volumes, kind):
    assert listed(kind, Holed(volumes[kind]))[1] == []


@pytest.mark.parametrize("kind", ["ext", "fat"])
def test_a_directory_over_a_bad_range_is_a_refusal(volumes, kind):
    data = volumes[kind]
    _, said = listed(kind, Holed(data, place_of_names(kind, data), 512))
    assert any("directory: 512 bytes of its list could not be read" in each for each in said)


def test_the_root_of_fat_over_a_bad_range_is_a_refusal(volumes):
    data = volumes["fat"]
    _, said = listed("fat", Holed(data, fat_layout(Holed(data)).root_bytes, 512))
    assert any("directory: 512 bytes of its list could not be read" in each for each in said)


def test_an_ntfs_index_over_a_bad_range_is_a_refusal(volumes):
    data = volumes["ntfs"]
    start = data.index(b"INDX")
    name = "chart.bin".encode("utf-16-le")
    assert name in data[start : start + 4096]
    _, said = listed("ntfs", Holed(data, start, 4096))
    assert any("directory" in each and ("could not be read" in each or "cannot be listed" in each) for each in said)


@pytest.mark.parametrize(("kind", "name"), [
    ("ext", "inode tables"), ("fat", "allocation table"), ("ntfs", "master file table")
])  # fmt: skip
def test_tables_over_a_bad_range_are_a_refusal(volumes, kind, name):
    data = volumes[kind]
    if kind == "fat":
        start = fat_layout(Holed(data)).table_bytes + 512
    elif kind == "ntfs":
        start = data.index(b"FILE0", data.index(b"FILE0") + 40 * 1024)
    else:
        group = data[2048:2112] if int.from_bytes(data[1024 + 24 : 1028 + 24], "little") == 0 else data[4096:4160]
        start = int.from_bytes(group[8:12], "little") * (1024 << data[1024 + 24]) + 1024
    _, said = listed(kind, Holed(data, start, 512))
    assert any(f"512 bytes of its {name} could not be read" in each for each in said)


@pytest.mark.parametrize("kind", ["ext", "fat", "ntfs"])
def test_a_bad_range_in_a_file_marks_it_and_no_other(volumes, kind):
    data = volumes[kind]
    source = Holed(data, data.index(CHART) + 1024, 512)
    reader = FileSystemReader(source, kind, Limits())
    [entry] = [
        one for one in reader.entries() if isinstance(one, Entry) and one.locator.path.lower().endswith("chart.bin")
    ]
    content = reader.open(entry)
    assert content.read() == CHART[:1024] + bytes(512) + CHART[1536:]
    assert list(content.damaged()) == [ByteRange(offset_bytes=1024, length_bytes=512)]
    assert not any(
        reader.open(one).damaged()
        for one in reader.entries()
        if isinstance(one, Entry) and one != entry and one.locator.path[:1] != "$" and one.size_bytes
    )
