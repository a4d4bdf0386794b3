"""The documentation against the code: nothing there without its page, nothing on a page that is not there."""

import ast
import re
import shlex
import tokenize
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from importlib import import_module
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import get_type_hints

import click
import pytest

from headwater.bench.rows import BenchRow
from headwater.cli.program import headwater
from headwater.demo.check_row import CheckRow
from headwater.examine.loaded import EXAMINERS
from headwater.findings.query import Query, build, column_kinds
from headwater.findings.schema import SCHEMAS
from headwater.findings.views import VIEWS, connect
from headwater.model.errors import EvidenceError, ExitCode, WrongUse
from headwater.model.settings import Settings
from headwater.origin.rules import CARRIER, GRADES, INCOMPLETE, TABLE
from headwater.origin.signals import SIGNALS

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
REFERENCE = ROOT / "docs" / "reference"
PAGES = (
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
)
DEMO = "python3 -m venv .uv && .uv/bin/pip install -q uv && .uv/bin/uv run -q --frozen -p .uv/bin/python headwater demo"
TESTS = f"{DEMO.removesuffix('headwater demo')}--group test pytest"
ENDS = {";", "&&", "||", "|", "&"}
NOT_COMMANDS = {"cd", "install", "clone"}  # after these, the word headwater is a folder or a package
WRITES_A_KIND = {"record", "append", "_add"}
MAKES_A_FAILURE = {"Fault", "Loss", "Refusal"}


# -- the README


def test_readme_is_short():
    assert len(_text(ROOT / "README.md").splitlines()) < 120


@pytest.mark.parametrize("line", [DEMO, TESTS])
def test_readme_has_each_one_line_command_alone_in_a_block(line):
    assert f"```sh\n{line}\n```" in _text(ROOT / "README.md")


def test_the_line_that_ci_greps_is_the_one_of_the_tests():
    pattern = re.compile(r"^python3 -m venv .*pytest$", re.MULTILINE)
    assert pattern.findall(_text(ROOT / "README.md")) == [TESTS]


# -- nothing in the code without its line in the reference


@pytest.mark.parametrize("name", sorted(headwater.commands))
def test_every_command_and_option_is_described(name):
    section = _section("commands.md", name)
    assert f"`headwater {name}" in section
    command = headwater.commands[name]
    for option in (each for each in command.params if isinstance(each, click.Option)):
        for spelling in (*option.opts, *option.secondary_opts):
            assert re.search(rf"`{re.escape(spelling)}[` ]", section), spelling
    for argument in (each for each in command.params if isinstance(each, click.Argument)):
        shown = argument.make_metavar(click.Context(command)).strip("[].")
        assert shown in section or isinstance(argument.type, click.Choice), shown
        for choice in argument.type.choices if isinstance(argument.type, click.Choice) else ():
            assert f"`{choice}`" in section, choice


def test_every_setting_is_described_with_its_default():
    page = _text(REFERENCE / "settings.md")
    settings = list(_settings())
    assert len(settings) > 5
    for name, default in settings:
        shown = "" if default is None else f"{default:_}" if isinstance(default, int) else "[]"
        shown = str(default).lower() if isinstance(default, bool) else shown
        shown = f'"{default}"' if isinstance(default, str) else shown
        assert f"| `{name}` | {shown}" in page, name


def test_no_setting_is_described_that_is_not_there():
    page = _text(REFERENCE / "settings.md")
    assert set(re.findall(r"^\| `([a-z]+\.[a-z_]+)`", page, re.MULTILINE)) == {name for name, _ in _settings()}


def test_every_variable_of_the_environment_is_described():
    named = set(re.findall(r'environ(?:\.get\(|\[)"(\w+)"', "".join(map(_text, SOURCE.rglob("*.py"))))) - {"TERM"}
    assert "HEADWATER_CONFIG_DIR" in named
    assert [name for name in sorted(named) if f"`{name}`" not in _text(REFERENCE / "settings.md")] == []


