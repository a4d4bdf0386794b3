"""The library: known sets asked about one file at a time, as docs/how-to/upload-check.md shows it."""

import re
import shutil
from hashlib import sha1
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from headwater.examine import fingerprint as library
from headwater.match.known import KnownSets
from headwater.model.errors import DoesNotVerify, LimitReached, UnknownFormat
from headwater.model.known import Role
from headwater.steps.known import add_set
from headwater.steps.known_build import Source
from headwater.steps.workspace import Workspace

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "upload-check.md"


class Quiet:
    def begin(self, step, total=0): ...
    def more(self, count): ...
    def tick(self): ...
    def end(self, words=""): ...


def coast(seed, kind="PNG", change=lambda picture: picture):
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:300, 0:400].astype(np.float32)
    light = 120 + sum(20 * np.sin(x * rng.uniform(-0.1, 0.1) + y * rng.uniform(-0.1, 0.1)) for _ in range(9))
    picture = Image.fromarray(np.asarray(np.clip(light + rng.normal(0, 4, light.shape), 0, 255), np.uint8))
    data = BytesIO()
    change(picture).save(data, kind)
    return data.getvalue()


@pytest.fixture(scope="module")
def operation(tmp_path_factory):
    """A workspace with a list of one hash and a CSV of one digest."""
    folder = tmp_path_factory.mktemp("library")
    (folder / "pdq.txt").write_text(library.fingerprint(coast(1)).whole[0] + "\n")
    (folder / "set.csv").write_text(f"id,sha1,category\nr7,{sha1(coast(2)).hexdigest()},3\n")
    with Workspace.init(folder / "operation", "Uploads") as workspace:
        for name, form, scheme in (("pdq.txt", "pdq", "none"), ("set.csv", "csv", "local:lab")):
            source = Source(path=folder / name, form=form, name=name, scheme=scheme, role=Role.KNOWN,
                            radius_bits=31, quality_min=50)  # fmt: skip
            add_set(workspace, source, Quiet(), unsafe=False)
    return folder / "operation"


@pytest.fixture
def sets(operation):
    return KnownSets.open(sorted((operation / "known").iterdir()))


def test_the_lines_of_the_page_do_what_it_says(operation, monkeypatch):
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len([line for line in code.splitlines() if line.strip()]) <= 10
    monkeypatch.chdir(operation.parent)
    names = {}
    exec(code, names)
    assert names["hits"](coast(1)) == ["pdq.txt 1 pdq 0"]
    assert names["hits"](coast(2)) == ["set.csv r7 sha1 0"]
    assert names["hits"](coast(3)) == []
    (mirrored,) = names["hits"](coast(1, "PNG", ImageOps.mirror))
    assert mirrored.startswith("pdq.txt 1 pdq ")


def test_a_hit_says_what_the_set_says(sets):
    (hit,) = sets.by_digest(library.digests(BytesIO(coast(2))))
    assert (hit.record.key, hit.record.category, hit.scheme, hit.verdict, hit.role) == (
        "r7",
        "3",
        "local:lab",
        True,
        "known",
    )
    (near,) = sets.by_look(library.fingerprint(coast(1, "PNG", lambda one: one.transpose(Image.Transpose.ROTATE_90))))
    assert (near.kind, near.verdict) == ("pdq", False)
    assert near.variant.startswith("rotate")


def test_a_flat_picture_looks_like_nothing(sets):
    flat = BytesIO()
    Image.new("L", (300, 200), 90).save(flat, "PNG")
    made = library.fingerprint(flat.getvalue())
    assert (made.parts, made.insides, made.turned) == ((), (), ())
    assert sets.by_look(made) == []


def test_what_is_no_picture_or_too_long_is_an_error(monkeypatch):
    with pytest.raises(UnknownFormat):
        library.fingerprint(b"a coast")
    monkeypatch.setattr(library, "LIMIT_BYTES", 10)
    with pytest.raises(LimitReached):
        library.digests(BytesIO(b"more than ten bytes"))


def test_a_set_whose_manifest_was_changed_is_not_opened(operation, tmp_path):
    folder = next((operation / "known").iterdir())
    shutil.copytree(folder, tmp_path / "set")
    manifest = tmp_path / "set" / "manifest.json"
    manifest.chmod(0o644)
    manifest.write_text(manifest.read_text().replace('"radius_bits":31', '"radius_bits":30'))
    with pytest.raises(DoesNotVerify):
        KnownSets.open([tmp_path / "set"])
