import struct
import zlib
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from headwater.evidence.content import BytesSource
from headwater.evidence.disk.partitions import read_partitions

LINUX = UUID("0fc63daf-8483-4772-8e79-3d69d8477de4")
BASIC = UUID("ebd0a0a2-b9e5-4433-87c0-68b6b72699c7")


def boot(*entries, code=b""):
    table = b"".join(struct.pack("<B3xB3xII", 0, *entry) for entry in entries)
    return code[:446].ljust(446, b"\0") + table.ljust(64, b"\0") + b"\x55\xaa"


def put(disk, lba, data, sector=512):
    disk[lba * sector : lba * sector + len(data)] = data


def gpt_disk(parts, sector=512, total=400, protective=True):
    disk = bytearray(total * sector)
    if protective:
        put(disk, 0, boot((0xEE, 1, total - 1)))
    table = b"".join(
        struct.pack("<16s16sQQQ72s", kind.bytes_le, bytes([number + 1]) * 16, first, last, 0, name.encode("utf-16-le"))
        for number, (kind, first, last, name) in enumerate(parts)
    ).ljust(128 * 128, b"\0")
    span = len(table) // sector
    for here, other, at in ((1, total - 1, 2), (total - 1, 1, total - 1 - span)):
        put(disk, at, table, sector)
        tail = struct.pack(
            "<QQQQ16sQIII", here, other, 2 + span, total - 2 - span, b"d" * 16, at, 128, 128, zlib.crc32(table)
        )
        blank = struct.pack("<8sIIII", b"EFI PART", 0x10000, 92, 0, 0) + tail
        put(disk, here, blank[:16] + zlib.crc32(blank).to_bytes(4, "little") + blank[20:], sector)
    return disk


