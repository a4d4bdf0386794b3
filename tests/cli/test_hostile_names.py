"""Names and texts from evidence act on nothing: no command prints a byte that a terminal would obey."""

import json
import re

import pytest

from .conftest import HOSTILE, unseen

TABLES = ("exhibits", "sources", "items", "media", "findings", "failures")


def check_plain(ended):
    assert unseen(ended.out) == []
    assert unseen(ended.err) == []
    assert "Traceback" not in ended.err


def test_the_search_finds_what_acts():
    assert unseen("plain\n\ttext ü 漢") == []
    for text in ("\x1b[1m", "\x9b", "a\u202eb", "\u2028", "\r", "\x07", "\udcff"):
        assert unseen(text)


def test_the_run_and_its_summary(program):
    check_plain(program.ran)
    assert "exit 4" in program.ran.out


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("options", [(), ("--json",), ("--limit", "5")])
def test_show(program, table, options):
    ended = program("show", table, "-w", program.workspace, *options, COLUMNS="400")
    assert ended.code == 0, ended.err
    check_plain(ended)
    if "--json" in options:
        assert [json.loads(line) for line in ended.out.splitlines()]


def test_every_hostile_name_is_listed_and_told_apart(program):
    ended = program("show", "items", "-w", program.workspace, "--json", "--where", "parent_item is null")
    rows = [json.loads(line) for line in ended.out.splitlines()]
    assert len(rows) == len(HOSTILE) + 5
    paths = {row["path"] for row in rows}
    assert len(paths) == len(rows)
    assert {"ph\\u{202E}gnp.exe", "two\\u{000A}lines\\u{000D}.txt", "\\x{FF}\\x{FE}\\x{80}.bin"} <= paths


def test_members_of_an_archive_keep_their_stored_names(program):
    ended = program("show", "items", "-w", program.workspace, "--json", "--where", "parent_item is not null")
    paths = {json.loads(line)["path"] for line in ended.out.splitlines()}
    assert {"names.zip/../up.txt", "names.zip/root.txt"} & paths
    assert "names.zip/a\\u{202E}b.txt" in paths
    assert len(paths) == 5


def test_explain_each_item(program):
    ended = program("show", "items", "-w", program.workspace, "--json")
    rows = [json.loads(line) for line in ended.out.splitlines()]
    chosen = [row for row in rows if re.search(r"\\u|\\x|<|camera|comment|cut", row["path"])][:8]
    assert len(chosen) >= 6
    for row in chosen:
        for options in ((), ("--json",)):
            ended = program("explain", row["item"], "-w", program.workspace, *options)
            assert ended.code == 0, ended.err
            check_plain(ended)


def test_verify_prints_names_plainly(program):
    ended = program("verify", "-w", program.workspace)
    assert ended.code == 0, ended.err
    check_plain(ended)


def test_a_wrong_name_given_by_hand_is_shown_plainly(program):
    for arguments in (("explain", "\x1b[2J"), ("verify", "\u202e"), ("show", "\x1b[2J"), ("run", "/\x1b[2J\u202e")):
        ended = program(*arguments, "-w", program.workspace)
        assert ended.code == 2
        check_plain(ended)
    ended = program("show", "items", "-w", program.workspace, "--where", "\x1b[2J = 1")
    assert ended.code == 2
    check_plain(ended)


def test_the_report_holds_no_such_character(program):
    page = (program.workspace / "out" / "report.html").read_text()
    assert unseen(page) == []
    assert "<img src" not in page
    assert "&lt;img src=x onerror" in page
    assert "\\u{202E}" in page
