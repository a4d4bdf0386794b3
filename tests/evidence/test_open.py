"""Sources of every kind, opened by content: read, or refused by name."""

import io
import os
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.evidence.content import BytesSource
from headwater.evidence.disk import signatures
from headwater.evidence.disk.filesystems import FileSystemReader
from headwater.evidence.disk.segments import Segment
from headwater.evidence.disk.volume_facts import volume_facts
from headwater.evidence.open import SourceReader, SourceShape, describe, open_source
from headwater.evidence.reader import ByteSource, Limits
from headwater.model.errors import Encrypted, EvidenceError, Malformed, Truncated, UnknownFormat
from headwater.model.item import Entry, Refusal
from headwater.model.locator import Layer, Locator

_ENVIRONMENT = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin", "MTOOLS_SKIP_CHECK": "1"}
_CHART = bytes(range(256)) * 40
_SECTOR = 512
_FAT_START, _FAT_BYTES = 2048 * _SECTOR, 16 << 20

Opener = Callable[..., SourceReader]


@pytest.fixture
def opens() -> Iterator[Opener]:
    """Open bytes, or several segments of them, as the worker does: through descriptors."""
    descriptors: list[int] = []

    def _open(*segments: bytes, name: str = "image") -> SourceReader:
        made = []
        for number, data in enumerate(segments):
            descriptor = os.memfd_create(name)
            descriptors.append(descriptor)
            os.write(descriptor, data)
            made.append(Segment(f"{name}.{number:03}" if len(segments) > 1 else name, descriptor, len(data)))
        return open_source(made, Limits())

    yield _open
    for descriptor in descriptors:
        os.close(descriptor)


@pytest.fixture(scope="module")
def fat(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("open")
    image, chart = folder / "fat.img", folder / "chart"
    with image.open("wb") as file:
        file.truncate(_FAT_BYTES)
    chart.write_bytes(_CHART)
    for command in (["mkfs.vfat", "-F", "16", image], ["mcopy", "-i", image, chart, "::/CHART.BIN"]):
        subprocess.run(command, check=True, env=_ENVIRONMENT, capture_output=True, timeout=60)
    return image.read_bytes()


def _mbr(*partitions: tuple[int, int, int]) -> bytes:
    """A master boot record: (type, first sector, sectors) of up to four partitions."""
    table = b"".join(struct.pack("<B3sB3sII", 0, bytes(3), kind, bytes(3), *rest) for kind, *rest in partitions)
    return bytes(446) + table.ljust(64, b"\0") + b"\x55\xaa"


def _gpt(volume: bytes) -> bytes:
    """A disk with one named partition (UEFI specification, section 5.3)."""
    basic_data = bytes.fromhex("a2a0d0ebe5b9334487c068b6b72699c7")
    last = (_FAT_START + len(volume)) // _SECTOR - 1
    entry = (
        basic_data
        + bytes(range(16))
        + struct.pack("<QQQ", 2048, last, 0)
        + "coast".encode("utf-16-le").ljust(72, b"\0")
    )
    entries = entry.ljust(128 * 128, b"\0")
    fields = struct.pack("<QQQQ16sQIII", 1, last + 34, 34, last, bytes(16), 2, 128, 128, zlib.crc32(entries))
    header = b"EFI PART" + struct.pack("<IIII", 0x10000, 92, 0, 0) + fields
    header = header[:16] + struct.pack("<I", zlib.crc32(header)) + header[20:]
    head = _mbr((0xEE, 1, last + 34)) + header.ljust(_SECTOR, b"\0") + entries
    return head.ljust(_FAT_START, b"\0") + volume + bytes(34 * _SECTOR)


@pytest.fixture(scope="module")
def disk(fat: bytes) -> bytes:
    """Four volumes: FAT, an XFS signature, zeros, and noise that is nothing."""
    sectors, after = _FAT_BYTES // _SECTOR, (_FAT_START + _FAT_BYTES) // _SECTOR
    table = _mbr((6, 2048, sectors), (0x83, after, 2048), (0x83, after + 2048, 2048), (0x83, after + 4096, 2048))
    xfs, noise = b"XFSB".ljust(2048 * _SECTOR, b"\0"), b"\x5a" * (2048 * _SECTOR)
    return table.ljust(_FAT_START, b"\0") + fat + xfs + bytes(2048 * _SECTOR) + noise


def _names(reader: SourceReader) -> dict[str, Entry]:
    return {found.locator.path: found for found in reader.entries() if isinstance(found, Entry)}


def test_a_disk_reads_what_it_can_and_refuses_the_rest_by_name(opens: Opener, disk: bytes) -> None:
    reader = opens(disk)
    entry = _names(reader)["p1/CHART.BIN"]
    assert entry.locator.layers[:2] == (Layer(kind="raw"), Layer(kind="mbr", name=b"p1"))
    assert entry.locator.layers[2].kind == "fat"
    assert reader.open(entry).read() == _CHART
    refused = {found.locator.path: found for found in reader.entries() if isinstance(found, Refusal)}
    assert refused["p2"].message == "an XFS file system: Headwater does not read it"
    assert refused["p4"].message.startswith("no file system Headwater knows: first 16 bytes 5a 5a")
    assert set(refused) == {"p2", "p4"}


def test_the_shape_of_a_disk_survives_encoding(opens: Opener, disk: bytes) -> None:
    shape = describe(opens(disk))
    assert (shape.container, shape.size_bytes) == ("raw", len(disk))
    assert [volume.file_system for volume in shape.volumes] == ["fat16", "", "empty", ""]
    assert [bool(volume.refused) for volume in shape.volumes] == [False, True, False, True]
    assert (shape.volumes[0].start_bytes, shape.volumes[0].length_bytes) == (_FAT_START, _FAT_BYTES)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(shape), type=SourceShape) == shape


