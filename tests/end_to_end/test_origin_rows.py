"""Every row of the decision table is reached by a file made for it, through one operation of the ordinary commands.

Two rows, T7 and T8, ask for e = 1: a weak trace of a change. No signal of today gives it, since no detector of changed
regions is shipped; `test_rows_that_no_file_reaches` weighs such a signal by hand. c = 3 needs a sensor method that the
laboratory has validated: the fixture adopts a validation as ``headwater validate --adopt`` does, without the hundreds
of pictures it would take to earn one.
"""

import contextlib
import io
import json

import pytest

from headwater.bench.proving import Stage
from headwater.cli.program import run_program
from headwater.origin.digest import rules_digest
from headwater.origin.rules import CARRIER, INCOMPLETE, TABLE, Numbers, ai_side, decide, holds
from headwater.origin.signals import Signal
from headwater.origin.weigh import origin_of
from headwater.steps.adopted import Adopted, adopt
from headwater.steps.examine import examiner_set
from headwater.steps.workspace import Workspace

from .origin_files import EXPECTED, made

pytestmark = pytest.mark.slow


class Weighed:
    """One operation with every file; rows of its tables by path."""

    def __init__(self, folder, environment):
        self.workspace = folder / "operation"
        self._environment = environment

    def __call__(self, *words, codes=(0,)):
        """Call the program in this process: its standard output."""
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self._environment.items():
                patch.setenv(name, value)
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = int(run_program([*map(str, words), "-w", str(self.workspace)]))
        assert code in codes, f"{words}: exit {code}: {err.getvalue()}"
        return out.getvalue()

    def adopt(self):
        """Rely on a validation of today's examiners and rules that allows the sensor to raise a level."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self._environment.items():
                patch.setenv(name, value)
            with Workspace.open(self.workspace) as workspace:
                of_now = {"examiner_set_digest": examiner_set(workspace), "rules_digest": rules_digest()}
                digests = dict.fromkeys(("result_digest", "corpus_digest", "report_sha256"), "0" * 64)
                adopt(
                    workspace,
                    Adopted(**digests, **of_now, verdict="PASS", rows=1, figures={}, validated=("sensor",)),
                )

    def rows(self, table, *options):
        return [json.loads(line) for line in self("show", table, "--json", *options).splitlines()]

    def look(self):
        items = self.rows("items")
        self.content = {row["path"]: row["sha256"] for row in items if row["exhibit"] == "R-1"}
        self.inside = [row["path"] for row in items if row["parent_item"]]
        self.origins = {row["sha256"]: row for row in self.rows("origins")}
        self.ties = {(row["a"], row["b"], row["reason"]) for row in self.rows("ties")}

    def origin(self, path):
        return self.origins[self.content[path]]


@pytest.fixture(scope="module")
def weighed(tmp_path_factory, authority, another_authority):
    """The operation, weighed at last with a list of signers, an enrolled camera and an adopted validation."""
    folder = tmp_path_factory.mktemp("rows")
    for exhibit, files in made(authority, another_authority).items():
        for path, data in files.items():
            place = folder / exhibit / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
    (folder / "list.pem").write_bytes(authority.pem)
    done = Weighed(folder, Stage(folder=folder).environment())
    with contextlib.redirect_stdout(io.StringIO()):
        assert int(run_program(["init", str(done.workspace), "--operation", "Rows"])) == 0
    done("trust", "add", folder / "list.pem")
    for exhibit in ("R-2", "R-1"):
        done("run", folder / exhibit, "--exhibit", exhibit, "--quiet", codes=(0, 4))
    done("camera", "enrol", "LH-07", "--exhibit", "R-1", "--where", "path like 'DCIM/%'", "--quiet")
    done("camera", "match", "--quiet", codes=(0, 4))
    done.adopt()
    done("trace", "--quiet")
    done.look()
    return done


def said(row):
    return f"{row['rule']} {row['grade']} {row['strength'] or ''} {''.join(str(row[one]) for one in 'geckf')}"


@pytest.mark.parametrize("path", EXPECTED)
def test_each_file_is_weighed_as_its_row_says(weighed, path):
    assert said(weighed.origin(path)) == EXPECTED[path], weighed.origin(path)["reasons"]


def row_of(numbers):
    """Which row of the table decides, by its place."""
    side, level = ai_side(numbers.g, numbers.e)
    at = {"g": numbers.g, "e": numbers.e, "c": 0 if numbers.k else numbers.c, "the AI side": side, "L": level}
    return next(place for place, row in enumerate(TABLE) if holds(row, at))


def test_every_row_but_two_is_reached_by_a_file(weighed):
    numbers = {path: Numbers(**{one: weighed.origin(path)[one] for one in "geckf"}) for path in EXPECTED}
    reached = {row_of(one) for one in numbers.values()}
    assert [row.id for place, row in enumerate(TABLE) if place not in reached] == ["T7", "T8"]
    assert {weighed.origin(path)["rule"] for path in EXPECTED} >= {INCOMPLETE.id}
    carriers = [path for path, one in numbers.items() if one.k]
    assert len(carriers) > 3
    assert all(any(said.startswith(f"{CARRIER.id}: ") for said in weighed.origin(path)["reasons"]) for path in carriers)


@pytest.mark.parametrize(
    ("numbers", "rule", "grade", "level"),
    [
        ((0, 1, 2), "T7", "camera", 2),
        ((0, 1, 3), "T7", "camera", 3),
        ((0, 1, 1), "T8", "undetermined", 0),
    ],
)
def test_rows_that_no_file_reaches(numbers, rule, grade, level):
    """A calibrated detector of changed regions would give e = 1 (S14); none is shipped, and no claim stands for it."""
    _, e, c = numbers
    found = [Signal(id="S14", side="e", level=e, says="a region"), Signal(id="S12", side="c", level=c, says="fields")]
    verdict = origin_of("x", found).verdict
    assert (verdict.rule.id, verdict.grade, verdict.level) == (rule, grade, level)
    assert decide(Numbers(e=e, c=c, f=1)).rule.id == ("T12" if 0 < level < 3 else rule)


def test_what_agrees_on_an_exhibit_is_tied_and_says_how_strongly(weighed):
    reasons = {
        path: {reason for a, _, reason in weighed.ties if a == weighed.content[path] and "shared" not in reason}
        for path in EXPECTED
    }
    assert reasons["digest.png"] == {"model_digest"}
    assert reasons["short hash.png"] == {"short_model_hash"}
    assert reasons["logged here.png"] == {"same_writer"}
    assert reasons["logged elsewhere.png"] == {"same_record"}
    assert reasons["pattern.png"] == reasons["text, pattern.png"] == {"sensor"}
    harbour, begun = weighed.content["input/harbour.jpg"], weighed.content["begun from the harbour.png"]
    assert (begun, harbour, "input_picture") in weighed.ties
    near = weighed.content["near what was signed.jpg"], weighed.content["created.png"], "near_copy"
    assert near in weighed.ties


# validity.md section 5: the file made for each worked case that can be made
CASES = {
    "1": "created.png",
    "2": "text, camera.jpg",
    "3": "digest.png",
    "3b": "short hash.png",
    "4": "text, pattern.png",
    "4b": "begun, pattern.png",
    "5": "stripped.png",
    "5b": "begun from something.png",
    "6": "composed.jpg",
    "7": "screen.jpg",
    "8": "DCIM/wall 0.jpg",
    "8b": "near what was signed.jpg",
    "9": "filled, camera.jpg",
    "10": "captured, then changed.jpg",
    "11": "captured with a text.png",
    "12": "text, broken fields.png",
    "13": "created, pattern.png",
    "preview": "other thumbnail.jpg",
}


@pytest.mark.parametrize("case", CASES)
def test_each_worked_case_is_said_in_its_sentence(weighed, case):
    origin = json.loads(weighed("explain", weighed.content[CASES[case]], "--json"))["origin"]
    assert f"case.{case}" in {one["id"] for one in origin["sentences"]}
    assert origin["notes"] == []
    counted = [one for one in origin["signals"] if one["used"]]
    assert all(one["findings"] for one in counted if one["id"] != "S14")


def test_a_thumbnail_of_another_picture_is_told_wherever_one_looks(weighed):
    content = weighed.content["other thumbnail.jpg"]
    where = f"claim = 'embedded.compared' and sha256 = '{content}'"
    (finding,) = weighed.rows("findings", "--where", where)
    assert (json.loads(finding["value"])["same"], finding["state"]) == ("no", "found")
    (span,) = finding["spans"]
    data = (weighed.workspace.parent / "R-1" / "other thumbnail.jpg").read_bytes()
    preview = data[span["offset_bytes"] : span["offset_bytes"] + span["length_bytes"]]
    assert preview[:2] + preview[-2:] == b"\xff\xd8\xff\xd9"
    assert [path for path in weighed.inside if path.startswith("other thumbnail.jpg/")] != []
    told = weighed("explain", content)
    assert "shows another picture" in told
    assert f"bytes {span['offset_bytes']}+{span['length_bytes']}" in told
    assert any("shows another picture" in said for said in weighed.origin("other thumbnail.jpg")["reasons"])
    same = f"claim = 'embedded.compared' and sha256 = '{weighed.content['input/harbour.jpg']}'"
    assert json.loads(weighed.rows("findings", "--where", same)[0]["value"])["same"] == "yes"


def test_a_text_in_the_pixels_is_read_in_all_four_forms(weighed):
    found = [
        json.loads(row["value"])["carrier"]
        for row in weighed.rows("findings", "--where", "claim = 'generator.record' and value like '%LSB%'")
    ]
    kinds = {"alpha LSB stealth_pnginfo", "alpha LSB stealth_pngcomp", "RGB LSB stealth_rgbinfo"}
    assert {one.removesuffix(" parameters") for one in found} == kinds | {"RGB LSB stealth_rgbcomp"}


def test_the_sentences_of_a_sensor_name_what_was_measured_and_no_prompt_is_shown(weighed):
    told = weighed("explain", weighed.content["pattern.png"])
    assert "of LH-07" in told
    assert "camera, corroborated" in told
    every = "".join(weighed("explain", weighed.content[path]) for path in ("a1111.png", "stealth_rgbcomp.png"))
    assert "a lighthouse" not in every
