import struct

from headwater.examine.metadata_examples import iptc, resource
from headwater.formats.iptc import read_iptc, read_resources


def test_datasets_with_names_and_places():
    data = iptc(25, b"coast") + iptc(25, b"sea") + iptc(0, b"\0\4")
    datasets, damage = read_iptc(data)
    assert [(found.name, found.value) for found in datasets] == [
        ("Keywords", "coast"),
        ("Keywords", "sea"),
        ("RecordVersion", 4),
    ]
    assert data[datasets[1].offset_bytes :][: datasets[1].length_bytes] == iptc(25, b"sea")
    assert damage == ()


def test_charsets_are_said():
    declared = struct.pack(">BBBH", 0x1C, 1, 90, 3) + b"\x1b%G"
    datasets, _ = read_iptc(declared + iptc(120, "fyrtårn".encode()))
    assert (datasets[1].value, datasets[1].charset) == ("fyrtårn", "utf-8")
    ((dataset,), _) = read_iptc(iptc(120, "fyrtårn".encode()))
    assert (dataset.value, dataset.charset) == ("fyrtårn", "utf-8 (not declared)")
    ((dataset,), _) = read_iptc(iptc(120, b"W\xf6rden"))
    assert (dataset.value, dataset.charset) == ("Wörden", "cp1252 (assumed)")


def test_extended_length():
    data = struct.pack(">BBBHI", 0x1C, 2, 120, 0x8004, 40_000) + b"x" * 40_000
    ((dataset,), damage) = read_iptc(data)
    assert len(str(dataset.value)) == 40_000
    assert damage == ()


def test_a_dataset_cut_off_is_kept_and_noted():
    ((dataset,), damage) = read_iptc(iptc(120, b"lighthouse")[:-4])
    assert dataset.value == "lighth"
    assert "past the end" in damage[0].what


def test_resources():
    data = resource(0x0404, b"abc") + resource(0x0425, bytes(16))
    resources, damage = read_resources(data)
    assert [found.identifier for found in resources] == [0x0404, 0x0425]
    assert data[resources[0].offset_bytes :][: resources[0].length_bytes] == b"abc"
    assert damage == ()
    resources, damage = read_resources(data[:-3] + b"")
    assert resources[1].length_bytes == 13
    assert "past the end" in damage[0].what


def test_a_dataset_of_which_nothing_is_here_is_no_empty_one():
    datasets, damage = read_iptc(iptc(25, b"coast") + iptc(120, b"lighthouse")[:5])
    assert [(found.value, found.cut) for found in datasets] == [("coast", False)]
    assert damage
    ((cut,), _) = read_iptc(iptc(120, b"lighthouse")[:-4])
    assert cut.cut


def test_a_byte_that_is_no_utf8_is_not_lost():
    declared = struct.pack(">BBBH", 0x1C, 1, 90, 3) + b"\x1b%G"
    datasets, _ = read_iptc(declared + iptc(90, b"K\xf6ln"))
    assert (datasets[1].value, datasets[1].charset) == ("K\xf6ln", "utf-8 (damaged)")
