import io
import random
import struct
import zipfile
import zlib
from datetime import UTC, datetime

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.evidence.archive import open_archive
from headwater.evidence.reader import Limits
from headwater.model.item import ByteRange, ItemKind, Zone

METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


def made(members, method=zipfile.ZIP_DEFLATED, comment=b""):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, 4, 5, 6, 8)), data, method)
        archive.comment = comment
    return buffer.getvalue()


def hand_made(members):
    """(name, method, packed, data, flags, central extra) -> a zip written field by field."""
    body, directory = b"", b""
    for name, method, packed, data, flags, extra in members:
        fields = struct.pack("<HHHHHIII", 20, flags, method, 0, 0x21, zlib.crc32(data), len(packed), len(data))
        local = b"PK\x03\x04" + fields + struct.pack("<HH", len(name), 0) + name
        directory += b"PK\x01\x02\x14\x03" + fields + struct.pack("<5HII", len(name), len(extra), 0, 0, 0, 0, len(body))
        directory += name + extra
        body += local + packed
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, len(members), len(members), len(directory), len(body), 0)
    return body + directory + end


def scene(size, seed=1):
    return random.Random(seed).randbytes(size // 2) + b"lighthouse " * (size // 22)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_of_the_standard_library_gives_equal_bytes(expand, method):
    members = [("a.jpg", scene(70_000)), ("empty", b""), ("d/e/ü.png", scene(400_000, 2))]
    data = made(members, method)
    got = expand(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        wanted = [(info.filename.encode(), archive.read(info)) for info in archive.infolist()]
    assert got.files == wanted
    assert got.complaints == 0
    assert [entry.size_bytes for entry in got.entries] == [len(content) for _, content in wanted]


@pytest.mark.parametrize("method", [93, 20])
def test_zstd_members(expand, method):
    data = scene(300_000)
    got = expand(hand_made([(b"a", method, zstandard.compress(data), data, 0, b"")]))
    assert got.files == [(b"a", data)]
    assert got.complaints == 0


@pytest.mark.parametrize("method", [1, 6, 9, 98, 77])
def test_other_methods_are_refused_by_name(expand, method):
    got = expand(hand_made([(b"a", method, b"123", b"12345", 0, b"")]))
    assert [kind for kind, _ in got.problems] == ["unknown_format"]
    assert f"method {method} (" in got.problems[0][1]


@pytest.mark.parametrize(("flags", "method"), [(1, 8), (1, 0), (1, 99), (0, 99), (0x2041, 8)])
def test_encrypted_members_are_listed_and_refused(expand, flags, method):
    got = expand(hand_made([(b"secret", method, b"x" * 20, b"y" * 8, flags, b""), (b"b", 0, b"ok", b"ok", 0, b"")]))
    assert [entry.locator.layers[0].name for entry in got.entries] == [b"secret", b"b"]
    assert got.kinds() == {"encrypted"}
    assert "encrypted" in got.entries[0].note
    assert got.files == [(b"b", b"ok")]


HOSTILE = [
    b"../../evil",
    b"/etc/abs",
    b"a\0b",
    b"A.JPG",
    b"a.jpg",
    b"same",
    b"same",
    b"\x1b[31m",
    b"caf\x82",
    b"CON",
    b"a\nb",
]


def test_hostile_names_stay_their_bytes_and_are_told_apart(expand):
    data = hand_made([(name, 0, bytes([number]), bytes([number]), 0, b"") for number, name in enumerate(HOSTILE)])
    got = expand(data)
    assert got.files == [(name, bytes([number])) for number, name in enumerate(HOSTILE)]
    assert len({str(entry.locator) for entry in got.entries}) == len(HOSTILE)
    assert got.entries[8].note == "name as CP437: café"
    assert got.complaints == 0


def test_folders_are_not_listed_unless_they_hide_content(expand):
    got = expand(hand_made([(b"d/", 0, b"", b"", 0, b""), (b"e/", 0, b"hid", b"hid", 0, b"")]))
    assert got.files == [(b"e/", b"hid")]
    assert got.entries[0].note == "named like a folder, with content"


def test_a_symbolic_link_is_one_only_where_its_content_can_be(expand):
    data = bytearray(
        hand_made([(b"l", 0, b"/etc/x", b"/etc/x", 0, b""), (b"m", 0, b"\xff\0" * 4, b"\xff\0" * 4, 0, b"")])
    )
    place = -1
    for _ in range(2):
        place = data.index(b"PK\x01\x02", place + 1)
        data[place + 38 : place + 42] = (0o120777 << 16).to_bytes(4, "little")
    got = expand(bytes(data))
    assert [entry.kind for entry in got.entries] == [ItemKind.SYMLINK, ItemKind.FILE]
    assert [entry.note for entry in got.entries] == ["symbolic link to /etc/x", "marked as a symbolic link"]


def test_times_name_their_zone(expand):
    ntfs = struct.pack("<HHIHH3Q", 10, 32, 0, 1, 24, 133500000000000000, 133500000010000000, 0)
    unix = struct.pack("<HHBi", 0x5455, 5, 1, 1_700_000_000)
    got = expand(hand_made([(b"n", 0, b"", b"", 0, ntfs), (b"u", 0, b"", b"", 0, unix), (b"d", 0, b"", b"", 0, b"")]))
    first, second, third = (entry.times for entry in got.entries)
    assert (first.zone, first.modified, first.created) == (Zone.UTC, datetime(2024, 1, 17, 21, 20, tzinfo=UTC), None)
    assert (second.zone, second.modified) == (Zone.UTC, datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC))
    assert (third.zone, third.modified) == (Zone.UNKNOWN, datetime(1980, 1, 1, tzinfo=UTC))


def test_prefix_comment_and_trailing_data(expand):
    members = [("a", b"one"), ("b", b"two" * 100)]
    for data in (
        b"MZ" + bytes(5000) + made(members),
        made(members, comment=b"taken from the lamp room " * 50),
        made(members) + bytes(900),
    ):
        got = expand(data)
        assert [content for _, content in got.files] == [b"one", b"two" * 100]
        assert got.complaints == 0


def test_a_comment_that_is_no_text_is_said(expand):
    got = expand(made([("a", b"one")], comment=b"PK\x05\x06 " * 50))
    assert got.files == [(b"a", b"one")]
    ((kind, message),) = got.problems
    assert (kind, message.partition(" at ")[0]) == ("malformed", "250 bytes")


def test_a_picture_with_a_zip_behind_it_is_a_zip_too(expand):
    assert expand(b"\xff\xd8\xff\xe0" + bytes(300) + made([("a", b"one")])).files == [(b"a", b"one")]
    assert expand(b"\xff\xd8\xff\xe0" + bytes(300)) is None


@pytest.mark.parametrize(("size", "packed"), [(1 << 63, 5), ((1 << 64) - 1, (1 << 64) - 1), (5, 1 << 63)])
@pytest.mark.parametrize("listed", [True, False])
def test_a_size_no_file_has_is_unknown_and_said(expand, size, packed, listed):
    data = b"chart"
    wide = struct.pack("<HHQQ", 1, 16, size, packed)
    fields = struct.pack("<HHHHHIII", 45, 0, 0, 0, 0x21, zlib.crc32(data), 0xFFFFFFFF, 0xFFFFFFFF)
    local = b"PK\x03\x04" + fields + struct.pack("<HH", 1, 20) + b"a" + wide
    central = b"PK\x01\x02\x2d\x03" + fields + struct.pack("<5HII", 1, 20, 0, 0, 0, 0, 0) + b"a" + wide
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(central), len(local) + len(data), 0)
    got = expand(local + data + (central + end if listed else b""))
    (entry,) = got.entries
    assert entry.size_bytes is None
    assert "2^63" in entry.note
    assert [kind for kind, message in got.problems if "2^63" in message] == ["malformed"]
    assert got.files[0][1].startswith(data)
    assert all(bad.length_bytes < 1 << 63 for bad in got.ranges)