def test_a_volume_without_partition_table_and_split_raw(opens: Opener, fat: bytes) -> None:
    whole, split = opens(fat), opens(fat[: 5 << 20], fat[5 << 20 : 9 << 20], fat[9 << 20 :])
    assert list(whole.entries()) == list(split.entries())
    entry = _names(split)["CHART.BIN"]
    assert split.open(entry).read() == _CHART
    assert [layer.kind for layer in entry.locator.layers] == ["raw", "fat"]


def test_a_gap_between_split_segments_is_refused(fat: bytes, tmp_path: Path) -> None:
    path = tmp_path / "image"
    path.write_bytes(fat)
    with path.open("rb") as file:
        segments = [Segment(f"x.{number}", file.fileno(), len(fat)) for number in ("000", "002")]
        with pytest.raises(Malformed, match="missing"):
            open_source(segments, Limits())


def test_a_zip_is_read_as_one_and_a_disk_with_a_zip_at_its_end_as_a_disk(opens: Opener, fat: bytes) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a/chart.bin", _CHART)
    reader = opens(packed.getvalue())
    entry = _names(reader)["a/chart.bin"]
    assert (describe(reader).container, entry.locator.layers[0].kind) == ("zip", "zip")
    assert reader.open(entry).read() == _CHART
    assert describe(opens(fat[: -len(packed.getvalue())] + packed.getvalue())).container == "raw"


def test_an_aff4_image_is_not_read_as_the_zip_it_is_stored_in(opens: Opener) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.comment = b"aff4://0123"
        archive.writestr("information.turtle", b"")
    with pytest.raises(UnknownFormat, match="AFF4"):
        opens(packed.getvalue())


@pytest.mark.parametrize("signature", [*signatures.CONTAINERS, *signatures.VOLUMES], ids=lambda one: one.name)
def test_every_known_format_is_refused_by_its_name(opens: Opener, signature: signatures.Signature) -> None:
    image = bytearray(1 << 20)
    at = signature.offset_bytes if signature.offset_bytes >= 0 else len(image) + signature.offset_bytes
    image[at : at + len(signature.magic)] = signature.magic
    with pytest.raises(EvidenceError) as caught:
        opens(bytes(image))
    words = {"squashfs": "SquashFS", "ISO 9660": "ISO 9660"}  # archives name these first
    said = next((word for key, word in words.items() if key in signature.name), signature.name)
    assert said in caught.value.message
    assert isinstance(caught.value, Encrypted if signature.encrypted else UnknownFormat)


