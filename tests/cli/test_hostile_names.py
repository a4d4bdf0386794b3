"""Names and texts from evidence act on nothing: no command prints a byte that a terminal would obey."""

import csv
import json
import re
from hashlib import sha256

import pytest

from headwater.bench.proving import hill
from headwater.findings.views import VIEWS

from .conftest import HOSTILE, TEXT, unseen

EMPTY = {"contradictions", "hands", "matches", "models", "relevance", "ties"}  # a run over these names has none
ACTS = "\x1b[2J\u202e<b>\x9b"


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


@pytest.mark.parametrize("table", VIEWS)
@pytest.mark.parametrize("options", [(), ("--json",), ("--limit", "5")])
def test_show(program, table, options):
    ended = program("show", table, "-w", program.workspace, *options, COLUMNS="400")
    assert ended.code == 0, ended.err
    check_plain(ended)
    if "--json" in options:
        rows = [json.loads(line) for line in ended.out.splitlines()]
        assert bool(rows) == (table not in EMPTY)


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


def test_an_origin_repeats_a_cameras_name_plainly(program):
    rows = [json.loads(line) for line in program("show", "items", "-w", program.workspace, "--json").out.splitlines()]
    (item,) = [row["item"] for row in rows if row["path"] == "camera.jpg"]
    ended = program("explain", item, "-w", program.workspace)
    check_plain(ended)
    assert "camera, consistent" in ended.out or "undetermined" in ended.out
    assert "In sentences" in ended.out
    assert TEXT not in ended.out


def test_a_page_of_traces_shows_its_name_plainly(program, tmp_path):
    rows = [json.loads(line) for line in program("show", "items", "-w", program.workspace, "--json").out.splitlines()]
    (item,) = [row["item"] for row in rows if row["path"].startswith("<img src=x")]
    out = tmp_path / "traces \u202e.html"
    ended = program("traces", item, "--out", out, "-w", program.workspace)
    assert ended.code == 0, ended.err
    check_plain(ended)
    page = out.read_text()
    assert unseen(page) == []
    assert "<img" not in page
    assert "&lt;img src=x onerror" in page


def test_names_given_to_lists_scores_and_cameras_are_shown_plainly(fresh, tmp_path, authority):
    pem, scores = tmp_path / "\x1b[2J\u202e.pem", tmp_path / "\x1b[2J\u202e.csv"
    pem.write_bytes(authority.pem)
    scores.write_text(f"sha256,score\n{'ab' * 32},1\n{ACTS},2\n{'cd' * 32},{ACTS}\n")
    for words, code in (
        (("trust", "add", pem), 0),
        (("trust", "add", pem, "--name", ACTS), 0),
        (("trust", "list"), 0),
        (("trust", "add", scores), 2),
        (("relevance", "add", scores, "--name", ACTS), 4),
        (("relevance", "add", pem, "--name", ACTS), 2),
        (("relevance", "list"), 0),
        (("camera", "enrol", ACTS, "--exhibit", "X"), 2),
        (("camera", "enrol", "LH-07", "--exhibit", ACTS), 2),
        (("camera", "enrol", "LH-07", "--exhibit", "X", "--where", ACTS), 2),
        (("camera", "list"), 0),
        (("camera", "match"), 2),
        (("traces", ACTS, "--out", tmp_path / "traces.html"), 2),
        (("show", "relevance"), 0),
    ):
        for options in ((), ("--json",)):
            ended = fresh(*words, "-w", fresh.workspace, *options)
            if "trust" in words and "add" in words and options:
                assert ended.code in {0, code}  # it is there already
            else:
                assert ended.code == code, (words, ended.err)
            check_plain(ended)


def test_a_validation_shows_names_of_its_corpus_plainly(fresh, tmp_path):
    corpus = tmp_path / "corpus \u202e"
    corpus.mkdir()
    rows = []
    for number, name in enumerate(
        ("\x1b[31mred.png", "ph\u202egnp.png", "=cmd|' !A0.png", "<img src=x onerror=1>.png")
    ):
        data = hill("PNG") + bytes(number + 1)
        (corpus / name).write_bytes(data)
        row = {"path": name, "sha256": sha256(data).hexdigest(), "truth": "generated", "truth_basis": "constructed"}
        rows.append(row | {"source": ACTS, "group": f"{ACTS}{number}", "marks": f"a1111 {ACTS}", "note": ACTS})
    with (corpus / "manifest.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0]])
        writer.writeheader()
        writer.writerows(rows)
    out = tmp_path / "out \u202e"
    ended = fresh("validate", corpus, "--out", out, "-w", fresh.workspace)
    assert ended.code == 0, ended.err
    check_plain(ended)
    page = (out / "validate.html").read_text()
    assert unseen(page) == []
    assert "<img" not in page
    assert "&lt;img src=x onerror" in page
    assert unseen((out / "items.csv").read_text()) == []
    rows[0]["truth"] = ACTS
    with (corpus / "manifest.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0]])
        writer.writeheader()
        writer.writerows(rows)
    wrong = fresh("validate", corpus, "--out", tmp_path / "none", "-w", fresh.workspace)
    assert wrong.code == 2
    check_plain(wrong)