def test_zip64(expand):
    data = scene(3000)
    wide = struct.pack("<HH3Q", 1, 24, len(data), len(data), 0)
    fields = struct.pack("<HHHHHIII", 45, 0, 0, 0, 0x21, zlib.crc32(data), 0xFFFFFFFF, 0xFFFFFFFF)
    body = (
        b"PK\x03\x04"
        + fields
        + struct.pack("<HH", 1, 20)
        + b"a"
        + struct.pack("<HH2Q", 1, 16, len(data), len(data))
        + data
    )
    central = b"PK\x01\x02\x2d\x03" + fields + struct.pack("<5HII", 1, 28, 0, 0, 0, 0, 0xFFFFFFFF) + b"a" + wide
    end64 = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, len(central), len(body))
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, len(body) + len(central), 1)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    got = expand(body + central + end64 + locator + end)
    assert got.files == [(b"a", data)]
    assert got.complaints == 0


def test_without_its_directory_members_are_found_by_local_headers(expand):
    members = [("a.jpg", scene(5000)), ("b.jpg", scene(9000, 2))]
    data = made(members)
    got = expand(data[: data.index(b"PK\x01\x02")])
    assert [content for _, content in got.files] == [content for _, content in members]
    assert {entry.note for entry in got.entries} == {"not in the central directory"}
    assert got.problems == [("malformed", "no central directory; members are listed by their local headers")]


