"""The reader of pictures inside a picture: names, places and bytes."""

import pytest

from headwater.evidence.content import BytesSource
from headwater.evidence.embedded import EmbeddedReader
from headwater.formats.embedded import Embedded
from headwater.formats.structure import Range
from headwater.model.errors import Malformed
from headwater.model.item import Allocation, Entry, ItemKind
from headwater.model.locator import Layer, Locator, parse_locator

DATA = bytes(range(100))


def carried(*ranges, carrier="EXIF IFD1", data=b""):
    where = tuple(Range(*each) for each in ranges)
    sources = where or (Range(7, 30),)
    return Embedded(carrier=carrier, role="thumbnail", ranges=where, sources=sources, data=data)


def reader(*pictures):
    return EmbeddedReader(BytesSource(DATA), pictures, Allocation.ALLOCATED)


def test_bytes_come_from_one_place_several_or_none():
    made = reader(carried((10, 5)), carried((20, 2), (40, 3)), carried(data=b"spelled"))
    entries = list(made.entries())
    assert [made.open(each).read() for each in entries] == [DATA[10:15], DATA[20:22] + DATA[40:43], b"spelled"]
    assert [each.size_bytes for each in entries] == [5, 5, 7]
    assert [each.locator.layers[0].address for each in entries] == ["10", "20", "7"]
    assert {each.kind for each in entries} == {ItemKind.EMBEDDED}
    assert {each.note for each in entries} == {"thumbnail"}


def test_two_of_one_name_and_place_have_two_locators_that_read_back():
    made = reader(carried(data=b"one"), carried(data=b"two"), carried(data=b"three", carrier="XMP a\u202eb"))
    entries = list(made.entries())
    assert [str(each.locator) for each in entries[:2]] == ["embedded:EXIF IFD1@7", "embedded:EXIF IFD1@7.2"]
    assert all(parse_locator(str(each.locator)) == each.locator for each in entries)
    assert [made.open(each).read() for each in entries] == [b"one", b"two", b"three"]


def test_what_was_not_listed_is_not_opened():
    entry = Entry(locator=Locator(layers=(Layer(kind="embedded", name=b"EXIF IFD1", address="11"),)))
    with pytest.raises(Malformed):
        reader(carried((10, 5))).open(entry)
