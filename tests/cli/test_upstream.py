"""What pictures came from, from the command line: a real run over real files, pickles among them."""

import io
import json
import pickle
import zipfile
from hashlib import sha256
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from headwater.bench.proving import hill, png_with_text
from headwater.demo.safetensors_writer import build_safetensors

from .conftest import Program


class Canary:
    """Writes a file where it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def packed(data):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("archive/data.pkl", data)
        archive.writestr("archive/version", "3")
    return out.getvalue()


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """A device with a LoRA, its training folder, a picture made with it, and models that would run if loaded."""
    folder = tmp_path_factory.mktemp("upstream")
    program = Program(folder)
    program.canary = folder / "executed"
    device = program.evidence
    for name in ("loras", "train/10_pier", "out", "models"):
        (device / name).mkdir(parents=True)
    for number in range(2):
        photograph = hill("JPEG") + bytes([number])
        (device / f"train/10_pier/IMG_{number}.jpg").write_bytes(photograph)
    header = {"ss_output_name": "pier", "ss_dataset_dirs": json.dumps({"10_pier": {"n_repeats": 10, "img_count": 2}})}
    lora = build_safetensors({"lora_unet.lora_up.weight": np.zeros((2, 2), np.float16)}, header)
    (device / "loras/pier.safetensors").write_bytes(lora)
    program.lora = sha256(lora).hexdigest()
    behind = sha256(lora[8 + int.from_bytes(lora[:8], "little") :]).hexdigest()
    words = (
        "a harbour at dusk\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 123456789, Size: 64x64, Model: base, "
        f'Lora hashes: "pier: {behind[:12]}", Version: v1.9.4'
    )
    made = png_with_text(hill("PNG"), "parameters", words)
    (device / "out/1.png").write_bytes(made)
    program.made = sha256(made).hexdigest()
    danger = pickle.dumps(Canary(program.canary), protocol=2)
    for name, data in (("a.ckpt", packed(danger)), ("b.pt", danger), ("c.bin", danger), ("d.pth", packed(danger))):
        (device / "models" / name).write_bytes(data)
    assert program("init", program.workspace, "--operation", "Harbour").code == 0
    assert program("run", device, "-w", program.workspace, "--exhibit", "X-1", "--quiet").code == 0
    return program


def rows(program, table, *arguments):
    ended = program("show", table, "-w", program.workspace, "--json", *arguments)
    assert ended.code == 0
    return [json.loads(line) for line in ended.out.splitlines()]


def test_no_pickle_of_a_seized_model_was_executed_and_what_it_would_call_is_told(followed):
    assert not followed.canary.exists()
    found = [json.loads(row["value"]) for row in rows(followed, "findings", "--where", "claim = 'model.code'")]
    assert len(found) == 2  # two contents, each under two names
    assert all(any(name.endswith(".open") for name in one["imports"]) for one in found)


def test_the_chain_leads_from_the_picture_to_the_photographs(followed):
    edges = {(row["edge"], row["target"]): row["strength"] for row in rows(followed, "upstream")}
    assert edges["made_by", followed.lora] == "corroborated"
    folder = f"folder:X-1/{followed.evidence.name}/train/10_pier"
    folders = [target for edge, target in edges if edge == "trained_on"]
    assert [target.endswith("train/10_pier") for target in folders] == [True], folder
    tiers = [row["tier"] for row in rows(followed, "queue") if "train/10_pier" in row["place"]]
    assert tiers == [1, 1]
    told = followed("explain", followed.made, "-w", followed.workspace)
    assert "was made with this model" in told.out
    assert "was trained on this folder" in told.out
    assert "holds this picture" in told.out
    assert "the chain as a whole is no stronger than its weakest edge" in told.out
    (machine,) = [json.loads(followed("explain", followed.made, "-w", followed.workspace, "--json").out)]
    assert {step["edge"] for step in machine["upstream"]["steps"]} >= {"made_by", "trained_on", "contains", "found_on"}


def test_models_are_listed_by_content(followed):
    kinds = {row["path"].rpartition("/")[2]: row["kind"] for row in rows(followed, "models")}
    assert kinds["pier.safetensors"] == "lora"
    assert {"a.ckpt", "d.pth"} & set(kinds)


def test_attributing_again_changes_nothing(followed):
    ended = followed("attribute", "-w", followed.workspace, "--json")
    assert ended.code == 0
    told = json.loads(ended.out)["upstream"]
    assert not told["is_new"]
    assert told["edges"] == len(rows(followed, "upstream"))


@pytest.mark.parametrize("form", ["graphml", "gexf", "chart"])
def test_the_graph_goes_out_once_and_whole(followed, form, tmp_path):
    target = tmp_path / f"out.{form}"
    ended = followed("export", form, "--out", target, "-w", followed.workspace, "--json")
    assert ended.code == 0
    told = json.loads(ended.out)
    assert told["sha256"] == sha256(target.read_bytes()).hexdigest()
    assert ET.fromstring(target.read_bytes()).tag.rpartition("}")[2] in {"graphml", "gexf", "svg"}
    again = followed("export", form, "--out", target, "-w", followed.workspace)
    assert again.code == 2
    assert "is there already" in again.err


def test_a_word_about_no_hand_is_refused_and_none_is_listed(followed):
    ended = followed("hand", "merge", "0" * 16, "1" * 16, "--reason", "a guess", "-w", followed.workspace)
    assert ended.code == 2
    assert "no hand is called 0000000000000000" in ended.err
    split = followed("hand", "split", "0" * 16, "ab" * 4, "--reason", "a guess", "-w", followed.workspace)
    assert split.code == 2
    assert followed("hand", "list", "-w", followed.workspace).out == ""
