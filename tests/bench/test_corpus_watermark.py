import numpy as np
from PIL import Image

from headwater.bench import corpus_watermark
from headwater.examine.watermark import Watermark

MARKED, PLAIN = (example.data for example in Watermark().examples())


def folder(tmp_path, marks):
    (tmp_path / "marked.png").write_bytes(MARKED)
    (tmp_path / "plain.png").write_bytes(PLAIN)
    (tmp_path / "note.txt").write_text("no picture")
    (tmp_path / "cut.png").write_bytes(PLAIN[:40])
    Image.fromarray(np.zeros((20, 20, 3), np.uint8)).save(tmp_path / "small.png")
    (tmp_path / "manifest.csv").write_text(f"path,marks\nmarked.png,{marks}\nplain.png,\n")
    return [str(tmp_path)]


def test_what_is_marked_and_nothing_else_is_named(tmp_path, capsys):
    assert corpus_watermark.main(folder(tmp_path, "c2pa+dwtdct")) == 0
    out = capsys.readouterr().out
    assert "marked.png: marked, named StableDiffusionV1\n" in out
    assert "unmarked pictures, as they are: 1, named 0\n" in out
    assert "SDXL: best agreement " in out
    assert "needed 87.5%" in out


def test_a_mark_that_nobody_told_of_is_wrong(tmp_path, capsys):
    assert corpus_watermark.main(folder(tmp_path, "c2pa")) == 1
    assert "marked.png: NOT marked, named StableDiffusionV1\n" in capsys.readouterr().out
