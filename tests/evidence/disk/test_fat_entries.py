"""What The Sleuth Kit leaves out of a FAT directory is listed, or counted in words."""

import os
import random
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.evidence.disk.clusters import bad_clusters, fat_layout, fat_map
from headwater.evidence.disk.fat_entries import FatEntries
from headwater.evidence.disk.fat_unlisted import NO_DIRECTORY, UNLISTED, left_out
from headwater.evidence.disk.filesystems import FileSystemReader
from headwater.evidence.disk.raw import RawImage
from headwater.evidence.reader import Limits
from headwater.model.errors import EvidenceError, Truncated
from headwater.model.item import Allocation, Entry, Refusal

ENVIRONMENT = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin", "MTOOLS_SKIP_CHECK": "1", "TZ": "UTC"}
CHART = random.Random(5).randbytes(9001)
SMALL = b"lighthouse"


def run(*command):
    subprocess.run([*map(str, command)], check=True, env=ENVIRONMENT, capture_output=True, timeout=60)


@pytest.fixture(scope="module", params=[12, 16, 32])
def volume(request, tmp_path_factory):
    """A volume with SPEC1.BIN and SPEC2.BIN in the root, and DCIM/DEEP/SMALL.TXT."""
    folder = tmp_path_factory.mktemp("fat")
    image, chart, small = folder / "image", folder / "chart", folder / "small"
    image.write_bytes(bytes({12: 4, 16: 16, 32: 48}[request.param] << 20))
    chart.write_bytes(CHART)
    small.write_bytes(SMALL)
    run("mkfs.vfat", "-F", request.param, "-s", {12: 4, 16: 1, 32: 1}[request.param], image)
    run("mmd", "-i", image, "::/DCIM", "::/DCIM/DEEP")
    run("mcopy", "-i", image, chart, "::/SPEC1.BIN")
    run("mcopy", "-i", image, chart, "::/SPEC2.BIN")
    run("mcopy", "-i", image, small, "::/DCIM/DEEP/SMALL.TXT")
    return request.param, image.read_bytes()


class Lister:
    """The entries and refusals of a changed volume."""

    def __init__(self, kit, data):
        self.data = bytes(data)
        self.reader = FileSystemReader(RawImage([kit.memory("fat", self.data)]), "fat", Limits())
        found = list(self.reader.entries())
        self.files = {each.locator.layers[-1].name: each for each in found if isinstance(each, Entry)}
        self.said = [each.message for each in found if isinstance(each, Refusal)]

    def read(self, name):
        content = self.reader.open(self.files[name])
        return content.read(), content.fault


@pytest.fixture
def changed(volume, kit):
    """Lists the volume after a change to the entry of that name: a function of its 32 bytes as a bytearray."""

    def change(name, edit):
        data = bytearray(volume[1])
        at = data.index(name)
        entry = data[at : at + 32]
        edit(entry)
        data[at : at + 32] = entry
        return Lister(kit, data)

    return change


def placing(at, value):
    def edit(entry):
        entry[at : at + len(value)] = value

    return edit


def test_nothing_is_added_to_a_sound_volume(volume, kit):
    listed = Lister(kit, volume[1])
    assert sorted(listed.files) == [b"DCIM/DEEP/SMALL.TXT", b"SPEC1.BIN", b"SPEC2.BIN"]
    assert (listed.said, {each.note for each in listed.files.values()} & {UNLISTED, NO_DIRECTORY}) == ([], set())


@pytest.mark.parametrize(("short", "name"), [
    (b"\x1b[31m\x9b  B\x07N", b"\x1b[31m\x9b.B\x07N"), (b"../X    TXT", b".._X.TXT"),
    (b"\xff\xfe\x80\n\r\t  BIN", b"\xff\xfe\x80\n\r\t.BIN"),
])  # fmt: skip
def test_a_name_with_odd_bytes_hides_no_file(changed, short, name):
    listed = changed(b"SPEC1   BIN", placing(0, short))
    assert len(listed.files) == 3
    assert listed.read(name) == (CHART, None)
    entry = listed.files[name]
    assert (entry.allocation, entry.size_bytes, entry.note) == (Allocation.ALLOCATED, len(CHART), UNLISTED)
    assert entry.times.modified is not None


