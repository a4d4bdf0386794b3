"""The measurement of sensor patterns, on a small corpus of invented sensors."""

import csv
import json

import numpy as np
import pytest

from headwater.bench import corpus_sensors


@pytest.fixture
def corpus(tmp_path, monkeypatch):
    monkeypatch.setattr(corpus_sensors, "_SYNTHETIC_PICTURES", 1)
    monkeypatch.setattr(corpus_sensors, "_SYNTHETIC_REFERENCES", 2)
    lines = []
    for number in range(2):
        pattern = np.random.default_rng(number).standard_normal((256, 320)) * 0.01
        for index in range(12):
            rng = np.random.default_rng((number, index))
            grey = (120 + index) * (1 + pattern) + rng.standard_normal(pattern.shape) * 2
            pixels = np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)
            name = f"body{number}-{index}.jpg"
            (tmp_path / name).write_bytes(corpus_sensors._jpeg(pixels, 95))
            lines.append({"path": name, "source": f"body{number}", "note": "flat field" if index < 10 else "a coast"})
    with (tmp_path / "manifest.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["path", "source", "note"])
        writer.writeheader()
        writer.writerows(lines)
    return tmp_path


def test_every_comparison_is_counted_and_told(corpus, capsys):
    assert corpus_sensors.main([str(corpus), "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    own = [row for row in rows if row.get("set", "").startswith(corpus.name)]
    assert [row["condition"] for row in own] == ["as they are", "quality 90", "quality 75"]
    assert (own[0]["same"], own[0]["same_over"], own[0]["other"], own[0]["other_over"]) == (4, 4, 4, 0)
    assert own[0]["false_to"] == pytest.approx(0.6024, abs=1e-4)
    assert sum("INVENTED" in row.get("set", "") for row in rows) == 3
    assert len([row for row in rows if "pce" in row and row["picture"].startswith("body")]) == 4 * 2 * 3
    assert corpus_sensors.main([str(corpus)]) == 0
    said = capsys.readouterr().out
    assert "0 of 4: 0.0% to 60.2%" in said
    assert "INVENTED" in said


def test_a_false_match_is_counted_and_ends_with_1(corpus, capsys, monkeypatch):
    lines = (corpus / "manifest.csv").read_text().replace("body0-11.jpg,body0", "body0-11.jpg,body1")
    (corpus / "manifest.csv").write_text(lines)
    monkeypatch.setattr(corpus_sensors, "invented", lambda: ([], []))
    assert corpus_sensors.main([str(corpus), "--json"]) == 1
    first = json.loads(capsys.readouterr().out.splitlines()[0])
    assert (first["same_over"], first["other_over"]) == (3, 1)
