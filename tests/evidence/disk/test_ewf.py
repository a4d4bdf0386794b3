import random
import struct
import tracemalloc
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.demo.ewf_writer import Metadata
from headwater.evidence.disk.ewf import EwfImage, is_ewf
from headwater.evidence.disk.ewf_chunks import decode
from headwater.evidence.disk.ewf_layout import number_in_name
from headwater.model.errors import EvidenceError, Malformed, UnknownFormat


def sectors(image):
    return [(each.offset_bytes // 512, each.length_bytes // 512) for each in image.bad_ranges()]


def everything(image):
    return image.read_at(0, image.size_bytes)


@pytest.fixture(scope="module")
def data(kit):
    return kit.media()


@pytest.fixture(scope="module")
def one(kit, data):
    return kit.e01(data)


@pytest.fixture(scope="module")
def split(kit, data):
    files = kit.e01(data, segment_bytes=80_000)
    assert len(files) == 4
    return files


@pytest.mark.parametrize("compress", [True, False])
@pytest.mark.parametrize("segment_bytes", [None, 80_000, 1])
def test_the_media_come_back_byte_for_byte(kit, data, opened, compress, segment_bytes):
    image = EwfImage(opened(kit.e01(data, segment_bytes, compress=compress)))
    assert image.size_bytes == len(data)
    assert everything(image) == data
    assert (image.bad_ranges(), image.notes) == ((), ())


def test_any_read_is_a_slice_of_the_media(data, split, opened):
    image, chance = EwfImage(opened(split)), random.Random(4)
    for _ in range(200):
        offset, length = chance.randrange(len(data) + 100), chance.randrange(400_000)
        assert image.read_at(offset, length) == data[offset : offset + length]
    assert image.read_at(-1, 5) == b""


def test_acquisition_facts_are_read(kit, data, opened):
    metadata = Metadata(case_number="C-9", examiner="Å. Fyr", errors=((5, 2),))
    image = EwfImage(opened(kit.e01(data, metadata=metadata)))
    assert image.acquiry[0].examiner == "Å. Fyr"
    assert [(each.first_sector, each.sector_count) for each in image.acquisition_errors] == [(5, 2)]
    assert len(image.stored.md5) == 32
    assert len(image.stored.sha1) == 40


def test_damaged_chunks_are_zeros_and_listed(kit, data, opened):
    image = EwfImage(opened(kit.e01(data, damage=[3, 4, 10])))
    read = everything(image)
    assert read[3 * kit.chunk : 5 * kit.chunk] == bytes(2 * kit.chunk)
    assert read[: 3 * kit.chunk] == data[: 3 * kit.chunk]
    assert sectors(image) == [(192, 128), (640, 64)]


def test_a_damaged_table_is_replaced_by_table2(kit, data, one, opened):
    name, whole = one[0]
    for within in (76 + 2, 76 + 24 + 5):
        image = EwfImage(opened([(name, kit.flip(whole, kit.place(whole, "table") + within))]))
        assert everything(image) == data
        assert image.bad_ranges() == ()
        assert any("of table" in note and "damaged" in note for note in image.notes)


def test_both_tables_damaged_are_rebuilt_from_the_data(kit, data, one, opened):
    name, whole = one[0]
    for kind in ("table", "table2"):
        whole = kit.flip(whole, kit.place(whole, kind) + 76 + 24 + 9)
    image = EwfImage(opened([(name, whole)]))
    assert everything(image) == data
    assert any("25 of 25 chunks were placed" in note for note in image.notes)


def test_both_tables_and_a_chunk_damaged_lose_only_what_neither_says(kit, data, opened):
    name, whole = kit.e01(data, damage=[6])[0]
    whole = kit.flip(whole, kit.place(whole, "table") + 76 + 24 + 4 * 20)
    whole = kit.flip(whole, kit.place(whole, "table2") + 76 + 24 + 4 * 20)
    image = EwfImage(opened([(name, kit.flip(whole, kit.place(whole, "table") + 76 + 24 + 4 * 15))]))
    everything(image)
    assert (6 * 64, 64) in sectors(image)
    assert (15 * 64, 64) in sectors(image)
    assert image.read_at(7 * kit.chunk, 8 * kit.chunk) == data[7 * kit.chunk : 15 * kit.chunk]


def test_sound_tables_that_differ_are_reported(kit, one, opened):
    name, whole = one[0]
    at = kit.place(whole, "table2") + 76 + 24
    entries = bytearray(whole[at : at + 100])
    entries[0] ^= 1
    whole = whole[:at] + entries + zlib.adler32(entries).to_bytes(4, "little") + whole[at + 104 :]
    image = EwfImage(opened([(name, whole)]))
    everything(image)
    assert any("both hold but differ in 1 entries" in note for note in image.notes)


@pytest.mark.parametrize("kind", ["header2", "volume", "sectors", "table", "table2", "data", "digest", "hash", "done"])
@pytest.mark.parametrize("within", [0, 16, 24, 40, 73])
def test_a_damaged_descriptor_costs_no_media(kit, data, one, opened, kind, within):
    name, whole = one[0]
    image = EwfImage(opened([(name, kit.flip(whole, kit.place(whole, kind) + within))]))
    assert everything(image) == data
    assert any("damaged" in note or "breaks off" in note for note in image.notes)


def test_an_image_cut_before_its_table_is_recovered_by_walking(kit, data, one, opened):
    name, whole = one[0]
    image = EwfImage(opened([(name, whole[: kit.place(whole, "table")])]))
    assert everything(image) == data
    assert any("walking" in note for note in image.notes)


def test_a_cut_inside_the_data_keeps_what_is_before_it(kit, data, one, opened):
    name, whole = one[0]
    image = EwfImage(opened([(name, whole[:150_000])]))
    read, [(first, count)] = everything(image), sectors(image)
    assert first > 64 * 5
    assert first + count == len(data) // 512
    assert read == data[: first * 512] + bytes(count * 512)
    assert any("chunks are missing" in note for note in image.notes)


def test_a_missing_last_segment_leaves_the_end_bad(kit, data, split, opened):
    image = EwfImage(opened(split[:-1]))
    [(first, count)] = sectors(image)
    assert first + count == len(data) // 512
    assert everything(image)[: first * 512] == data[: first * 512]
    assert any("after lamp.E03 are not given" in note for note in image.notes)


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_missing_segment_is_a_gap_at_its_place(data, split, opened, missing):
    image = EwfImage(opened([file for index, file in enumerate(split) if index != missing]))
    [(first, count)] = sectors(image)
    read = everything(image)
    assert read == data[: first * 512] + bytes(count * 512) + data[(first + count) * 512 :]
    assert any(f"segment {missing + 1} not given" in note for note in image.notes)


def test_two_gaps_keep_what_can_be_placed(data, kit, opened):
    files = kit.e01(data, 45_000)
    image = EwfImage(opened([file for index, file in enumerate(files) if index not in {1, 3}]))
    read, [(first, count)] = everything(image), sectors(image)
    assert read == data[: first * 512] + bytes(count * 512) + data[(first + count) * 512 :]
    assert any("could not be placed" in note for note in image.notes)


def test_segments_out_of_order_are_sorted_and_it_is_said(data, split, opened):
    image = EwfImage(opened(split[::-1]))
    assert everything(image) == data
    assert any("out of order" in note for note in image.notes)


def test_a_segment_given_twice_is_refused_by_name(split, opened):
    with pytest.raises(Malformed, match=r"lamp\.E01.*both say they are segment 2|lamp\.E02.*segment 2"):
        EwfImage(opened([*split, split[1]]))


def test_a_segment_of_another_image_is_named_and_missing(kit, data, split, opened):
    other = kit.e01(data[::-1], 80_000, metadata=Metadata(set_guid=b"ebb!" * 4))
    for at in (0, 1, 3):
        image = EwfImage(opened([*split[:at], other[at], *split[at + 1 :]]))
        [(first, count)] = sectors(image)
        read = everything(image)
        assert read == data[: first * 512] + bytes(count * 512) + data[(first + count) * 512 :]
        assert any(note.startswith(f"lamp.E0{at + 1}: belongs to another image") for note in image.notes)


@pytest.mark.parametrize(
    "content", [b"", b"EVF\x09", bytes(80_000), b"rock" * 9000], ids=["empty", "cut", "zeros", "text"]
)
@pytest.mark.parametrize("at", [0, 2, 3])
def test_a_segment_that_cannot_be_read_is_named_and_missing(data, split, opened, content, at):
    segments = opened([*split[:at], (split[at][0], content), *split[at + 1 :]])
    assert is_ewf(segments)
    image = EwfImage(segments)
    [(first, count)] = sectors(image)
    assert everything(image) == data[: first * 512] + bytes(count * 512) + data[(first + count) * 512 :]
    assert any(note.startswith(f"lamp.E0{at + 1}: ") and "taken as missing" in note for note in image.notes)


def test_where_no_segment_can_be_read_nothing_is_made_up(opened):
    with pytest.raises(EvidenceError):
        EwfImage(opened([("lamp.E01", b""), ("lamp.E02", bytes(500))]))


@pytest.mark.parametrize("base", [1 << 63, (1 << 64) - 4096, 1 << 40])
@pytest.mark.parametrize("kinds", [("table",), ("table", "table2")])
def test_a_table_that_lies_beyond_the_file_is_a_damaged_one(kit, data, one, opened, base, kinds):
    name, whole = one[0]
    for kind in kinds:
        at = kit.place(whole, kind) + 76
        head = whole[at : at + 8] + struct.pack("<Q", base) + whole[at + 16 : at + 20]
        whole = whole[:at] + head + zlib.adler32(head).to_bytes(4, "little") + whole[at + 24 :]
    image = EwfImage(opened([(name, whole)]))
    assert everything(image) == data
    assert any("the header of table is damaged" in note for note in image.notes)


def test_chunks_of_any_size_are_held_within_the_same_memory(kit, opened, monkeypatch):
    monkeypatch.setattr("headwater.demo.ewf_writer.SECTORS_PER_CHUNK", 32768)
    monkeypatch.setattr("headwater.demo.ewf_writer.CHUNK_BYTES", 32768 * 512)
    image = EwfImage(opened(kit.e01(bytes(6 * 32768 * 512))))
    assert image.volume.chunk_bytes == 16 << 20
    tracemalloc.start()
    try:
        for at in range(0, image.size_bytes, 1 << 20):
            assert not any(image.read_at(at, 4096))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 40 << 20


def test_a_damaged_segment_number_is_corrected_by_the_name(kit, data, split, opened):
    files = [(name, kit.flip(whole, 9) if index == 2 else whole) for index, (name, whole) in enumerate(split)]
    image = EwfImage(opened(files))
    assert everything(image) == data
    assert any("its name counts" in note for note in image.notes)


def test_names_count_like_encase():
    wanted = {"a.E01": 1, "a.e99": 99, "a.EAA": 100, "a.EAZ": 125, "a.EZZ": 775, "a.FAA": 776, "a.dd": None}
    assert {name: number_in_name(name) for name in wanted} == wanted


def test_relatives_are_refused_by_name(opened):
    with pytest.raises(UnknownFormat, match="Ex01"):
        EwfImage(opened([("a.Ex01", b"EVF2\r\n\x81\0" + bytes(100))]))


def test_an_e01_is_known_by_its_signature_even_when_a_byte_of_it_is_damaged(kit, one, opened):
    name, whole = one[0]
    assert is_ewf(opened([(name, whole)]))
    assert is_ewf(opened([(name, kit.flip(whole, 3))]))
    assert not is_ewf(opened([("a.dd", bytes(4096))]))


def test_a_bomb_is_stopped_at_the_size_of_a_chunk():
    bomb = memoryview(zlib.compress(bytes(50 << 20), 9))
    assert decode(bomb, compressed=True, wanted_bytes=32768, chunk_bytes=32768) is None


def test_a_false_sector_count_costs_no_memory(kit, one, opened):
    name, whole = one[0]
    for kind in ("volume", "data"):
        at = kit.place(whole, kind) + 76
        fields = whole[at : at + 4] + struct.pack("<IIIQ", 2**32 - 1, 64, 512, 2**38 - 64) + whole[at + 24 : at + 1048]
        whole = whole[:at] + fields + zlib.adler32(fields).to_bytes(4, "little") + whole[at + 1052 :]
    image = EwfImage(opened([(name, whole)]))
    assert image.size_bytes > 1 << 46
    assert image.read_at(1 << 45, 100_000) == bytes(100_000)
    assert any("chunks are missing" in note for note in image.notes)


@settings(max_examples=200, deadline=None)
@given(chosen=st.data())
def test_no_byte_read_is_wrong_without_being_listed(kit, data, split, chosen):
    files = []
    for name, whole in split:
        damaged = bytearray(whole)
        for _ in range(chosen.draw(st.integers(0, 3))):
            damaged[chosen.draw(st.integers(0, len(damaged) - 1))] ^= chosen.draw(st.integers(1, 255))
        files.append((name, bytes(damaged[: chosen.draw(st.integers(len(damaged) - 4000, len(damaged)))])))
    with kit.held(files) as segments:
        try:
            image = EwfImage(segments)
        except EvidenceError:
            return
        read = everything(image)
        expected = bytearray(data)
        for bad in image.bad_ranges():
            expected[bad.offset_bytes : bad.end_bytes] = bytes(bad.length_bytes)
        assert read == expected


@given(st.binary(max_size=3000))
def test_random_bytes_behind_a_signature_never_escape(kit, tail):
    with kit.held([("r.E01", b"EVF\t\r\n\xff\0\x01\x01\0\0\0" + tail)]) as segments, pytest.raises(EvidenceError):
        EwfImage(segments)
