"""A tiny corpus, drawn by code: camera pictures with EXIF, generator pictures with a text chunk, and others."""

import csv
from hashlib import sha256
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from headwater.steps.validation.grades import Grade
from headwater.steps.validation.manifest import Row
from headwater.steps.validation.tables import Graded

COLUMNS = ("path", "sha256", "truth", "truth_basis", "source", "group", "split", "marks", "colour")


def shore(seed, width=160, height=120):
    """A shore under a sky, another one for each seed."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(float)
    ridge = height * 0.5 + 12 * np.sin(x / (9 + seed % 7)) + 8 * rng.random()
    plane = np.where(y < ridge, 220 - y, 70 + 30 * np.sin(x / (5 + seed % 5) + y / 9)) + rng.normal(0, 3, x.shape)
    rgb = np.stack([plane * 0.9, plane, plane * 0.8 + 20], axis=-1).clip(0, 255).astype(np.uint8)
    return Image.fromarray(rgb)


def camera_jpeg(seed):
    picture = shore(seed)
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Northlight", "N-1"
    out = BytesIO()
    picture.save(out, "JPEG", quality=92, exif=exif)
    return out.getvalue()


def generator_png(seed):
    info = PngInfo()
    info.add_text("parameters", f"a lighthouse at dusk\nSteps: 20, Sampler: Euler a, Seed: {seed}, Size: 160x120")
    out = BytesIO()
    shore(seed).save(out, "PNG", pnginfo=info)
    return out.getvalue()


class Corpus:
    """A folder with a manifest; `add` a file, then `write`."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.rows = []

    def add(self, name, data, **said):
        (self.folder / name).write_bytes(data)
        row = {"path": name, "sha256": sha256(data).hexdigest(), "truth_basis": "constructed", "source": "s"}
        self.rows.append(row | {"group": name} | said)

    def write(self, columns=COLUMNS):
        with (self.folder / "manifest.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, columns, extrasaction="ignore", restval="")
            writer.writeheader()
            writer.writerows(self.rows)
        return self.folder


@pytest.fixture
def corpus(tmp_path):
    return Corpus(tmp_path / "corpus")


@pytest.fixture
def shores(corpus):
    """Six files: three of rates, one metadata, one fixture, one spoof, and one that is no picture."""
    corpus.add("a.jpg", camera_jpeg(1), truth="camera", source="N-1 a")
    corpus.add("b.jpg", camera_jpeg(2), truth="camera", source="N-1 b")
    corpus.add("c.png", generator_png(3), truth="generated", source="a1111 1.6", marks="a1111")
    corpus.add("d.png", generator_png(4), truth="generated", truth_basis="metadata", marks="a1111")
    corpus.add("e.jpg", camera_jpeg(5), truth="camera", truth_basis="fixture", marks="a1111")
    corpus.add("f.png", generator_png(6), truth="camera", truth_basis="spoof", marks="a1111")
    corpus.add("g.txt", b"clear sky\n", truth="unknown", truth_basis="documented")
    return corpus


def row(line=2, **said):
    given = {
        "path": f"{line}.png", "sha256": f"{line:064x}", "truth": "camera", "truth_basis": "constructed", "source": "s",
        "group": f"g{line}", "split": "", "laundered_from": "", "marks": (),
    }  # fmt: skip
    return Row(line=line, **(given | said))


def graded(line=2, grade="undetermined", strength="none", condition="original", **said):
    return Graded(
        row=row(line, **said),
        condition=condition,
        examined_sha256=f"{line:064x}",
        grade=Grade(grade=grade, strength=strength, rule="T4"),
    )


@pytest.fixture
def make_camera():
    return camera_jpeg


@pytest.fixture
def make_row():
    return row


@pytest.fixture
def make_graded():
    return graded