def test_streamed_members_without_a_directory_get_their_sizes_from_descriptors(expand):
    class Pipe(io.RawIOBase):
        def __init__(self):
            self.data = b""

        def writable(self):
            return True

        def write(self, data):
            self.data += bytes(data)
            return len(data)

    pipe = Pipe()
    members = [("a.jpg", scene(5000)), ("empty", b""), ("b.jpg", scene(9000, 2))]
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    assert expand(pipe.data).complaints == 0
    got = expand(pipe.data[: pipe.data.index(b"PK\x01\x02")])
    assert [(name.decode(), content) for name, content in got.files] == members
    assert [entry.size_bytes for entry in got.entries] == [
        5000 // 2 + 11 * (5000 // 22),
        0,
        9000 // 2 + 11 * (9000 // 22),
    ]


def test_a_member_struck_from_the_directory_is_found(expand):
    data = made([("seen", b"1" * 50), ("struck", b"2" * 50), ("last", b"3" * 50)], zipfile.ZIP_STORED)
    start = data.index(b"PK\x01\x02")
    middle = data.index(b"PK\x01\x02", start + 1)
    after = data.index(b"PK\x01\x02", middle + 1)
    directory = data[start:middle] + data[after : data.index(b"PK\x05\x06")]
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 2, 2, len(directory), start, 0)
    got = expand(data[:start] + directory + end)
    assert [name for name, _ in got.files] == [b"seen", b"last", b"struck"]
    assert got.entries[2].note == "not in the central directory"


def test_a_member_inside_an_extra_field_that_two_records_share_is_found_once(expand):
    inner = made([("hidden", b"kept")], zipfile.ZIP_STORED).partition(b"PK\1\2")[0]
    outer = zipfile.ZipInfo("a")
    outer.extra = struct.pack("<HH", 0x7A7A, len(inner)) + inner
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(outer, b"one")
        archive.filelist.append(archive.filelist[0])
    got = expand(buffer.getvalue())
    assert got.files == [(b"a", b"one")] * 2 + [(b"hidden", b"kept")] * 3  # the records of the directory hold it too
    assert len({entry.locator for entry in got.entries}) == 5


def test_what_local_header_and_directory_disagree_on_is_reported(expand):
    data = hand_made([(b"lighthouse.jpg", 0, b"abc", b"abc", 0, b"")])
    got = expand(data.replace(b"lighthouse.jpg", b"harmless01.txt", 1))
    assert got.files == [(b"lighthouse.jpg", b"abc")]
    assert got.problems == [("malformed", "local header and central directory disagree on name")]


def test_overlapping_members_are_reported_and_stopped(expand):
    kernel = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = bytes(900_000)
    packed = kernel.compress(data) + kernel.flush()
    one = hand_made([(b"a", 8, packed, data, 0, b"")])
    start = one.index(b"PK\x01\x02")
    record = one[start : one.index(b"PK\x05\x06")]
    directory = record * 400
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 400, 400, len(directory), start, 0)
    got = expand(one[:start] + directory + end)
    assert "limit" in got.kinds()
    assert 0 < len(got.entries) < 400
    assert "overlaps another member" in got.entries[1].note
    roomy = expand(one[:start] + directory + end, limits=Limits(ratio=1_000_000))
    assert len(roomy.entries) == 400
    assert any("399 members overlap" in message for _, message in roomy.problems)


def test_a_flat_bomb_is_stopped_and_the_rest_kept(expand):
    bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join(bomb.compress(bytes(1 << 20)) for _ in range(64)) + bomb.flush()
    members = [(b"bomb", 8, packed, b"", 0, b""), (b"ok", 0, b"fine", b"fine", 0, b"")]
    data = bytearray(hand_made(members))
    for place in (22, data.index(b"PK\x01\x02") + 24):
        data[place : place + 4] = (64 << 20).to_bytes(4, "little")
    got = expand(bytes(data))
    assert got.files == [(b"ok", b"fine")]
    assert got.kinds() == {"limit"}
    assert "limit ratio 200" in got.problems[0][1]


@pytest.mark.parametrize(
    ("limits", "word", "kept"),
    [
        (Limits(entries=3), "entries", 3),
        (Limits(unpacked_bytes=2500), "unpacked_bytes", 2),
        (Limits(name_bytes=1), "name_bytes", 0),
    ],
)
def test_each_limit_is_one_refusal_and_keeps_what_was_listed(expand, limits, word, kept):
    got = expand(made([(f"n{number}", b"x" * 1000) for number in range(6)]), limits=limits)
    assert len(got.entries) == kept
    assert [kind for kind, _ in got.problems] == ["limit"]
    assert word in got.problems[0][1]


