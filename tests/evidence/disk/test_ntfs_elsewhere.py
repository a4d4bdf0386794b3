"""NTFS files whose stored bytes are not their content are refused by name."""

import os
import struct
import subprocess

import pytest

from headwater.evidence.disk.filesystems import FileSystemReader
from headwater.evidence.disk.raw import RawImage
from headwater.evidence.reader import Limits
from headwater.model.errors import Encrypted, UnknownFormat
from headwater.model.item import Entry

ENVIRONMENT = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}
CHART = bytes(range(256)) * 80
DATA, REPARSE_POINT, END = 0x80, 0xC0, 0xFFFFFFFF


@pytest.fixture(scope="module")
def volume(tmp_path_factory):
    """An NTFS volume with chart.bin in its root, and where its MFT entry begins."""
    folder = tmp_path_factory.mktemp("ntfs")
    image, chart = folder / "image", folder / "chart"
    image.write_bytes(bytes(8 << 20))
    chart.write_bytes(CHART)
    for command in (["mkntfs", "-F", "-q", "-Q", image], ["ntfscp", "-f", image, chart, "chart.bin"]):
        subprocess.run(list(map(str, command)), check=True, env=ENVIRONMENT, capture_output=True, timeout=60)
    data = image.read_bytes()
    table = int.from_bytes(data[48:56], "little") * data[13] * 512
    found = data.index("chart.bin".encode("utf-16-le"), table)
    return data, table + (found - table) // 1024 * 1024


def attribute(data, entry, kind):
    """The offset of an attribute in an MFT entry."""
    at = entry + int.from_bytes(data[entry + 20 : entry + 22], "little")
    while (found := int.from_bytes(data[at : at + 4], "little")) != kind:
        assert found != END
        at += int.from_bytes(data[at + 4 : at + 8], "little")
    return at


def encrypted(volume):
    data, entry = bytearray(volume[0]), volume[1]
    at = attribute(data, entry, DATA)
    data[at + 12 : at + 14] = (0x4000).to_bytes(2, "little")
    return data


def pointing(volume, tag):
    """The volume with the data of chart.bin made a hole, and a reparse point put behind it."""
    data, entry = bytearray(volume[0]), volume[1]
    at = attribute(data, entry, DATA)
    runs = at + int.from_bytes(data[at + 32 : at + 34], "little")
    length_bytes = data[runs] & 15
    length = data[runs + 1 : runs + 1 + length_bytes]
    data[runs : runs + 8] = (bytes([length_bytes]) + length).ljust(8, b"\0")
    end = attribute_end(data, entry)
    point = struct.pack("<IIBBHHHIHBB", REPARSE_POINT, 48, 0, 0, 24, 0, 40, 16, 24, 0, 0)
    point = (point + struct.pack("<IHH", tag, 8, 0) + bytes(8)).ljust(48, b"\0")
    data[end : end + 56] = point + struct.pack("<II", END, 0)
    data[entry + 24 : entry + 28] = (end + 56 - entry).to_bytes(4, "little")
    assert end + 56 - entry < 510
    return data


def attribute_end(data, entry):
    at = entry + int.from_bytes(data[entry + 20 : entry + 22], "little")
    while int.from_bytes(data[at : at + 4], "little") != END:
        at += int.from_bytes(data[at + 4 : at + 8], "little")
    return at


def opened(kit, data):
    reader = FileSystemReader(RawImage([kit.memory("ntfs", bytes(data))]), "ntfs", Limits())
    [entry] = [one for one in reader.entries() if isinstance(one, Entry) and one.locator.path == "chart.bin"]
    assert entry.size_bytes == len(CHART)
    return reader.open(entry)


def test_a_plain_file_is_read(volume, kit):
    assert opened(kit, volume[0]).read() == CHART


def test_an_encrypted_file_is_refused_by_name(volume, kit):
    with pytest.raises(Encrypted, match="EFS"):
        opened(kit, encrypted(volume))


@pytest.mark.parametrize(("tag", "words"), [
    (0x80000017, "WOF"), (0x80000013, "deduplication"), (0x9000601A, "cloud"), (0x12345678, "reparse point 0x12345678"),
])  # fmt: skip
def test_a_file_kept_elsewhere_is_refused_by_name(volume, kit, tag, words):
    with pytest.raises(UnknownFormat, match=words):
        opened(kit, pointing(volume, tag))
