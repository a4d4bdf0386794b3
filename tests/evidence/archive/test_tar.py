import bz2
import gzip
import io
import lzma
import random
import tarfile
from datetime import UTC, datetime

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.evidence.archive import open_archive
from headwater.evidence.archive.guard import FREE_BYTES
from headwater.evidence.reader import Limits
from headwater.model.errors import EvidenceError
from headwater.model.item import ItemKind, Zone

PACKERS = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.ZstdCompressor(write_checksum=True).compress,
}
LONG = "lighthouses/" * 30 + "Ölskär.jpg"


def made(members, layout=tarfile.PAX_FORMAT):
    """(name, data, fields) -> a tar."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=layout) as archive:
        for name, data, fields in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            info.mtime = 1_700_000_000
            for key, value in fields.items():
                setattr(info, key, value)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def scene(size, seed=1):
    return random.Random(seed).randbytes(size)


PLAIN = [("a.jpg", scene(700), {}), ("empty", b"", {}), (LONG, scene(2048, 2), {}), ("c", scene(100_000, 3), {})]


@pytest.mark.parametrize("layout", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("packer", ["", *PACKERS])
def test_what_the_standard_library_reads_is_read_with_equal_bytes(expand, layout, packer):
    members = PLAIN if layout != tarfile.USTAR_FORMAT else [PLAIN[0], PLAIN[1], PLAIN[3]]
    data = made(members, layout)
    got = expand(PACKERS[packer](data) if packer else data)
    assert got.kind == (f"tar.{packer}" if packer else "tar")
    assert got.files == [(name.encode(), content) for name, content, _ in members]
    assert got.complaints == 0
    assert {entry.locator.layers[0].kind for entry in got.entries} == {"tar"}
    assert got.entries[0].times.zone is Zone.UTC
    assert got.entries[0].times.modified == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def test_a_pax_size_no_file_has_is_refused(expand):
    got = expand(made([("a", b"x", {"pax_headers": {"size": str(1 << 63)}}), ("b", b"y", {})]))
    assert (b"b", b"y") in got.files
    assert [(kind, "impossible size" in message) for kind, message in got.problems] == [("malformed", True)]


def test_pax_times_keep_microseconds(expand):
    got = expand(made([("a", b"", {"mtime": 1_700_000_000.25, "pax_headers": {"atime": "1700000001.123456789"}})]))
    assert got.entries[0].times.modified.microsecond == 250_000
    assert got.entries[0].times.accessed.microsecond == 123_456


def test_links_and_devices_are_named_not_opened(expand):
    got = expand(
        made(
            [
                ("link", b"", {"type": tarfile.SYMTYPE, "linkname": "/etc/\x1b[31m"}),
                ("hard", b"", {"type": tarfile.LNKTYPE, "linkname": "../a"}),
                ("pipe", b"", {"type": tarfile.FIFOTYPE}),
                ("device", b"", {"type": tarfile.CHRTYPE}),
                ("folder", b"", {"type": tarfile.DIRTYPE}),
                ("odd", b"data", {"type": b"Q"}),
            ]
        )
    )
    assert [entry.kind for entry in got.entries] == [ItemKind.SYMLINK, *[ItemKind.OTHER] * 3, ItemKind.FILE]
    assert got.entries[0].note == "symbolic link to /etc/\\u{001B}[31m"
    assert got.entries[1].note == "hard link to ../a"
    assert got.entries[4].note == "tar type Q, taken as a file"
    assert got.files == [(b"odd", b"data")]


def test_hostile_names_stay_their_bytes_and_are_told_apart(expand):
    names = ["../../evil", "/abs", "A", "a", "same", "same", "\x1b]0;x\x07", "\udcff\udcfe"]
    got = expand(made([(name, b"%d" % number, {}) for number, name in enumerate(names)], tarfile.GNU_FORMAT))
    assert got.files == [(name.encode("utf-8", "surrogateescape"), b"%d" % number) for number, name in enumerate(names)]
    assert len({entry.locator for entry in got.entries}) == len(names)


def test_sparse_members_are_refused_by_name_and_those_behind_are_read(expand):
    sparse = made([("s", b"x" * 512, {"pax_headers": {"GNU.sparse.major": "1", "GNU.sparse.name": "real"}})])
    got = expand(sparse[:2048] + made(PLAIN))
    assert got.entries[0].locator.layers[0].name == b"real"
    assert ("unknown_format", "sparse tar member: this version does not open it") in got.problems
    assert [content for _, content in got.files] == [content for _, content, _ in PLAIN]


def test_old_gnu_sparse_maps_are_stepped_over(expand):
    block = bytearray(made([("s", b"", {})], tarfile.GNU_FORMAT)[:512])
    block[156:157], block[482], block[148:156] = b"S", 1, b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    more = bytearray(512)
    more[504] = 1
    got = expand(bytes(block) + bytes(more) + bytes(512) + made([("after", b"fine", {})]))
    assert got.files == [(b"after", b"fine")]
    assert got.kinds() == {"unknown_format"}


def test_a_broken_header_is_reported_and_passed_over(expand):
    data = bytearray(made([("a", scene(600), {}), ("b", scene(700), {}), ("c", scene(800), {})], tarfile.USTAR_FORMAT))
    data[512 + 1024] ^= 0x20
    got = expand(bytes(data))
    assert [name for name, _ in got.files] == [b"a", b"c"]
    assert got.problems == [("malformed", "tar header checksum does not hold at byte 1536; going on at byte 3072")]


def test_a_broken_first_header_still_is_a_tar(expand):
    data = bytearray(made([("a", b"1", {}), ("b", b"2", {})], tarfile.USTAR_FORMAT))
    data[3] ^= 0x20
    got = expand(bytes(data))
    assert got.files == [(b"b", b"2")]
    assert len(got.problems) == 1


def test_the_format_before_ustar_has_no_magic(expand):
    block = bytearray(made([("a", b"1", {})], tarfile.USTAR_FORMAT))
    block[257:345], block[148:156] = bytes(72) + b"0000000\x000000000\0", b" " * 8
    block[148:156] = b"%06o\0 " % sum(block[:512])
    assert expand(bytes(block)).files == [(b"a", b"1")]


def test_a_second_archive_behind_the_end_mark_is_read(expand):
    got = expand(made([("a", b"1", {})]) + made([("b", b"2", {})]))
    assert got.files == [(b"a", b"1"), (b"b", b"2")]
    assert got.complaints == 0


def test_data_behind_the_end_mark_is_reported(expand):
    got = expand(made([("a", b"1", {})]) + b"hidden" * 200)
    assert got.files == [(b"a", b"1")]
    assert "after the end-of-archive mark" in got.problems[0][1]


@pytest.mark.parametrize("packer", ["", *PACKERS])
def test_truncated_at_every_97th_byte_is_reported(expand, packer):
    members = [(str(number), scene(900, number), {}) for number in range(5)]
    data = made(members, tarfile.USTAR_FORMAT)[: 5 * 1536 + 1024]
    packed = PACKERS[packer](data) if packer else data
    for cut in range(600, len(packed) - 1024 * (not packer), 97):
        got = expand(packed[:cut])
        assert got.complaints, cut
        good = [content for name, content in got.files if name not in got.damaged]
        assert good == [content for _, content, _ in members[: len(good)]]
        if not packer:
            assert len(good) >= cut // 1536


@pytest.mark.parametrize("packer", PACKERS)
def test_a_bomb_inside_is_stopped_and_what_came_before_is_kept(expand, packer, unpacked_bytes):
    data = made([("first", b"fine", {}), ("bomb", bytes(64 << 20), {}), ("last", b"lost", {})], tarfile.USTAR_FORMAT)
    got = expand(PACKERS[packer](data))
    assert got.files[0] == (b"first", b"fine")
    assert got.kinds() == {"limit"}
    assert "limit ratio 200" in got.problems[0][1]
    assert b"last" not in dict(got.files)
    assert unpacked_bytes() < FREE_BYTES + (2 << 20)  # of 64 MiB, and each of them once


def test_too_many_entries_are_one_refusal_and_what_was_listed_is_kept(expand):
    got = expand(made(PLAIN, tarfile.GNU_FORMAT), limits=Limits(entries=2))
    assert len(got.entries) == 2
    ((kind, message),) = got.problems
    assert kind == "limit"
    assert "entries" in message


def test_a_name_over_the_limit_costs_that_name_only(expand):
    got = expand(made(PLAIN, tarfile.GNU_FORMAT), limits=Limits(name_bytes=8))
    assert [content for _, content in got.files] == [content for _, content, _ in PLAIN]
    assert [len(name) for name, _ in got.files] == [5, 5, 8, 1]
    assert got.entries[2].note == "its name of 100 bytes is cut"
    ((kind, message),) = got.problems
    assert kind == "limit"
    assert "name_bytes" in message


def test_a_packed_tar_whose_trailer_does_not_hold_gives_every_member_and_says_so(expand):
    packed = bytearray(gzip.compress(made(PLAIN)))
    packed[-8] ^= 1
    got = expand(bytes(packed))
    assert [content for _, content in got.files] == [content for _, content, _ in PLAIN]
    ((kind, message),) = got.problems
    assert kind == "malformed"
    assert "CRC-32" in message


def test_what_follows_a_packed_tar_is_said_once_and_no_member_is_damaged(expand):
    got = expand(gzip.compress(made(PLAIN)) + b"hidden behind")
    assert [content for _, content in got.files] == [content for _, content, _ in PLAIN]
    assert (got.damaged, got.faults, len(got.problems)) == ([], [], 1)
    assert "no further stream" in got.problems[0][1]


def test_any_order_and_any_number_of_times(source_of):
    data = gzip.compress(made(PLAIN))
    reader = open_archive(source_of(data), head=data, outer_name=b"", limits=Limits())
    entries = list(reader.entries())
    for number in (3, 0, 2, 2, 1):
        content = reader.open(entries[number])
        assert content.read() == PLAIN[number][1]
        content.rewind()
        assert content.read() == PLAIN[number][1]
    fresh = open_archive(source_of(data), head=data, outer_name=b"", limits=Limits())
    assert fresh.open(entries[2]).read() == PLAIN[2][1]


def test_a_plain_member_has_random_access(source_of):
    data = made(PLAIN)
    reader = open_archive(source_of(data), head=data, outer_name=b"", limits=Limits())
    entry = list(reader.entries())[3]
    assert reader.open(entry).source().read_at(5000, 100) == PLAIN[3][1][5000:5100]


BASE = made([("a.jpg", scene(700), {}), (LONG, b"abc", {}), ("d", b"x" * 600, {})], tarfile.PAX_FORMAT)[:8192]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, len(BASE) - 1), st.integers(0, 255)), max_size=12),
    st.integers(0, len(BASE)),
    st.sampled_from([None, *PACKERS]),
)
def test_broken_tars_raise_nothing_but_evidence_errors(check_steady, changes, cut, packer):
    data = bytearray(BASE)
    for place, value in changes:
        data[place] = value
    data = bytes(data[:cut])
    check_steady(PACKERS[packer](data) if packer else data)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=512), st.binary(max_size=100))
def test_pax_headers_of_any_bytes(expand, records, tail):
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, len(records)
    data = info.tobuf(tarfile.USTAR_FORMAT) + records.ljust(512, b"\0") + made([("a", tail, {})], tarfile.USTAR_FORMAT)
    try:
        got = expand(data)
    except EvidenceError:
        return
    assert got.kind == "tar"