def test_the_attributes_of_a_long_name_hide_no_file(changed):
    assert changed(b"SPEC1   BIN", placing(11, b"\x0f")).read(b"SPEC1.BIN") == (CHART, None)


def test_a_size_beyond_the_volume_hides_no_file(changed):
    content, fault = changed(b"SPEC1   BIN", placing(28, b"\xff" * 4)).read(b"SPEC1.BIN")
    assert content.startswith(CHART)
    assert isinstance(fault, Truncated)


def test_a_first_cluster_beyond_the_volume_is_counted(changed):
    listed = changed(b"SPEC1   BIN", placing(26, b"\xf0\xff"))
    assert len(listed.files) + sum("1 entries were not read" in each for each in listed.said) == 3


def test_a_file_without_a_first_cluster_is_a_failure(changed):
    def edit(entry):
        entry[26:28] = entry[20:22] = bytes(2)

    with pytest.raises(EvidenceError):
        changed(b"SPEC1   BIN", edit).read(b"SPEC1.BIN")


@pytest.mark.parametrize("mark", [b"\0", b"\xe5"])
def test_an_entry_marked_as_unused_is_listed_or_counted(changed, mark):
    listed = changed(b"SPEC1   BIN", placing(0, mark + b"\x01\x02"))
    assert len(listed.files) + sum("1 unused entries were not read" in each for each in listed.said) == 3


def test_a_file_marked_as_a_directory_is_given_as_a_file(changed):
    listed = changed(b"SPEC1   BIN", placing(11, b"\x10"))
    content, fault = listed.read(b"SPEC1.BIN")
    assert (content.startswith(CHART), fault, listed.files[b"SPEC1.BIN"].note) == (True, None, NO_DIRECTORY)


