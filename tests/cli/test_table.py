"""Tables: whole in a pipe, fitted to a terminal, and never cut where a cut would mislead."""

import json

import pytest

from .conftest import on_a_terminal


@pytest.mark.parametrize("columns", [60, 80, 110, 240])
def test_a_table_keeps_to_the_width_it_has(program, columns):
    ended = on_a_terminal(program.stage, columns, "show", "items", "-w", program.workspace, "--quiet")
    assert ended.code == 0
    assert max(map(len, ended.out.splitlines())) <= columns


def test_in_a_pipe_no_cell_is_cut(program):
    whole = [json.loads(line) for line in program("show", "items", "-w", program.workspace, "--json").out.splitlines()]
    ended = program("show", "items", "-w", program.workspace, COLUMNS="60")
    for row in whole:
        (line,) = [line for line in ended.out.splitlines() if line.startswith(row["item"])]
        assert row["path"] in line
        assert row["sha256"] is None or row["sha256"] in line
    assert "…" not in ended.out


def test_at_80_columns_an_item_can_be_asked_for_and_a_path_shows_its_end(program):
    rows = [json.loads(line) for line in program("show", "items", "-w", program.workspace, "--json").out.splitlines()]
    shown = on_a_terminal(program.stage, 80, "show", "items", "-w", program.workspace).out
    header, *lines = [line for line in shown.splitlines() if not line.startswith("(")]
    assert header.split()[:3] == ["item", "exhibit", "path"]
    for row, line in zip(rows, lines, strict=True):
        assert line.startswith(row["item"][:8])
        assert row["path"][-10:] in line
        assert str(row["size_bytes"]) in line
    assert "sha256" in shown.splitlines()[-1]  # what was left out is said


def test_on_a_narrow_terminal_each_field_has_a_line(program):
    ended = on_a_terminal(program.stage, 50, "show", "items", "-w", program.workspace, "--limit", "2")
    lines = ended.out.splitlines()
    assert [line.split()[0] for line in lines[:3]] == ["item", "exhibit", "path"]
    assert lines.count("") == 1
    assert len([line for line in lines if line.startswith("sha256") and len(line.split()[1]) == 64]) == 2


def test_columns_that_were_asked_for_are_never_left_out(program):
    chosen = "item,exhibit,source,path,size_bytes,created,modified,accessed,changed,sha256,md5"
    ended = on_a_terminal(
        program.stage, 80, "show", "items", "-w", program.workspace, "--columns", chosen, "--limit", "1"
    )
    assert [line.split()[0] for line in ended.out.splitlines()] == chosen.split(",")


def test_a_limit_without_end_is_wrong_use(program):
    ended = program("show", "items", "-w", program.workspace, "--limit", "99999999999999999999999")
    assert ended.code == 2
    assert "9223372036854775807" in ended.err


def test_the_hint_of_more_rows_is_for_more_rows_only(program):
    count = len(program("show", "findings", "-w", program.workspace, "--json").out.splitlines())
    assert count > 50
    assert "the first 50" in program("show", "findings", "-w", program.workspace).err
    assert program("show", "findings", "-w", program.workspace, "--quiet").err == ""
    assert program("show", "failures", "-w", program.workspace).err == ""
