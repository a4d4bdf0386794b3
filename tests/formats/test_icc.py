import struct

from headwater.formats.icc import read_icc


def profile(body, signature=b"desc"):
    head = bytearray(128)
    head[8:12] = bytes([4, 0x30, 0, 0])
    head[12:24] = b"mntrRGB XYZ "
    head[24:36] = struct.pack(">6H", 2026, 1, 2, 3, 4, 5)
    head[36:44] = b"acspAPPL"
    data = bytes(head) + struct.pack(">I4sII", 1, signature, 144, len(body)) + body
    return struct.pack(">I", len(data)) + data[4:]


def test_header_and_unicode_description():
    text = "Fyr å".encode("utf-16-be")
    read = read_icc(profile(b"mluc" + struct.pack(">IIIHHII", 0, 1, 12, 0x656E, 0x5553, len(text), 28) + text))
    assert read is not None
    assert (read.version, read.device_class, read.colour_space, read.connection_space) == (
        "4.3.0",
        "mntr",
        "RGB",
        "XYZ",
    )
    assert (read.created, read.platform, read.description) == ("2026:01:02 03:04:05", "APPL", "Fyr å")
    assert read.problem == ""


def test_old_description_and_copyright():
    read = read_icc(profile(b"desc" + struct.pack(">II", 0, 7) + b"Beacon\0"))
    assert read is not None
    assert read.description == "Beacon"
    read = read_icc(profile(b"text\0\0\0\0public\0", b"cprt"))
    assert read is not None
    assert read.copyright == "public"


def test_cut_off_and_no_profile():
    read = read_icc(profile(b"text\0\0\0\0public\0", b"cprt")[:140])
    assert read is not None
    assert "140 are here" in read.problem
    assert read_icc(b"\0" * 200) is None
