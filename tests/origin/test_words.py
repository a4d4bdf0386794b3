"""Words that are never said: not by a rule, a signal, a frame, nor by anything that is filled into one."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

import headwater.origin
from headwater.origin import cases, rules, signals
from headwater.origin.frames import CASES, FRAMES, PROPOSITIONS

ROOT = Path(headwater.origin.__file__).parent
NEVER_SAID = re.compile(
    r"\b(real(?!ly)|fake[ds]?|authentic\w*|genuine\w*|proven|certain(ly|ty)?|accuracy|error-free|court-proof|identified"
    r"|match(es|ed|ing)?|suspect\w*|AI|age|intent|legal\w*)\b|% (AI|sure)|probability that it was generated",
    re.IGNORECASE,
)
INSIDE = {"ai", "match", "sensor.match", "the AI side"}  # names of claims, states and sides, never shown


def texts_of(path):
    tree = ast.parse(path.read_text())
    silent = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in silent:
            yield node.value


@pytest.mark.parametrize("path", sorted(ROOT.glob("*.py")), ids=lambda path: path.name)
def test_nothing_here_says_them(path):
    texts = (text.replace("no identified victim", "") for text in texts_of(path))  # as a known set puts it
    assert [text for text in texts if NEVER_SAID.search(text) and text not in INSIDE] == []


def test_they_would_be_seen():
    for text in ("a real photograph", "12 % AI", "Match", "proven", "with certainty", "at the age of", "98 % sure"):
        assert NEVER_SAID.search(text)


def test_every_case_has_its_sentence_and_every_sentence_its_case():
    assert set(cases._FITS) == set(CASES)


def test_everything_that_can_be_said_is_there():
    assert set(PROPOSITIONS) == {"generated", "edited", "camera"}
    assert {name for name in rules.STRENGTHS if name} <= set(FRAMES)
    assert [*signals.SIGNALS] == [f"S{number}" for number in range(1, 16)]


def test_gaps_have_plain_names():
    gaps = {name for text in (*FRAMES.values(), *CASES.values()) for _, name, _, _ in Formatter().parse(text) if name}
    assert all(name.isidentifier() for name in gaps)
