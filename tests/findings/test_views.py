import duckdb
import pytest

from headwater.findings.parts import OPERATION, PartStore, operation_folder
from headwater.findings.slug import exhibit_slug
from headwater.findings.views import VIEWS, connect
from headwater.model.errors import DoesNotVerify

from .conftest import NOON, digest, finding, rows, unit

PROMISED = {
    "items": "item exhibit source locator path size_bytes md5 sha1 sha256 media_type allocation damaged"
    " created modified accessed changed",
    "media": "sha256 media_type width_pixels height_pixels pdq pdq_quality occurrences",
    "findings": "finding sha256 examiner version claim value state spans",
    "failures": "item path examiner kind message",
    "matches": "sha256 set record kind distance_bits variant category scheme",
    "groups": "group kind sha256 distance_bits",
    "origins": "sha256 grade strength rule g e c k f reasons",
    "ties": "a b reason value rarity strength",
    "models": "sha256 path kind short_hashes base_model training_folders",
    "upstream": "source target edge strength reason",
    "hands": "hand sha256",
    "contradictions": "kind nodes message",
    "queue": "rank sha256 reason",
    "relevance": "name kind digest score",
}


def ask(operation, question, *values):
    return connect(operation).execute(question, list(values)).fetchall()


def test_no_parts_give_empty_views_with_the_promised_columns(operation):
    connection = connect(operation)
    for view in VIEWS:
        relation = connection.table(view)
        assert relation.fetchall() == []
        promised = PROMISED.get(view, "exhibit").split()
        assert relation.columns[: len(promised)] == promised


def test_parts_give_the_same_columns_as_none(operation, open_store):
    empty = {view: (r.columns, r.types) for view in VIEWS for r in [connect(operation).table(view)]}
    with open_store() as store:
        store.commit("u1", unit(1))
    assert {view: (r.columns, r.types) for view in VIEWS for r in [connect(operation).table(view)]} == empty


def test_rows_of_all_exhibits_are_joined(operation, open_store):
    with open_store() as store, open_store("LH-07/3") as other:
        store.commit("u1", unit(640))
        other.commit("u1", unit(641))
        source = {"exhibit": "LH-01", "source": "disk", "name": "disk.E01", "size_bytes": 9}
        store.commit("source-disk", {"sources": rows("sources", source)})
    assert ask(operation, "SELECT path, size_bytes, media_type, damaged FROM items ORDER BY path") == [
        ("pics/640.jpg", 640, "image/jpeg", False),
        ("pics/641.jpg", 641, "image/jpeg", False),
    ]
    assert (
        ask(operation, "SELECT width_pixels, height_pixels, pdq, occurrences FROM media")
        == [(640, None, "ab" * 32, 1)] * 2
    )
    assert ask(operation, "SELECT * FROM exhibits") == [("LH-01", 1, 2, 9)]
    assert ask(operation, "SELECT count(*) FROM failures") == [(2,)]


def test_occurrences_count_items(operation, open_store):
    with open_store() as store:
        for number in (1, 2, 3):
            content = {"item": str(number), "sha256": digest("same")}
            store.commit(f"u{number}", {"contents": rows("contents", content)})
    assert ask(operation, "SELECT sha256, occurrences FROM media") == [(digest("same"), 3)]


def test_a_finding_of_two_examiner_sets_is_shown_once(operation, open_store):
    """An examiner that both sets have gives the same finding twice."""
    later = NOON.replace(hour=13)
    for examiners, examined_at in (("b" * 64, later), ("a" * 64, NOON)):
        with open_store(examiners=examiners) as store:
            seen = finding(digest(1), "picture.width_pixels", "640", examined_at=examined_at)
            store.commit("u1", {"findings": rows("findings", seen)})
    assert ask(operation, "SELECT value, hour(examined_at) FROM findings") == [("640", 12)]


