"""The table of marks: agreement, a miss and a surplus with their causes."""

import csv

from headwater.bench import corpus_generators, facts
from headwater.examine.generators_examples import text
from headwater.examine.metadata_examples import png

LINE = "a lighthouse\nSteps: 20, Sampler: Euler, Seed: 42, Size: 8x8"


def corpus(folder, rows):
    with (folder / "manifest.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "marks"])
        for number, (data, marks) in enumerate(rows):
            (folder / f"{number}.png").write_bytes(data)
            writer.writerow([f"{number}.png", marks])


def test_marks_that_agree(tmp_path, capsys):
    corpus(tmp_path, [(png(text("parameters", LINE)), "a1111"), (png(), ""), (png(), "c2pa+dwtdct")])
    assert corpus_generators.main([str(tmp_path)]) == 0
    assert "3 files, 1 records, 1 whole" in capsys.readouterr().out


def test_a_miss_and_a_surplus_have_their_causes(tmp_path, capsys):
    broken = png(text("invokeai_metadata", "{"))
    rows = [(png(text("parameters", LINE)), "sdnext"), (png(), "novelai"), (broken, "invokeai")]
    corpus(tmp_path, rows)
    assert corpus_generators.main([str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "0.png: missed ['sdnext'], surplus ['a1111']: the text is in this layout and names no program" in out
    assert "1.png: missed ['novelai'], surplus []: no text in the file is a known record" in out
    assert "2.png: missed ['invokeai'], surplus []: malformed: JSON" in out


def test_findings_of_both_examiners_are_counted(tmp_path):
    (tmp_path / "a.png").write_bytes(png(text("parameters", LINE)))
    took, findings = facts.ours([tmp_path / "a.png"], facts.EXAMINERS)
    assert took.clock_seconds >= 0
    assert findings == 4
