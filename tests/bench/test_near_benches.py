"""The proofs of matching on little: what they print, and that a difference ends them with 1."""

import json

import numpy as np
import pytest
from PIL import Image

from headwater.bench import corpus_matching, corpus_video, near_exact
from headwater.bench.copies import COPIES


def test_the_index_is_the_same_as_brute_force_on_uneven_hashes_too(capsys, monkeypatch):
    assert near_exact.main(["--hashes", "3000"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5
    assert all(line.endswith("the same") for line in lines)
    monkeypatch.setattr(near_exact, "brute_pairs", lambda *_: iter(()))
    assert near_exact.main(["--hashes", "3000"]) == 1
    assert "DIFFERS" in capsys.readouterr().out


@pytest.fixture
def coasts(tmp_path):
    rng = np.random.default_rng(8)
    y, x = np.mgrid[0:260, 0:340].astype(np.float32)
    for number in range(3):
        light = 128 + sum(22 * np.sin(x * rng.uniform(-0.1, 0.1) + y * rng.uniform(-0.1, 0.1)) for _ in range(9))
        pixels = np.asarray(np.clip(light + rng.normal(0, 4, light.shape), 0, 255), np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"coast{number}.png")
    (tmp_path / "notes.txt").write_text("no picture\n")
    return tmp_path


def test_the_recall_table_has_a_row_a_copy_and_counts_false_pairs(coasts, capsys):
    assert corpus_matching.main([str(coasts), "--json"]) == 0
    *rows, false = map(json.loads, capsys.readouterr().out.splitlines())
    assert [row["copy"] for row in rows] == [*COPIES]
    by_name = {row["copy"]: row for row in rows}
    assert (by_name["JPEG q90"]["plain"], by_name["JPEG q90"]["ours"]) == (1.0, 1.0)
    assert (by_name["mirror"]["plain"], by_name["mirror"]["ours"]) == (0.0, 1.0)
    assert (false["pairs"], false["plain"], false["ours"]) == (len(COPIES) * 4 * 6, 0, 0)


def test_one_picture_is_no_corpus(tmp_path, capsys):
    assert corpus_matching.main([str(tmp_path)]) == 1
    assert "0 pictures" in capsys.readouterr().out


def test_the_table_of_videos_has_a_row_a_copy(tmp_path, capsys):
    rng = np.random.default_rng(9)
    y, x = np.mgrid[0:500, 0:700].astype(np.float32)
    for number in range(2):
        light = 128 + sum(22 * np.sin(x * rng.uniform(-0.1, 0.1) + y * rng.uniform(-0.1, 0.1)) for _ in range(9))
        Image.fromarray(np.asarray(np.clip(light, 0, 255), np.uint8)).save(tmp_path / f"coast{number}.png")
    assert corpus_video.main([str(tmp_path), "--json"]) == 0
    rows = {row["copy"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert [*rows] == [*corpus_video.COPIES]
    assert (rows["half size"]["known"], rows["half size"]["seized"], rows["half size"]["own"]) == (1.0, 1.0, 1.0)
    assert (rows["cut: seconds 2 to 6"]["known"], rows["cut: seconds 2 to 6"]["seized"]) == (0.0, 1.0)
    assert (rows["joined with another"]["known"], rows["joined with another"]["seized"]) == (1.0, 0.0)
    assert {row["unlike"] for row in rows.values()} == {2}
    assert corpus_video.main([str(tmp_path), "--films", "1"]) == 1
