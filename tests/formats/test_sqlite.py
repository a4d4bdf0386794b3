import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.formats import sqlite as ours
from headwater.formats.sqlite import open_database
from headwater.formats.structure import Bytes
from headwater.model.errors import EvidenceError, LimitReached, Malformed, Truncated


def made(*statements):
    connection = sqlite3.connect(":memory:")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    data = connection.serialize()
    connection.close()
    return data


TABLE = ("CREATE TABLE lamps (id INTEGER PRIMARY KEY, name TEXT)", "INSERT INTO lamps VALUES (1, 'north'), (2, NULL)")
LAMPS = "SELECT * FROM lamps"
DATA = made(*TABLE)


def rows(data, query=LAMPS):
    with open_database(Bytes(data)) as database:
        return list(database.rows(query))


def test_rows_come_by_the_names_of_their_columns():
    assert rows(DATA) == [{"id": 1, "name": "north"}, {"id": 2, "name": None}]


def test_only_plain_tables_are_tables():
    data = made(
        *TABLE,
        "CREATE VIEW shown AS SELECT * FROM lamps",
        "CREATE VIRTUAL TABLE words USING fts5(word)",
    )
    with open_database(Bytes(data)) as database:
        assert "lamps" in database.tables
        assert not {"shown", "words"} & database.tables
        for query in ("SELECT * FROM shown", "SELECT * FROM words"):
            with pytest.raises(Malformed):
                list(database.rows(query))


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM lamps",
        "DROP TABLE lamps",
        "ATTACH 'other' AS other",
        "PRAGMA writable_schema = ON",
        "SELECT load_extension('lamp')",
        "SELECT randomblob(9)",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT * FROM n",
        "SELECT nothing FROM lamps",
    ],
)
def test_nothing_but_reading_is_possible(query):
    with pytest.raises(Malformed):
        rows(DATA, query)
    assert len(rows(DATA)) == 2


def test_a_generated_column_of_the_known_kind_does_not_hide_the_table():
    data = made(
        "CREATE TABLE models (config TEXT, name TEXT GENERATED ALWAYS AS (json_extract(config, '$.name')) VIRTUAL)",
        """INSERT INTO models (config) VALUES ('{"name":"coast"}')""",
    )
    assert rows(data, "SELECT config FROM models") == [{"config": '{"name":"coast"}'}]


def test_a_database_in_write_ahead_mode_is_read_and_that_is_known():
    data = bytearray(DATA)
    data[18:20] = b"\2\2"
    with open_database(Bytes(bytes(data))) as database:
        assert database.has_wal
        assert len(list(database.rows(LAMPS))) == 2
    with open_database(Bytes(DATA)) as database:
        assert not database.has_wal


def test_text_that_is_no_utf8_is_read_with_marks():
    data = made("CREATE TABLE lamps (name TEXT)", "INSERT INTO lamps VALUES (CAST(x'6eff' AS TEXT))")
    assert rows(data) == [{"name": "n\ufffd"}]


def test_more_rows_than_are_read_is_a_limit(monkeypatch):
    monkeypatch.setattr(ours, "ROWS_MAX", 1)
    with pytest.raises(LimitReached, match="1 rows"):
        rows(DATA)


def test_a_query_that_goes_on_is_a_limit(monkeypatch):
    monkeypatch.setattr(ours, "_ROUNDS_MAX", 1)
    monkeypatch.setattr(ours, "_STEPS", 1)
    with pytest.raises(LimitReached, match="too long"):
        rows(DATA)


def test_a_huge_database_and_one_that_ends_early_and_another_file():
    huge = Bytes(DATA)
    huge.size_bytes = ours.DATABASE_BYTES_MAX + 1
    with pytest.raises(LimitReached), open_database(huge):
        pass
    short = Bytes(DATA)
    short.size_bytes += 1
    with pytest.raises(Truncated), open_database(short):
        pass
    with pytest.raises(Malformed), open_database(Bytes(b"a lighthouse" * 100)):
        pass


@given(st.data())
def test_cut_and_changed_files_raise_nothing_else(data):
    whole = bytearray(DATA)
    for _ in range(data.draw(st.integers(0, 8))):
        place = data.draw(st.one_of(st.integers(0, 120), st.integers(0, len(whole) - 1)))
        whole[place] = data.draw(st.integers(0, 255))
    cut = bytes(whole[: data.draw(st.one_of(st.just(len(whole)), st.integers(0, len(whole))))])
    try:
        rows(cut)
    except EvidenceError:
        return
