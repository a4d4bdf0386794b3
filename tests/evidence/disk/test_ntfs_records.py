"""No NTFS record in use is left out for want of a name, and clusters marked as bad are said."""

import os
import subprocess

import pytest

from headwater.evidence.disk import deleted
from headwater.evidence.disk.filesystems import FileSystemReader
from headwater.evidence.disk.raw import RawImage
from headwater.evidence.reader import Limits
from headwater.model.item import Allocation, Entry, ItemKind, Refusal

ENVIRONMENT = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}
CHART, LOG, STREAM = bytes(range(256)) * 80, b"log" * 4000, b"tide" * 2000
FIRST, SECOND, RECORD_BYTES, CLUSTER_BYTES = 64, 65, 1024, 4096
FILE_NAME, DATA, END = 0x30, 0x80, 0xFFFFFFFF
STRAY = b"$Unnamed/%d"


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """An NTFS volume with log.bin (record 64) and chart.bin (65) in its root; chart.bin has a stream."""
    folder = tmp_path_factory.mktemp("ntfs")
    image = folder / "image"
    image.write_bytes(bytes(8 << 20))
    for name, content in (("log", LOG), ("chart", CHART), ("stream", STREAM)):
        (folder / name).write_bytes(content)
    for command in (
        ["mkntfs", "-F", "-q", "-Q", "-s", "512", "-c", CLUSTER_BYTES, image],
        ["ntfscp", image, folder / "log", "log.bin"],
        ["ntfscp", image, folder / "chart", "chart.bin"],
        ["ntfscp", "-N", "tide", image, folder / "stream", "chart.bin"],
    ):
        subprocess.run(list(map(str, command)), check=True, env=ENVIRONMENT, capture_output=True, timeout=60)
    return image.read_bytes()


class Volume:
    """A volume to change."""

    def __init__(self, data):
        self.data = bytearray(data)
        self.table = int.from_bytes(data[48:56], "little") * CLUSTER_BYTES

    def record(self, number):
        return self.table + number * RECORD_BYTES

    def put(self, at, value):
        self.data[at : at + len(value)] = value

    def number(self, at, length):
        return int.from_bytes(self.data[at : at + length], "little")

    def attribute(self, record, kind):
        at = record + self.number(record + 20, 2)
        while self.number(at, 4) != kind:
            assert self.number(at, 4) != END
            at += self.number(at + 4, 4)
        return at

    def reference(self, number):
        return number.to_bytes(6, "little") + bytes(self.data[self.record(number) + 16 : self.record(number) + 18])

    def point_names_to(self, number):
        """Let the list of the root give chart.bin the record of another file."""
        at, changed = 0, 0
        while (at := self.data.find("chart.bin".encode("utf-16-le"), at + 1)) >= 0:
            entry = at - 66 - 16
            if self.data[entry : entry + 8] == self.reference(SECOND):
                self.put(entry, self.reference(number))
                changed += 1
        assert changed


def name_a_file_as_the_directory(volume):
    volume.put(volume.attribute(volume.record(SECOND), FILE_NAME) + 24, volume.reference(FIRST))
    return SECOND


def take_the_name_out(volume):
    record = volume.record(SECOND)
    at, used = volume.attribute(record, FILE_NAME), volume.number(record + 24, 4)
    length = volume.number(at + 4, 4)
    volume.put(at, volume.data[at + length : record + used])
    volume.put(record + 24, (used - length).to_bytes(4, "little"))
    return SECOND


def move_to_a_reserved_record(volume):
    name_a_file_as_the_directory(volume)
    record = volume.record(13)
    volume.put(record, volume.data[volume.record(SECOND) : volume.record(SECOND) + RECORD_BYTES])
    volume.put(record + 44, (13).to_bytes(4, "little"))
    volume.put(volume.record(SECOND), bytes(RECORD_BYTES))
    return 13


def say_it_goes_on_another_file(volume):
    volume.put(volume.record(SECOND) + 32, volume.reference(FIRST))
    return SECOND


