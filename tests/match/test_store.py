import sqlite3
from dataclasses import replace
from hashlib import md5, sha1, sha256
from io import BytesIO

import numpy as np
import pytest

from headwater.bench import nsrl_store
from headwater.match import digest_table
from headwater.match.degenerate import EMPTY, refusal_of
from headwater.match.exact import exact_matches
from headwater.match.nsrl import apply_delta, database_at, overlay_builder, read_records, read_rows
from headwater.match.nsrl_delta import Changes
from headwater.match.sides import FRAME
from headwater.match.sql_statements import STATEMENT_BYTES, read_statements
from headwater.match.store import Store, StoreBuilder
from headwater.model.errors import HeadwaterError, WrongUse
from headwater.model.known import WIDTHS, Frame, Record, Refused


def record(number, **more):
    data = f"{number}".encode()
    return Record(
        key=f"k{number}", line=number + 1, md5=md5(data).hexdigest(), sha1=sha1(data).hexdigest(),
        sha256=sha256(data).hexdigest(), category="1", source={"number": number}, **more,
    )  # fmt: skip


def rows_of(texts):
    return np.frombuffer(bytes.fromhex("".join(texts)), np.uint8).reshape(len(texts), -1)


def build(folder, records, refused=()):
    folder.mkdir()
    with StoreBuilder(folder) as builder:
        for each in records:
            builder.add(each)
        for each in refused:
            builder.refuse(each)
        counts = builder.finish()
        hashes = builder.take_hashes()
    return counts, hashes


@pytest.mark.parametrize("number", [1, 2, 3000])
@pytest.mark.parametrize("kind", [*WIDTHS])
def test_every_digest_is_found_and_no_other(tmp_path, number, kind):
    records = [record(each) for each in range(number)]
    build(tmp_path / "set", records)
    store = Store(tmp_path / "set")
    strangers = [getattr(record(each), kind) for each in range(number, number + 50)]
    asked = [getattr(each, kind) for each in reversed(records)] + strangers
    rows, numbers = store.look_up(kind, rows_of(asked))
    assert sorted(zip(rows.tolist(), numbers.tolist(), strict=True)) == [
        (place, number - 1 - place) for place in range(number)
    ]
    assert list(store.records(numbers.tolist())) == [records[each] for each in numbers]


def test_small_memory_gives_the_same_table(tmp_path, monkeypatch):
    """Digests that begin alike fill one bucket, which is split until it fits."""
    records = [record(number) for number in range(2000)]
    alike = [Record(key=f"a{n}", line=n, md5=f"{0xABCDEF:06x}{n:026x}") for n in range(500)]
    monkeypatch.setattr(digest_table, "_SPILLED", 64)
    monkeypatch.setattr(digest_table, "_SORTED_BYTES", 400)
    monkeypatch.setattr(digest_table, "_READ_ROWS", 7)
    build(tmp_path / "set", [*records, *alike])
    store = Store(tmp_path / "set")
    asked = rows_of([each.md5 for each in (*records, *alike)])
    rows, numbers = store.look_up("md5", asked)
    assert sorted(zip(rows.tolist(), numbers.tolist(), strict=True)) == [(n, n) for n in range(2500)]
    heads = np.fromfile(tmp_path / "set" / "md5.heads", "<u8")
    assert (np.diff(heads.astype(object)) >= 0).all()
    assert not [each for each in (tmp_path / "set").iterdir() if each.is_dir()]


def test_one_digest_of_several_records_gives_them_all(tmp_path):
    build(tmp_path / "set", [record(1), record(2), record(1)])
    _, numbers = Store(tmp_path / "set").look_up("sha1", rows_of([record(1).sha1]))
    assert sorted(numbers.tolist()) == [0, 2]


def test_hashes_parts_videos_and_refused_rows_are_kept(tmp_path):
    one = Frame(number=0, pdq="ab" * 32, quality=90, time_seconds=0.5)
    frames = (one, replace(one, number=1, time_seconds=1.5))  # it stands still: one hash
    refused = [Refused(line=9, key="9", field="md5", reason="not hexadecimal")]
    records = [record(0, pdq="01" * 32, parts=("02" * 32, "", "03" * 32)), record(1, frames=frames), record(2)]
    counts, hashes = build(tmp_path / "set", records, refused)
    store = Store(tmp_path / "set")
    assert hashes.tolist() == [[1] * 32, [2] * 32, [3] * 32, [0xAB] * 32]
    numbers, labels = store.hash_owners()
    assert (numbers.tolist(), labels.tolist()) == ([0, 0, 0, 1], [0, 1, 3, FRAME])
    assert list(store.refused()) == refused
    assert (counts.records, counts.refused, counts.hashes, counts.videos) == (3, 1, 4, 1)


