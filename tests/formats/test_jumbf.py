"""JUMBF stores: labels, places, and the boxes that hold no others."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats import embedded_files as make

from headwater.formats.jumbf import media_type_of, read_jumbf, read_store
from headwater.formats.structure import Bytes, Piece, Range

STORE = make.store(
    [make.superbox("a.json", make.box(b"json", b"{}"))],
    [make.thumbnail_box("c2pa.thumbnail.claim", b"picture", b"Image/PNG")],
)


def test_boxes_come_with_the_labels_around_them_and_their_place():
    boxes = read_jumbf(STORE)
    assert [(each.kind, each.labels, each.place) for each in boxes] == [
        ("json", ("c2pa", "urn:0", "c2pa.assertions", "a.json"), (0, 0, 0, 0)),
        ("bfdb", ("c2pa", "urn:1", "c2pa.assertions", "c2pa.thumbnail.claim"), (0, 1, 0, 0)),
        ("bidb", ("c2pa", "urn:1", "c2pa.assertions", "c2pa.thumbnail.claim"), (0, 1, 0, 0)),
    ]
    last = boxes[-1]
    assert STORE[last.offset_bytes : last.offset_bytes + last.length_bytes] == b"picture"
    assert media_type_of(STORE, boxes[1]) == "image/png"


def test_segments_are_joined_in_the_order_of_their_numbers():
    segments = [each[4:] for each in make.in_app11(STORE, room=50)]
    assert len(segments) > 3
    shuffled = [*segments[2:], *segments[:2]]
    data = b"".join(shuffled)
    ranges, at = [], 0
    for each in shuffled:
        ranges.append(Range(at, len(each)))
        at += len(each)
    store = read_store(Bytes(data), Piece("c2pa", b"", tuple(ranges), tuple(ranges), "APP11"))
    assert store.data == STORE
    spans = store.spans(len(STORE) - 7, 7)
    assert b"".join(data[each.offset_bytes : each.offset_bytes + each.length_bytes] for each in spans) == b"picture"


def test_a_store_too_large_to_hold_is_empty():
    class Large:
        size_bytes = 1 << 30

        def read_at(self, offset_bytes, length_bytes):
            return b""

    where = (Range(0, 1 << 30),)
    assert read_store(Large(), Piece("c2pa", b"", where, where, "caBX")).data == b""


@settings(max_examples=300)
@given(st.integers(0, len(STORE) - 1), st.integers(0, 255), st.integers(0, len(STORE)), st.binary(max_size=60))
def test_changed_cut_and_random_bytes_raise_nothing(place, value, end, noise):
    data = bytearray(STORE)
    data[place] = value
    for each in (bytes(data[:end]), noise, b"\0\0\0\x40jumb" + noise):
        for found in read_jumbf(each):
            assert 0 <= found.offset_bytes <= found.offset_bytes + found.length_bytes <= len(each)
