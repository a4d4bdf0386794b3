"""Bytes of a zip that no member and no record claims are said; what is usual is not."""

import io
import struct
import zipfile

import pytest

HIDDEN = b"kept where nobody looks " * 40


def parts():
    """(first member, second member, directory and end record) of a zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as box:
        for name, data in (("a", b"one" * 100), ("b", b"two" * 100)):
            box.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    data = buffer.getvalue()
    second, directory = data.index(b"PK\3\4", 4), data.index(b"PK\1\2")
    return data[:second], data[second:directory], data[directory:]


def joined(*, first=b"", between=b"", before_directory=b"", inside_directory=b"", behind=b"", comment=b""):
    """The same zip with bytes put in; every offset is set right."""
    a, b, directory = parts()
    directory, end = bytearray(directory[:-22]), bytearray(directory[-22:])
    second = directory.index(b"PK\1\2", 4)
    directory[42:46] = struct.pack("<I", len(first))
    directory[second + 42 : second + 46] = struct.pack("<I", len(first + a + between))
    body = first + a + between + b + before_directory
    end[16:20], end[20:22] = struct.pack("<I", len(body)), struct.pack("<H", len(comment))
    return body + bytes(directory) + inside_directory + bytes(end) + comment + behind


@pytest.mark.parametrize("place", ["between", "before_directory", "inside_directory", "behind", "comment"])
def test_bytes_that_belong_to_nothing_are_said(expand, place):
    hidden = bytes([1]) + HIDDEN
    got = expand(joined(**{place: hidden}))
    assert [content for _, content in got.files] == [b"one" * 100, b"two" * 100]
    at = joined(**{place: hidden}).index(hidden)
    assert got.problems == [("malformed", f"{len(hidden)} bytes at byte {at} belong to no member")]


def test_several_places_are_one_complaint(expand):
    ((kind, message),) = expand(joined(between=HIDDEN, behind=HIDDEN)).problems
    assert (kind, message.partition(" first")[0]) == (
        "malformed",
        f"{2 * len(HIDDEN)} bytes in 2 places, the",
    )


def test_bytes_before_the_first_member_of_what_begins_as_a_zip_are_said(expand):
    got = expand(joined(first=b"PK\3\4" + HIDDEN))
    assert [content for _, content in got.files] == [b"one" * 100, b"two" * 100]
    assert got.problems == [("malformed", f"{4 + len(HIDDEN)} bytes at byte 0 belong to no member")]


def test_bytes_before_the_first_member_of_any_other_file_are_that_file(expand):
    got = expand(joined(first=b"\xff\xd8\xff\xe0" + HIDDEN))
    assert got.complaints == 0


@pytest.mark.parametrize("place", ["between", "before_directory", "behind", "comment"])
def test_zeros_and_few_bytes_are_padding(expand, place):
    assert expand(joined(**{place: bytes(4000)})).complaints == 0
    assert expand(joined(**{place: b"\1" * 25})).complaints == 0


def test_data_descriptors_are_records(expand):
    class Forwards(io.BytesIO):
        """A pipe: what was written cannot be set right later."""

        def seekable(self):
            return False

        def seek(self, *_):
            raise io.UnsupportedOperation

    buffer = Forwards()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as box:
        for number in range(20):
            box.writestr(f"{number}", b"lamp" * 50)
    got = expand(buffer.getvalue())
    assert b"PK\7\x08" in buffer.getvalue()
    assert (len(got.files), got.complaints) == (20, 0)


def signing_block(*pairs):
    body = b"".join(struct.pack("<QI", 4 + len(value), name) + value for name, value in pairs)
    size = struct.pack("<Q", len(body) + 24)
    return size + body + size + b"APK Sig Block 42"


SIGNATURE = (0x7109871A, bytes(range(250)) * 20)
PADDING = (0x42726577, bytes(4000))


def test_the_signatures_of_an_android_package_are_known(expand):
    block = signing_block(SIGNATURE, PADDING, (0x7A7A7A7A, b"channel=lamp"))
    assert expand(joined(before_directory=block)).complaints == 0
    assert expand(joined(before_directory=signing_block())).complaints == 0
    assert expand(joined(before_directory=bytes(4000) + block)).complaints == 0
    assert expand(joined(before_directory=HIDDEN + block)).complaints == 1


def test_what_only_ends_as_the_signatures_of_an_android_package_is_said(expand):
    size = struct.pack("<Q", len(HIDDEN) * 2 + 24)
    bare = size + HIDDEN * 2 + size + b"APK Sig Block 42"
    unknown = signing_block(SIGNATURE, (0x7A7A7A7A, HIDDEN * 2))
    longer = signing_block(SIGNATURE)[8:]
    for block in (bare, unknown, bytes(8) + longer, HIDDEN + longer):
        ((kind, message),) = expand(joined(before_directory=block)).problems
        assert (kind, message.partition(" ")[0]) == ("malformed", str(len(block)))


def test_what_an_unknown_extra_field_holds_is_said_with_its_member(expand):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as box:
        info = zipfile.ZipInfo("a")
        info.extra = struct.pack("<HH", 0x7A7A, len(HIDDEN)) + HIDDEN
        box.writestr(info, b"one")
    assert expand(buffer.getvalue()).entries[0].note == f"{len(HIDDEN)} bytes of extra fields not read"
