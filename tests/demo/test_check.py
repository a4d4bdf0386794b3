from dataclasses import asdict, replace

import pytest

from headwater.demo.check import compare


@pytest.fixture
def rows(operation):
    return [asdict(one) | {"kind": "file"} for one in operation[1].files]


def _failing(truth, rows, failures=()):
    return {row.check.split(":")[0]: row for row in compare(truth, rows, failures) if not row.holds}


def test_the_truth_itself_holds(operation, rows):
    assert _failing(operation[1], rows) == {}


def test_a_lost_file_is_missed(operation, rows):
    lost = rows.pop(0)
    (row,) = _failing(operation[1], rows).values()
    assert lost["path"] in row.missed[0]
    assert row.surplus == ()


def test_a_file_found_twice_is_surplus(operation, rows):
    (row,) = _failing(operation[1], [*rows, rows[0]]).values()
    assert rows[0]["path"] in row.surplus[0]


@pytest.mark.parametrize(("column", "value"), [("sha256", "0" * 64), ("allocation", "deleted"), ("damaged", True)])
def test_a_wrong_column_is_both(operation, rows, column, value):
    rows[0] = rows[0] | {column: value}
    row = _failing(operation[1], rows)[rows[0]["exhibit"]]
    assert len(row.missed) == len(row.surplus) == 1


def test_rows_without_content_are_not_counted(operation, rows):
    label = {"exhibit": "DK-01", "path": "p1/LABEL", "sha256": None, "allocation": "allocated", "damaged": False}
    assert _failing(operation[1], [*rows, label | {"kind": "other"}]) == {}
    assert _failing(operation[1], [*rows, label | {"kind": "file"}]) != {}


def test_a_bomb_must_be_stopped_at_a_limit(operation, rows):
    refused = [asdict(one) for one in operation[1].refused]
    assert _failing(operation[1], rows, refused) == {}
    assert "bombs stopped at a limit" in _failing(operation[1], rows, refused[:1])
    other = [row | {"kind": "malformed"} for row in refused]
    assert "bombs stopped at a limit" in _failing(operation[1], rows, other)


def test_a_bomb_read_to_its_end_is_surplus(operation, rows):
    bomb = asdict(operation[1].refused[0]) | {"allocation": "allocated", "damaged": False, "kind": "file"}
    assert _failing(operation[1], [*rows, bomb | {"sha256": None}]) == {}
    assert _failing(operation[1], [*rows, bomb | {"sha256": "1" * 64}]) != {}


def test_without_failures_bombs_are_not_judged(operation, rows):
    truth = replace(operation[1], refused=())
    assert len(compare(truth, rows)) == len(truth.exhibits) + 2
