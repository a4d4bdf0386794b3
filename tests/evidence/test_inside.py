"""Disk images and containers that lie as files inside other evidence: opened, or refused by name."""

import io
import os
import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.demo.ewf_writer import write_ewf
from headwater.demo.partition_writer import lay_out, write_gpt
from headwater.evidence.content import BytesSource
from headwater.evidence.disk import signatures
from headwater.evidence.disk.segments import Segment
from headwater.evidence.open import SourceReader, describe, open_inside, open_source
from headwater.evidence.reader import Limits, Reader
from headwater.model.errors import EvidenceError
from headwater.model.item import Entry, Refusal

_ENVIRONMENT = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin", "MTOOLS_SKIP_CHECK": "1"}
_CHART = bytes(range(256)) * 40


@pytest.fixture(scope="module")
def fat(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("inside")
    image, chart = folder / "fat.img", folder / "chart"
    image.write_bytes(bytes(4 << 20))
    chart.write_bytes(_CHART)
    for command in (["mkfs.vfat", "-F", "12", image], ["mcopy", "-i", image, chart, "::/CHART.BIN"]):
        subprocess.run(command, check=True, env=_ENVIRONMENT, capture_output=True, timeout=60)
    return image.read_bytes()


def _zip(name: str = "a.bin", comment: bytes = b"") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, _CHART)
        archive.comment = comment
    return packed.getvalue()


def _e01(folder: Path, data: bytes, segment_bytes: int | None = None) -> list[bytes]:
    return [path.read_bytes() for path in write_ewf(io.BytesIO(data), folder, "lamp", segment_bytes=segment_bytes)]


def _inside(data: bytes) -> tuple[list[Reader], list[EvidenceError]]:
    found = list(open_inside(BytesSource(data), outer_name=b"outer", limits=Limits()))
    readers = [one for one in found if not isinstance(one, EvidenceError)]
    return readers, [one for one in found if isinstance(one, EvidenceError)]


def _contents(readers: Sequence[Reader]) -> dict[str, bytes]:
    return {
        entry.locator.path: reader.open(entry).read()
        for reader in readers
        for entry in reader.entries()
        if isinstance(entry, Entry)
    }


def test_a_whole_e01_is_opened(fat: bytes, tmp_path: Path) -> None:
    readers, errors = _inside(_e01(tmp_path, fat)[0])
    assert (errors, [reader.kind for reader in readers]) == ([], ["e01"])
    assert _contents(readers) == {"CHART.BIN": _CHART}


def test_every_segment_of_a_split_e01_is_refused(tmp_path: Path) -> None:
    noise = os.urandom(3 << 20)
    segments = _e01(tmp_path, noise, 1 << 20)
    assert len(segments) > 2
    for number, segment in enumerate(segments, start=1):
        readers, (error,) = _inside(segment)
        assert readers == []
        assert (error.kind, error.message) == (
            "unknown_format",
            f"segment {number} of a split image inside other evidence: give it as a source of its own",
        )


@pytest.mark.parametrize("signature", signatures.CONTAINERS, ids=lambda one: one.name)
def test_every_other_container_is_refused_by_its_name(signature: signatures.Signature) -> None:
    image = bytearray(1 << 10)
    at = signature.offset_bytes if signature.offset_bytes >= 0 else len(image) + signature.offset_bytes
    image[at : at + len(signature.magic)] = signature.magic
    readers, (error,) = _inside(bytes(image))
    assert readers == []
    assert signature.name in error.message
    assert error.kind == ("encrypted" if signature.encrypted else "unknown_format")


def test_an_aff4_image_is_refused_and_a_zip_that_speaks_of_one_is_not() -> None:
    assert "AFF4" in _inside(_zip(comment=b"aff4://0123"))[1][0].message
    readers, errors = _inside(_zip(name="notes on aff4:.txt"))
    assert (len(readers), errors) == (1, [])


@pytest.mark.parametrize(
    "start", [b"COWD is how the cow is spelled. ", b"KDMV\n", b"XFSB and so on ", b"QFI, LVF, AFF"]
)
def test_a_text_that_begins_like_a_container_is_none(start: bytes) -> None:
    assert _inside(start + b"lighthouse " * 10_000) == ([], [])


