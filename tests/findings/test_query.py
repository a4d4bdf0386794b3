import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headwater.findings.query import Query, build, column_kinds, run
from headwater.findings.views import connect
from headwater.findings.where import parse_where
from headwater.model.errors import WrongUse

from .conftest import NOON, digest, finding, rows

KINDS = {
    "path": "text",
    "size_bytes": "number",
    "sha256": "text",
    "damaged": "bool",
    "created": "time",
    "spans": "other",
}
PATHS = ["a.jpg", "b.png", "it's%.jpg", "Robert'); DROP VIEW items; --"]


@pytest.fixture
def connection(operation, open_store):
    items = [
        {
            "item": str(size),
            "path": path,
            "size_bytes": size * 100,
            "created": NOON.replace(day=size + 1) if size else None,
        }
        for size, path in enumerate(PATHS)
    ]
    contents = [{"item": str(size), "sha256": digest(size), "damaged": size == 1} for size in range(3)]
    findings = [finding(digest(1), "picture.width_pixels", value) for value in ("900", "1000", "wide")]
    with open_store() as store:
        tables = {"items": rows("items", *items), "contents": rows("contents", *contents)}
        store.commit("u1", {**tables, "findings": rows("findings", *findings)})
    return connect(operation)


def paths(connection, where="", **more):
    query = Query(table="items", columns=("path",), where=where, **{"sort": "size_bytes", **more})
    return [row["path"] for batch in run(connection, query) for row in batch.to_pylist()]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("", [0, 1, 2, 3]),
        ("path = 'it''s%.jpg'", [2]),
        ("path = 'Robert''); DROP VIEW items; --'", [3]),
        ("path like '%.jpg'", [0, 2]),
        ("path not like '%.jpg'", [1, 3]),
        ("size_bytes >= 100 and size_bytes < 300", [1, 2]),
        ("size_bytes in (0, 300)", [0, 3]),
        ("size_bytes not in (0, 300)", [1, 2]),
        ("NOT (size_bytes = 0 OR size_bytes != 300)", [3]),
        ("size_bytes = 0 or size_bytes = 300 and path like 'b%'", [0]),
        ("sha256 is null", [3]),
        ("sha256 Is Not Null and damaged = TRUE", [1]),
        ("created >= 2026-05-03", [2, 3]),
        ("created = '2026-05-03T14:00:00+02:00'", [2]),
        ("created < 2026-05-03T12:00:00Z", [1]),
        ("size_bytes > 99.5 and size_bytes <> 200", [1, 3]),
        ("size_bytes > -1", [0, 1, 2, 3]),
    ],
)
def test_conditions(connection, where, found):
    assert paths(connection, where) == [PATHS[index] for index in found]


def test_a_number_compares_with_text_as_a_number(connection):
    query = Query(table="findings", columns=("value",), where="value > 500", sort="-value")
    assert [row["value"] for batch in run(connection, query) for row in batch.to_pylist()] == ["1000", "900"]


@pytest.mark.parametrize(("sort", "order"), [("value", ["900", "1000", "wide"]), ("-value", ["1000", "900", "wide"])])
def test_text_that_spells_a_number_is_sorted_as_a_number(connection, sort, order):
    query = Query(table="findings", columns=("value",), sort=sort)
    assert [row["value"] for batch in run(connection, query) for row in batch.to_pylist()] == order


def test_sort_and_limit(connection):
    assert paths(connection, sort="-size_bytes", limit=2) == PATHS[:1:-1]
    assert paths(connection, sort="created", limit=10)[-1] == PATHS[0]  # nulls last
    assert paths(connection, sort="-damaged,path", limit=1) == [PATHS[1]]
    assert paths(connection, limit=0) == []


def test_an_empty_answer_still_has_its_columns(operation):
    (batch,) = run(connect(operation), Query(table="media"))
    assert batch.schema.names[:2] == ["sha256", "media_type"]
    assert batch.num_rows == 0


def test_times_come_back_aware(connection):
    (batch,) = run(connection, Query(table="items", columns=("modified",), limit=1))
    assert str(batch.schema.field("modified").type) == "timestamp[us, tz=UTC]"


