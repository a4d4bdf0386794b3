"""Scores of another tool from the command line: taken in, sealed, verified, and what was refused."""

import json

import pytest

from .conftest import Program

SHA = "ab" * 32


@pytest.fixture
def fresh(tmp_path):
    program = Program(tmp_path)
    assert program("init", program.workspace, "--operation", "Springhead").code == 0
    return program


def test_scores_are_sealed_and_refused_rows_named(fresh, tmp_path):
    scores = tmp_path / "scores.csv"
    scores.write_text(f"sha256,score\n{SHA},0.5\nnothing,1\n")
    done = fresh("relevance", "add", scores, "--name", "tool 4", "-w", fresh.workspace)
    assert done.code == 4
    assert "1 row   1 refused" in done.out
    assert "line 3: not an MD5" in done.out
    row = json.loads(fresh("show", "relevance", "--json", "-w", fresh.workspace).out)
    assert (row["digest"], row["score"], row["line"]) == (SHA, 0.5, 2)
    listed = json.loads(fresh("relevance", "list", "--json", "-w", fresh.workspace).out)
    assert (listed["name"], listed["rows"]) == ("tool 4", 1)
    assert fresh("verify", "--seals-only", "-w", fresh.workspace).code == 0


def test_a_file_of_which_no_row_counts_is_refused_as_a_whole(fresh, tmp_path):
    scores = tmp_path / "scores.csv"
    scores.write_text("name,value\na,1\n")
    done = fresh("relevance", "add", scores, "--name", "tool 4", "-w", fresh.workspace)
    assert done.code == 2
    assert "line 1: the first line must name" in done.err
