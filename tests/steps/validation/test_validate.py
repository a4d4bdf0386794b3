"""A whole validation of a tiny corpus, through the ordinary pipeline and jailed workers."""

import csv
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from headwater.export.validation_records import Outcome
from headwater.findings.views import connect
from headwater.model.errors import DoesNotVerify, MissingDependency, WrongUse
from headwater.seal.keys import config_folder
from headwater.steps.adopted import adopt, measured_error, validated_methods, validation_words
from headwater.steps.materials import add_material, materials
from headwater.steps.validation import observe, passes
from headwater.steps.validation import validate as validating
from headwater.steps.validation.grades import Grade
from headwater.steps.validation.looks import add_look
from headwater.steps.validation.observe import Means, means_of
from headwater.steps.validation.validate import failed, validate
from headwater.steps.workspace import Workspace

WORDS = re.compile(r"accurac|authentic|genuine|proven|% AI", re.IGNORECASE)


class Quiet:
    def begin(self, step, total=0):
        pass

    def item(self, path, size_bytes, *, failed):
        pass

    def more(self, count):
        pass

    def tick(self):
        pass

    def end(self, words=""):
        pass


def by_what_is_read(connection):
    """Grades from what the examiners read: enough to see labels joined, and grades lost with the metadata."""
    query = "SELECT sha256, claim, value FROM findings WHERE state = 'found'"
    grades = {}
    for sha256, claim, value in connection.execute(query).fetchall():
        grade = grades.setdefault(sha256, Grade(grade="undetermined", strength="none", rule="T2"))
        if claim == "png.text" and "parameters" in value:
            grades[sha256] = Grade(grade="generated", strength="declared", rule="T4")
        elif claim == "exif.tag" and "Northlight" in value and grade.grade == "undetermined":
            grades[sha256] = Grade(grade="camera", strength="consistent", rule="T3")
    return grades


@pytest.fixture
def weighed(monkeypatch):
    monkeypatch.setattr(observe, "read_grades", by_what_is_read)


def run(corpus, out, means=Means()):  # noqa: B008 - frozen
    return validate(corpus, out, means, Quiet(), unsafe=False)


def check_tables(validation):
    confusion = validation.confusion
    assert confusion["camera"]["camera"]["consistent"] == 2
    assert confusion["generated"]["generated"]["declared"] == 1  # the one of basis metadata is in no rate
    assert sum(sum(cells.values()) for grades in confusion.values() for cells in grades.values()) == 3
    assert validation.spoofs["camera"]["generated"]["declared"] == 1
    assert validation.corpus.rated == 3
    assert validation.verdict is Outcome.NOT_STATED
    unchanged = [leak for leak in validation.leaks if leak.check.startswith("grades unchanged")]
    assert unchanged[0].outcome is Outcome.PASS


def check_conditions(validation):
    conditions = {each.name: each for each in validation.conditions}
    assert [*conditions] == [
        "original", "jpeg_q75", "resize_half_q75", "stripped", "screenshot", "reencode_q90_both",
    ]  # fmt: skip
    assert conditions["jpeg_q75"].confusion["camera"]["camera"]["consistent"] == 2  # EXIF is carried over
    assert conditions["jpeg_q75"].confusion["generated"]["undetermined"]["none"] == 1  # a text chunk is not
    for name in ("stripped", "screenshot"):
        assert conditions[name].confusion["camera"]["undetermined"]["none"] == 2
    assert [each.path for each in conditions["screenshot"].not_made] == ["g.txt"]
    assert "unknown_format" in conditions["screenshot"].not_made[0].why
    assert validation.wrong_items == []
    assert all(each.newly_wrong == 0 for each in validation.laundering)


def seen_in(seen, made):
    for one in (*made[:2], *made[2]):
        seen += one.observed.values()
    return made


def check_comparisons(validation):
    found = {(each.method, each.condition): each for each in validation.comparisons}
    conditions = [each.name for each in validation.conditions]
    assert {condition for method, condition in found if method == "PDQ"} == {*conditions}
    assert {method for method, _ in found} == {"SHA-256", "PDQ"}
    digest, near = found["SHA-256", "original"], found["PDQ", "original"]
    assert (digest.set_size, digest.queries, digest.own, digest.false, digest.unlike) == (7, 7, 7, 0, 42)
    assert (near.set_size, near.queries, near.not_compared, near.own, near.false) == (6, 6, 1, 6, 0)
    assert found["SHA-256", "jpeg_q75"].own == 0
    for condition in conditions[1:]:
        each = found["PDQ", condition]
        assert (each.with_own, each.rate.named) == (each.queries, each.queries)
        assert each.false == len(each.pairs) <= 1  # two of the drawn shores are alike in one part
        assert each.own == each.queries
    assert (found["PDQ", "screenshot"].queries, found["PDQ", "screenshot"].not_compared) == (0, 6)  # flat by its canvas