def test_bitlocker_to_go_is_not_taken_for_the_fat_it_imitates(opens: Opener, fat: bytes) -> None:
    image = bytearray(fat)
    image[424:440] = bytes.fromhex("3bd66749292ed84a8399f6a339e3d001")
    with pytest.raises(Encrypted, match="BitLocker"):
        opens(bytes(image))


def test_nothing_zeros_and_noise(opens: Opener) -> None:
    with pytest.raises(Truncated):
        opens(b"")
    with pytest.raises(Truncated):
        open_source([], Limits())
    zeros = opens(bytes(1 << 20))
    assert (list(zeros.entries()), describe(zeros).volumes[0].file_system) == ([], "empty")
    with pytest.raises(UnknownFormat, match="first 16 bytes 6c 69 67 68 74"):
        opens(b"lighthouse" * 1000)


def test_zeros_that_stand_for_what_cannot_be_read_are_not_empty() -> None:
    with pytest.raises(Truncated, match="could not be read"):
        open_source([_short(bytes(1 << 20), 1 << 20)], Limits())
    disk = bytearray(4 << 20)
    disk[:512] = _mbr((0x83, 2048, 2048), (0x83, 4096, 2048))
    reader = open_source([_short(bytes(disk), 3 << 19)], Limits())
    refused = {found.locator.path: found.message for found in reader.entries() if isinstance(found, Refusal)}
    assert [volume.file_system for volume in describe(reader).volumes] == ["empty", ""]
    assert "could not be read" in refused["p2"]


def test_opening_and_listing_tell_of_progress_through_new_bytes(fat: bytes) -> None:
    told: list[int] = []
    for data, least in ((bytes(8 << 20), 8), (fat, 2)):
        segment = _short(data, 0)
        told.clear()
        reader = open_source([segment], Limits(), lambda: told.append(1))
        opened = len(told)
        assert opened >= least
        list(reader.entries())
        assert data is not fat or len(told) > opened
        os.close(segment.fd)


def _short(data: bytes, missing_bytes: int) -> Segment:
    """A segment whose last bytes cannot be read."""
    descriptor = os.memfd_create("short")
    os.write(descriptor, data[: len(data) - missing_bytes])
    return Segment("short", descriptor, len(data))


def test_a_partition_table_that_another_contradicts_is_a_refusal(opens: Opener, disk: bytes, fat: bytes) -> None:
    assert "partition table" not in {found.locator.path for found in opens(disk).entries()}
    image = bytearray(_gpt(fat))
    image[:512] = _mbr((0x06, 10, 20))
    found = [found for found in opens(bytes(image)).entries() if found.locator.path == "partition table"]
    assert [type(each) for each in found] == [Refusal]
    assert "MBR and GPT disagree" in found[0].message  # type: ignore[union-attr]
    image = bytearray(4 << 20)
    image[:512], image[1 << 20] = _mbr((0xEE, 1, 8191)), 1
    said = [found.message for found in opens(bytes(image)).entries() if isinstance(found, Refusal)]
    assert "no file system Headwater knows" in said[0]
    assert said[1] == "the MBR announces a GPT, but none can be read"


def test_an_entry_of_no_volume_is_an_evidence_error(opens: Opener, disk: bytes) -> None:
    locator = Locator(layers=(Layer(kind="raw"), Layer(kind="mbr", name=b"p9"), Layer(kind="fat", address="4")))
    with pytest.raises(Malformed):
        opens(disk).open(Entry(locator=locator))


def test_a_damaged_volume_leaves_the_others(opens: Opener, disk: bytes) -> None:
    image = bytearray(disk)
    image[_FAT_START + 11 : _FAT_START + 13] = b"\0\2"
    image[_FAT_START + 22 : _FAT_START + 24] = b"\xff\xff"  # a FAT larger than the volume
    found = list(opens(bytes(image)).entries())
    assert {one.locator.path for one in found if isinstance(one, Refusal)} >= {"p1", "p2", "p4"}


