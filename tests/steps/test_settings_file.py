import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.model.errors import WrongUse
from headwater.model.settings import Operation, Settings
from headwater.steps.settings_file import check_name, first_settings, read_settings

ID = "0a" * 16
HEAD = f'[operation]\nname = "Springhead"\nid = "{ID}"\n'


def problems(text):
    with pytest.raises(WrongUse) as caught:
        read_settings(text)
    return list(caught.value.problems)


def test_the_first_file_says_the_defaults():
    operation = Operation(name='Spring "head" \\ é #1', id=ID)
    text = first_settings(operation)
    assert read_settings(text) == Settings(operation=operation)
    uncommented = "\n".join(line.removeprefix("# ") if " = " in line else line for line in text.splitlines())
    assert read_settings(uncommented.replace(" What ", " ")) == Settings(operation=operation)


def test_every_setting_is_read():
    settings = read_settings(
        HEAD
        + '[run]\nworkers = 3\nunit_items = 9\nunit_bytes = 10\nexaminers = ["picture", "metadata"]\nslow = false\n'
        "[limits]\ndepth = 0\n[worker]\nitem_seconds = 5\n[pictures]\npixels = 1_000\n"
    )
    assert (settings.workers, settings.unit_items, settings.unit_bytes) == (3, 9, 10)
    assert settings.examiners == ("picture", "metadata")
    assert not settings.run.slow
    assert (settings.limits.depth, settings.worker.item_seconds, settings.pictures.pixels) == (0, 5, 1000)


def test_every_fault_is_told_at_once_with_its_line():
    unknown = "examiner filetipe: did you mean filetype?; examiner pdq: there is none"
    text = """\
speed = 1
[operation]
name = "a\\u202Eb"
[run]
workers = -1
unit_itms = 5
examiners = ["picture", "picture", "pdq", "filetipe"]
[limits]  # a comment
depth = 1.5
"ratio" = true
entries = 99999999999999999999
[wroker]
[pictures]
pixels = 0
"""
    assert problems(text) == [
        "headwater.toml, line 1: key speed: there is none",
        "headwater.toml, line 2: operation.id is missing",
        "headwater.toml, line 3: operation.name must be 1 to 200 printable characters, not spaces alone",
        f"headwater.toml, line 5: run.workers must be 0 or more, and at most {2**63 - 1}",
        "headwater.toml, line 6: key run.unit_itms: did you mean run.unit_items?",
        f"headwater.toml, line 7: run.examiners: names picture twice; {unknown}",
        "headwater.toml, line 9: limits.depth must be a whole number, not 1.5",
        "headwater.toml, line 10: limits.ratio must be a whole number, not True",
        f"headwater.toml, line 11: limits.entries must be 1 or more, and at most {2**63 - 1}",
        "headwater.toml, line 12: table wroker: did you mean worker?",
        f"headwater.toml, line 14: pictures.pixels must be 1 or more, and at most {2**63 - 1}",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "headwater.toml: the table [operation] is missing"),
        ("[operation", "headwater.toml: Expected ']'"),
        ("operation = 3", "line 1: operation must be a table"),
        (HEAD + "[run]\nexaminers = 'digests'", "line 5: run.examiners must be a list of names"),
        (HEAD + "[run]\nslow = 1", "line 5: run.slow must be true or false, not 1"),
        (HEAD + "[[run]]\nworkers = 1", "line 4: run must be a table"),
        (HEAD.replace(ID, "../../x"), "line 3: operation.id must be 32 hexadecimal digits"),
        (HEAD + "a = " + "[" * 5000, "headwater.toml: "),
    ],
)
def test_faults(text, problem):
    assert problem in problems(text)[0]


LINES = st.sampled_from(
    [
        "[run]",
        "[[run]]",
        "[limits]",
        "[operation]",
        "workers = 1",
        "id = 'x'",
        "a.b = 1",
        "x = [",
        "]",
        "'''",
        "depth = {}",
    ]
)


@given(st.one_of(st.text(), st.lists(LINES).map("\n".join)))
def test_any_text_is_settings_or_wrong_use(text):
    assert problems(text)  # none of these holds a whole [operation]


@pytest.mark.parametrize("name", ["", "   ", "\u2003", "x" * 201, "a\nb", "a\x1b[0m"])
def test_names_that_are_refused(name):
    with pytest.raises(WrongUse):
        check_name(name)


@given(st.text(min_size=1, max_size=200))
def test_any_name_that_is_taken_reads_back(name):
    try:
        check_name(name)
    except WrongUse:
        return
    assert read_settings(first_settings(Operation(name=name, id=ID))).operation.name == name
