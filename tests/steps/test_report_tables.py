"""What a report counts and lists, from parts written by hand."""

import json
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from headwater.examine import registry
from headwater.findings.schema import SCHEMAS, table
from headwater.findings.views import connect
from headwater.steps import report_plots as plots
from headwater.steps import report_tables as tables
from headwater.steps.report_cameras import cameras
from headwater.steps.stores import findings_store
from headwater.steps.workspace import Workspace

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ZERO = {"string": "", "int64": 0, "bool": False, "binary": b"", "timestamp[us, tz=UTC]": NOON}
ITEM = {"allocation": "allocated", "kind": "file", "times_zone": "utc", "modified": NOON}


def digest(word):
    return sha256(str(word).encode()).hexdigest()


def rows(name, given):
    """A table of rows that name only what matters."""
    columns = {
        field.name: [row.get(field.name, None if field.nullable else ZERO.get(str(field.type), [])) for row in given]
        for field in SCHEMAS[name]
    }
    return table(name, columns)


class Made:
    """A workspace whose parts are written by hand: `seal("DK-01", items=[...], contents=[...])`."""

    def __init__(self, folder):
        Workspace.init(folder, "Made by hand").close()
        self.folder = folder
        self._units = 0

    def seal(self, exhibit, **given):
        self._units += 1
        with Workspace.open(self.folder) as workspace, findings_store(workspace, exhibit, "a" * 64) as store:
            store.commit(f"s000-{self._units:06d}", {name: rows(name, each) for name, each in given.items() if each})

    def __enter__(self):
        self.workspace = Workspace.open(self.folder, read_only=True)
        self.connection = connect(self.folder)
        return self.workspace, self.connection

    def __exit__(self, *_):
        self.connection.close()


@pytest.fixture
def made(tmp_path):
    return Made(tmp_path / "operation")


def item(number, exhibit="DK-01", **more):
    return ITEM | {"item": f"{number:032x}", "exhibit": exhibit, "path": f"{number}.jpg"} | more


def content(number, word, **more):
    return {"item": f"{number:032x}", "sha256": digest(word), "media_type": "image/jpeg", "bytes_read": 5} | more


def found(word, claim, value="", **more):
    examiner = more.pop(
        "examiner", "metadata" if claim.startswith(("exif", "jpeg", "png")) else claim.partition(".")[0]
    )
    return {
        "finding": digest((word, claim, value)),
        "sha256": digest(word),
        "examiner": examiner,
        "version": "1",
        "code_digest": "c" * 64,
        "claim": claim,
        "value": value,
        "state": "found",
    } | more


def tag(word, name, said, place, ifd="IFD0"):
    span = {"offset_bytes": place, "length_bytes": 12, "sha256": "", "role": ""}
    return found(word, "exif.tag", json.dumps({"ifd": ifd, "name": name, "value": said}), spans=[span])


# -- the accounting


def test_every_item_stands_in_one_row_and_the_rows_add_up(made):
    made.seal(
        "DK-01",
        items=[
            item(1), item(2), item(3, parent_item="1" * 32), item(4, kind="symlink"), item(5), item(6), item(7),
        ],
        contents=[content(1, "a"), content(2, "b", damaged=True), content(3, "a")],
        failures=[
            {"item": f"{5:032x}", "exhibit": "DK-01", "kind": "encrypted", "examiner": "read"},
            {"item": f"{2:032x}", "exhibit": "DK-01", "kind": "damaged", "examiner": "read"},
            {"item": "f" * 32, "exhibit": "DK-01", "kind": "limit", "examiner": "list"},
        ],
    )  # fmt: skip
    with made as (_, connection):
        counts, contents, size, _ = tables.accounting(connection)
    assert (counts.listed, counts.inside, counts.items) == (6, 1, 7)
    assert (counts.read, counts.damaged, counts.no_content, counts.failed, counts.waiting) == (3, 1, 1, 1, 2)
    assert counts.read + counts.no_content + counts.failed + counts.waiting == counts.items
    assert (contents, size) == (2, 15)


def test_the_counts_of_the_exhibits_add_up_to_those_of_all(made):
    made.seal("DK-01", items=[item(1), item(2, allocation="deleted")], contents=[content(1, "a", damaged=True)])
    made.seal(
        "A/B 'c'",
        items=[item(3, "A/B 'c'"), item(4, "A/B 'c'", parent_item="3" * 32)],
        contents=[content(3, "b", media_type="text/plain"), content(4, "c")],
        failures=[
            {"item": f"{4:032x}", "exhibit": "A/B 'c'", "kind": kind, "examiner": "x"} for kind in ("limit", "time")
        ],
    )
    with made as (workspace, connection):
        counts = tables.counts_of_exhibits(workspace, connection, ["DK-01", "A/B 'c'", "none yet"])
    assert counts == {"DK-01": (2, 0, 1, 1, 1, 0), "A/B 'c'": (1, 1, 1, 0, 0, 1), "none yet": (0, 0, 0, 0, 0, 0)}