def test_items_seen_by_two_examiner_sets_are_shown_once(operation, open_store):
    for examiners in ("b" * 64, "a" * 64):  # the second one is the newer
        with open_store(examiners=examiners) as store:
            store.commit("u1", unit(1))
            content = {"item": "x", "sha256": digest("x"), "media_type": f"image/{examiners[0]}"}
            store.commit("u2", {"items": rows("items", {"item": "x"}), "contents": rows("contents", content)})
            store.seal()
    assert ask(operation, "SELECT count(*) FROM items") == [(2,)]
    assert ask(operation, "SELECT media_type FROM media WHERE sha256 = ?", digest("x")) == [("image/a",)]
    assert ask(operation, "SELECT sum(occurrences)::INT FROM media") == [(2,)]


def test_what_is_not_committed_is_not_shown(operation, open_store):
    with open_store() as store:
        store.commit("u1", unit(1))
        (store.folder / "part-u2-items.parquet").write_bytes((store.folder / "part-u1-items.parquet").read_bytes())
    assert ask(operation, "SELECT count(*) FROM items") == [(1,)]


@pytest.mark.parametrize("how", ["missing", "link"])
def test_a_committed_part_that_is_not_there_is_named(operation, open_store, how):
    with open_store() as store:
        store.commit("u1", unit(1))
        part = store.folder / "part-u1-items.parquet"
    part.rename(operation / "moved")
    if how == "link":
        part.symlink_to(operation / "moved")
    with pytest.raises(DoesNotVerify) as caught:
        connect(operation)
    assert caught.value.names == (str(part),)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM read_text('{operation}/custody.jsonl')",
        "SELECT * FROM read_text('{operation}/findings/../custody.jsonl')",
        "SELECT * FROM read_parquet('http://127.0.0.1:9/lighthouse.parquet')",
        "SELECT * FROM read_parquet('s3://lighthouse/a.parquet')",
        "COPY (SELECT 1) TO '{operation}/out.csv'",
        "ATTACH '{operation}/x.db'",
        "INSTALL httpfs",
        "SET enable_external_access=true",
        "SET allowed_directories=['/']",
        "RESET lock_configuration",
        "SELECT * FROM secret_of_python",
    ],
)
def test_the_connection_reaches_nothing_else(operation, custody, statement):
    secret_of_python = [1]
    assert secret_of_python
    custody.append("note", {})
    with pytest.raises(duckdb.Error):
        connect(operation).execute(statement.format(operation=str(operation).replace("'", "''")))


def test_times_are_utc(operation, open_store):
    with open_store() as store:
        store.commit("u1", unit(1))
    assert ask(operation, "SELECT modified::VARCHAR FROM items") == [("2026-05-01 12:00:00+00",)]


def test_a_large_sort_spills_into_the_workspace_and_is_cleared(operation, monkeypatch):
    monkeypatch.setattr("headwater.findings.views._MEMORY", "48MB")
    connection = connect(operation)
    distinct = "SELECT count(DISTINCT md5(i::VARCHAR)) FROM range(1200000) t(i)"
    assert connection.execute(distinct).fetchall() == [(1_200_000,)]
    connection.close()
    assert {path.name for path in operation.iterdir()} <= {"findings"}


def test_the_last_whole_trace_is_shown(operation, custody):
    """A trace that was interrupted has no row of `traces`, and what it wrote is not shown yet."""
    for name, grade, whole in (("one", "camera", True), ("two", "generated", True), ("three", "edited", False)):
        custody.append("test", {"trace": name})
        with PartStore(operation_folder(operation / "findings", name), custody) as store:
            origin = {"sha256": digest(1), "grade": grade, "reasons": [f"as {name}"]}
            tie = {"a": digest(1), "b": digest(2), "value": name}
            store.commit("o1", {"origins": rows("origins", origin), "ties": rows("ties", tie)})
            if whole:
                store.commit("whole", {"traces": rows("traces", {"contents": 1})})
    assert ask(operation, "SELECT grade, reasons FROM origins") == [("generated", ["as two"])]
    assert ask(operation, "SELECT value, rarity FROM ties") == [("two", None)]


def test_no_exhibit_lies_where_the_operation_does(operation):
    for reference in (OPERATION, "%40operation", "@", "~operation"):
        assert exhibit_slug(reference) != OPERATION
