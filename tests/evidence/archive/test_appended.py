"""The head is read, whatever was put behind it; what lies behind is read beside it, never in its place."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
from dataclasses import dataclass, field

import pytest
import zstandard

from headwater.evidence.content import BytesSource
from headwater.evidence.open import open_inside
from headwater.evidence.reader import Limits
from headwater.model.errors import EvidenceError
from headwater.model.item import Refusal

SCENE = b"a lighthouse above the sea\n" * 500
EMPTY_ZIP = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 0, 0, 0, 0, 0)


def zipped(name="lamp.txt", data=b"lamp", comment=b""):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as box:
        box.writestr(zipfile.ZipInfo(name), data)
        box.comment = comment
    return buffer.getvalue()


def taped(name="scene.txt", data=SCENE):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tape:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        tape.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


PACKERS = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.ZstdCompressor(write_checksum=True).compress,
}
HEADS = {
    "tar": taped(),
    **{kind: pack(SCENE) for kind, pack in PACKERS.items()},
    **{f"tar.{kind}": pack(taped()) for kind, pack in PACKERS.items()},
}
REFUSED = {
    "RAR archive": b"Rar!\x1a\x07\x00" + bytes(range(200)),
    "RAR 5 archive": b"Rar!\x1a\x07\x01\x00" + bytes(range(200)),
    "7-Zip archive": b"7z\xbc\xaf\x27\x1c" + bytes(range(200)),
    "LZMA": lzma.compress(SCENE, format=lzma.FORMAT_ALONE),
}


@dataclass(slots=True)
class Inside:
    """What a file holds: contents in order, and whatever was said."""

    kinds: list[str] = field(default_factory=list)
    contents: list[bytes] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def opened(data):
    inside = Inside()
    for found in open_inside(BytesSource(data), outer_name=b"outer", limits=Limits()):
        if isinstance(found, EvidenceError):
            inside.said.append(found.message)
            continue
        inside.kinds.append(found.kind)
        for entry in found.entries():
            if isinstance(entry, Refusal):
                inside.said.append(entry.message)
                continue
            content = found.open(entry)
            inside.contents.append(content.read())
            if content.fault:
                inside.said.append(content.fault.message)
    return inside


@pytest.mark.parametrize("kind", HEADS)
def test_the_end_record_of_an_empty_zip_hides_nothing(kind):
    inside = opened(HEADS[kind] + EMPTY_ZIP)
    assert inside.contents == [SCENE]
    assert "zip" not in inside.kinds
    assert len(inside.said) == 1  # that something follows


@pytest.mark.parametrize("name", REFUSED)
def test_the_end_record_of_an_empty_zip_silences_no_refusal(name):
    inside = opened(REFUSED[name] + EMPTY_ZIP)
    assert (inside.kinds, len(inside.said)) == ([], 1)
    assert name in inside.said[0]


@pytest.mark.parametrize("comment", [b"", b"of the lamp room"])
@pytest.mark.parametrize("behind", [b"", bytes(700), b"\r\n"])
@pytest.mark.parametrize("kind", HEADS)
def test_a_zip_behind_an_archive_is_read_beside_it(kind, comment, behind):
    inside = opened(HEADS[kind] + zipped(comment=comment) + behind)
    assert inside.contents == [SCENE, b"lamp"]
    assert inside.kinds[1] == "zip"


@pytest.mark.parametrize("name", REFUSED)
def test_a_zip_behind_what_is_refused_is_read_and_the_refusal_stands(name):
    inside = opened(REFUSED[name] + zipped())
    assert inside.contents == [b"lamp"]
    assert name in inside.said[0]


@pytest.mark.parametrize(
    "head", [b"\xff\xd8\xff\xe0", b"%PDF-1.7\n", b"GIF89a", b"plain text ", b"MZ\x90\0", bytes(900)]
)
@pytest.mark.parametrize("comment", [b"", b"of the lamp room"])
@pytest.mark.parametrize("behind", [b"", b"\n", b"and more bytes " * 40])
def test_a_zip_behind_any_file_is_found(head, comment, behind):
    assert opened(head + bytes(range(256)) * 9 + zipped(comment=comment) + behind).contents == [b"lamp"]


@pytest.mark.parametrize("kind", ["tar", *(f"tar.{packer}" for packer in PACKERS)])
def test_a_zip_that_is_a_member_is_not_found_twice(kind):
    tape = taped("box.zip", zipped())
    data = PACKERS[kind.removeprefix("tar.")](tape) if "." in kind else tape
    inside = opened(data)
    assert inside.contents == [zipped()]
    assert inside.kinds == [kind]


def test_a_zip_kept_uncompressed_inside_a_gzip_stream_is_not_found_twice():
    inside = opened(gzip.compress(zipped(), compresslevel=0))
    assert (inside.kinds, inside.contents) == (["gzip"], [zipped()])


def test_an_empty_end_record_behind_a_zip_hides_no_member():
    assert opened(zipped() + EMPTY_ZIP).contents == [b"lamp"]


def test_a_second_zip_behind_a_zip_hides_no_member_of_the_first():
    inside = opened(zipped("first", SCENE) + zipped())
    assert sorted(inside.contents) == [SCENE, b"lamp"]


def gzip_in_a_tar_header(data):
    """A gzip file with an extra field long enough that the header of a tar, with SCENE as its member, fits into it."""
    tape = bytearray(taped())
    packed = gzip.compress(data)
    tape[:12] = packed[:3] + b"\4" + packed[4:10] + struct.pack("<H", len(tape) - 12)
    tape[148:156] = b" " * 8
    tape[148:156] = b"%06o\0 " % sum(tape[:512])
    return bytes(tape) + packed[10:]


def test_what_is_gzip_and_tar_by_its_head_is_read_as_both():
    inside = opened(gzip_in_a_tar_header(b"lamp"))
    assert (inside.kinds, inside.contents) == (["gzip", "tar"], [b"lamp", SCENE])


def test_a_tar_around_a_packed_tar_is_said_as_its_members_would_have_the_same_places():
    inside = opened(gzip_in_a_tar_header(taped(data=b"lamp")))
    assert (inside.kinds, inside.contents) == (["tar.gz"], [b"lamp"])
    assert inside.said == [
        "20468 bytes kept beside its compressed data are not read",
        "a tar archive that begins as tar.gz too: not opened as itself",
    ]
