"""Nothing public is kept for its test alone: whatever a module offers, something of the program uses."""

import ast
from pathlib import Path

import click

import headwater
from headwater.bench import suite
from headwater.cli.program import COMMANDS, Commands

ROOT = Path(headwater.__file__).parent
TREES = {
    ".".join(("headwater", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__"): ast.parse(
        path.read_text()
    )
    for path in sorted(ROOT.rglob("*.py"))
}
# Called by a name in a text: commands by click, a worker's two functions by its entry, benches by their suite.


def subcommands():
    """The functions behind the commands of each group, by module."""
    for name, (module, _) in COMMANDS.items():
        command = Commands()[name]
        if isinstance(command, click.Group):
            yield from ((module, each.callback.__name__) for each in command.commands.values())


WORKERS = (
    "examine.worker",
    "examine.laundering.worker",
    "match.near_worker",
    "match.photodna_worker",
    "match.reading_worker",
    "sandbox.probe",
)
BY_NAME = {
    *((f"headwater.cli.{module}", name) for name, (module, _) in COMMANDS.items()),
    *((f"headwater.cli.{module}", name) for module, name in subcommands()),
    *((f"headwater.{module}", name) for module in WORKERS for name in ("prepare", "serve")),
    *((f"headwater.bench.{module}", name) for module, name, _ in suite._BENCHES.values()),
    ("headwater.cli.main", "main"),
}
KNOWN = {
    ("headwater.demo.sizes", "SMALL"),  # the demo's own tests build it small
    *(("headwater.examine.fingerprint", name) for name in ("digests", "fingerprint")),  # a library for others
    ("headwater.match.known", "KnownSets"),  # likewise
}


def offered(tree):
    """The names a module defines at its top."""
    for node in tree.body:
        match node:
            case ast.FunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Assign():
                yield from (target.id for target in node.targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name()):
                yield node.target.id


def used_elsewhere():
    """(module, name) of everything one module takes from another."""
    for tree in TREES.values():
        modules = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    inner = f"{node.module}.{alias.name}"
                    if inner in TREES:
                        modules[alias.asname or alias.name] = inner
                    else:
                        yield node.module, alias.name
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
                yield modules[node.value.id], node.attr


def test_everything_offered_is_used():
    taken = set(used_elsewhere())
    unused = set()
    for module, tree in TREES.items():
        read = {each.id for each in ast.walk(tree) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)}
        names = {name for name in offered(tree) if not name.startswith("__")} - read
        unused |= {(module, name) for name in names if (module, name) not in taken}
    assert len(taken) > 500
    assert unused - BY_NAME - KNOWN == set()


def test_every_method_and_property_is_used_by_name():
    """Methods are looked for by name alone. Those that a library or Python calls are named here."""
    called_by_others = {
        "find_spec",
        "format_commands",
        "get_size",
        "readable",
        "readinto",
        "resolve_command",
        "seekable",
        "shell_complete",
        "start_ns",
    }
    called_by_others |= {"by_look"}  # the library for others: docs/how-to/upload-check.md
    called_by_others |= {"handle_data", "handle_endtag", "handle_starttag"}  # html.parser
    read = set()
    defined = set()
    for module, tree in TREES.items():
        read |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                inner = [each for each in node.body if isinstance(each, ast.FunctionDef)]
                defined |= {(module, node.name, each.name) for each in inner if not each.name.startswith("__")}
    templates = "".join(path.read_text() for path in ROOT.rglob("*.html"))
    unused = {each for each in defined if each[2] not in read and f".{each[2]}" not in templates}
    assert {each for each in unused if each[2] not in called_by_others} == set()
