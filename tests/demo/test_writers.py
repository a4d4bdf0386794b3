import json
import re
import struct
from binascii import crc32
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from uuid import UUID

import pytest
import pytsk3
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from headwater.demo.documents import build_pdf, build_program
from headwater.demo.exif_writer import build_exif
from headwater.demo.partition_writer import disk_sectors, lay_out, write_gpt
from headwater.demo.safetensors_writer import build_safetensors, named_model, small_tensors
from headwater.demo.tables import Table, build_csv, build_sqlite
from headwater.demo.video import build_mp4

PARTS = lay_out([5000, 3000], ["data", "backup"], [UUID(int=1), UUID(int=2)])


def _volumes(path):
    image = pytsk3.Img_Info(str(path))
    return [
        (int(one.start), int(one.len))
        for one in pytsk3.Volume_Info(image)
        if one.flags == pytsk3.TSK_VS_PART_FLAG_ALLOC
    ]


def test_sleuth_kit_reads_the_partition_table(tmp_path):
    path = tmp_path / "disk.img"
    with path.open("wb") as out:
        write_gpt(out, PARTS, UUID(int=9))
    assert path.stat().st_size == disk_sectors(PARTS) * 512
    assert _volumes(path) == [(2048, 5000), (8192, 3000)]


def test_both_gpt_headers_carry_their_sums():
    out = BytesIO()
    write_gpt(out, PARTS, UUID(int=9))
    disk = out.getvalue()
    for at, other in ((512, len(disk) // 512 - 1), (len(disk) - 512, 1)):
        header = disk[at : at + 92]
        assert header[:8] == b"EFI PART"
        (stored, here, there) = (struct.unpack_from("<I", header, 16)[0], *struct.unpack_from("<QQ", header, 24))
        assert crc32(header[:16] + bytes(4) + header[20:]) == stored
        assert (here * 512, there) == (at, other)
        (table_at,) = struct.unpack_from("<Q", header, 72)
        assert crc32(disk[table_at * 512 : table_at * 512 + 16_384]) == struct.unpack_from("<I", header, 88)[0]


def test_safetensors_header_places_every_tensor():
    tensors = small_tensors((1, 2), {"a": (3, 5), "b": (700, 900)})
    data = build_safetensors(tensors, {"ss_output_name": "light"})
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    assert header["__metadata__"] == {"ss_output_name": "light"}
    assert length % 8 == 0
    for name, tensor in tensors.items():
        begin, end = header[name]["data_offsets"]
        assert data[8 + length + begin : 8 + length + end] == tensor.tobytes()
    model = named_model("light", data)
    assert model.sha256 == sha256(data).hexdigest()
    assert model.autov2 == model.sha256[:10]
    assert model.autov3 == sha256(data[8 + length :]).hexdigest()
    assert model.legacy == sha256(data[1 << 20 : (1 << 20) + 65_536]).hexdigest()[:8]


@given(st.text(st.characters(codec="ascii", exclude_characters="\0"), max_size=200), st.integers(0, 65_535))
def test_exif_is_read_back_by_another_library(text, number):
    block = build_exif(
        {0x010F: text, 0x0112: number}, {0x9286: b"UNICODE\0ab", 0x829A: (1, 250)}, {1: "N", 2: ((56, 1),) * 3}
    )
    exif = Image.Exif()
    exif.load(b"Exif\0\0" + block)
    assert exif[0x010F] == text.rstrip("\0")
    assert exif[0x0112] == number
    assert exif.get_ifd(0x8769)[0x829A] == pytest.approx(1 / 250)
    assert exif.get_ifd(0x8825)[2] == (56, 56, 56)


def test_pdf_table_points_at_its_objects():
    data = build_pdf(["a (b) \\ c", "second"])
    begin = int(re.search(rb"startxref\n(\d+)", data)[1])
    assert data[begin:].startswith(b"xref\n0 6\n")
    for number, place in enumerate(re.findall(rb"(\d{10}) 00000 n", data), 1):
        assert data[int(place) :].startswith(b"%d 0 obj" % number)


def test_program_is_of_the_size_asked_and_headed_like_one():
    data = build_program((1,), 12)
    assert len(data) == 12 * 1024
    assert data[:2] == b"MZ"
    assert data[0x80:0x84] == b"PE\0\0"


def test_mp4_sample_table_points_at_the_frames():
    frames = [b"\xff\xd8first\xff\xd9", b"\xff\xd8second frame\xff\xd9"]
    device = {"make": "Nordlys", "model": "Nordlys P7", "software": "P.1.2"}
    data = build_mp4(frames, 320, 240, 12, datetime(2024, 5, 1, tzinfo=UTC), device)
    kinds, at = [], 0
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        kinds.append(kind)
        at += size
    assert kinds == [b"ftyp", b"mdat", b"moov"]
    (first,) = struct.unpack_from(">I", data, data.index(b"stco") + 12)
    sizes = struct.unpack_from(">II", data, data.index(b"stsz") + 16)
    assert [data[first : first + sizes[0]], data[first + sizes[0] : first + sum(sizes)]] == frames
    assert data.count(b"Nordlys P7") == 2  # as user data and as keyed metadata


def test_tables_are_the_same_bytes_twice():
    table = Table(name="light", columns=("id INTEGER", "name TEXT"), rows=[(1, "a,b"), (2, None), (3, 'say "x"\n')])
    assert build_sqlite([table]) == build_sqlite([table])
    assert build_csv(table) == b'id,name\n1,"a,b"\n2,\n3,"say ""x""\n"\n'