def test_a_file_system_that_is_seen_and_cannot_be_opened_is_said(fat: bytes) -> None:
    image = bytearray(fat)
    image[22:24] = b"\xff\xff"  # a FAT larger than the volume
    readers, (error,) = _inside(bytes(image))
    assert (readers, error.kind) == ([], "malformed")
    luks = b"LUKS\xba\xbe\x00\x02".ljust(1 << 20, b"\0")
    assert [one.kind for one in _inside(luks)[1]] == ["encrypted"]


def test_a_disk_of_which_no_volume_can_be_opened_is_said() -> None:
    entry = bytes([0, 0, 0, 0, 0x83, 0, 0, 0]) + (2048).to_bytes(4, "little") * 2
    disk = (bytes(446) + entry.ljust(64, b"\0") + b"\x55\xaa").ljust(1 << 20, b"\0") + b"XFSB".ljust(1 << 20, b"\0")
    (reader,), errors = _inside(disk)
    assert errors == []
    (refusal,) = reader.entries()
    assert isinstance(refusal, Refusal)
    assert "XFS" in refusal.message


def test_a_boot_sector_alone_makes_no_disk() -> None:
    code = bytearray(b"\x5a" * (1 << 18))
    code[510:512] = b"\x55\xaa"
    assert _inside(bytes(code)) == ([], [])


def test_a_disk_with_a_zip_behind_it_is_opened_as_both(fat: bytes) -> None:
    readers, errors = _inside(fat + _zip())
    assert (errors, sorted(reader.kind for reader in readers)) == ([], ["raw", "zip"])
    assert _contents(readers) == {"CHART.BIN": _CHART, "a.bin": _CHART}
    places = [str(found.locator) for reader in readers for found in reader.entries()]
    assert len(set(places)) == len(places)


def test_a_source_that_is_a_disk_and_a_zip_is_opened_as_both(fat: bytes) -> None:
    data = fat + _zip()
    descriptor = os.memfd_create("source")
    try:
        os.write(descriptor, data)
        reader = open_source([Segment("source", descriptor, len(data))], Limits())
        assert isinstance(reader, SourceReader)
        found = list(reader.entries())
        assert not any(isinstance(one, Refusal) for one in found)
        assert _contents([reader]) == {"CHART.BIN": _CHART, "a.bin": _CHART}
        assert [volume.type_name for volume in describe(reader).volumes] == ["", "zip"]
    finally:
        os.close(descriptor)


@given(data=st.binary(max_size=4096), at=st.sampled_from([0, 3, 510, 1080]), pick=st.integers(0, 5))
@settings(max_examples=60, deadline=None)
def test_any_bytes_give_readers_or_evidence_errors(data: bytes, at: int, pick: int) -> None:
    magic = (b"EVF\t\r\n\xff\x00\1\1\0\0\0", b"PK\x03\x04", b"\x55\xaa", b"NTFS    ", b"\x53\xef", b"KDMV")[pick]
    readers, _ = _inside((data[:at].ljust(at, b"\0") + magic + data[at:]).ljust(1 << 17, b"\0"))
    for reader in readers:
        assert all(isinstance(found, Entry | Refusal) for found in reader.entries())


@pytest.mark.parametrize("wiped", [(0,), (0, 1)], ids=["sector 0", "sector 0 and the primary table"])
def test_a_gpt_disk_whose_first_sector_was_wiped_is_opened(fat: bytes, wiped: tuple[int, ...]) -> None:
    disk = io.BytesIO()
    (placed,) = lay_out([len(fat) // 512], ["lamp"], [UUID(int=7)])
    write_gpt(disk, [placed], UUID(int=9))
    disk.seek(placed.first_sector * 512)
    disk.write(fat)
    for sector in wiped:
        disk.seek(sector * 512)
        disk.write(bytes(512))
    readers, errors = _inside(disk.getvalue())
    assert (errors, _contents(readers)) == ([], {"p1/CHART.BIN": _CHART})


def test_a_floppy_smaller_than_any_disk_is_opened(tmp_path: Path) -> None:
    image, chart = tmp_path / "floppy.img", tmp_path / "chart"
    image.write_bytes(bytes(60 << 10))
    chart.write_bytes(_CHART)
    for command in (
        ["mkfs.vfat", "-F", "12", "-s", "1", image],
        ["mcopy", "-i", image, chart, "::/CHART.BIN"],
    ):
        subprocess.run(command, check=True, env=_ENVIRONMENT, capture_output=True, timeout=60)
    readers, errors = _inside(image.read_bytes())
    assert (errors, _contents(readers)) == ([], {"CHART.BIN": _CHART})
