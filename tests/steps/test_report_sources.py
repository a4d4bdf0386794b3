"""What the report says of a source, from custody entries written by hand; and of a real image, from a real run."""

import io
import random
import struct

import pytest

from headwater.demo.ewf_writer import write_ewf
from headwater.export.records import Verdict
from headwater.steps.exhibits import SOURCE_CLOSED, SOURCE_LISTED, SOURCE_OPENED, SOURCE_VERIFIED, known_sources
from headwater.steps.report import write_report
from headwater.steps.report_sources import SourceStory, faults, seized
from headwater.steps.workspace import Workspace

WHO = {"exhibit": "DK-01", "source": "disk.E01"}
OPENED = WHO | {
    "country": "DK",
    "is_folder": False,
    "paths": [b"/evidence/disk.E01".hex()],
    "shown": ["/evidence/disk.E01"],
    "sizes_bytes": [4096],
}
SEGMENT = {"name": "disk.E01", "size_bytes": 4096, "sha256": "ab" * 32, "unreadable": []}
REPORT = {
    "kind": "e01", "segments": [SEGMENT], "size_bytes": 8192, "md5": "1" * 32, "sha1": "2" * 40, "sha256": "3" * 64,
    "stored_md5": "1" * 32, "stored_sha1": "", "md5_compared": "match", "sha1_compared": "absent", "bad_sectors": [],
    "acquisition_errors": [], "notes": [], "failure": "", "failure_kind": "",
    "acquiry": [["tool", "ACQUIS\u202e 3"], ["examiner", "K. Aldous"], ["acquired", "1718784000"],
                ["system", "2024 6 19 10 0 0"]],
}  # fmt: skip
LISTED = WHO | {"items": 7, "refused": "", "shape": {"container": "e01", "notes": [], "volumes": []}}
CLOSED = WHO | {"compared": 1, "changed": [], "changed_count": 0}


@pytest.fixture
def story(tmp_path):
    """Tell custody of one source, with changes to the entries, and read it back."""

    def told(*, opened=None, listed=None, report=None, closed=None, leave_out=()):
        Workspace.init(tmp_path / "operation", "Told").close()
        with Workspace.open(tmp_path / "operation") as workspace:
            workspace.record(SOURCE_OPENED, OPENED | (opened or {}))
            entries = {
                SOURCE_LISTED: LISTED | (listed or {}),
                SOURCE_VERIFIED: WHO | {"report": REPORT | (report or {}) if report != {} else {}},
                SOURCE_CLOSED: CLOSED | (closed or {}),
            }
            for kind, body in entries.items():
                if kind not in leave_out:
                    workspace.record(kind, body)
            (known,) = known_sources(workspace)
            return SourceStory(workspace, known)

    return told


def words(story):
    return [fault.words for fault in faults(story)]


def test_what_holds_has_no_line(story):
    told = story()
    assert words(told) == []
    assert told.digest.verdict is Verdict.HOLDS
    assert told.at_close.words == "unchanged, 1 digest compared"


def test_stored_digests_stand_beside_computed_ones(story):
    lines = {line.name: line for line in seized(story()).digests}
    assert (lines["MD5"].stored, lines["MD5"].computed) == ("1" * 32, "1" * 32)
    assert lines["MD5"].compared.verdict is Verdict.HOLDS
    assert (lines["SHA-1"].stored, lines["SHA-1"].computed) == ("none", "2" * 40)
    assert (lines["SHA-256"].stored, lines["SHA-256"].compared.words) == ("none", "nothing to compare with")


def test_the_acquisition_segments_and_path_are_told(story):
    told = seized(story(opened={"given": "link.E01"}))
    assert dict(told.acquisition) == {
        "Tool": "ACQUIS\\u{202E} 3",
        "Acquired": "2024-06-19 08:00:00 UTC (stored as 1718784000)",
        "Clock of the acquiring system": "2024-06-19 10:00:00, zone not stated (stored as 2024 6 19 10 0 0)",
        "Examiner": "K. Aldous",
    }
    assert [(line.name, line.size_bytes, line.sha256) for line in told.segments] == [("disk.E01", 4096, "ab" * 32)]
    assert told.given == "link.E01, which is /evidence/disk.E01"
    assert told.size == "4.0 KiB (4,096 bytes) in 1 segment, holding 8.0 KiB (8,192 bytes)"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"report": {"md5_compared": "differs", "stored_md5": "9" * 32}}, "MD5 DIFFERS"),
        (
            {"report": {"sha1_compared": "not_computed", "stored_sha1": "9" * 40, "sha1": ""}},
            "SHA-1 cannot be compared",
        ),
        ({"report": {"bad_sectors": [{"first_sector": 5, "sector_count": 1}]}}, "1 unreadable sector in 1 range"),
        ({"report": {"acquisition_errors": [{"first_sector": 5, "sector_count": 1}]}}, "the acquiring tool itself"),
        ({"report": {"notes": ["section 'x' is damaged"]}}, "section 'x' is damaged"),
        ({"report": {"failure": "no segments", "failure_kind": "truncated"}}, "not verified: no segments"),
        ({"leave_out": {SOURCE_VERIFIED}}, "provisional"),
        ({"leave_out": {SOURCE_CLOSED}}, "not digested again yet"),
        ({"leave_out": {SOURCE_LISTED}}, "not listed yet"),
        ({"closed": {"changed": ["disk.E01: recorded"], "changed_count": 1}}, "CHANGED, 1 of them: disk.E01"),
        ({"listed": {"refused": "APFS: not read"}}, "refused: APFS: not read"),
        ({"listed": {"incomplete": "stopped at 5"}}, "NOT ALL LISTED: stopped at 5"),
        ({"listed": {"shape": {"volumes": [{"name": "p2", "refused": "LUKS2"}]}}}, "volume p2 refused: LUKS2"),
        ({"listed": {"shape": {"volumes": [{"name": "p1", "incomplete": "loop"}]}}}, "volume p1 NOT ALL LISTED: loop"),
        (
            {"listed": {"shape": {"volumes": [{"name": "p1", "notes": ["9 bytes behind its end: not examined"]}]}}},
            "volume p1: 9 bytes behind its end: not examined",
        ),
        (
            {"listed": {"shape": {"notes": ["99 bytes lie outside: not examined"]}}},
            "99 bytes lie outside: not examined",
        ),
    ],
)
def test_each_thing_that_does_not_hold_has_a_line(story, changes, said):
    told = story(**changes)
    assert any(said in line for line in words(told)), words(told)
    assert all(fault.where == "DK-01" for fault in faults(told))


