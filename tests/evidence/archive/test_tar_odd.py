"""Tars that say odd things: nothing in a header stalls a listing, ends it, or hides the members behind it."""

import gzip
import io
import random
import tarfile
from datetime import UTC, datetime

import pytest

from headwater.evidence.archive import open_archives
from headwater.evidence.reader import Limits
from headwater.model.item import ItemKind

SCENE = random.Random(8).randbytes(1300)


def header(name, size, flag=b"0", magic=b"ustar\x0000", *, extended=0):
    """One header block with a checksum that holds, whatever the rest says."""
    block = bytearray(512)
    block[: len(name)] = name
    for start, text in ((100, b"0000644"), (108, b"0001750"), (116, b"0001750")):
        block[start : start + 7] = text
    block[124:136], block[136:148] = b"%011o\0" % size, b"%011o\0" % 1_700_000_000
    block[156:157], block[257:265], block[482] = flag, magic, extended
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def member(name, data, flag=b"0", magic=b"ustar\x0000"):
    return header(name, len(data), flag, magic) + data.ljust(-(-len(data) // 512) * 512, b"\0")


def pax(**records):
    """A pax header that says `records`, each with its length before it."""
    data = b""
    for keyword, value in records.items():
        body = b" %s=%s\n" % (keyword.encode(), value)
        length = len(body) + 1
        while len(b"%d" % length) + len(body) != length:
            length += 1
        data += b"%d" % length + body
    return member(b"pax", data, b"x")


END = bytes(1024)
AFTER = member(b"after", SCENE)


@pytest.mark.parametrize(
    "value",
    [
        b"1E999999",
        b"1E999990",
        b"-1E999999",
        b"1e3",
        b"Infinity",
        b"NaN",
        b"sNaN",
        b"9" * 400_000,
        b"1." + b"9" * 400_000,
        b"9" * 18,
        b"-" + b"9" * 18,
        b"",
        b"\xd9\xa1",
    ],
)
@pytest.mark.parametrize("keyword", ["mtime", "atime", "ctime", "LIBARCHIVE.creationtime"])
def test_a_pax_time_no_file_has_is_no_time_and_costs_nothing_else(expand, keyword, value):
    got = expand(pax(**{keyword: value}) + member(b"scene", SCENE) + AFTER + END)
    assert got.files == [(b"scene", SCENE), (b"after", SCENE)]
    assert got.complaints == 0
    times = got.entries[0].times
    assert times.modified == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)  # the header's own
    assert (times.accessed, times.changed, times.created) == (None, None, None)


@pytest.mark.parametrize("value", [b"1E9", b"9" * 20, b"9" * 400_000, b"-1", b"x", b""])
def test_where_a_pax_size_is_none_it_is_said_and_the_header_s_own_holds(expand, value):
    got = expand(pax(size=value) + member(b"scene", SCENE) + AFTER + END)
    assert got.files == [(b"scene", SCENE), (b"after", SCENE)]
    assert got.kinds() == {"malformed"}
    assert len(got.problems) == 1


@pytest.mark.parametrize("magic", [b"ustar\x0000", b"ustar\0\0\0", b"ustar  \0", b"ustar\x0099", b"ustar\xff\xff\xff"])
def test_a_tar_is_one_whatever_version_it_names(expand, magic):
    got = expand(member(b"scene", SCENE, magic=magic) + END)
    assert (got.kind, got.files) == ("tar", [(b"scene", SCENE)])
    assert got.complaints == 0


def test_a_volume_label_is_no_member_and_the_tar_behind_it_is_read(expand):
    got = expand(header(b"lamp room backup", 0, b"V", b"ustar  \0") + member(b"scene", SCENE) + END)
    assert got.files == [(b"scene", SCENE)]
    assert got.complaints == 0


def test_a_volume_label_with_content_hides_nothing(expand):
    got = expand(member(b"label", SCENE, b"V", b"ustar  \0") + AFTER + END)
    assert got.files == [(b"label", SCENE), (b"after", SCENE)]
    assert "volume label, with content" in got.entries[0].note


@pytest.mark.parametrize("flag", [b"1", b"2", b"3", b"4", b"5", b"6", b"D"])
def test_content_behind_a_kind_that_has_none_is_a_file(expand, flag):
    got = expand(member(b"odd", SCENE, flag) + AFTER + END)
    assert got.files == [(b"odd", SCENE), (b"after", SCENE)]
    assert "with content" in got.entries[0].note


def test_a_size_of_a_link_without_content_is_not_followed(expand):
    got = expand(header(b"link", len(SCENE), b"1") + AFTER + END)
    assert got.files == [(b"after", SCENE)]
    assert got.entries[0].kind is ItemKind.OTHER
    assert got.complaints == 0


@pytest.mark.parametrize("flag", [b"x", b"g", b"X"])
def test_a_pax_header_over_the_limit_is_said_and_its_member_is_listed(expand, flag):
    got = expand(member(b"pax", b"13 comment=x\n" * 90_000, flag) + member(b"scene", SCENE) + AFTER + END)
    assert got.files == [(b"scene", SCENE), (b"after", SCENE)]
    ((kind, message),) = got.problems
    assert kind == "limit"
    assert "a tar pax header of 1170000 bytes at byte 512" in message


@pytest.mark.parametrize("flag", [b"L", b"K"])
def test_a_long_name_over_the_limit_is_said_and_its_member_is_listed(expand, flag):
    got = expand(member(b"././@LongLink", b"x" * 70_000, flag) + member(b"scene", SCENE) + AFTER + END)
    assert got.files == [(b"scene", SCENE), (b"after", SCENE)]
    assert got.kinds() == {"limit"}


@pytest.mark.parametrize("data", [b"no record at all", b"99 path=a\n", b"9 path=a\nrest", b"\xff" * 40])
def test_a_pax_header_that_does_not_hold_is_said_and_the_tar_goes_on(expand, data):
    got = expand(member(b"pax", data, b"x") + member(b"scene", SCENE) + AFTER + END)
    assert [content for _, content in got.files] == [SCENE, SCENE]
    assert got.kinds() == {"malformed"}


def test_headers_that_speak_of_no_member_are_said(expand):
    got = expand(AFTER + pax(path=b"nothing") + END)
    assert got.files == [(b"after", SCENE)]
    assert got.problems == [("malformed", "a tar header of type x that speaks of no member")]


def test_a_search_for_the_next_header_reads_each_byte_once_and_says_that_it_goes_on(source_of):
    source = Counted(source_of(AFTER + b"\x01" * (8 << 20) + AFTER + END))
    touched = []
    (reader,) = open_archives(
        source, head=source.read_at(0, 36 << 10), outer_name=b"", limits=Limits(), touch=lambda: touched.append(1)
    )
    source.bytes_read = 0
    entries = list(reader.entries())
    assert [entry.locator.layers[-1].name for entry in entries if hasattr(entry, "times")] == [b"after", b"after"]
    assert source.bytes_read < source.size_bytes + (4 << 20)
    assert len(touched) >= 8


GAPS = {
    "a second archive": END,
    "one block of zeros": bytes(512),
    "a broken header": b"\x01" * 512,
    "a pax header that does not hold": member(b"pax", random.Random(3).randbytes(1 << 20), b"x"),
    "a sparse map without end": header(b"s", 0, b"S", b"ustar  \0", extended=1)
    + (bytes(504) + b"\1" + bytes(7)) * 3000,
}


@pytest.mark.parametrize("gap", GAPS)
def test_going_on_behind_what_is_odd_unpacks_nothing_twice(expand, unpacked_bytes, gap):
    between = GAPS[gap]
    count = max(4, (4 << 20) // len(between + AFTER))
    data = (AFTER + between) * count + END
    got = expand(gzip.compress(data, 1), limits=Limits(ratio=1 << 40))
    assert [content for _, content in got.files].count(SCENE) == count
    assert unpacked_bytes() < len(data) + 4096


def test_too_many_complaints_end_the_listing_as_too_many_entries_do(expand):
    got = expand((AFTER + b"\x01" * 512) * 50 + END, limits=Limits(entries=20))
    assert len(got.entries) + len(got.problems) == 21
    assert "limit entries" in got.problems[-1][1]


class Counted:
    """A ByteSource that counts what is read of it."""

    def __init__(self, source):
        self._source = source
        self.bytes_read = 0
        self.size_bytes = source.size_bytes

    def read_at(self, offset_bytes, length_bytes):
        data = self._source.read_at(offset_bytes, length_bytes)
        self.bytes_read += len(data)
        return data

    def bad_ranges(self):
        return ()


def test_what_the_standard_library_writes_is_what_is_written_here():
    with tarfile.open(fileobj=io.BytesIO(pax(mtime=b"5") + AFTER + END)) as tape:
        (info,) = tape.getmembers()
    assert (info.name, info.mtime, info.size) == ("after", 5.0, len(SCENE))


def dump(*names):
    return b"".join(name + b"\0" for name in names) + b"\0"


@pytest.mark.parametrize(
    "names",
    [
        [],
        [b"Ylamp.jpg", b"Nold.jpg", b"Drooms"],
        [b"Rthe old lamp", b"Tthe new lamp", b"Xtemporary", b"T"],
        [b"Y" + b"x" * 255] * 50,
        [b"R" + b"deep/" * 800, b"Tb"],
    ],
)
def test_the_list_of_a_gnu_dump_is_no_content(expand, names):
    got = expand(member(b"rooms/", dump(*names), b"D", b"ustar  \0") + AFTER + END)
    assert (got.files, len(got.entries), got.complaints) == ([(b"after", SCENE)], 1, 0)


@pytest.mark.parametrize(
    "content",
    [
        b"Y" + b"x" * 511 + SCENE,
        dump(b"Ylamp.jpg") + b"Z" * 600,
        dump(*[b"Ylamp"] * 200) + SCENE,
        dump(b"Y" + b"x" * 256),
        dump(b"Ylamp.jpg") + dump(b"Ymore"),
    ],
)
def test_what_only_begins_as_the_list_of_a_gnu_dump_is_a_file(expand, content):
    got = expand(member(b"rooms/", content, b"D", b"ustar  \0") + AFTER + END)
    assert got.files == [(b"rooms/", content), (b"after", SCENE)]


def raw_pax(*records, flag=b"x"):
    """A pax header of (keyword, value), any of them more than once."""
    data = b"".join(pax(**{keyword: value})[512:].rstrip(b"\0") for keyword, value in records)
    return member(b"pax", data, flag)


USUAL = [
    ("SCHILY.xattr.user.shelf", bytes(range(256)) * 8),
    ("LIBARCHIVE.xattr.user.shelf", b"QUJD" * 300),
    ("GNU.dumpdir", dump(*[b"Y" + b"x" * 200] * 100)),
    ("uname", b"keeper"),
    ("comment", b"0" * 64),  # as git writes it
]
UNREAD = [
    [("comment", SCENE)],
    [("comment", b"x" * 100)] * 5,
    [("path", SCENE), ("path", b"odd")],
    [("mtime", b"1" * 4000)],
    [("GNU.dumpdir", b"Y" + b"x" * 1000), ("SCHILY.acl.access", b"x" * 4000)],
    [("SCHILY.xattr.a", b"x" * 3000), ("SCHILY.xattr.b", b"x" * 3000)],
]


@pytest.mark.parametrize("records", UNREAD)
def test_pax_records_that_nothing_reads_are_said_of_their_member(expand, records):
    got = expand(raw_pax(*records) + member(b"odd", SCENE) + AFTER + END)
    assert [(entry.note.partition(" ")[2]) for entry in got.entries] == ["bytes of its headers not read", ""]
    assert (got.files, got.complaints) == ([(b"odd", SCENE), (b"after", SCENE)], 0)


@pytest.mark.parametrize("records", UNREAD)
@pytest.mark.parametrize("flag", [b"x", b"g"])
def test_pax_records_that_nothing_reads_are_said_where_no_member_is_listed(expand, records, flag):
    got = expand(raw_pax(*records, flag=flag) + header(b"odd", 0, b"5") + AFTER + END)
    ((kind, message),) = got.problems
    assert kind == "malformed"
    assert message.startswith("the folder odd, with" if flag == b"x" else "a global pax header with")


@pytest.mark.parametrize("flag", [b"x", b"g"])
@pytest.mark.parametrize("kind", [b"0", b"5"])
def test_pax_records_as_programs_write_them_are_no_word_worth(expand, flag, kind):
    got = expand(raw_pax(*USUAL, flag=flag) + header(b"odd", 0, kind) + AFTER + END)
    assert ([entry.note for entry in got.entries if entry.note], got.complaints) == ([], 0)


def test_pax_records_of_one_member_count_together_however_many_headers_they_lie_in(expand):
    got = expand(raw_pax(("comment", b"x" * 100)) * 10 + AFTER + END)
    assert got.entries[0].note == "1070 bytes of its headers not read"


@pytest.mark.parametrize("before", [pax(linkpath=b"x" * 900), member(b"././@LongLink", b"x" * 900 + b"\0", b"K")])
def test_the_target_of_what_is_no_link_is_said(expand, before):
    link, file = (expand(before + header(b"odd", 0, flag) + AFTER + END).entries[0] for flag in (b"2", b"0"))
    assert link.note.startswith("symbolic link to xxx")
    assert file.note == "900 bytes of its headers not read"