class Lister:
    """The entries and refusals of a volume."""

    def __init__(self, kit, data):
        self.reader = FileSystemReader(RawImage([kit.memory("ntfs", bytes(data))]), "ntfs", Limits())
        found = list(self.reader.entries())
        self.files = {each.locator.layers[-1].name: each for each in found if isinstance(each, Entry)}
        self.said = [each.message for each in found if isinstance(each, Refusal)]

    def read(self, name):
        return self.reader.open(self.files[name]).read()


def test_nothing_is_added_to_a_sound_volume(sound, kit):
    listed = Lister(kit, sound)
    assert listed.said == []
    assert [name for name in listed.files if name.startswith(deleted.UNNAMED_FOLDER)] == []
    assert {each.note for each in listed.files.values()} == {"", "file system metadata"}
    assert listed.files[b"$BadClus:$Bad"].kind is ItemKind.OTHER


@pytest.mark.parametrize(
    "hide",
    [name_a_file_as_the_directory, take_the_name_out, move_to_a_reserved_record, say_it_goes_on_another_file],
)
def test_a_record_in_use_that_no_directory_names_is_listed_with_its_streams(sound, kit, hide):
    volume = Volume(sound)
    volume.point_names_to(FIRST)
    path = STRAY % hide(volume)
    listed = Lister(kit, volume.data)
    assert (listed.read(path), listed.read(path + b":tide"), listed.said) == (CHART, STREAM, [])
    assert (listed.files[path].note, listed.files[path].allocation) == (deleted.UNNAMED, Allocation.ALLOCATED)
    assert listed.read(b"log.bin") == LOG


def test_a_record_in_use_that_cannot_be_read_is_said(sound, kit):
    volume = Volume(sound)
    volume.point_names_to(FIRST)
    volume.data[volume.record(SECOND) + 510] ^= 1  # not as the update sequence has it
    [said] = Lister(kit, volume.data).said
    assert said == "1 records in use that no directory names cannot be read"


def test_clusters_marked_as_bad_are_said(sound, kit):
    volume = Volume(sound)
    stream = next(
        at
        for at in range(volume.record(8), volume.record(9), 8)
        if volume.number(at, 4) == DATA and volume.data[at + 9] == len("$Bad")
    )
    runs = stream + volume.number(stream + 32, 2)
    clusters = volume.number(stream + 24, 8) + 1
    rest = (clusters - 3).to_bytes(2, "little")
    volume.put(runs, bytes([0x21, 3, 0, 4, 0x02]) + rest + b"\0")  # three clusters from 1024 on, then one hole
    assert "3 clusters are marked as bad: what they hold was not read" in Lister(kit, volume.data).said


def test_the_records_a_file_has_beside_its_first_are_no_files(sound, kit, tmp_path):
    image, stream = tmp_path / "image", tmp_path / "stream"
    image.write_bytes(sound)
    stream.write_bytes(STREAM)
    for number in range(24):
        command = ["ntfscp", "-N", f"a-stream-with-a-long-name-{number}", str(image), str(stream), "log.bin"]
        subprocess.run(command, check=True, env=ENVIRONMENT, capture_output=True, timeout=60)
    volume = Volume(image.read_bytes())
    assert any(volume.number(volume.record(number) + 32, 8) for number in range(SECOND + 1, SECOND + 20))
    listed = Lister(kit, volume.data)
    assert sum(name.startswith(b"log.bin:") for name in listed.files) == 24
    assert ([name for name in listed.files if name.startswith(deleted.UNNAMED_FOLDER)], listed.said) == ([], [])


@pytest.mark.parametrize("named", [True, False])
def test_a_file_marked_as_a_directory_is_given_as_a_file(sound, kit, named):
    volume = Volume(sound)
    volume.data[volume.record(SECOND) + 22] |= 2
    if not named:
        volume.point_names_to(FIRST)
        name_a_file_as_the_directory(volume)
    path = b"chart.bin" if named else STRAY % SECOND
    listed = Lister(kit, volume.data)
    assert (listed.files[path].kind, listed.files[path + b":tide"].kind) == (ItemKind.FILE, ItemKind.STREAM)
    assert (listed.read(path), listed.read(path + b":tide")) == (CHART, STREAM)
    assert any("directory cannot be listed" in each for each in listed.said)