def test_many_lines_are_cut_and_counted(story):
    told = words(story(report={"notes": [f"note {number}" for number in range(40)]}))
    assert len(told) == 13
    assert told[-1] == "and 28 things more, among the facts of the source below"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "none found"),
        ({"report": {"failure": "no segments", "failure_kind": "truncated"}}, "not looked for: the verify pass failed"),
        ({"leave_out": {SOURCE_VERIFIED}}, "not looked for yet"),
        ({"report": {"bad_sectors": [{"first_sector": 5, "sector_count": 2}]}}, "2 in 1 range: 5 (+2)"),
    ],
)
def test_sectors_that_were_not_looked_for_are_not_called_readable(story, changes, said):
    assert seized(story(**changes)).bad_sectors.startswith(said)


@pytest.mark.parametrize("stored", ["", "x", "99999999999999999999999999", "2024 13 1 0 0 0", "2024 6", "\u0666"])
def test_any_stored_time_is_shown(story, stored):
    told = seized(story(report={"acquiry": [["acquired", stored]]}))
    assert len(told.acquisition) == 1


@pytest.mark.parametrize(
    ("volume", "said"),
    [
        ({"file_system": "fat16"}, "p1: fat16, Linux"),
        ({"file_system": "fat16", "refused": "damaged"}, "p1: fat16 refused: damaged, Linux"),
        ({"file_system": "fat16", "incomplete": "loop"}, "p1: fat16 NOT ALL LISTED: loop, Linux"),
        ({"refused": "LUKS2"}, "p1: refused: LUKS2, Linux"),
    ],
)
def test_a_volume_that_was_not_read_is_not_shown_as_read(story, volume, said):
    (line,) = seized(story(listed={"shape": {"volumes": [{"name": "p1", "type_name": "Linux", **volume}]}})).volumes
    assert line == f"{said}, 0 bytes from 0"


def test_a_volume_of_a_real_disk_that_cannot_be_opened(operation, tmp_path):
    superblock = bytearray(1 << 20)
    superblock[1080:1082] = b"\x53\xef"  # of ext, and nothing else of it
    table = struct.pack("<B3xB3xII", 0, 0x83, 2048, 2048).ljust(64, b"\0")
    image = tmp_path / "disk.dd"
    image.write_bytes((bytes(446) + table + b"\x55\xaa").ljust(1 << 20, b"\0") + superblock)
    made = operation(workers=1)
    made.run(image, exhibit="LH-07/4")
    with Workspace.open(made.folder) as workspace:
        (known,) = known_sources(workspace)
        told = SourceStory(workspace, known)
    assert any(line.startswith("volume p1 refused: damaged ext file system") for line in words(told))
    assert seized(told).volumes[0].startswith("p1: ext2 refused: damaged ext file system")


def test_a_real_image_that_was_changed_after_its_acquisition(operation, tmp_path):
    data = random.Random(5).randbytes(512 * 200)
    (image,) = write_ewf(io.BytesIO(data), tmp_path, "rock")
    whole = bytearray(image.read_bytes())
    at = whole.index(data[40_000:40_032]) if data[40_000:40_032] in whole else len(whole) // 2
    whole[at] ^= 1
    image.write_bytes(whole)
    made = operation(workers=1)
    made.run(image, exhibit="LH-07/3")
    with Workspace.open(made.folder) as workspace:
        page = write_report(workspace).read_text()
    top = page[: page.index('id="seized"')]
    assert "DIFFERS" in top
    assert "unreadable sector" in top
    assert "LH-07/3" in top
    assert 'class="sound"' not in page
