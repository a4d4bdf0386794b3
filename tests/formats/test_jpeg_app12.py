from hypothesis import given
from hypothesis import strategies as st

from headwater.formats.jpeg_app12 import read_app12
from headwater.formats.structure import Notes, Range

TEXT = (
    b"[picture info]\r\nType=BEACON-1\r\nSerial#=A123\r\nTimeDate=915148800\r\n[Camera Info] ID=a lamp Zoom=2\r\n\0\0"
)


def read(data):
    notes = Notes("jpeg")
    return read_app12(notes, data, Range(100, len(data))), notes


def test_every_line_of_the_text_is_a_field_with_its_place():
    known, notes = read(TEXT)
    assert known
    assert [tuple(field.value.values()) for field in notes.fields] == [
        ("Type", "picture info", "BEACON-1"),
        ("Serial#", "picture info", "A123"),
        ("TimeDate", "picture info", "915148800"),
        ("ID", "Camera Info", "a lamp"),
        ("Zoom", "Camera Info", "2"),
    ]
    for field in notes.fields:
        (where,) = field.ranges
        shown = TEXT[where.offset_bytes - 100 :][: where.length_bytes].decode()
        assert shown.strip() == f"{field.value['key']}={field.value['value']}"


def test_what_photoshop_saved_for_the_web():
    def block(number, text):
        body = len(text).to_bytes(4, "big") + text.encode("utf-16-be")
        return number.to_bytes(2, "big") + len(body).to_bytes(2, "big") + body

    known, notes = read(
        b"Ducky\0\1\0\4\0\0\0\x3c" + block(2, "fyrtårn") + block(3, "the keeper") + block(9, "?") + b"\0\0"
    )
    assert known
    assert [(piece.carrier, piece.data.decode()) for piece in notes.pieces] == [
        ("APP12 Ducky comment", "fyrtårn"),
        ("APP12 Ducky copyright", "the keeper"),
    ]
    assert [part.kind for part in notes.unread] == ["APP12 Ducky block 9"]
    _, cut = read(b"Ducky" + block(2, "fyrtårn")[:-4])
    assert cut.pieces[0].data.decode() == "fyrtå"
    assert cut.damage


def test_other_data_is_neither():
    assert not read(b"some other text")[0]
    assert not read(b"")[0]


@given(st.one_of(st.binary(max_size=200), st.binary(max_size=80).map(lambda data: b"Ducky" + data)))
def test_any_bytes(data):
    known, notes = read(data)
    assert known or not (notes.fields or notes.pieces)
    for said in (*notes.fields, *notes.pieces):
        for where in getattr(said, "ranges", ()) or said.sources:
            assert 100 <= where.offset_bytes <= where.offset_bytes + where.length_bytes <= 100 + len(data)