def spelled(table, sector=512):
    return [
        (each.layer.kind, each.layer.name.decode(), each.start_bytes // sector, each.length_bytes // sector)
        for each in table.volumes
    ]


PARTS = [(LINUX, 40, 99, "rock"), (BASIC, 120, 199, "\u202eharbour")]


@pytest.mark.parametrize("sector", [512, 4096])
def test_gpt(sector):
    table = read_partitions(BytesSource(bytes(gpt_disk(PARTS, sector))))
    assert spelled(table, sector) == [("gpt", "p1", 40, 60), ("gpt", "p2", 120, 80)]
    assert [each.type_name for each in table.volumes] == ["Linux file system", "Microsoft basic data"]
    assert table.volumes[1].label == "\\u{202E}harbour"
    assert (table.sector_bytes, table.notes) == (sector, ())
    gaps = [(each.offset_bytes // sector, each.end_bytes // sector) for each in table.gaps]
    assert gaps == [(0, 40), (100, 120), (200, 400)]


def test_the_slice_holds_the_partitions_bytes():
    disk = gpt_disk(PARTS)
    put(disk, 40, b"lamp")
    [first, _] = read_partitions(BytesSource(bytes(disk))).volumes
    assert first.source.read_at(0, 4) == b"lamp"
    assert first.source.size_bytes == 60 * 512


@pytest.mark.parametrize("at", [512, 512 + 16, 512 + 40, 1024, 1024 + 130])
def test_a_damaged_primary_gpt_is_replaced_by_its_backup(at):
    disk = gpt_disk(PARTS)
    disk[at] ^= 0xFF
    table = read_partitions(BytesSource(bytes(disk)))
    assert spelled(table) == [("gpt", "p1", 40, 60), ("gpt", "p2", 120, 80)]
    assert "backup was read" in table.notes[0]


def test_a_damaged_backup_is_noted():
    disk = gpt_disk(PARTS)
    disk[-512 + 20] ^= 0xFF
    table = read_partitions(BytesSource(bytes(disk)))
    assert len(table.volumes) == 2
    assert "backup GPT is damaged" in table.notes[0]


def test_a_primary_and_a_backup_that_differ_are_both_named():
    whole, lesser = gpt_disk(PARTS), gpt_disk(PARTS[:1])
    disk = lesser[: len(lesser) // 2] + whole[len(whole) // 2 :]
    table = read_partitions(BytesSource(bytes(disk)))
    assert spelled(table) == [("gpt", "p1", 40, 60)]
    [doubt] = table.doubts
    assert doubt in table.notes
    assert "the primary names p1 (sectors 40 to 99), and was read" in doubt
    assert "the backup names p1 (sectors 40 to 99), p2 (sectors 120 to 199)" in doubt


def test_a_primary_that_names_nothing_does_not_hide_its_backup():
    whole, blank = gpt_disk(PARTS), gpt_disk([])
    table = read_partitions(BytesSource(bytes(blank[: len(blank) // 2] + whole[len(whole) // 2 :])))
    assert len(table.volumes) == 2
    [doubt] = table.doubts
    assert "the primary names none; the backup names p1" in doubt


def test_an_mbr_that_names_more_than_its_gpt_is_doubted():
    disk = gpt_disk(PARTS)
    put(disk, 0, boot((0xEE, 1, 39), (0x83, 40, 60)))
    assert read_partitions(BytesSource(bytes(disk))).doubts == ()
    put(disk, 0, boot((0xEE, 1, 39), (0x83, 210, 100)))
    table = read_partitions(BytesSource(bytes(disk)))
    assert len(table.volumes) == 2
    [doubt] = table.doubts
    assert "the MBR names p2 (sectors 210 to 309)" in doubt
    assert "the GPT names p1 (sectors 40 to 99), p2 (sectors 120 to 199)" in doubt


def test_with_both_headers_damaged_the_table_is_read_as_it_stands():
    disk = gpt_disk(PARTS)
    disk[512 + 60] ^= 0xFF
    disk[-512 + 60] ^= 0xFF
    table = read_partitions(BytesSource(bytes(disk)))
    assert len(table.volumes) == 2
    assert "no copy of the GPT holds" in table.notes[0]


def test_partitions_outside_the_disk_are_clipped_or_left_out():
    parts = [(LINUX, 40, 99, ""), (LINUX, 90, 999, ""), (LINUX, 5000, 6000, ""), (LINUX, 60, 50, "")]
    table = read_partitions(BytesSource(bytes(gpt_disk(parts))))
    assert spelled(table) == [("gpt", "p1", 40, 60), ("gpt", "p2", 90, 310)]
    assert {note.split(";")[0] for note in table.notes} >= {
        "p3 begins behind the end of the disk",
        "p4 ends before it begins",
        "p2 overlaps p1",
    }
    assert any("past the end" in note for note in table.notes)


def test_mbr_with_logical_partitions_counts_like_linux():
    disk = bytearray(1000 * 512)
    put(disk, 0, boot((0x83, 10, 90), (0x05, 100, 800), (0x07, 900, 100)))
    put(disk, 100, boot((0x83, 10, 90), (0x05, 200, 300)))
    put(disk, 300, boot((0x0C, 5, 50)))
    table = read_partitions(BytesSource(bytes(disk)))
    assert spelled(table) == [
        ("mbr", "p1", 10, 90),
        ("mbr", "p3", 900, 100),
        ("mbr", "p5", 110, 90),
        ("mbr", "p6", 305, 50),
    ]
    assert table.volumes[3].type_name == "FAT32 (LBA)"
    assert table.notes == ()
    assert sum(each.length_bytes for each in table.gaps) == (1000 - 90 - 100 - 90 - 50) * 512


@pytest.mark.parametrize(("link", "word"), [((0x05, 0, 300), "loops"), ((0x05, 500, 300), "breaks off")])
def test_a_false_chain_of_logical_partitions_stops_and_says_so(link, word):
    disk = bytearray(1000 * 512)
    put(disk, 0, boot((0x05, 100, 800)))
    put(disk, 100, boot((0x83, 10, 90), link))
    table = read_partitions(BytesSource(bytes(disk)))
    assert spelled(table) == [("mbr", "p5", 110, 90)]
    assert word in table.notes[0]


def test_a_chain_of_logical_partitions_that_parts_says_so():
    disk = bytearray(1000 * 512)
    put(disk, 0, boot((0x05, 100, 800)))
    put(disk, 100, boot((0x83, 10, 90), (0x05, 200, 300), (0x05, 500, 300)))
    put(disk, 300, boot((0x83, 10, 90)))
    table = read_partitions(BytesSource(bytes(disk)))
    assert spelled(table) == [("mbr", "p5", 110, 90), ("mbr", "p6", 310, 90)]
    assert table.doubts == ("the chain of logical partitions parts at sector 100: only the first of 2 was followed",)


def test_mbr_counted_in_4096_byte_sectors():
    disk = bytearray(100 * 4096)
    put(disk, 0, boot((0x83, 10, 20)))
    put(disk, 10 * 4096 // 512 + 2, b"\0" * 56 + b"\x53\xef")
    table = read_partitions(BytesSource(bytes(disk)))
    assert (table.volumes[0].start_bytes, table.volumes[0].length_bytes) == (40960, 81920)
    assert "4096" in table.notes[0]


def fat_boot(tail=b""):
    head = b"\xeb\x3c\x90mkfs.fat" + struct.pack("<HBHBHHBH", 512, 4, 1, 2, 512, 8000, 0xF8, 8)
    return (head.ljust(446, b"\x90") + tail.ljust(64, b"\x90")) + b"\x55\xaa"


@pytest.mark.parametrize(
    "first",
    [
        fat_boot(),
        fat_boot(bytes(64)),
        fat_boot(struct.pack("<B3xB3xII", 0x80, 6, 0, 8000).ljust(64, b"\0")),
        b"\xeb\x52\x90NTFS    ".ljust(510, b"\xcc") + b"\x55\xaa",
        b"\xeb\x76\x90EXFAT   ".ljust(510, b"\0") + b"\x55\xaa",
        bytes(512),
    ],
    ids=["fat", "fat without boot code", "fat with a table of itself", "ntfs", "exfat", "nothing"],
)
def test_a_boot_sector_is_no_partition_table(first):
    assert read_partitions(BytesSource(first + bytes(8000 * 512))).scheme == ""


def test_an_mbr_with_leftovers_of_a_parameter_block_is_one():
    disk = bytearray(1000 * 512)
    put(disk, 0, boot((0x83, 10, 90), code=fat_boot()))
    assert spelled(read_partitions(BytesSource(bytes(disk)))) == [("mbr", "p1", 10, 90)]


def test_a_gpt_left_behind_by_an_earlier_use_is_noted_not_read():
    disk = gpt_disk(PARTS, protective=False)
    put(disk, 0, boot((0x83, 10, 90)))
    table = read_partitions(BytesSource(bytes(disk)))
    assert spelled(table) == [("mbr", "p1", 10, 90)]
    [doubt] = table.doubts
    assert "does not announce" in table.notes[0]
    assert "names p1 (sectors 10 to 99)" in doubt
    assert "names p1 (sectors 40 to 99), p2 (sectors 120 to 199)" in doubt
    put(disk, 0, fat_boot())
    assert read_partitions(BytesSource(bytes(disk))).scheme == ""


def test_a_gpt_whose_protective_mbr_is_gone_is_read():
    table = read_partitions(BytesSource(bytes(gpt_disk(PARTS, protective=False))))
    assert len(table.volumes) == 2
    assert "without a protective MBR" in table.notes[0]


def test_an_announced_gpt_that_is_gone_is_noted():
    disk = bytearray(400 * 512)
    put(disk, 0, boot((0xEE, 1, 399)))
    table = read_partitions(BytesSource(bytes(disk)))
    assert table.volumes == ()
    assert "none can be read" in table.notes[0]


def chained(links):
    disk = bytearray(64 * 512)
    for lba, sector in links:
        put(disk, lba, sector)
    return disk


@given(
    st.one_of(
        st.binary(max_size=4000),
        st.lists(
            st.tuples(
                st.integers(0, 60),
                st.builds(
                    boot,
                    *[st.tuples(st.sampled_from([0, 5, 0x83, 0xEE]), st.integers(0, 70), st.integers(0, 2**32 - 1))]
                    * 4,
                ),
            ),
            max_size=8,
        ).map(chained),
        st.tuples(st.integers(0, 2000), st.integers(0, 255)).map(
            lambda change: (disk := gpt_disk(PARTS)).__setitem__(change[0], change[1]) or disk
        ),
    )
)
@example(b"")
def test_any_disk_gives_volumes_inside_it(disk):
    table = read_partitions(BytesSource(bytes(disk)))
    for each in table.volumes:
        assert 0 <= each.start_bytes < each.start_bytes + each.length_bytes <= len(disk)
        assert each.length_bytes == each.source.size_bytes
    names = [each.layer.name for each in table.volumes]
    assert len(set(names)) == len(names)
