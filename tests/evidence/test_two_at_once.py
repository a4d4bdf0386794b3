"""What is a disk and an archive at once, by accident or on purpose: both are read, in one source and inside others."""

import gzip
import io
import os
import struct
import subprocess
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from headwater.evidence.content import BytesSource
from headwater.evidence.disk.segments import Segment
from headwater.evidence.open import SourceReader, describe, open_inside, open_source
from headwater.evidence.reader import Limits, Reader
from headwater.model.errors import EvidenceError, UnknownFormat
from headwater.model.item import Entry, Refusal

_ENVIRONMENT = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin", "MTOOLS_SKIP_CHECK": "1"}
_SCENE = b"a lighthouse above the sea\n" * 9000
_CHART = bytes(range(256)) * 40
_FIRST, _SECTORS = 2048, 2048
_TABLE = struct.pack("<B3sB3sII", 0, bytes(3), 6, bytes(3), _FIRST, _SECTORS).ljust(64, b"\0") + b"\x55\xaa"

Opener = Callable[[bytes], SourceReader]


@pytest.fixture
def opens() -> Iterator[Opener]:
    descriptors: list[int] = []

    def _open(data: bytes) -> SourceReader:
        descriptors.append(os.memfd_create("source"))
        os.write(descriptors[-1], data)
        return open_source([Segment("source", descriptors[-1], len(data))], Limits())

    yield _open
    for descriptor in descriptors:
        os.close(descriptor)


@pytest.fixture(scope="module")
def fat(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("two")
    image, chart = folder / "fat.img", folder / "chart"
    image.write_bytes(bytes(_SECTORS * 512))
    chart.write_bytes(_CHART)
    for command in (["mkfs.vfat", "-F", "12", image], ["mcopy", "-i", image, chart, "::/CHART.BIN"]):
        subprocess.run(command, check=True, env=_ENVIRONMENT, capture_output=True, timeout=60)
    return Path(image).read_bytes()


def _tar(name: str = "scene.txt", data: bytes = _SCENE) -> bytes:
    """A tar whose first header holds the table of a disk in the field of its prefix and in its padding."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as tape:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        tape.addfile(info, io.BytesIO(data))
    tape = bytearray(buffer.getvalue())
    tape[446:512], tape[148:156] = _TABLE, b" " * 8
    tape[148:156] = b"%06o\0 " % sum(tape[:512])
    return bytes(tape)


def _gzip(data: bytes = _SCENE) -> bytes:
    """A gzip file with the table of a disk in the extra field of its header."""
    packed = gzip.compress(data)
    extra = (bytes(446 - 12) + _TABLE).ljust(600, b"\0")
    return packed[:3] + b"\4" + packed[4:10] + struct.pack("<H", len(extra)) + extra + packed[10:]


def _zip(name: str = "scene.txt", data: bytes = _SCENE, extra: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as box:
        info = zipfile.ZipInfo(name)
        info.extra = extra
        box.writestr(info, data)
    return buffer.getvalue()


def _zip_with_table() -> bytes:
    start = 30 + len("scene.txt") + 4
    field = (bytes(446 - start) + _TABLE).ljust(700, b"\0")
    return _zip(extra=struct.pack("<HH", 0xD935, len(field)) + field)


ARCHIVES = {"tar": _tar(), "gzip": _gzip(), "tar.gz": _gzip(_tar()), "zip": _zip_with_table()}


def _on_disk(kind: str, fat: bytes) -> bytes:
    """The archive, and where its table says, a volume."""
    data = ARCHIVES[kind]
    assert data[510:512] == b"\x55\xaa"
    assert len(data) <= _FIRST * 512
    return data.ljust(_FIRST * 512, b"\0") + fat


def _contents(readers: list[Reader]) -> list[bytes]:
    found = [(reader, entry) for reader in readers for entry in reader.entries()]
    return sorted(reader.open(entry).read() for reader, entry in found if isinstance(entry, Entry))


@pytest.mark.parametrize("kind", ARCHIVES)
def test_a_source_that_is_an_archive_with_the_table_of_a_disk_is_read_as_both(
    opens: Opener, fat: bytes, kind: str
) -> None:
    reader = opens(_on_disk(kind, fat))
    assert _contents([reader]) == sorted([_SCENE, _CHART])
    places = [str(found.locator) for found in reader.entries() if isinstance(found, Entry)]
    assert len(set(places)) == 2
    assert any(volume.type_name == kind for volume in describe(reader).volumes)


@pytest.mark.parametrize("kind", ARCHIVES)
def test_a_file_that_is_an_archive_with_the_table_of_a_disk_is_read_as_both(fat: bytes, kind: str) -> None:
    found = list(open_inside(BytesSource(_on_disk(kind, fat)), outer_name=b"scene.txt", limits=Limits()))
    assert not any(isinstance(one, EvidenceError) for one in found)
    assert _contents([one for one in found if not isinstance(one, EvidenceError)]) == sorted([_SCENE, _CHART])


@pytest.mark.parametrize("kind", ARCHIVES)
def test_a_table_that_leads_nowhere_costs_the_archive_nothing(opens: Opener, kind: str) -> None:
    reader = opens(ARCHIVES[kind].ljust((_FIRST + _SECTORS) * 512, b"\0"))
    assert _contents([reader]) == [_SCENE]


def test_an_archive_that_is_refused_hides_no_disk(opens: Opener, fat: bytes) -> None:
    head = b"Rar!\x1a\x07\x00".ljust(446, b"\1") + _TABLE
    reader = opens(head.ljust(_FIRST * 512, b"\0") + fat)
    assert _contents([reader]) == [_CHART]
    assert any("RAR" in found.message for found in reader.entries() if isinstance(found, Refusal))


def test_an_empty_zip_at_the_end_of_a_disk_says_and_hides_nothing(opens: Opener, fat: bytes) -> None:
    disk = (bytes(446) + _TABLE).ljust(_FIRST * 512, b"\0") + fat
    reader = opens(disk + b"PK\5\6" + bytes(18))
    assert _contents([reader]) == [_CHART]


def test_a_zip_that_is_a_file_of_a_volume_is_not_found_at_its_end_too(opens: Opener, fat: bytes) -> None:
    disk = (bytes(446) + _TABLE).ljust(_FIRST * 512, b"\0") + fat
    assert _contents([opens(disk[: -len(_zip()) - 512] + _zip() + bytes(512))]) == [_CHART]


def test_what_is_refused_alone_is_refused_by_its_name(opens: Opener) -> None:
    with pytest.raises(UnknownFormat, match="RAR"):
        opens(b"Rar!\x1a\x07\x00" + bytes(100_000))