@pytest.mark.parametrize("view", VIEWS)
def test_a_table_and_its_page_have_the_same_columns(view, tmp_path):
    described = re.findall(r"`(\w+)`", "".join(re.findall(r"^\|([^|]*)\|", _section("tables.md", view), re.MULTILINE)))
    assert sorted(described) == sorted(_columns(tmp_path)[view])


def test_every_column_of_the_sealed_parts_is_described():
    page = _text(REFERENCE / "tables.md")
    section = _section("tables.md", "Sealed parts")
    assert [name for name in SCHEMAS if f"`{name}`" not in section] == []
    missing = [field.name for schema in SCHEMAS.values() for field in schema if f"`{field.name}`" not in page]
    assert missing == []
    assert [field.name for field in SCHEMAS["contents"] if f"`{field.name}`" not in section] == []


@pytest.mark.parametrize(("command", "row"), [("demo", CheckRow), ("bench", BenchRow)])
def test_every_column_of_a_row_in_json_is_described(command, row):
    section = _section("commands.md", command)
    assert [field.name for field in fields(row) if not re.search(rf"\b{field.name}\b", section)] == []


def test_every_exit_code_is_described_under_its_name():
    rows = re.findall(r"^\| (\d+) \| ([a-z ]+) \|", _text(REFERENCE / "exit-codes.md"), re.MULTILINE)
    assert rows == [(str(code.value), code.name.lower().replace("_", " ")) for code in ExitCode]


@pytest.mark.parametrize("examiner", EXAMINERS, ids=lambda each: each.name)
def test_an_examiner_and_its_page_have_the_same_claims(examiner):
    described = re.findall(
        r"`([a-z0-9_.]+)`", "".join(re.findall(r"^\|([^|]*)\|", _section("claims.md", examiner.name), re.MULTILINE))
    )
    assert sorted(described) == sorted(examiner.claims)


def test_every_signal_and_every_rule_has_its_row():
    page = _text(ROOT / "docs" / "explanation" / "origin.md")
    assert re.findall(r"^\| (S\d+) \|", page, re.MULTILINE) == [*SIGNALS]
    assert re.findall(r"^\| (T\d+) \|", page, re.MULTILINE) == [
        *dict.fromkeys(rule.id for rule in (CARRIER, *TABLE, INCOMPLETE))
    ]


def test_every_kind_of_failure_is_described():
    page = _text(REFERENCE / "failures.md")
    for module in _modules():
        import_module(module)
    kinds = {EvidenceError.kind, *(each.kind for each in _below(EvidenceError)), *_kinds_of_failures()}
    assert kinds > {"unreadable", "limit", "memory", "died"}
    assert [kind for kind in sorted(kinds) if f"| `{kind}` |" not in page] == []


def test_custody_kinds_are_described_and_no_other():
    described = set(re.findall(r"^\| `(\w+)` \|", _text(REFERENCE / "custody.md"), re.MULTILINE))
    assert described == set(_kinds())


def test_every_kind_of_change_is_described_and_every_fragment_has_one():
    config = tomllib.loads(_text(ROOT / "pyproject.toml"))["tool"]["towncrier"]
    kinds = {kind["directory"] for kind in config["type"]}
    assert kinds == {"validity", "feature", "bugfix", "doc", "removal", "misc"}
    assert [kind for kind in sorted(kinds) if f"`{kind}`" not in _text(ROOT / "CONTRIBUTING.md")] == []
    assert config["start_string"] in _text(ROOT / config["filename"])
    named = re.compile(rf"\d+\.({'|'.join(kinds)})(\.\d+)?\.md")
    fragments = [path.name for path in (ROOT / config["directory"]).iterdir() if not path.name.startswith(".")]
    assert [name for name in fragments if not named.fullmatch(name)] == []