@pytest.mark.parametrize("name", ["md5.heads", "sha256.records", "records.places", "pdq.labels", "set.json"])
def test_a_file_that_was_cut_off_is_named(tmp_path, name):
    build(tmp_path / "set", [record(0, pdq="01" * 32)])
    path = tmp_path / "set" / name
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(HeadwaterError, match="known set is damaged"):
        Store(tmp_path / "set")


@pytest.mark.parametrize("kind", [*WIDTHS])
def test_digests_of_nothing_never_match(kind):
    assert "empty file" in refusal_of(kind, EMPTY[kind])
    assert refusal_of(kind, "0" * 2 * WIDTHS[kind])
    assert refusal_of(kind, getattr(record(1), kind)) == ""


@pytest.mark.parametrize(("pdq", "quality", "why"), [
    ("0" * 64, None, "degenerate"), ("f" * 64, 90, "degenerate"), ("80" * 32, None, "degenerate"),
    ("5a" * 32, 49, "quality 49"), ("5a" * 32, 50, ""), ("5a" * 32, None, ""),
])  # fmt: skip
def test_hashes_without_detail_never_match(pdq, quality, why):
    found = refusal_of("pdq", pdq, quality)
    assert found.startswith(why)
    assert bool(found) == bool(why)


def content(number, **other):
    one = record(number)
    return {"sha256": one.sha256, "sha1": one.sha1, "md5": one.md5} | other


def test_the_best_digest_that_both_have_is_named(tmp_path):
    only_md5 = Record(key="m", line=1, md5=record(1).md5)
    only_sha1 = Record(key="s", line=2, md5=record(2).md5, sha1=record(2).sha1)
    build(tmp_path / "set", [only_md5, only_sha1, record(3)])
    found = list(exact_matches(Store(tmp_path / "set"), [content(1), content(2), content(3), content(4)]))
    assert [(each.record.key, each.kind, each.set_aside) for each in found] == [
        ("m", "md5", ""), ("s", "sha1", ""), ("k3", "sha256", ""),
    ]  # fmt: skip


def test_a_weaker_digest_alone_is_set_aside_where_a_better_one_differs(tmp_path):
    forged = Record(key="f", line=1, md5=record(1).md5, sha1=record(9).sha1)
    build(tmp_path / "set", [forged])
    (found,) = exact_matches(Store(tmp_path / "set"), [content(1)])
    assert (found.kind, found.set_aside) == ("md5", "MD5 agrees, SHA-1 differs")


# -- NSRL


