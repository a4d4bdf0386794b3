import io
import json
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.formats.signature import EMPTY, UNKNOWN, extension_agrees, media_type
from headwater.formats.signature_tables import EXTENSIONS, FAR, MAGIC


def zipped(*names: str, first: bytes = b"x") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, first)
    return buffer.getvalue()


def ftyp(major: bytes, *compatible: bytes) -> bytes:
    body = b"ftyp" + major + b"\0\0\0\0" + b"".join(compatible)
    return (len(body) + 4).to_bytes(4, "big") + body


def tiff(*tags: tuple[int, int], tail: bytes = b"") -> bytes:
    entries = b"".join(tag.to_bytes(2, "little") + b"\2\0\1\0\0\0" + value.to_bytes(4, "little") for tag, value in tags)
    return b"II*\0\x08\0\0\0" + len(tags).to_bytes(2, "little") + entries + b"\0\0\0\0" + tail


TENSORS = b'{"a":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}'
CASES = [
    (b"\xff\xd8\xff\xe1", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n\0\0", "image/png"),
    (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
    (b"RIFF\x10\0\0\0AVI LIST", "video/x-msvideo"),
    (b"FORM\0\0\x10\0AIFFCOMM", "audio/aiff"),
    (b"FORM\0\0\x10\0ILBMBMHD", "image/x-ilbm"),
    (b"FORM follows function.", "text/plain"),
    (ftyp(b"heic", b"mif1"), "image/heic"),
    (ftyp(b"mif1", b"mif1", b"heic"), "image/heic"),
    (ftyp(b"mif1", b"avif"), "image/avif"),
    (ftyp(b"crx ", b"isom"), "image/x-canon-cr3"),
    (ftyp(b"qt  "), "video/quicktime"),
    (ftyp(b"isom", b"mp42"), "video/mp4"),
    (ftyp(b"3gp5"), "video/3gpp"),
    (tiff((0x0100, 4)), "image/tiff"),
    (tiff((0xC612, 0x401)), "image/x-adobe-dng"),
    (tiff((0x010F, 38), (0x014A, 0), tail=b"NIKON CORPORATION\0"), "image/x-nikon-nef"),
    (b"II*\0\x10\0\0\0CR\2\0", "image/x-canon-cr2"),
    (b"BM\x36\0\x0c\0\0\0\0\0", "image/bmp"),
    (b"BM is how this letter begins.\n", "text/plain"),
    (b"From here the river is seen.\r\n", "application/mbox"),
    (zipped("a.txt"), "application/zip"),
    (
        zipped("[Content_Types].xml", "word/document.xml"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    (zipped("mimetype", first=b"application/epub+zip"), "application/epub+zip"),
    (zipped("mimetype", first=b"<script>"), "application/zip"),
    (zipped("archive/data.pkl"), "application/x-pytorch"),
    (b"SQLite format 3\0\x10\0", "application/vnd.sqlite3"),
    (len(TENSORS).to_bytes(8, "little") + TENSORS + b"\0\0", "application/x-safetensors"),
    (b"GGUF\3\0\0\0", "application/x-gguf"),
    (b"\x80\x04\x95\0\0\0\0", "application/x-python-pickle"),
    (b"EVF\x09\x0d\x0a\xff\0\1\1\0", "application/x-ewf"),
    (b"\0" * 257 + b"ustar\x0000", "application/x-tar"),
    (b"\0" * 1080 + b"\x53\xef" + b"\0" * 9, "application/x-ext"),
    (b"\0" * 510 + b"\x55\xaa", "application/x-mbr-disk"),
    (b"\0" * 510 + b"\x55\xaaEFI PART", "application/x-gpt-disk"),
    (b"<?xml version='1.0'?><svg xmlns='x'/>", "image/svg+xml"),
    (json.dumps({"a": 1}).encode(), "application/json"),
    ("\ufeffé".encode("utf-16-le"), "text/plain"),
    ("Île d'Ouessant".encode("latin-1"), "text/plain"),
    (b"\x81\x00\x93\x07", UNKNOWN),
]


def icon(kind: int = 1, count: int = 1, offset: int = 22, planes: int = 1, bits: int = 32, reserved: int = 0) -> bytes:
    first = struct.pack("<4B2H2I", 32, 32, 0, reserved, planes, bits, 104, offset)
    return struct.pack("<3H", 0, kind, count) + first + bytes(104)


UPCASE = struct.pack("<256H", *range(256))  # as every $UpCase, the table of capitals of an NTFS volume, begins
TGA = b"\0\0\2\0\0\0\0\0\0\0\0\0\x40\0\x40\0\x18\0" + bytes(100)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (icon(), "image/vnd.microsoft.icon"),
        (icon(planes=0, bits=0, reserved=255), "image/vnd.microsoft.icon"),
        (icon(kind=2, planes=5, bits=7), "image/x-cursor"),
        (icon(count=0), UNKNOWN),
        (icon(count=5000, offset=100), UNKNOWN),
        (icon(offset=5), UNKNOWN),
        (icon(offset=4000), UNKNOWN),
        (icon(planes=5), UNKNOWN),
        (icon(bits=6), UNKNOWN),
        (icon(kind=2, planes=5, bits=700), UNKNOWN),
        (icon()[:20], UNKNOWN),
        (UPCASE, UNKNOWN),
        (TGA, UNKNOWN),
    ],
)
def test_an_icon_is_told_by_its_directory(head: bytes, expected: str) -> None:
    assert media_type(head, len(head)) == expected


@pytest.mark.parametrize(("head", "expected"), CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_types_by_content(head: bytes, expected: str) -> None:
    assert media_type(head, len(head)) == expected


def test_an_empty_content_has_its_own_type() -> None:
    assert media_type(b"", 0) == EMPTY


def test_about_a_hundred_formats_are_known() -> None:
    assert len({*MAGIC.values(), *(found for _, _, found in FAR)}) >= 100


@pytest.mark.parametrize("magic", MAGIC, ids=lambda magic: magic.hex())
def test_every_magic_number_is_reached(magic: bytes) -> None:
    head = magic + bytes(16)
    assert media_type(head, len(head)) == MAGIC[magic]


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        (b"a.JPG", "image/jpeg", True),
        (b"a.jpg", "image/png", False),
        (b"dir.png/a", "image/png", None),
        (b".png", "image/jpeg", None),
        (b"a.", "image/jpeg", None),
        (b"a.\xff\xfe", "image/jpeg", None),
        (b"a.jpg", UNKNOWN, None),
        (b"a.jpg", EMPTY, None),
    ],
)
def test_extensions(name: bytes, kind: str, expected: bool | None) -> None:
    assert extension_agrees(name, kind) is expected


def test_extensions_are_written_in_lower_case() -> None:
    assert all(extension == extension.lower() and kinds for extension, kinds in EXTENSIONS.items())


AFTER_MAGIC = st.builds(bytes.__add__, st.sampled_from(sorted(MAGIC)), st.binary(max_size=80))


@given(st.one_of(st.binary(max_size=600), AFTER_MAGIC))
def test_any_bytes_have_one_type(head: bytes) -> None:
    found = media_type(head, len(head))
    assert found == media_type(head, len(head))
    assert "/" in found
    assert extension_agrees(head[:40], found) in (True, False, None)
