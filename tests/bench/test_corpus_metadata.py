from hashlib import sha256

import pytest

from headwater.bench.corpus_metadata import Context, Row, compare_file
from headwater.bench.corpus_metadata_exif import exif_cause
from headwater.bench.corpus_metadata_values import EQUAL, compare
from headwater.bench.corpus_metadata_video import app12_cause, our_tag, our_times, tag_cause, their_tag, time_cause
from headwater.bench.corpus_metadata_xmp import our_xmp, their_xmp, xmp_cause


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
        (" Beacon", "Beacon", False),
        ({"length_bytes": 3, "sha256": sha256(b"\xff\xfe\0").hexdigest()}, "base64://4A", True),
        ({"length_bytes": 3, "sha256": sha256(b"\xff\xfe\1").hexdigest()}, "base64://4A", False),
        ({"length_bytes": 70, "sha256": "x"}, "(Binary data 70 bytes, use -b option to extract)", False),
        ({"count": 3, "length_bytes": 6, "sha256": sha256(b"\1\0\2\0\3\0").hexdigest()}, "1 2 3", True),
        ("fffe00", "base64://4A", True),
        ("fffe01", "base64://4A", False),
        ([258, 772], "base64:AQIDBA==", True),
        ([258, 773], "base64:AQIDBA==", False),
        ("K\u00f6ln", "base64:S/Zsbg==", True),
        ("Kiln", "base64:S/Zsbg==", False),
        ("a\0b", "ab", True),
        ("fyr\u00e5", "fyr\u00c3\u00a5", True),
    ],
)
def test_only_named_conventions_explain_a_difference(ours, theirs, explained):
    assert (compare(ours, theirs) is not None) is explained
    assert (compare(ours, theirs) == EQUAL) is (ours == theirs)


def test_worked_out_exif_values():
    assert exif_cause("ExifIFD 9202", "4/1", "4")
    assert exif_cause("ExifIFD 9202", "4/1", "5") is None
    assert exif_cause("ExifIFD 9205", "6643497/8200", "8.80291305526393e+121")
    assert exif_cause("GPS 0002", "59/1 30/1 0/1", "59.5")
    assert exif_cause("GPS 0002", "59/1 30/1 0/1", "59.6") is None


def test_what_cannot_be_worked_out_is_zero():
    assert exif_cause("ExifIFD 9201", "-2147483648/1", "0")
    assert exif_cause("ExifIFD 9201", "-2147483648/1", "1") is None


def test_a_text_that_was_cut_is_compared_whole():
    cut = {"path": "dc:source", "value": "buoy", "value_sha256": sha256(b"buoy and lamp").hexdigest()}
    ((_, said),) = our_xmp(cut)
    assert compare(said, "buoy and lamp")
    assert compare(said, "buoy and lamps") is None


def test_a_user_comment_of_a_wrong_type_must_be_the_same_figure():
    assert exif_cause("IFD1 9286", "1498", "base64:2gU=")
    assert exif_cause("IFD1 9286", "1506", "base64:2gU=") is None
    assert exif_cause("IFD1 9286", "72/1", "")
    assert exif_cause("IFD1 9286", "by the sea", "") is None


def test_paths_meet_within_their_namespace():
    ((ours, _),) = our_xmp({"path": "xmpMM:History[1]/stEvt:action", "value": "saved"})
    assert [(ours, "saved")] == list(their_xmp("XMP-xmpMM", "History", [{"Action": "saved"}]))
    assert [(ours, "saved")] != list(their_xmp("XMP-dc", "History", [{"Action": "saved"}]))
    ((core, _),) = our_xmp({"path": "Iptc4xmpCore:Location", "value": "pier"})
    assert [(core, "pier")] == list(their_xmp("XMP-iptcCore", "Location", "pier"))


def test_positions_in_xmp():
    assert xmp_cause("exif:gpslatitude", "48,53.323582N", "48.8887263666667")
    assert xmp_cause("exif:gpslatitude", "48,53.323582S", "48.8887263666667") is None


def test_times_and_tags_of_videos():
    time = {"carrier": "moov/trak[2]/tkhd", "created_seconds": 3206613834, "modified_seconds": 0}
    ours = our_times(time)
    theirs = [*their_tag("Track2", "TrackCreateDate", 1, "2005:08:11 14:03:54")]
    assert ours[0][0] == theirs[0][0]
    assert time_cause("3206613834", "2005:08:11 14:03:54")
    assert time_cause("3206613834", "2005:08:11 14:03:55") is None
    assert time_cause("1123769034", "2005:08:11 14:03:54")
    assert time_cause("0", "0000:00:00 00:00:00")
    assert time_cause("2026-01-02T03:04:05Z", "2026:01:02 03:04:05")
    ((key, _),) = our_tag({"carrier": "moov/meta/ilst", "key": "com.apple.quicktime.make", "value": "Beacon"})
    assert [(key, "Beacon")] == list(their_tag("Keys", "Make", "make", "Beacon"))
    assert [*their_tag("UserData", "Artist", "base64:qUFSVA==", "a")] == [(("video tags", "\xa9ART"), "a")]
    assert not [*their_tag("Composite", "Make", "make", "Beacon")]
    assert tag_cause("1 2", "1 of 2")
    assert tag_cause("{}", "base64:AAAAAHt9")


def test_values_of_app12():
    assert app12_cause("TimeDate", "915117440", "1998:12:31 15:17:20")
    assert app12_cause("Shutter", "6460", "0.00646")
    assert app12_cause("FNumber", "F11", "11")
    assert app12_cause("ID", "F11", "11") is None


def compared(context, ours, theirs):
    rows = {"EXIF": Row()}
    compare_file("a.jpg", ours, theirs, rows, context)
    return rows["EXIF"]


def test_every_difference_is_counted_once():
    ours = {("EXIF", "IFD0 010F Make"): ["Beacon"], ("EXIF", "IFD0 0110 Model"): ["One"]}
    theirs = {("EXIF", "IFD0 010F"): ["Beacon"], ("EXIF", "IFD0 0131"): ["Kit"]}
    row = compared(Context(warning="", damage="", refused=""), ours, theirs)
    assert (row.agree, row.differ, row.ours, row.theirs, len(row.unexplained)) == (1, 0, 1, 1, 2)


@pytest.mark.parametrize(("warning", "damage", "explained"), [("Bad IFD0", "no IFD", True), ("", "no IFD", False)])
def test_damage_explains_only_what_exiftool_says_it_left_out(warning, damage, explained):
    row = compared(Context(warning=warning, damage=damage, refused=""), {("EXIF", "IFD0 010F Make"): ["Beacon"]}, {})
    assert (row.ours, not row.unexplained) == (1, explained)
    if not explained:
        assert row.unexplained[0].endswith("[ours: no IFD]")