def nsrl(path, rows, table="FILE"):
    connection = sqlite3.connect(path)
    connection.execute(
        f"CREATE TABLE {table} (sha256, sha1, md5, crc32, file_name, file_size INTEGER, package_id INTEGER)"
    )
    if table == "METADATA":
        connection.execute("CREATE VIEW FILE AS SELECT * FROM METADATA")
    connection.executemany(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()


def row(number, **other):
    one = record(number)
    told = {"sha256": one.sha256.upper(), "sha1": one.sha1.upper(), "md5": one.md5.upper()} | other
    return (told["sha256"], told["sha1"], told["md5"], "00000000", f"file{number}", number, 1)


def in_place(database, folder, *deltas):
    told, changes = database_at(database), None
    folder.mkdir()
    rows = 0
    with StoreBuilder(folder) as builder:
        if deltas:
            with overlay_builder(told, builder.overlay) as overlay:
                for delta in deltas:
                    for refused in apply_delta(BytesIO(delta.encode()), overlay):
                        if refused:
                            builder.refuse(refused)
                changes = overlay.finish()
        for columns, refused in read_rows(told, builder.overlay if changes else None):
            for each in refused:
                builder.refuse(each)
            for kind, (digests, numbers) in columns.items():
                builder.add_digests(kind, digests, numbers)
            rows += len(columns["sha1"][1])
        return builder.finish(told, rows, changes)


@pytest.mark.parametrize("table", ["FILE", "METADATA"])
def test_nsrl_is_used_where_it_lies(tmp_path, table):
    nsrl(tmp_path / "rds.db", [row(1), row(2), row(1)], table)
    in_place(tmp_path / "rds.db", tmp_path / "set")
    store = Store(tmp_path / "set")
    _, numbers = store.look_up("sha1", rows_of([record(1).sha1, record(7).sha1]))
    assert sorted(numbers.tolist()) == [1, 3]
    (found,) = store.records([2])
    assert (found.key, found.md5, found.source["file_name"]) == ("2", record(2).md5, "file2")


def test_bad_rows_of_nsrl_are_refused_by_their_number(tmp_path):
    empty = {kind: EMPTY[kind].upper() for kind in WIDTHS}
    nsrl(tmp_path / "rds.db", [row(1), row(2, md5="short"), row(3, **empty), row(4, sha1=None), row(5, md5=7)])
    counts = in_place(tmp_path / "rds.db", tmp_path / "set")
    store = Store(tmp_path / "set")
    assert [(each.line, each.field) for each in store.refused()] == [
        (2, "md5"), (3, "md5"), (5, "md5"), (3, "sha1"), (3, "sha256"),
    ]  # fmt: skip
    assert counts.digests == {"md5": 2, "sha1": 3, "sha256": 4}


def test_a_database_that_changed_gives_an_error_and_no_answer(tmp_path):
    nsrl(tmp_path / "rds.db", [row(1)])
    in_place(tmp_path / "rds.db", tmp_path / "set")
    connection = sqlite3.connect(tmp_path / "rds.db")
    connection.execute("UPDATE FILE SET file_name = 'other'")
    connection.commit()
    connection.close()
    with pytest.raises(HeadwaterError, match="changed since it was added"):
        Store(tmp_path / "set")
    (tmp_path / "rds.db").unlink()
    with pytest.raises(HeadwaterError, match="No such file"):
        Store(tmp_path / "set")


def values(number, name):
    one = record(number)
    return f"('{one.sha256.upper()}','{one.sha1.upper()}','{one.md5.upper()}','0A','{name}',{number},1)"


def where(number, name):
    one = record(number)
    return f"sha256='{one.sha256.upper()}' AND sha1 = '{one.sha1.upper()}' AND file_name='{name}'"


COLUMNS = "(sha256,sha1,md5,crc32,file_name,file_size,package_id)"
DELTAS = (
    f"""BEGIN TRANSACTION;
-- of March; it has a mark
DELETE FROM FILE WHERE rowid=7;
INSERT INTO FILE{COLUMNS} VALUES{values(11, "it''s; /* a name */ -- so")};
INSERT INTO FILE{COLUMNS} VALUES{values(12, "twelve")},{values(13, "thirteen")};
INSERT OR IGNORE INTO "FILE" VALUES{values(2, "again")};
DELETE FROM FILE WHERE {where(3, "file3")};
UPDATE FILE SET file_name='new name', file_size = NULL WHERE {where(4, "file4")};
INSERT INTO PKG VALUES(7,'a program','1');
UPDATE VERSION SET version = '2026.09.1';
COMMIT;
""",
    f"""/* of June */ DELETE FROM FILE WHERE {where(12, "twelve")};
UPDATE FILE SET md5='{record(14).md5.upper()}' WHERE {where(13, "thirteen")};
UPDATE FILE SET package_id = 9 WHERE {where(4, "new name")};
DELETE FROM FILE WHERE rowid=5;DELETE FROM FILE WHERE rowid = 10;
INSERT INTO FILE{COLUMNS} VALUES{values(15, "fifteen")};
UPDATE FILE SET package_id=10 WHERE rowid=10;
INSERT INTO FILE(rowid,sha256,sha1,md5) VALUES(40,'{record(16).sha256}','{record(16).sha1}','{record(16).md5}');
INSERT INTO FILE{COLUMNS} VALUES{values(17, "seventeen")};
""",
)


def everything(store):
    """Every digest with the row that has it, and every row."""
    found = set()
    for kind in WIDTHS:
        digests = rows_of([getattr(record(number), kind) for number in range(20)])
        rows, numbers = store.look_up(kind, digests)
        found |= {(kind, row, number) for row, number in zip(rows.tolist(), numbers.tolist(), strict=True)}
    numbers = sorted({number for _, _, number in found})
    return found, [(each.key, each.md5, dict(each.source)) for each in store.records(numbers)]


def test_deltas_leave_a_database_as_sqlite_would_that_runs_them(tmp_path):
    for name in ("published.db", "updated.db"):
        nsrl(tmp_path / name, [row(number) for number in range(1, 8)])
    connection = sqlite3.connect(tmp_path / "updated.db")
    connection.executescript("CREATE TABLE PKG (package_id, name, version); CREATE TABLE VERSION (version)")
    for delta in DELTAS:
        connection.executescript(delta)
    connection.close()
    before = (tmp_path / "published.db").read_bytes()
    counts = in_place(tmp_path / "published.db", tmp_path / "with deltas", *DELTAS)
    plain = in_place(tmp_path / "updated.db", tmp_path / "plain")
    assert (tmp_path / "published.db").read_bytes() == before
    assert (counts.records, counts.digests, counts.refused) == (plain.records, plain.digests, 0)
    assert counts.changes == Changes(added=7, gone=5, changed=4, elsewhere=2)
    mine, theirs = everything(Store(tmp_path / "with deltas")), everything(Store(tmp_path / "plain"))
    assert mine == theirs
    assert len(mine[1]) == plain.records == 9


BAD = {
    "DROP TABLE FILE;": "neither INSERT, DELETE nor UPDATE",
    "DELETE FROM FILE;": "it would change every row of FILE",
    "INSERT INTO FILE SELECT md5 FROM OTHER;": "no VALUES where one belongs",
    "DELETE FROM FILE WHERE md5 = 'A' OR 1;": "no ; where one belongs",
    "UPDATE FILE SET file_name = upper(file_name) WHERE rowid=1;": "no plain value where one belongs",
    "UPDATE FILE SET rowid = 9 WHERE rowid=1;": "changes more than 10,000 rows, or their numbers",
    "INSERT INTO FILE(md5) VALUES('A','B');": "not as many values as columns",
    "INSERT INTO FILE VALUES('A');": "not as many values as columns",
    "INSERT INTO FILE(rowid) VALUES('A');": "a row number that is none",
    "INSERT INTO FILE(owner) VALUES('A');": "FILE has no column owner",
    "DELETE FROM FILE WHERE rowid=77;": "no row of the database is so",
    "DELETE FROM FILE WHERE rowid=1 @;": "'@' is not understood",
    "DELETE FROM FILE WHERE file_name = '\x80;": "the file ends within a statement",
}


@pytest.mark.parametrize(("statement", "why"), BAD.items(), ids=[*BAD])
def test_a_statement_that_is_not_read_is_listed_and_the_others_count(tmp_path, statement, why):
    nsrl(tmp_path / "rds.db", [row(1), row(2)])
    delta = f"DELETE FROM FILE WHERE rowid=2;\n{statement}\n"
    after = "" if "ends within" in why else f"INSERT INTO FILE{COLUMNS} VALUES{values(3, 'three')};\n"
    counts = in_place(tmp_path / "rds.db", tmp_path / "set", delta + after)
    ((line, reason),) = [(each.line, each.reason) for each in Store(tmp_path / "set").refused()]
    assert line in {2, 3}
    assert why in reason
    assert (counts.changes.gone, counts.changes.added, counts.records) == (1, bool(after), 1 + bool(after))


def test_deltas_are_not_applied_to_a_table_whose_columns_are_not_names(tmp_path):
    nsrl(tmp_path / "rds.db", [row(1)])
    connection = sqlite3.connect(tmp_path / "rds.db")
    connection.execute('ALTER TABLE FILE ADD "x""; DROP TABLE changed; --"')
    connection.close()
    with pytest.raises(WrongUse, match="not NSRL's table FILE: it has a column x"):
        in_place(tmp_path / "rds.db", tmp_path / "set", DELTAS[0])


def test_statements_are_cut_alike_however_their_bytes_come():
    class Slow(BytesIO):
        def read(self, _=-1):
            return super().read(3)

    for delta in DELTAS:
        assert [*read_statements(Slow(delta.encode()))] == [*read_statements(BytesIO(delta.encode()))]


def test_a_statement_without_end_is_left_behind_and_reading_goes_on():
    delta = "DELETE FROM FILE WHERE rowid=1;\n" + "x" * (3 * STATEMENT_BYTES) + ";\nDELETE FROM FILE WHERE rowid=2;\n"
    first, lost, last = read_statements(BytesIO(delta.encode()))
    assert (first.where, last.where, last.line) == ({"rowid": 1}, {"rowid": 2}, 3)
    assert lost.reason == f"a statement of more than {STATEMENT_BYTES:,} bytes"
    (only,) = read_statements(BytesIO(b"x" * (2 * STATEMENT_BYTES)))
    assert only.reason == f"a statement of more than {STATEMENT_BYTES:,} bytes"


def test_what_is_no_rds_is_refused(tmp_path):
    (tmp_path / "text.db").write_bytes(b"no database" * 100)
    connection = sqlite3.connect(tmp_path / "other.db")
    connection.execute("CREATE TABLE FILE (name)")
    connection.close()
    for name in ("text.db", "other.db"):
        with pytest.raises(WrongUse, match="not NSRL"):
            database_at(tmp_path / name)
    nsrl(tmp_path / "rds.db", [row(1)])
    (tmp_path / "rds.db-wal").write_bytes(b"x")
    with pytest.raises(WrongUse, match="-wal lies beside it"):
        database_at(tmp_path / "rds.db")


def test_a_row_that_is_gone_is_an_error(tmp_path):
    nsrl(tmp_path / "rds.db", [row(1)])
    with pytest.raises(HeadwaterError, match="no row 5"):
        list(read_records(database_at(tmp_path / "rds.db"), [5]))


def test_the_bench_of_a_large_database_agrees_with_sqlite(tmp_path, capsys):
    assert nsrl_store.main(["--rows", "3000", "--look-ups", "400", "--dir", str(tmp_path)]) == 0
    assert "the same answer" in capsys.readouterr().out