# -- nothing on a page that is not there


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_on_a_page_would_be_accepted(page, tmp_path):
    wrong = [
        f"{' '.join(words)}: {fault}"
        for words, whole in _commands(page)
        if (fault := _fault(words, tmp_path, whole=whole))
    ]
    assert wrong == []


def test_commands_are_found_at_all():
    found = [words for page in PAGES for words, _ in _commands(page)]
    assert len(found) > 40
    assert {words[0] for words in found} >= set(headwater.commands) - {"completion", "bench"}


@pytest.mark.parametrize(
    "line",
    [
        "headwater grade x",
        "headwater run X --exibit A",
        "headwater show items --where 'no = 1'",
        "headwater show nothing",
    ],
)
def test_a_wrong_command_would_be_seen(line, tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"```sh\n{line}\n```\n", encoding="utf-8")
    ((words, whole),) = _commands(page)
    assert _fault(words, tmp_path, whole=whole)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_module_on_a_page_is_there(page):
    named = re.findall(r"python3? -m (headwater[\w.]*)", _text(page))
    assert [name for name in named if find_spec(name) is None] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_to_a_file_leads_to_one(page):
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", _text(page))
    assert [target for target in targets if not (page.parent / target).is_file()] == []


def test_every_page_that_a_docstring_or_comment_names_is_there():
    said = {
        (path.relative_to(SOURCE).as_posix(), token.string)
        for path in SOURCE.rglob("*.py")
        for token in tokenize.generate_tokens(StringIO(_text(path)).readline)
        if token.type == tokenize.COMMENT or token.string.startswith('"""')
    }
    named = {(path, name) for path, text in said for name in re.findall(r"(?<!\w)[a-z][a-z/-]*\.md\b", text)}
    assert named
    assert [each for each in sorted(named) if not (ROOT / each[1]).is_file()] == []


def test_every_page_is_in_the_navigation_once():
    nav = re.findall(r": ([\w/-]+\.md)$", _text(ROOT / "mkdocs.yml"), re.MULTILINE)
    assert sorted(nav) == sorted(page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").rglob("*.md"))


@pytest.mark.parametrize("page", ["README.md", "docs/index.md", "docs/start.md", "docs/explanation/limits.md"])
def test_a_newcomer_meets_every_grade_or_its_page(page):
    text = _text(ROOT / page)
    assert all(f"`{grade}`" in text for grade in GRADES) or "origin.md)" in text


def test_the_glossary_is_in_order():
    terms = re.findall(r"^(\S.*)\n: ", _text(ROOT / "docs" / "glossary.md"), re.MULTILINE)
    assert len(terms) > 30
    assert terms == sorted(terms, key=str.lower)


def test_the_site_loads_nothing_from_elsewhere():
    config = _text(ROOT / "mkdocs.yml")
    assert "font: false" in config
    assert not re.search(r"https?://|analytics|extra_javascript|extra_css|offline", config)
    assert [page.name for page in PAGES if re.search(r"<script|<iframe|<img|!\[|```mermaid", _text(page))] == []


# -- reading pages


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _section(page: str, title: str) -> str:
    found = re.search(
        rf"^## `?{re.escape(title)}`?$(.*?)(?=^## |\Z)", _text(REFERENCE / page), re.MULTILINE | re.DOTALL
    )
    assert found, f"{page} has no section {title}"
    return found[1]


def _commands(page: Path) -> Iterator[tuple[list[str], bool]]:
    """The words after `headwater` of every command on a page, and whether it must be whole (it stands in a block)."""
    text = _text(page)
    for block in re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            yield from ((words, True) for words in _simple(line))
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    for code in re.findall(r"`(headwater [^`]+)`", prose):
        yield from ((words, False) for words in _simple(re.sub(r"[\[\]]|\.\.\.", "", code)))


def _simple(line: str) -> Iterator[list[str]]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] = []
    for word in [*lexer, ";"]:
        if word not in ENDS:
            words.append(word)
            continue
        if start := _start(words):
            yield [each for each in words[start:] if each != ">"][: words.index(">") - start if ">" in words else None]
        words = []


