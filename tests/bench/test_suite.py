import shutil

import pytest

from headwater.bench import rows as rows_module
from headwater.bench import suite
from headwater.bench.rows import BenchRow, by_turns, high_water_bytes, peak_bytes, peer_module, peer_program
from headwater.model.errors import MissingDependency, WrongUse


def test_an_unknown_bench_names_those_there_are():
    with pytest.raises(WrongUse) as wrong:
        list(suite.run_bench("pdg"))
    assert "pdq" in wrong.value.message + wrong.value.next_step


def test_a_peer_asked_for_by_name_and_absent_is_a_missing_dependency(monkeypatch):
    monkeypatch.setattr(rows_module, "which", lambda _: None)
    with pytest.raises(MissingDependency, match="hashdeep is not installed") as absent:
        list(suite.run_bench("digests"))
    assert absent.value.next_step == "apt install hashdeep"


def test_when_all_are_run_an_absent_peer_is_a_row_that_says_so(monkeypatch):
    monkeypatch.setattr(rows_module, "which", lambda _: None)
    kept = {name: suite._BENCHES[name] for name in ("digests", "memory")}
    monkeypatch.setattr(suite, "_BENCHES", kept)
    monkeypatch.setattr(suite, "NAMES", tuple(kept))
    (row,) = suite.run_bench(None)  # memory takes minutes: by name only
    assert (row.name, row.ratio, row.same_output) == ("digests", None, None)
    assert "apt install hashdeep" in row.line()


def test_every_bench_can_be_loaded_and_called():
    for module, function, _ in suite._BENCHES.values():
        assert callable(getattr(__import__(f"headwater.bench.{module}", fromlist=[function]), function))


def test_an_absent_module_says_how_to_get_it():
    with pytest.raises(MissingDependency) as absent:
        peer_module("headwater_no_such_peer", "nosuchpeer")
    assert "uv sync --group bench" in absent.value.next_step


def test_a_program_is_found_where_it_is():
    assert peer_program("sh", "dash") == shutil.which("sh")


def test_turns_alternate_and_the_first_is_not_counted(monkeypatch):
    called = []
    clock = iter([0, 10, 10, 12, 20, 25, 25, 27, 30, 31, 31, 37])  # ours 10, 5, 1; peer 2, 2, 6
    monkeypatch.setattr(rows_module.time, "perf_counter", lambda: next(clock))
    turns = by_turns(lambda: called.append("ours"), lambda: called.append("peer"), repeats=3)
    assert called == ["ours", "peer"] * 4
    assert (turns.ours_seconds, turns.peer_seconds) == (5, 2)
    assert turns.ratio == pytest.approx(0.4)


def test_the_peak_counts_what_was_held_and_let_go():
    before = peak_bytes(lambda: None)
    assert peak_bytes(lambda: len(b"x" * (64 << 20))) >= before + (60 << 20)
    assert high_water_bytes(2**22 + 1) == 0  # no such process


@pytest.mark.parametrize(
    ("same", "ratio", "words"),
    [
        (True, 2.6, ("2.60x", "same output", "aim 2.5x)")),
        (False, 2.4, ("2.40x", "OUTPUT DIFFERS", "aim 2.5x, MISSED")),
        (None, 3.0, ("3.00x", "output not compared")),
    ],
)
def test_a_row_says_what_was_reached_and_what_was_missed(same, ratio, words):
    row = BenchRow(
        name="digests",
        input="2 files",
        peer="hashdeep 4.4",
        ours_per_second=ratio * 1000,
        peer_per_second=1000.0,
        ratio=ratio,
        same_output=same,
        peak_memory_bytes=64 << 20,
        unit="files",
        target=2.5,
    )
    for each in (*words, "hashdeep 4.4", "2 files", "1,000.00 files/s", "64 MiB"):
        assert each in row.line()