# -- examiners


def test_structure_alone_is_counted_apart_and_versions_stand_apart(made):
    made.seal(
        "DK-01",
        items=[item(1)],
        contents=[content(1, "a")],
        findings=[
            found("a", "jpeg.segments"),
            found("a", "jpeg.quantisation"),
            found("b", "png.chunks"),
            found("b", "png.text"),
            found("c", "metadata", state="nothing"),
            found("d", "exif.tag", state="failed"),
            found("e", "png.text", version="2", code_digest="e" * 64),
        ],
    )
    with made as (workspace, connection):
        lines = [*tables.examiners(workspace, connection)]
    old, new = [line for line in lines if line.examiner == "metadata"]
    assert (old.found, old.structure, old.nothing, old.not_run, old.failed) == (1, 1, 1, 0, 1)
    assert (new.version, new.code_digest, new.found) == ("2", "e" * 64, 1)
    assert {line.examiner for line in lines} == set(registry.default_names(slow=True))  # the others run when asked
    assert all(line.ran == "" for line in lines)


def test_an_examiner_that_was_not_chosen_says_so(made):
    toml = made.folder / "headwater.toml"
    toml.write_text(toml.read_text().replace("# examiners = []", 'examiners = ["filetype"]'))
    with made as (workspace, connection):
        lines = {line.examiner: line.ran for line in tables.examiners(workspace, connection)}
    assert lines.pop("filetype") == ""
    assert set(lines.values()) == {"not run (headwater.toml)"}
    assert len(lines) == len(registry.default_names(slow=True)) - 1


# -- failures


def test_every_kind_of_every_exhibit_has_its_share(made):
    def failures(exhibit, kind, count):
        return [
            {"item": digest((exhibit, kind, n))[:32], "exhibit": exhibit, "path": f"{n}", "kind": kind, "message": "m"}
            for n in range(count)
        ]

    made.seal("A-1", items=[item(1, "A-1")], failures=[*failures("A-1", "malformed", 900), *failures("A-1", "time", 2)])
    made.seal('Z "9"', items=[item(2, 'Z "9"')], failures=failures('Z "9"', "limit", 3))
    with made as (_, connection):
        kinds, counts, lines, total = tables.failures(connection)
    assert (kinds, total) == (["malformed", "limit", "time"], 905)
    assert [(each.exhibit, [*each.counts], each.total) for each in counts] == [
        ("A-1", [900, 0, 2], 902),
        ('Z "9"', [0, 3, 0], 3),
    ]
    assert {(line.exhibit, line.kind) for line in lines} == {("A-1", "malformed"), ("A-1", "time"), ('Z "9"', "limit")}
    assert sum(each.shown for each in counts) == len(lines) <= 500
    assert [each.shown for each in counts] == [168, 3]
    assert counts[0].command == """headwater show failures --where "exhibit = 'A-1'" --json"""
    assert counts[1].command == """headwater show failures --where 'exhibit = '"'"'Z "9"'"'"'' --json"""


# -- lists


def test_deleted_files_and_endings_are_listed_with_what_there_is_to_say(made):
    made.seal(
        "DK-01",
        items=[
            item(1, allocation="deleted", size_bytes=1, modified=None), item(2, allocation="orphan", size_bytes=None),
            item(3, size_bytes=2048),
        ],
        contents=[content(3, "a", extension_disagrees=True, media_type="image/png")],
    )  # fmt: skip
    with made as (_, connection):
        deleted, deleted_total = tables.deleted(connection)
        endings, endings_total = tables.endings(connection)
    assert [(line.path, line.size, line.modified, line.says) for line in deleted] == [
        ("1.jpg", "1 byte", "not stated", "deleted"),
        ("2.jpg", "not stated", "2026-05-01 12:00", "orphan"),
    ]
    assert [(line.path, line.size, line.says) for line in endings] == [("3.jpg", "2.0 KiB", "image/png")]
    assert (deleted_total, endings_total) == (2, 1)


