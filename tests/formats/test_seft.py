"""Samsung's trailer: its blocks by the directory at the end."""

from hypothesis import given
from hypothesis import strategies as st
from tests.formats import embedded_files as make

from headwater.formats.seft import read_seft
from headwater.formats.structure import Bytes

FILE = b"a picture" + make.seft(Image_UTC_Data=b"1714564800000", Second=b"bytes")


def test_blocks_have_a_name_and_their_data():
    blocks = read_seft(Bytes(FILE), 9)
    data = [FILE[each.where.offset_bytes :][: each.where.length_bytes] for each in blocks]
    assert [(each.name, one) for each, one in zip(blocks, data, strict=True)] == [
        ("Image_UTC_Data", b"1714564800000"),
        ("Second", b"bytes"),
    ]


def test_blocks_before_the_end_of_the_picture_are_none():
    assert [each.name for each in read_seft(Bytes(FILE), 20)] == ["Second"]
    assert read_seft(Bytes(FILE[:-1])) == ()


@given(st.integers(0, len(FILE) - 1), st.integers(0, 255), st.integers(0, len(FILE)))
def test_changed_and_cut_bytes_raise_nothing(place, value, start):
    data = bytearray(FILE)
    data[place] = value
    for each in read_seft(Bytes(bytes(data)), start):
        assert 0 <= each.where.offset_bytes <= len(data) - each.where.length_bytes
