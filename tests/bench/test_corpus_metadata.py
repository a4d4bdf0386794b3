import pytest

from headwater.bench.corpus_metadata import Context, Row, compare_file
from headwater.bench.corpus_metadata_exif import exif_cause
from headwater.bench.corpus_metadata_values import EQUAL, compare
from headwater.bench.corpus_metadata_xmp import our_xmp, their_xmp


@pytest.mark.parametrize(
    ("ours", "theirs", "explained"),
    [
        ("Beacon", "Beacon", True),
        ("1/3", 0.3333333333, True),
        ("1/3", 0.3334, False),
        (["1/2", "1/4"], "0.5 0.25", True),
        ("Beacon  ", "Beacon", True),
        ("Beacon", "Deacon", False),
        ("2026-01-02T03:04:05", "2026:01:02 03:04:05", True),
        ({"length_bytes": 70, "sha256": "x"}, "(Binary data 70 bytes, use -b option to extract)", True),
        ({"length_bytes": 70, "sha256": "x"}, "(Binary data 71 bytes, use -b option to extract)", False),
        ("fyr\u00e5", "fyr\u00c3\u00a5", True),
    ],
)
def test_only_named_conventions_explain_a_difference(ours, theirs, explained):
    assert (compare(ours, theirs) is not None) is explained
    assert (compare(ours, theirs) == EQUAL) is (ours == theirs)


def test_worked_out_exif_values():
    assert exif_cause("ExifIFD 9202", "4/1", "4")
    assert exif_cause("ExifIFD 9202", "4/1", "5") is None
    assert exif_cause("GPS 0002", "59/1 30/1 0/1", "59.5")
    assert exif_cause("GPS 0002", "59/1 30/1 0/1", "59.6") is None


def test_paths_meet():
    ours, _ = our_xmp({"path": "xmpMM:History[1]/stEvt:action", "value": "saved"})
    assert [(ours, "saved")] == list(their_xmp("History", [{"Action": "saved"}]))


def test_every_difference_is_counted_once():
    rows = {"EXIF": Row()}
    ours = {("EXIF", "IFD0 010F Make"): ["Beacon"], ("EXIF", "IFD0 0110 Model"): ["One"]}
    theirs = {("EXIF", "IFD0 010F"): ["Beacon"], ("EXIF", "IFD0 0131"): ["Kit"]}
    compare_file("a.jpg", ours, theirs, rows, Context(errors="", broken=False, refused=""))
    row = rows["EXIF"]
    assert (row.agree, row.differ, row.ours, row.theirs, len(row.unexplained)) == (1, 0, 1, 1, 2)