def _start(words: list[str]) -> int:
    """Where the words after the program begin; 0 where it is not called."""
    for index, word in enumerate(words):
        if word in NOT_COMMANDS:
            return 0
        if word == "headwater" or word.endswith("/headwater"):
            return index + 1
    return 0


def _fault(words: list[str], folder: Path, *, whole: bool) -> str:
    """Why the program would refuse these words, or nothing. In a sentence a word in capitals stands for any value."""
    try:
        context = _parse(words)
    except click.exceptions.Exit:
        return ""
    except click.MissingParameter as error:
        return error.format_message() if whole else ""
    except click.BadParameter as error:
        return error.format_message() if whole or not any(word.isupper() for word in words) else ""
    except click.UsageError as error:
        return "" if words == ["COMMAND", "--help"] else error.format_message()
    asks = context.command.name == "show" and context.params["table"] != "TABLE"
    return _wrong_query(context.params, folder) if asks else ""


def _parse(words: list[str]) -> click.Context:
    if words[0].startswith("-"):
        return headwater.make_context("headwater", list(words))
    name, command, rest = headwater.resolve_command(click.Context(headwater), list(words))
    assert command
    return command.make_context(name, rest)


def _wrong_query(given: dict[str, object], folder: Path) -> str:
    query = Query(
        table=str(given["table"]),
        columns=tuple(str(given["columns"]).split(",")) if given["columns"] else (),
        where=str(given["where"] or ""),
        sort=str(given["sort"] or ""),
    )
    (folder / "findings").mkdir(exist_ok=True)
    connection = connect(folder)
    try:
        build(query, column_kinds(connection, query.table))
    except WrongUse as error:
        return error.message
    finally:
        connection.close()
    return ""


# -- reading the code


def _settings() -> Iterator[tuple[str, object]]:
    """Every setting of headwater.toml with its default; None where it has none."""
    kinds = get_type_hints(Settings)
    for table in fields(Settings):
        for setting in fields(kinds[table.name]):
            yield f"{table.name}.{setting.name}", setting.default if isinstance(setting.default, int | tuple) else None


def _columns(folder: Path) -> dict[str, list[str]]:
    (folder / "findings").mkdir()
    connection = connect(folder)
    try:
        return {view: list(column_kinds(connection, view)) for view in VIEWS}
    finally:
        connection.close()


def _below(error: type[EvidenceError]) -> Iterator[type[EvidenceError]]:
    for each in error.__subclasses__():
        yield each
        yield from _below(each)


def _modules() -> Iterator[str]:
    """Everything of the package that evidence work needs; the bench has needs of its own."""
    for path in sorted((SOURCE / "headwater").rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        if "bench" not in parts and parts[-1] != "__init__":
            yield ".".join(parts)


def _kinds() -> Iterator[str]:
    """The kind of every chain entry that the code writes."""
    for name in _modules():
        module = import_module(name)
        for node in ast.walk(ast.parse(_text(Path(str(module.__file__))))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in WRITES_A_KIND
                and len(node.args) > 1
            ):
                yield from (kind for argument in node.args[:3] if (kind := _constant(module, argument)))


def _constant(module: object, argument: ast.expr) -> str:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value
    value = getattr(module, argument.id, "") if isinstance(argument, ast.Name) and argument.id.isupper() else ""
    return value if isinstance(value, str) else ""


def _kinds_of_failures() -> Iterator[str]:
    """The kinds that are written out where a failure is made: second of Fault, by keyword of Loss and Refusal."""
    for path in sorted((SOURCE / "headwater").rglob("*.py")):
        for node in ast.walk(ast.parse(_text(path))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKES_A_FAILURE:
                given = [each.value for each in node.keywords if each.arg == "kind"] or node.args[1:2]
                yield from (each.value for each in given if isinstance(each, ast.Constant))
