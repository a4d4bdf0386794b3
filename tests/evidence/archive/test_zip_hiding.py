"""Zips that keep content where none belongs: under a folder, behind a link, in a comment or an extra field."""

import random
import struct
import zlib

import pytest

from headwater.model.item import ItemKind

SCENE = random.Random(12).randbytes(3000)
FOLDER = b"lamps/"


def record(name, packed=b"", **said):
    """(local record, central fields) of one member, which says of itself what `said` does."""
    size, checked = said.get("size", len(packed)), said.get("checked", packed)
    fields = struct.pack(
        "<5H3I", 20, said.get("flags", 0), said.get("method", 0), 0, 0x5821, zlib.crc32(checked), len(packed), size
    )
    extra, comment = said.get("extra", b""), said.get("comment", b"")
    inner = said.get("local_extra", b"")
    local = b"PK\3\4" + fields + struct.pack("<HH", len(name), len(inner)) + name + inner + packed
    if said.get("unlisted"):
        return local, None
    lengths = struct.pack("<5HI", len(name), len(extra), len(comment), 0, 0, said.get("mode", 0o100644) << 16)
    return local, (b"PK\1\2\x1e\3" + fields + lengths, name + extra + comment)


def box(*records):
    body, directory = b"", b""
    for local, central in records:
        if central:
            directory += central[0] + struct.pack("<I", len(body)) + central[1]
        body += local
    count = sum(central is not None for _, central in records)
    return body + directory + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(directory), len(body), 0)


PLAIN = record(b"a.txt", b"plain")
EMPTY = zlib.compress(b"")[2:-4]
DESCRIBED = 8  # the flag of a data descriptor


@pytest.mark.parametrize("listed", [True, False])
def test_content_under_a_folder_of_no_size_is_a_member(expand, listed):
    got = expand(box(PLAIN, record(FOLDER, SCENE, size=0, checked=b"", unlisted=not listed), record(b"b", b"bb")))
    assert [entry.locator.layers[-1].name for entry in got.entries if entry.note] == [FOLDER]
    assert (FOLDER, SCENE) in got.files
    assert got.problems == [("malformed", "its record gives 0 bytes, 3000 are stored")]


def test_packed_content_under_a_folder_of_no_size_is_said(expand):
    got = expand(box(PLAIN, record(FOLDER, zlib.compress(SCENE)[2:-4], method=8, size=0, checked=b"")))
    assert got.problems == [("malformed", "unpacks to more than the 0 bytes its record says")]


def test_of_a_stored_member_of_no_size_what_is_stored_is_read(expand):
    got = expand(box(PLAIN, record(b"scene", SCENE, size=0)))
    assert got.files == [(b"a.txt", b"plain"), (b"scene", SCENE)]
    assert (got.problems, got.faults) == ([("malformed", "its record gives 0 bytes, 3000 are stored")], [])
    assert got.entries[1].size_bytes == len(SCENE)


def test_an_unlisted_folder_of_unknown_size_is_a_member(expand):
    open_ended = struct.pack("<5H3I2H", 20, DESCRIBED, 0, 0, 0x5821, 0, 0, 0, len(FOLDER), 0)
    got = expand(box(PLAIN, (b"PK\3\4" + open_ended + FOLDER + SCENE, None), record(b"b", b"bb")))
    assert (FOLDER, SCENE) in got.files


@pytest.mark.parametrize(
    "folder",
    [
        record(FOLDER),
        record(FOLDER, EMPTY, method=8, size=0, checked=b""),
        record(FOLDER, bytes(range(12)), flags=1, size=0, checked=b""),
        record(FOLDER, bytes(range(28)), flags=1, method=99, size=0, checked=b""),
        record(FOLDER, extra=struct.pack("<HHBI", 0x5455, 5, 1, 1_700_000_000)),
        record("fyr på ø/".encode("cp865")),
    ],
)
def test_folders_as_programs_write_them_are_no_word_worth(expand, folder):
    got = expand(box(PLAIN, folder, record(b"b", b"bb")))
    assert [name for name, _ in got.files] == [b"a.txt", b"b"]
    assert got.complaints == 0


@pytest.mark.parametrize("flags", [0, DESCRIBED])
def test_of_an_unlisted_folder_nothing_is_said(expand, flags):
    got = expand(box(PLAIN, record(FOLDER, flags=flags, unlisted=True), record(b"b", b"bb")))
    assert [name for name, _ in got.files] == [b"a.txt", b"b"]
    assert got.complaints == 0


@pytest.mark.parametrize("place", ["comment", "extra", "local_extra"])
def test_what_the_record_of_a_folder_keeps_is_said(expand, place):
    kept = SCENE if place == "comment" else struct.pack("<HH", 0x7A7A, len(SCENE)) + SCENE
    ((kind, message),) = expand(box(PLAIN, record(FOLDER, **{place: kept}))).problems
    assert (kind, message.partition(" bytes")[0].split()[-1]) == ("malformed", str(len(SCENE)))
    assert message.startswith("a folder, with ")


def test_a_member_in_the_extra_field_of_a_folder_is_found(expand):
    inner, _ = record(b"inner", b"within")
    got = expand(box(PLAIN, record(FOLDER, local_extra=struct.pack("<HH", 0x7A7A, len(inner)) + inner)))
    assert (b"inner", b"within") in got.files


TARGET = b"some/target"
PACKED = zlib.compress(TARGET)[2:-4]


@pytest.mark.parametrize(("method", "packed"), [(0, TARGET), (8, PACKED)])
def test_a_link_with_more_behind_its_target_is_a_file_with_a_fault(expand, method, packed):
    said = {"method": method, "size": len(TARGET), "checked": TARGET, "mode": 0o120777}
    honest, doctored = (expand(box(record(b"l", packed + more, **said))) for more in (b"", SCENE))
    assert (honest.entries[0].kind, honest.complaints) == (ItemKind.SYMLINK, 0)
    assert (doctored.entries[0].kind, doctored.files) == (ItemKind.FILE, [(b"l", TARGET)])
    assert len(doctored.faults) == 1


@pytest.mark.parametrize("tag", [0x0001, 0x000A, 0x5455, 0x7875, 0xA220, 0xD935])
def test_a_known_extra_field_too_long_for_its_kind_is_said(expand, tag):
    def note(*fields):
        extra = b"".join(struct.pack("<HH", tag, len(data)) + data for data in fields)
        return expand(box(record(b"a", b"one", local_extra=extra))).entries[0].note

    assert note(b"\1" * 13 + bytes(2000)) == ""  # zeros are padding
    assert note(SCENE) == f"{len(SCENE) - 64} bytes of extra fields not read"
    assert note(*[b"\1" * 60] * 10) == "540 bytes of extra fields not read"
