"""Words that are never said (the wording rules of the method): not in a template, not by the program, not by a plot."""

import ast
import re
from pathlib import Path

import click
import pytest

import headwater
from headwater.cli.program import COMMANDS, Commands
from headwater.cli.program import headwater as program

ROOT = Path(headwater.__file__).parent
NEVER = re.compile(
    r"\b(real(?!ly)|fake[ds]?|authentic\w*|genuine\w*|proven|certain(ly|ty)?|accuracy|error-free|court-proof|identified"
    r"|match(es|ed|ing)?|suspect\w*)\b|% (AI|sure)|no AI traces|probability that it was generated",
    re.IGNORECASE,
)
TEMPLATES = sorted(path for path in (ROOT / "export" / "templates").iterdir() if path.suffix in {".html", ".typ"})
SPEAK = sorted(
    path
    for pattern in ("cli/*.py", "export/*.py", "steps/report*.py", "steps/validation/*.py", "examine/laundering/*.py")
    for path in ROOT.glob(pattern)
)


def inner_commands():
    """The commands of a group as one types them: what a command is called is no statement about a picture."""
    for name in COMMANDS:
        command = Commands()[name]
        if isinstance(command, click.Group):
            yield from (f"{name} {inner}" for inner in command.commands)


_INNER = "|".join(sorted(inner_commands()))
_TABLES = r"match(es|ed)?|part_matchings"  # of what known sets say: names that commands and tables have
COMMAND_NAMES = re.compile(
    rf"\bheadwater ({_INNER})\b|^({_INNER})$|\b(headwater|headwater show|the table|FROM) ({_TABLES})\b|^({_TABLES})$"
    r"|(?<=^Show a TABLE: )[a-z, ]+"
)


def said_by(path):
    """Every text of a module that could be shown: all but the descriptions of what is not a command."""
    tree = ast.parse(path.read_text())
    silent = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef) and ast.get_docstring(node):
            silent.add(node.body[0].value)
        if isinstance(node, ast.FunctionDef) and node.name not in program.commands and ast.get_docstring(node):
            silent.add(node.body[0].value)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in silent:
            yield COMMAND_NAMES.sub("", node.value)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_says_them(path):
    assert [found[0] for found in NEVER.finditer(COMMAND_NAMES.sub("", path.read_text()))] == []


@pytest.mark.parametrize("path", SPEAK, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_program_does_not_say_them(path):
    assert [text for text in said_by(path) if NEVER.search(text)] == []


def test_what_a_digest_is_called_does_not_say_them_either():
    assert [text for text in said_by(ROOT / "steps" / "summary.py") if NEVER.search(text) and text != "match"] == []


@pytest.mark.parametrize(
    "text", ["a real photograph", "it is genuine", "12 % AI", "Match", "proven", "with certainty", "98 % sure"]
)
def test_they_would_be_seen(text):
    assert NEVER.search(text)


def test_only_the_names_of_commands_are_let_through():
    assert {"camera match", "trust add"} <= set(inner_commands())
    assert NEVER.search(COMMAND_NAMES.sub("", "the pictures of this camera match"))


def test_there_is_something_to_read():
    assert len(TEMPLATES) > 5
    assert sum(1 for path in SPEAK for _ in said_by(path)) > 300
