"""Grouping at scale, at a small one: the bench's own answer, and fingerprints read in the memory that is set."""

from contextlib import closing

import duckdb
import pytest

from headwater.bench import group_scale
from headwater.findings import views
from headwater.steps import fingerprints as steps


def test_the_bench_finds_every_planted_copy(tmp_path, capsys):
    assert group_scale.main(["--pictures", "300", "--dir", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "300 pictures, 270 looks" in told
    assert "planted  every one is in the group of its original" in told


def test_a_copy_elsewhere_is_told(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(group_scale, "original_of", lambda number: 0 if number == 1 else number)
    monkeypatch.setattr(group_scale, "make", lambda folder, pictures: made(folder, pictures, monkeypatch))
    assert group_scale.main(["--pictures", "20", "--dir", str(tmp_path)]) == 1
    assert "differ" in capsys.readouterr().out


def made(folder, pictures, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(group_scale, "original_of", lambda number: number)
        MAKE(folder, pictures)


MAKE = group_scale.make


def test_fingerprints_need_no_more_memory_than_is_set(tmp_path, monkeypatch):
    """Ten thousand have 55 MB of values, more than DuckDB may hold here: it cannot gather them."""
    group_scale.make(tmp_path / "operation", 10_000)
    monkeypatch.setattr(views, "_MEMORY", "24MB")
    with closing(views.connect(tmp_path / "operation")) as connection:
        with pytest.raises(duckdb.OutOfMemoryException):
            connection.sql("SELECT sha256, list(value) FROM part_findings GROUP BY sha256").fetchall()
        assert sum(map(len, steps.fingerprints(connection))) == 10_000
