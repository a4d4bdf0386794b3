"""The comparison of PDQ on a folder; it needs the reference library of the bench group."""

import os
import sys
import warnings
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.peer


@pytest.fixture
def bench():
    from headwater.bench import corpus_pdq  # noqa: PLC0415 - it imports the peer

    return corpus_pdq


def test_what_libraries_say_of_damage_is_dropped_and_our_own_words_are_not(bench, capfd):
    with bench._quiet():
        warnings.warn("a broken tag", stacklevel=1)
        os.write(2, b"libtiff: a broken strip\n")
    sys.stderr.write("after\n")
    assert capfd.readouterr().err == "after\n"


def test_a_tiff_that_pillow_turns_has_a_line_of_its_own(bench, tmp_path, capsys):
    y, x = np.mgrid[0:96, 0:128]
    picture = Image.fromarray(np.stack([x * 2 % 256, y * 2, (x * y) % 256], axis=-1).astype(np.uint8))
    for orientation in (1, 6):
        buffer = BytesIO()
        picture.save(buffer, "TIFF", tiffinfo={0x0112: orientation})
        (tmp_path / f"{orientation}.tif").write_bytes(buffer.getvalue())
    assert bench.compare([str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "stored hash, TIFF that Pillow turns" in said
    assert "stored hash, other formats" in said
