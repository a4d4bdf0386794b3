"""Segments of one image, found by their names."""

from pathlib import Path

import pytest

from headwater.evidence.segments_on_disk import find_segments
from headwater.model.errors import DoesNotVerify, WrongUse


def _made(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).write_bytes(b"x")
    return folder / names[0]


@pytest.mark.parametrize(("names", "count"), [
    (("x.E01",), 1),
    (("x.E01", "x.E02", "x.E03", "y.E02", "x.txt", "x.log", "x.xml"), 3),
    (("x.e01", "x.e02"), 2),
    (("x.E01", "x.e02"), 2),
    (("x.000", "x.001", "x.002"), 3),
    (("x.raw.001", "x.raw.002"), 2),
    (("x.raw.0001", "x.raw.0002"), 2),
    (("x.raw",), 1),
    (("dump",), 1),
    (("dump.",), 1),
    ((".dump", "dump.001"), 1),
    (("x.zip", "x.E02"), 1),
])  # fmt: skip
def test_segments_come_in_order(tmp_path: Path, names: tuple[str, ...], count: int) -> None:
    first = _made(tmp_path, *names)
    assert [path.name for path in find_segments(first)] == list(names[:count])


def test_the_hundredth_segment_is_named_by_letters(tmp_path: Path) -> None:
    names = [f"x.E{number:02}" for number in range(1, 100)]
    names += [f"x.E{a}{b}" for a in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"] + ["x.FAA"]
    assert [path.name for path in find_segments(_made(tmp_path, *names))] == names


def test_after_999_comes_1000(tmp_path: Path) -> None:
    names = [f"x.{number:03}" for number in range(1002)]
    assert len(find_segments(_made(tmp_path, *names))) == 1002


@pytest.mark.parametrize(("names", "missing"), [
    (("x.E01", "x.E02", "x.E04"), "x.E03"),
    (("x.E01", "x.E99"), "x.E02"),
    (("x.001", "x.003"), "x.002"),
    (("x.000", "x.002"), "x.001"),
])  # fmt: skip
def test_a_missing_segment_is_named(tmp_path: Path, names: tuple[str, ...], missing: str) -> None:
    with pytest.raises(DoesNotVerify) as caught:
        find_segments(_made(tmp_path, *names))
    assert caught.value.names == (missing,)


@pytest.mark.parametrize(("names", "first"), [
    (("x.E02", "x.E01"), "x.E01"),
    (("x.002", "x.001"), "x.001"),
    (("x.001", "x.000"), "x.000"),
])  # fmt: skip
def test_a_later_segment_alone_is_wrong_use(tmp_path: Path, names: tuple[str, ...], first: str) -> None:
    with pytest.raises(WrongUse) as caught:
        find_segments(_made(tmp_path, *names))
    assert first in caught.value.next_step


def test_what_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(WrongUse):
        find_segments(tmp_path / "x.E01")


def test_an_attached_disk_is_refused_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = _made(tmp_path, "sdb")
    monkeypatch.setattr(Path, "is_block_device", lambda path: path == disk)
    with pytest.raises(WrongUse, match="an attached disk is not read") as caught:
        find_segments(disk)
    assert "Image it first" in caught.value.next_step