def test_pictures_and_copies_across_exhibits_come_first(made):
    text = {"media_type": "text/plain"}
    made.seal(
        "A-1",
        items=[item(n, "A-1") for n in range(1, 10)],
        contents=[
            *(content(n, "texts", **text) for n in (1, 2, 3, 4)), content(5, "far text", **text),
            content(6, "far picture"), content(7, "near picture"), content(8, "near picture"), content(9, "once"),
        ],
    )  # fmt: skip
    made.seal(
        "B-2",
        items=[item(n, "B-2") for n in (11, 12)],
        contents=[content(11, "far text", **text), content(12, "far picture")],
    )
    with made as (_, connection):
        lines, total = tables.copies(connection)
    assert total == 4
    names = {digest(word): word for word in ("texts", "far text", "far picture", "near picture")}
    assert [names[line.sha256] for line in lines] == ["far picture", "near picture", "far text", "texts"]
    assert [line.exhibits for line in lines] == ["A-1, B-2", "A-1", "A-1, B-2", "A-1"]


# -- cameras


def test_make_and_model_are_of_one_directory_of_one_content(made):
    long = "M" * 5000
    made.seal(
        "DK-01",
        items=[item(n) for n in range(1, 7)],
        contents=[content(n, f"c{n}") for n in range(1, 7)],
        findings=[
            # two blocks in one file: a make alone, then a pair
            tag("c1", "Make", "Aldous", 100), tag("c1", "Make", "Zenith", 9000), tag("c1", "Model", "Z1", 9012),
            # the thumbnail's directory says nothing of the camera
            tag("c2", "Make", "Aldous", 10), tag("c2", "Model", "A7", 22), tag("c2", "Model", "thumb", 90, "IFD1"),
            tag("c2", "DateTimeOriginal", "2024:05:01 10:00:00", 200, "ExifIFD"),
            tag("c3", "Make", "Aldous   ", 10), tag("c3", "Model", "A7\0rest of the field", 22),
            tag("c3", "DateTimeOriginal", "0000:00:00 00:00:00", 200, "ExifIFD"),
            tag("c4", "Model", "Alone", 10),
            tag("c5", "Make", long, 10), tag("c5", "Model", "A\u202eB", 22),
            tag("c5", "DateTimeOriginal", "    :  :     ", 200, "ExifIFD"),
        ],
    )  # fmt: skip
    made.seal("B-2", items=[item(20, "B-2")], contents=[content(20, "c2")])
    with made as (workspace, connection):
        lines, total = cameras(workspace, connection, ["DK-01", "B-2"])
    seen = {(line.make, line.model): line for line in lines}
    assert total == len(lines) == 5
    assert set(seen) == {
        ("Aldous", "not stated"),
        ("Zenith", "Z1"),
        ("Aldous", "A7"),
        ("not stated", "Alone"),
        ("M" * 60 + "... (5,000 characters)", "A\\u{202E}B"),
    }
    assert seen["Aldous", "A7"].contents == 2
    assert seen["Aldous", "A7"].exhibits == "B-2, DK-01"
    assert (seen["Aldous", "A7"].first, seen["Aldous", "A7"].last) == ("2024:05:01 10:00:00", "2024:05:01 10:00:00")
    assert seen["Zenith", "Z1"].first == "not stated"
    assert lines[0] is seen["Aldous", "A7"]


# -- distributions


def test_the_bars_of_types_and_sizes_add_up_to_all_files(made):
    sizes = [0, 1, 1023, 1024, 5 << 20, 2 << 30, None]
    made.seal(
        "DK-01",
        items=[item(n, size_bytes=size) for n, size in enumerate(sizes)],
        contents=[content(n, n, media_type=f"x/{n}") for n in range(5)],
    )
    with made as (_, connection):
        types, by_size = plots.types(connection), plots.sizes(connection)
    assert sum(bar.count for bar in types) == sum(bar.count for bar in by_size) == len(sizes)
    assert {bar.label: bar.count for bar in types}["no content read"] == 2
    counts = {bar.label: bar.count for bar in by_size if bar.count}
    assert counts == {
        "0 bytes": 1, "1 byte to under 1 KiB": 2, "1 KiB to under 10 KiB": 1, "1 MiB to under 10 MiB": 1,
        "1 GiB and more": 1, "not stated": 1,
    }  # fmt: skip


def test_years_far_apart_show_the_gap(made):
    years = (1980, 1981, 1983, 2024)
    made.seal(
        "DK-01", items=[item(year, modified=NOON.replace(year=year)) for year in years] + [item(1, modified=None)]
    )
    with made as (_, connection):
        by, bars, none = plots.times(connection)
    assert (by, none) == ("year", 1)
    assert [(bar.label, bar.count, bar.is_gap) for bar in bars] == [
        ("1980", 1, False), ("1981", 1, False), ("1982", 0, False), ("1983", 1, False),
        ("1984 to 2023", 0, True), ("2024", 1, False),
    ]  # fmt: skip
