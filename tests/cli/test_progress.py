from headwater.cli import progress as module
from headwater.cli.progress import Progress, duration


def made(monkeypatch, seconds, total, done, **more):
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    progress = Progress(quiet=True)
    progress.begin("examine", total)
    now[0] += seconds
    progress.done = done
    for name, value in more.items():
        setattr(progress, name, value)
    return progress, now


def test_no_time_left_is_named_before_3_percent(monkeypatch):
    progress, _ = made(monkeypatch, 60, 1000, 29)
    assert "left" not in progress.line()
    progress.done = 31
    assert " left" in progress.line()


def test_the_time_left_is_a_range_that_holds_both_speeds(monkeypatch):
    progress, now = made(monkeypatch, 100, 1000, 500)  # 5 a second so far
    progress.tick()
    now[0] += 20
    progress.done = 540  # 2 a second of late
    line = progress.line()
    assert line.endswith("1 m 27 s to 4 m 24 s left")  # 460 at 4.5 a second less, at 2 a second more


def test_one_file_is_one_file(monkeypatch):
    progress, _ = made(monkeypatch, 0.2, 1, 1)
    assert "1 of 1 file  " in progress.line() + "  "
    assert "1 file  " in progress.line(final=True)
    progress.failed = 1
    assert "1 file with failures" in progress.line()


def test_a_step_that_counts_nothing_counts_nothing(monkeypatch):
    progress, _ = made(monkeypatch, 3, 0, 0)
    assert progress.line(final=True) == "verify     3.0 s".replace("verify ", "examine")


def test_rates(monkeypatch):
    progress, _ = made(monkeypatch, 10, 0, 1234, bytes_done=50 << 20)
    assert progress.line(final=True) == "examine    1,234 files  123 files/s  5.0 MiB/s  10 s"


def test_durations():
    assert [duration(each) for each in (0.4, 12, 190, 7500)] == ["0.4 s", "12 s", "3 m 10 s", "2 h 5 m"]