@pytest.mark.parametrize("size", [0, 1, 2048, len(CHART) // 2])
@pytest.mark.parametrize("name", [b"SPEC1   BIN", b"SP\xff\xfe1   BIN"])
def test_whole_clusters_behind_the_size_of_a_file_are_said(changed, size, name):
    def edit(entry):
        entry[:11], entry[28:32] = name, size.to_bytes(4, "little")

    listed = changed(b"SPEC1   BIN", edit)
    [said] = listed.said
    assert f"its entry gives {size} bytes, yet has a chain of" in said
    assert ("bytes behind its end were not read" in said) == (size > 0)
    assert len(listed.files) == 3


def test_a_size_that_ends_in_the_last_cluster_is_no_lie(changed, kit):
    layout = fat_layout(RawImage([kit.memory("fat", changed(b"SPEC1   BIN", bytes).data)]))
    last = (len(CHART) - 1) // layout.cluster_bytes * layout.cluster_bytes + 1
    assert changed(b"SPEC1   BIN", placing(28, last.to_bytes(4, "little"))).said == []
    assert len(changed(b"SPEC1   BIN", placing(28, (last - 1).to_bytes(4, "little"))).said) == 1


def test_many_files_on_one_chain_are_not_all_followed(changed, monkeypatch):
    monkeypatch.setattr(FatEntries, "restart", lambda fat: setattr(fat, "_steps", 2))
    listed = changed(b"SPEC1   BIN", bytes)
    for _ in range(2):
        said = [each.message for each in listed.reader.entries() if isinstance(each, Refusal)]
        assert said == ["files share clusters: no chain behind this one was held against the size of its file"]


def test_a_directory_marked_as_a_file_says_what_is_not_read(changed):
    listed = changed(b"DEEP       ", placing(11, b"\x20"))
    assert any("DEEP: its entry gives 0 bytes, yet has a chain" in each for each in listed.said)


def test_a_directory_that_leads_nowhere_is_refused(changed):
    listed = changed(b"DEEP       ", placing(26, bytes(2)))
    assert any("names no cluster" in each for each in listed.said)


def test_a_directory_the_kit_leaves_out_is_gone_through(changed):
    listed = changed(b"DEEP       ", placing(0, b"\x1b\x07EEP"))
    assert listed.read(b"DCIM/\x1b\x07EEP/SMALL.TXT") == (SMALL, None)


def test_an_entry_is_allocated_deleted_or_orphan(volume, tmp_path, kit):
    image = tmp_path / "image"
    image.write_bytes(volume[1])
    run("mdel", "-i", image, "::/SPEC1.BIN", "::/DCIM/DEEP/SMALL.TXT")
    run("mrd", "-i", image, "::/DCIM/DEEP")
    listed = Lister(kit, image.read_bytes())
    states = {name: entry.allocation for name, entry in listed.files.items()}
    assert states == {
        b"SPEC2.BIN": Allocation.ALLOCATED,
        b"_PEC1.BIN": Allocation.DELETED,
        b"DCIM/_EEP/_MALL.TXT": Allocation.DELETED,
    }
    assert listed.read(b"SPEC2.BIN")[0] == listed.read(b"_PEC1.BIN")[0] == CHART
    data = bytearray(image.read_bytes())
    at = data.index(b"\xe5EEP       ")
    data[at : at + 32] = bytes(32)  # nothing leads to the deleted directory any more
    listed = Lister(kit, data)
    [orphan] = [name for name, entry in listed.files.items() if entry.allocation is Allocation.ORPHAN]
    assert (orphan.endswith(b"_MALL.TXT"), listed.read(orphan)[0]) == (True, SMALL)


def test_a_chain_into_a_bad_mark_is_read_up_to_it_and_bad_clusters_are_counted(volume, kit):
    width, data = volume[0], bytearray(volume[1])
    layout = fat_layout(RawImage([kit.memory("fat", volume[1])]))
    entry = data[(at := data.index(b"SPEC1   BIN")) : at + 32]
    first = int.from_bytes(entry[26:28], "little")
    bit = layout.table_bytes * 8 + (first + 1) * width
    value = int.from_bytes(data[bit // 8 : bit // 8 + 4], "little")
    mask = ((1 << width) - 1) << bit % 8
    value = value & ~mask | (0x0FFFFFF7 & ((1 << width) - 1)) << bit % 8
    data[bit // 8 : bit // 8 + 4] = value.to_bytes(4, "little")
    listed = Lister(kit, data)
    content, fault = listed.read(b"SPEC1.BIN")
    assert content[: layout.cluster_bytes] == CHART[: layout.cluster_bytes]
    assert isinstance(fault, Truncated) or any(listed.reader.open(listed.files[b"SPEC1.BIN"]).damaged())
    assert any(each.startswith("1 clusters are marked as bad") for each in listed.said)


def test_copies_of_the_allocation_table_that_differ_are_said(volume, kit):
    data = bytearray(volume[1])
    layout = fat_layout(RawImage([kit.memory("fat", volume[1])]))
    second = layout.table_bytes + layout.table_length_bytes
    data[second] ^= 8  # of the entries that are no cluster's
    assert Lister(kit, data).said == []
    data[second + 20] ^= 8
    [said] = Lister(kit, data).said
    assert said == "the two copies of the allocation table differ in 1 sectors: the first was read"


def test_the_map_of_clusters_agrees_with_the_table_read_one_by_one(volume, kit):
    width, data = volume
    source = RawImage([kit.memory("fat", data)])
    layout = fat_layout(source)
    table = int.from_bytes(data[layout.table_bytes : layout.table_bytes + layout.table_length_bytes], "little")
    mask = 0x0FFFFFFF if width == 32 else (1 << width) - 1
    used = [bool(table >> number * width & mask) for number in range(2, 66)]
    clusters = fat_map(source, width)
    place = layout.data_bytes
    got = [bool(clusters.used(place + at * layout.cluster_bytes, 1)[0]) for at in range(64)]
    assert got == used
    assert bad_clusters(source, width) == 0


@given(data=st.binary(max_size=4096), width=st.sampled_from([12, 16, 32]), inode=st.integers(0, 1 << 33))
@settings(deadline=None)
def test_any_bytes_end_without_an_error(data, width, inode):
    class Memory:
        size_bytes = len(data)

        def read_at(self, offset_bytes, length_bytes):
            return data[offset_bytes : offset_bytes + length_bytes]

        def bad_ranges(self):
            return ()

    fat = FatEntries(Memory(), width)
    for found in left_out(fat, inode, b"", set()):
        assert found.entry or found.refusal
    assert bad_clusters(Memory(), width) >= 0
