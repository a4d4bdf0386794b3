import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.formats import ewf
from headwater.model.errors import EvidenceError, Malformed, Truncated, UnknownFormat


def summed(data):
    return data + zlib.adler32(data).to_bytes(4, "little")


def volume_bytes(chunks=4, per_chunk=64, sector=512, sectors=256, guid=b"g" * 16):
    head = struct.pack("<B3xIIIQ", 1, chunks, per_chunk, sector, sectors)
    return summed((head + struct.pack("<12xB3x12xB3xI4x16s", 3, 1, 64, guid)).ljust(1048, b"\0"))


def test_file_header_gives_the_segment_number_and_knows_its_constants():
    whole = ewf.SIGNATURE + b"\x01\x07\x00\x00\x00"
    assert ewf.parse_file_header(whole) == ewf.FileHeader(segment_number=7, as_expected=True)
    assert not ewf.parse_file_header(whole[:12] + b"\x01").as_expected
    with pytest.raises(Truncated):
        ewf.parse_file_header(whole[:12])


def test_section_checksum_covers_every_byte_of_the_descriptor():
    data = summed(struct.pack("<16sQQ40x", b"sectors", 1000, 900))
    section = ewf.parse_section(data, 100)
    assert (section.type, section.next_bytes, section.end_bytes, section.data_bytes) == ("sectors", 1000, 1000, 824)
    for at in range(76):
        flipped = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        assert not ewf.parse_section(flipped, 100).checksum_holds


def test_a_section_without_a_size_ends_where_the_next_begins():
    section = ewf.parse_section(summed(struct.pack("<16sQQ40x", b"table", 500, 0)), 100)
    assert section.end_bytes == 500


def test_volume_geometry():
    volume = ewf.parse_volume(volume_bytes())
    assert (volume.chunk_bytes, volume.media_bytes) == (32768, 131072)
    assert (volume.compression_level, volume.error_granularity_sectors, volume.set_guid) == (1, 64, b"g" * 16)
    assert volume.checksum_holds


def test_a_changed_volume_byte_is_seen():
    data = volume_bytes()
    assert not ewf.parse_volume(data[:900] + b"\x01" + data[901:]).checksum_holds


@pytest.mark.parametrize(
    "wrong", [{"sector": 0}, {"sector": 513}, {"per_chunk": 0}, {"per_chunk": 1 << 30}, {"chunks": 1}]
)
def test_impossible_geometry_is_refused(wrong):
    with pytest.raises(Malformed):
        ewf.refuse_impossible(ewf.parse_volume(volume_bytes(**wrong)))


def test_smart_and_the_other_relatives_are_refused_by_name():
    with pytest.raises(UnknownFormat, match="SMART"):
        ewf.parse_volume(bytes(94))
    for first, name in ((b"EVF2\r\n\x81\0", "Ex01"), (b"LVF\t\r\n\xff\0", "L01"), (b"AFF10\r\n\0", "AFF")):
        with pytest.raises(UnknownFormat, match=name):
            ewf.refuse_relatives(first + bytes(8))
    ewf.refuse_relatives(ewf.SIGNATURE)


def test_table_header_and_entries_carry_separate_checksums():
    head = summed(struct.pack("<I4xQ4x", 2, 4096))
    assert ewf.parse_table_header(head) == ewf.TableHeader(entry_count=2, base_offset_bytes=4096, checksum_holds=True)
    body = summed(struct.pack("<2I", 76 | 1 << 31, 500))
    entries, holds = ewf.parse_table_entries(body, 2)
    assert holds
    offsets, compressed = ewf.resolve_entries(entries, 4096)
    assert offsets.tolist() == [4172, 4596]
    assert compressed.tolist() == [True, False]
    assert not ewf.parse_table_entries(b"\x01" + body[1:], 2)[1]


def test_offsets_beyond_two_gibibytes_are_taken_whole_and_uncompressed():
    step = 32772
    true = [2**31 - 3 * step + index * step + 100 for index in range(6)]
    raw = [offset | 1 << 31 if index == 0 else offset for index, offset in enumerate(true)]
    offsets, compressed = ewf.resolve_entries(np.array(raw, np.uint32), 1000)
    assert offsets.tolist() == [offset + 1000 for offset in true]
    assert compressed.tolist() == [True] + [False] * 5


def test_a_step_back_below_two_gibibytes_is_no_overflow():
    offsets, compressed = ewf.resolve_entries(np.array([500, 1 << 31 | 100, 1 << 31 | 900], np.uint32), 0)
    assert offsets.tolist() == [500, 100, 900]
    assert compressed.tolist() == [False, True, True]


def test_stored_digests_and_the_zero_digest():
    assert ewf.parse_hash(summed(b"\x11" * 16 + bytes(16))).md5 == "11" * 16
    both = ewf.parse_digest(summed(b"\x11" * 16 + bytes(20) + bytes(40)))
    assert (both.md5, both.sha1, both.checksum_holds) == ("11" * 16, "", True)


def test_error2_and_session_ranges():
    data = summed((2).to_bytes(4, "little") + bytes(512)) + summed(struct.pack("<4I", 10, 2, 99, 1))
    errors = ewf.parse_error2(data)
    assert [(each.first_sector, each.sector_count) for each in errors.ranges] == [(10, 2), (99, 1)]
    assert errors.checksum_holds
    assert not ewf.parse_error2(data[:-10] + b"\x55" + data[-9:]).checksum_holds
    session = summed((1).to_bytes(4, "little") + bytes(28)) + summed(struct.pack("<II24x", 0, 16))
    assert ewf.parse_session(session).ranges[0].first_sector == 16


def test_a_count_larger_than_the_section_does_not_hold():
    errors = ewf.parse_error2(summed(b"\xff\xff\xff\x7f" + bytes(512)) + summed(b""))
    assert errors.ranges == ()
    assert not errors.checksum_holds


def test_header2_is_read_as_utf16_and_unknown_fields_are_kept():
    text = "3\nmain\na\tc\te\tm\tzz\nA lamp\tC-1\tÅse\t1795345428\todd\n\n"
    found = ewf.parse_header(zlib.compress(b"\xff\xfe" + text.encode("utf-16-le")))
    assert (found.description, found.case_number, found.examiner) == ("A lamp", "C-1", "Åse")
    assert found.acquired == "1795345428"
    assert found.other == (("zz", "odd"),)


def test_a_header_bomb_is_stopped():
    with pytest.raises(Malformed, match="too long"):
        ewf.parse_header(zlib.compress(bytes(ewf.MAX_HEADER_TEXT_BYTES + 1)))


PARSERS = (
    ewf.parse_file_header,
    lambda data: ewf.parse_section(data, 0),
    ewf.parse_volume,
    ewf.parse_table_header,
    lambda data: ewf.resolve_entries(ewf.parse_table_entries(data, 4)[0], 0),
    ewf.parse_hash,
    ewf.parse_digest,
    ewf.parse_error2,
    ewf.parse_session,
    ewf.parse_header,
    lambda data: ewf.parse_header(zlib.compress(data)),
)


@given(st.binary(max_size=2000), st.sampled_from(PARSERS))
def test_any_bytes_give_a_record_or_an_evidence_error(data, parse):
    try:
        found = parse(data)
    except EvidenceError as error:
        found = error.kind
    assert found is not None