@pytest.mark.parametrize("method", METHODS)
def test_every_flipped_byte_of_packed_data_is_reported(expand, method):
    content = scene(600)
    data = made([("a", content)], method)
    start, end = 31, data.index(b"PK\x01\x02")
    for place in range(start, end, 7):
        got = expand(data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :])
        assert got.complaints or got.files == [(b"a", content)], place


def test_truncated_at_every_97th_byte_is_reported_and_whole_members_survive(expand):
    members = [(f"{number}.jpg", scene(1500, number)) for number in range(8)]
    data = made(members)
    for cut in range(100, len(data) - 1, 97):
        got = expand(data[:cut])
        assert got.complaints, cut
        good = [content for name, content in got.files if name not in got.damaged]
        assert good == [content for _, content in members[: len(good)]]
        assert sum(len(content) * 0.55 for content in good) >= cut * 0.5 - 2500


@pytest.mark.parametrize("method", METHODS)
def test_damage_below_is_passed_on(expand, method):
    data = made([("a", scene(3000)), ("b", scene(3000, 2))], method)
    got = expand(data, bad=(ByteRange(offset_bytes=40, length_bytes=10),))
    assert got.damaged == [b"a"]


def test_a_stored_member_has_random_access(source_of):
    data = made([("a", scene(3000))], zipfile.ZIP_STORED)
    reader = open_archive(source_of(data), head=data, outer_name=b"", limits=Limits())
    (entry,) = reader.entries()
    content = reader.open(entry)
    assert content.source().read_at(0, 3000) == content.read() == scene(3000)
    content.rewind()
    assert content.read(5) == scene(3000)[:5]


def test_a_member_opens_in_a_fresh_reader(source_of):
    data = made([(f"n{number}", b"%d" % number) for number in range(30)])
    first = open_archive(source_of(data), head=data, outer_name=b"", limits=Limits())
    entry = list(first.entries())[17]
    again = open_archive(source_of(data), head=data, outer_name=b"", limits=Limits())
    assert again.open(entry).read() == b"17"


def test_bytes_behind_the_packed_data_of_a_sound_member_are_said_and_it_is_not_damaged(expand):
    data = scene(3000)
    packed = zlib.compress(data, wbits=-15)
    got = expand(hand_made([(b"a", 8, packed + b"hidden", data, 0, b""), (b"b", 0, b"ok", b"ok", 0, b"")]))
    assert got.files == [(b"a", data), (b"b", b"ok")]
    assert got.faults == [(b"a", "6 packed bytes behind the end of its compressed data belong to nothing")]
    assert got.damaged == []


@pytest.mark.parametrize("method", METHODS)
def test_a_member_whose_checksum_does_not_hold_is_given_as_damaged(expand, method):
    data = bytearray(made([("a", scene(3000)), ("b", b"ok")], method))
    for signature, place in ((b"PK\3\4", 14), (b"PK\1\2", 16)):
        data[data.index(signature) + place] ^= 1
    got = expand(bytes(data))
    assert got.files == [(b"a", scene(3000)), (b"b", b"ok")]
    ((name, fault),) = got.faults
    assert name == b"a"
    assert "CRC-32" in fault
    assert got.damaged == [b"a"]


def test_a_split_zip_says_so(expand):
    data = made([("a", b"one")])
    place = data.index(b"PK\x05\x06")
    got = expand(data[: place + 4] + struct.pack("<2H", 3, 3) + data[place + 8 :])
    assert got.files == [(b"a", b"one")]
    assert ("unknown_format", "zip split over several volumes: only what lies in this one is opened") in got.problems


BASE = made([("a.jpg", scene(700)), ("b", b""), ("c/d", b"lighthouse" * 40)])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(BASE) - 1), st.integers(0, 255)), max_size=12), st.integers(0, len(BASE)))
def test_broken_zips_raise_nothing_but_evidence_errors(check_steady, changes, cut):
    data = bytearray(BASE)
    for place, value in changes:
        data[place] = value
    check_steady(bytes(data[:cut]))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=600), st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06", b"PK\x01\x02"]))
def test_random_bytes_raise_nothing_but_evidence_errors(check_steady, data, middle):
    check_steady(b"PK\x03\x04" + data[:300] + middle + data[300:] + b"PK\x05\x06" + data[:18])