@pytest.mark.slow
def test_a_corpus_end_to_end(weighed, shores, tmp_path, monkeypatch):
    kept, seen = [], []
    monkeypatch.setattr(
        validating, "all_passes", lambda *given, **said: seen_in(seen, passes.all_passes(*given, **said))
    )
    monkeypatch.setattr(passes, "new_name", lambda: kept.append(f"{len(kept):032x}") or kept[-1])
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    corpus = shores.write()
    before = sorted((path.name, path.stat().st_mtime_ns) for path in corpus.iterdir())
    validated = run(corpus, tmp_path / "out")
    validation = validated.validation

    assert not failed(validated)
    check_tables(validation)
    check_conditions(validation)
    check_comparisons(validation)
    assert all(each.print_ is None for each in seen)
    with (tmp_path / "out" / "items.csv").open(newline="") as file:
        items = [*csv.DictReader(file)]
    assert len(items) == 7 + 5 * 6

    assert sorted((path.name, path.stat().st_mtime_ns) for path in corpus.iterdir()) == before
    assert [*temporary.iterdir()] == []
    assert [*(config_folder() / "witness").glob("*")] == []
    assert len(set(kept)) == len(kept) == 7 + 7 + 5 * 7

    texts = {name: (tmp_path / "out" / name).read_bytes() for name in validated.files}
    assert sorted(texts) == ["items.csv", "validate.html", "validate.json", "validate.pdf"]
    assert texts["validate.pdf"].startswith(b"%PDF-")
    for name in ("items.csv", "validate.html", "validate.json"):
        assert not WORDS.search(texts[name].decode())
        assert str(tmp_path) not in texts[name].decode()
    said = json.loads(texts["validate.json"])
    assert said["result_digest"] == validated.adopted.result_digest
    assert said["readers"]["expected"] == 4
    assert {"confusion", "wrong", "undetermined", "leaks"} <= said.keys()

    elsewhere = corpus.rename(tmp_path / "moved")
    (tmp_path / "moved" / "acceptance.toml").write_text(
        '[[criterion]]\nmeasure = "wrong"\nat_most = 0.5\ntruth = ["camera"]\n'
    )
    judged = run(elsewhere, tmp_path / "out2")
    assert judged.validation.verdict is Outcome.NOT_ENOUGH
    assert failed(judged)
    assert judged.adopted.result_digest == validated.adopted.result_digest


@pytest.mark.slow
def test_a_look_at_the_holdout_is_counted_and_a_validation_adopted(weighed, corpus, make_camera, tmp_path):
    corpus.add("a.jpg", make_camera(1), truth="camera", split="holdout")
    corpus.write()
    Workspace.init(tmp_path / "operation", "Tested").close()
    means = means_of(tmp_path / "operation")
    assert add_look(corpus.folder, {}) == 0
    validated = run(corpus.folder, tmp_path / "out", means)
    assert validated.validation.looks == 1
    assert validated.validation.has_holdout
    assert "seen 1 time before: optimistic" in (tmp_path / "out" / "validate.html").read_text()
    assert len((corpus.folder / "looks.jsonl").read_text().splitlines()) == 2
    with Workspace.open(tmp_path / "operation") as workspace:
        assert "has not been validated by this laboratory" in validation_words(workspace)
        adopt(workspace, validated.adopted)
        assert validated.adopted.result_digest in validation_words(workspace)
        assert measured_error(workspace, "consistent").startswith("0 wrong among 1 named; a true rate of up to 97.5 %")
        assert measured_error(workspace, "verified") == ""
        assert validated_methods(workspace) == frozenset()
        adopt(workspace, replace(validated.adopted, validated=("sensor",)))
        assert validated_methods(workspace) == {"sensor"}
        assert workspace.verify_custody().problems == ()
    toml = tmp_path / "operation" / "headwater.toml"
    toml.write_text(toml.read_text().replace("# pixels = 200_000_000", "pixels = 100_000_000"))
    with Workspace.open(tmp_path / "operation") as workspace:
        assert "is of other examiners" in validation_words(workspace)
        assert measured_error(workspace, "consistent") == ""
        assert validated_methods(workspace) == frozenset()


def test_nothing_is_examined_where_the_manifest_is_wrong(shores, tmp_path, monkeypatch):
    shores.rows[0]["truth"] = "painted"
    monkeypatch.setattr(passes, "observe", lambda *_: pytest.fail("examined"))
    with pytest.raises(WrongUse):
        run(shores.write(), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_nothing_is_written_into_the_corpus(shores):
    with pytest.raises(WrongUse, match="would lie in the corpus"):
        run(shores.write(), shores.folder / "out")


def test_a_file_that_changes_meanwhile_stops_it(shores, tmp_path):
    source = shores.folder / "a.jpg"
    with pytest.raises(DoesNotVerify):
        passes._copy(source, tmp_path / "copy", "0" * 64)


def test_a_look_that_cannot_be_counted_stops_it(corpus, tmp_path):
    (corpus.folder / "looks.jsonl").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(MissingDependency):
        add_look(corpus.folder, {})
    assert not Path(tmp_path / "elsewhere").exists()


def test_a_workspace_of_a_pass_has_the_operations_lists_and_is_gone(tmp_path):
    with Workspace.init(tmp_path / "operation", "Tested") as workspace:
        add_material(workspace, "trust_list", "ours", b"-----BEGIN", {})
    means = means_of(tmp_path / "operation")
    with observe.empty_workspace(tmp_path, means) as workspace:
        folder = workspace.folder
        assert [each.name for each in materials(workspace)] == ["ours"]
        connect(folder).close()
    assert not folder.exists()