def test_all_problems_are_told_at_once(connection):
    query = Query(
        table="items",
        columns=("pth",),
        where="sha265 = 'a' and size_bytes = 'big' and damaged = 3 and raw_path = 'x' and created > 'soon' and",
        sort="-craeted,damaged_ranges",
        limit=-1,
    )
    with pytest.raises(WrongUse) as caught:
        run(connection, query)
    assert caught.value.problems == (
        "column pth: did you mean path?",
        "column craeted: did you mean created?",
        "column damaged_ranges: it has no order",
        "column sha265: did you mean sha256?",
        "column size_bytes: it holds numbers, wants a number, not 'big'",
        "column damaged: it holds true or false, not 3",
        "column raw_path: it can only be asked for is null and is not null, not 'x'",
        "column created: it holds times, wants one like 2026-05-01 or '2026-05-01T12:00:00Z', not 'soon'",
        "position 96, at the end: expected a column",
        "limit -1: it cannot be negative",
    )


def test_an_unknown_table_is_told(connection):
    with pytest.raises(WrongUse, match="did you mean items"):
        column_kinds(connection, "itms")
    with pytest.raises(WrongUse):
        run(connection, Query(table='items"; DROP VIEW items; --'))


@pytest.mark.parametrize(
    ("where", "problem"),
    [
        ("path", "position 5, at the end: expected = != < <= > >= like in is"),
        ("path = ", "position 7, at the end: expected a value"),
        ("path = 'open", "position 7, before 'open: expected a value"),
        ("path = null", "column path: write is null or is not null"),
        ("(path = 'a'", "position 12, at the end: expected )"),
        ("path = 'a' path = 'b'", "position 12, before path: expected and, or, or the end"),
        ("path = 'a'; drop view items", "before ; drop view items: expected and, or, or the end"),
        ("size_bytes like '1%'", "column size_bytes: like is for columns of text"),
        ("path in ()", "before ): expected a value"),
        ("path like 5", "column path: like wants a 'pattern%', not 5"),
        ("path not = 'a'", "expected like or in"),
        ("(" * 60 + "path = 'a'", "nested deeper than 50"),
        ("path = '" + "a" * 20_000 + "'", "longer than 20000"),
        ("read_text('/etc/hostname') = 'a'", "column read_text"),
        ("path = \x1b[31m", "before \\u{001B}[31m"),
    ],
)
def test_what_is_not_a_condition_is_told(where, problem):
    with pytest.raises(WrongUse) as caught:
        parse_where(where, KINDS)
    assert problem in "; ".join(caught.value.problems)


WORDS = [
    "path",
    "size_bytes",
    "created",
    "spans",
    "and",
    "or",
    "not",
    "in",
    "like",
    "is",
    "null",
    "(",
    ")",
    ",",
    "=",
    "<",
]
WORDS += ["'a'", "''", "12", "-1.5", "2026-05-01", "true", ";", "--", '"', "9" * 30]


def condition_of(text):
    try:
        return parse_where(text, KINDS)
    except WrongUse as error:
        return error


@given(st.one_of(st.text(), st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)))
def test_any_text_is_a_condition_or_wrong_use(text):
    condition = condition_of(text)
    if isinstance(condition, WrongUse):
        assert condition.problems
    else:
        assert condition.sql.count("?") == len(condition.values)
        assert not set(condition.sql) & set("';")


COLUMNS = st.sampled_from(["path", "size_bytes", "modified", "damaged", "raw_path", "damaged_ranges"])
VALUES = st.sampled_from(["'a'", "''", "12", "-1.5", "2026-05-01", "'2026-05-01T00:00Z'", "true", "9" * 30, "9" * 400])
TESTS = st.builds(
    "{} {} {}".format, COLUMNS, st.sampled_from(["=", "!=", "<", ">=", "like", "not like"]), VALUES
) | st.builds("{} {} ({}, {})".format, COLUMNS, st.sampled_from(["in", "not in"]), VALUES, VALUES)


@given(wheres=st.lists(st.lists(TESTS, min_size=1, max_size=3).map(" and not ".join), min_size=20, max_size=20))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_parses_runs(tmp_path_factory, wheres):
    connection = connect(tmp_path_factory.mktemp("empty"))
    kinds = column_kinds(connection, "items")
    for where in wheres:
        try:
            build(Query(table="items", where=where), kinds)
        except WrongUse:
            continue
        assert sum(batch.num_rows for batch in run(connection, Query(table="items", where=where))) == 0