def test_a_volume_is_opened_when_it_is_listed(opens: Opener, fat: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[int] = []

    class Counted(FileSystemReader):
        def __init__(self, source: ByteSource, kind: str, limits: Limits) -> None:
            opened.append(source.size_bytes)
            super().__init__(source, kind, limits)

    monkeypatch.setattr("headwater.evidence.open.FileSystemReader", Counted)
    sectors, after = _FAT_BYTES // _SECTOR, (_FAT_START + _FAT_BYTES) // _SECTOR
    broken = bytearray(fat)
    broken[22:24] = b"\xff\xff"  # a FAT larger than the volume
    table = _mbr((6, 2048, sectors), (6, after, sectors), (6, after + sectors, sectors))
    reader = opens(table.ljust(_FAT_START, b"\0") + fat + bytes(broken) + fat)
    assert (len(describe(reader).volumes), opened) == (3, [])
    found = reader.entries()
    assert (next(found).locator.path, len(opened)) == ("p1/CHART.BIN", 1)
    rest = [(type(each), each.locator.path) for each in found]
    assert rest == [(Refusal, "p2"), (Entry, "p3/CHART.BIN")]
    with pytest.raises(EvidenceError):
        opens(bytes(broken))


@given(data=st.binary(max_size=2048), at=st.sampled_from([0, 1024]), kind=st.sampled_from(["ntfs", "fat", "ext"]))
def test_facts_of_any_bytes_are_facts(data: bytes, at: int, kind: str) -> None:
    assert volume_facts(BytesSource(data=bytes(at) + data), kind).file_system.startswith(kind)


@given(data=st.binary(max_size=4096), at=st.sampled_from([0, 3, 32, 510, 1024, 1080]), cut=st.integers(0, 4096))
@settings(max_examples=60, deadline=None)
def test_any_bytes_give_a_reader_or_an_evidence_error(data: bytes, at: int, cut: int) -> None:
    starts = (b"EVF\t\r\n\xff\x00", b"PK\x03\x04", b"\x55\xaa", b"NTFS    ", b"\x53\xef", b"\x1f\x8b\x08")
    magic = starts[zlib.crc32(data) % len(starts)]
    image = (data[:at].ljust(at, b"\0") + magic + data[at:])[: cut or None]
    descriptor = os.memfd_create("noise")
    try:
        os.write(descriptor, image)
        for found in open_source([Segment("noise", descriptor, len(image))], Limits()).entries():
            assert isinstance(found, Entry | Refusal)
    except EvidenceError:
        pass
    finally:
        os.close(descriptor)


# Nothing may be loaded or opened once the jail is entered: not even a text codec by name.
_IN_THE_JAIL = """
import os, sys
from headwater.evidence.disk.segments import Segment
from headwater.evidence.open import open_source
from headwater.evidence.reader import ByteSource, Limits
from headwater.model.item import Entry
from headwater.sandbox import jail
from headwater.sandbox.limits import DEFAULT_LIMITS
descriptor = os.open(sys.argv[1], os.O_RDONLY)
segment = Segment("image", descriptor, os.fstat(descriptor).st_size)
jail.enter(DEFAULT_LIMITS, keep=[0, 1, 2, descriptor])
reader = open_source([segment], Limits())
print(sum(len(reader.open(found).read()) for found in reader.entries() if isinstance(found, Entry)))
"""


@pytest.mark.parametrize("kind", ["fat", "mbr", "gpt", "ext", "ntfs"])
def test_every_file_is_read_inside_the_jail(tmp_path: Path, disk: bytes, fat: bytes, kind: str) -> None:
    image = tmp_path / "image"
    image.write_bytes({"fat": fat, "mbr": disk, "gpt": _gpt(fat)}.get(kind, bytes(8 << 20)))
    make = {"ext": ["mkfs.ext4", "-q"], "ntfs": ["mkntfs", "-F", "-q", "-Q", "-L", "coast"]}
    if kind in make:
        subprocess.run([*make[kind], image], check=True, env=_ENVIRONMENT, capture_output=True, timeout=60)
    environment = {**_ENVIRONMENT, "TZ": "UTC", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-s", "-P", "-c", _IN_THE_JAIL, image]
    done = subprocess.run(command, check=False, env=environment, capture_output=True, timeout=60)
    assert (done.stderr, done.returncode) == (b"", 0)
    least = 100_000 if kind == "ntfs" else 0 if kind == "ext" else len(_CHART)
    assert int(done.stdout) >= least
