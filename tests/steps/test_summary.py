"""The counts a run ends with: they add up, per file, and every picture stands in one of its states."""

from types import SimpleNamespace

import pytest
from tests.formats import embedded_files as make

from headwater.bench.proving import hill, png_with_text
from headwater.cli.summary import picture_words
from headwater.steps.exhibits import known_sources
from headwater.steps.summary import Pictures, digest_words, summarise
from headwater.steps.workspace import Workspace

JXL = b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(64)


@pytest.fixture
def coast(tmp_path):
    folder = tmp_path / "coast"
    folder.mkdir()
    png = hill("PNG")
    (folder / "a.png").write_bytes(png)
    (folder / "copy of a.png").write_bytes(png)
    (folder / "b.png").write_bytes(png_with_text(png, "Title", "b"))
    (folder / "head only.jpg").write_bytes(hill("JPEG")[:40])
    (folder / "modern.jxl").write_bytes(JXL)
    (folder / "log.txt").write_text("clear sky\n")
    return folder


def summary_of(operation):
    with Workspace.open(operation.folder) as workspace:
        return summarise(workspace, known_sources(workspace))


def test_every_picture_is_counted_once_in_one_state(operation, coast):
    made = operation(workers=1)
    made.run(coast)
    summary = summary_of(made)
    assert summary.pictures == Pictures(files=5, fingerprinted=3, failed=1, not_decoded=1, not_looked=0)
    assert summary.different_pictures == 2
    assert picture_words(summary.pictures) == "5 files: 3 fingerprinted, 1 failed, 1 of a kind not decoded"


def test_a_file_with_several_failures_is_one_file(operation, coast):
    made = operation(workers=1)
    made.run(coast)
    rows = made.rows("SELECT count(*), count(DISTINCT item) FROM failures WHERE path = 'head only.jpg'")[0]
    assert rows[0] > 1
    assert rows[1] == 1
    summary = summary_of(made)
    assert summary.failures == made.rows("SELECT count(DISTINCT item) FROM failures")[0][0]
    assert all(count <= summary.failures for _, count in summary.failure_kinds)


IMAGE = SimpleNamespace(files=SimpleNamespace(is_folder=False))
FOLDER = SimpleNamespace(files=SimpleNamespace(is_folder=True))
BAD = [{"first_sector": 64, "sector_count": 3}]


@pytest.mark.parametrize(
    ("known", "report", "words"),
    [
        (FOLDER, {}, "a folder: every file has its own digest"),
        (IMAGE, {}, "not verified yet"),
        (IMAGE, {"failed": "worker ended"}, "not verified: worker ended"),
        (IMAGE, {"failure": "segment 2 is cut"}, "not verified: segment 2 is cut"),
        (IMAGE, {"md5_compared": "absent", "sha1_compared": "absent"}, "no digest is stored in it"),
        (IMAGE, {"md5_compared": "match", "sha1_compared": "absent"}, "MD5 is the same"),
        (IMAGE, {"md5_compared": "match", "sha1_compared": "differs"}, "MD5 is the same, SHA-1 DIFFERS"),
        (
            IMAGE,
            {"md5_compared": "differs", "sha1_compared": "absent", "bad_sectors": BAD},
            "MD5 DIFFERS (3 sectors cannot be read, so it cannot be the same)",
        ),
        (
            IMAGE,
            {"md5_compared": "not_computed", "sha1_compared": "absent"},
            "MD5 cannot be compared: part of the image is absent",
        ),
    ],
)
def test_whether_a_source_is_as_it_was_acquired_is_said(known, report, words):
    assert digest_words(known, report) == words


def test_where_nobody_looked_it_says_so(operation, coast):
    made = operation(workers=1, examiners='["filetype"]')
    made.run(coast)
    assert summary_of(made).pictures == Pictures(files=5, fingerprinted=0, failed=0, not_decoded=0, not_looked=5)


def test_pictures_inside_pictures_are_counted_apart(operation, tmp_path):
    folder = tmp_path / "previews"
    folder.mkdir()
    large, small = make.scene(200), make.scene(48)
    (folder / "a.jpg").write_bytes(make.with_segments(large, make.exif(small)))
    (folder / "b.jpg").write_bytes(make.with_segments(large, make.jfxx(make.scene(48, seed=5))) + small)
    made = operation(workers=1)
    made.run(folder)
    summary = summary_of(made)
    assert (summary.items, summary.media, summary.embedded) == (2, 2, 3)
    assert summary.bytes_read == sum(path.stat().st_size for path in folder.iterdir())
    assert summary.pictures == Pictures(files=2, fingerprinted=2, failed=0, not_decoded=0, not_looked=0)
    rows = made.rows("SELECT i.path, p.path FROM items i JOIN items p ON p.item = i.parent_item ORDER BY 1")
    assert rows == [
        ("a.jpg/EXIF IFD1", "a.jpg"),
        ("b.jpg/APP0 JFXX", "b.jpg"),
        ("b.jpg/behind the end", "b.jpg"),
    ]


def test_no_byte_of_a_preview_is_kept(operation, tmp_path):
    folder = tmp_path / "previews"
    folder.mkdir()
    small = make.scene(48)
    (folder / "a.jpg").write_bytes(make.with_segments(make.scene(200), make.exif(small)))
    made = operation(workers=1)
    made.run(folder)
    kept = [path.read_bytes() for path in made.folder.rglob("*") if path.is_file()]
    assert kept
    assert not any(small[40:120] in data or b"\xff\xd8\xff" in data for data in kept)
