"""headwater.toml to Settings, with every fault told at once and by line; and the first headwater.toml."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from typing import Any

from headwater.examine import registry
from headwater.model.errors import WrongUse
from headwater.model.nearest import unknown
from headwater.model.settings import (
    CameraSettings,
    Operation,
    PictureLimits,
    PluginSettings,
    ReadingLimits,
    RunSettings,
    Settings,
    WorkerLimits,
)
from headwater.model.visible import visible

Lines = dict[str, int]  # a table, or table.key -> the line it stands in
_TABLES: Mapping[str, type] = {
    "operation": Operation,
    "run": RunSettings,
    "limits": ReadingLimits,
    "worker": WorkerLimits,
    "pictures": PictureLimits,
    "cameras": CameraSettings,
    "plugins": PluginSettings,
}
_NOTES = {
    "run": "workers 0 is one for each core; examiners [] is every built-in, without the slow ones where slow is false.",
    "limits": "Where reading archives stops on purpose; what lies beyond becomes a Failure.",
    "worker": "What one worker may use; over it, it is killed and the item becomes a Failure.",
    "pictures": "Larger pictures are described but not decoded. This setting is part of every finding id.",
    "cameras": "From which peak to correlation energy a picture bears a camera's pattern; taken when one is enrolled.",
    "plugins": "Plug-ins that may be loaded, by the digest that headwater plugins prints; empty is none.",
}
_MAY_BE_ZERO = frozenset({"run.workers", "limits.depth"})
_MOST = (1 << 63) - 1
_SHAPES = {
    "operation.name": (re.compile(r"(?=.*\S).{1,200}"), "1 to 200 printable characters, not spaces alone"),
    "operation.id": (re.compile(r"[0-9a-f]{32}"), "32 hexadecimal digits, as headwater init wrote them"),
    "plugins.photodna": (re.compile(r"[0-9a-f]{64}|"), "64 hexadecimal digits, as headwater plugins prints them"),
}
_EXAMINERS = tuple(each.name for each in registry.BUILT_IN)
_HEADER = re.compile(r"\s*\[\[?\s*([\w.\"'-]+)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"\s*([\w-]+|\"[^\"]*\"|'[^']*')\s*[.=]")


def read_settings(text: str, file: str = "headwater.toml") -> Settings:
    """Read the settings. Raises WrongUse; its `problems` name every unknown key, wrong type and wrong value by line."""
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise _wrong((f"{file}: {visible(str(error))}",), file) from error
    lines = _lines(text)
    faults = sorted(_faults(content, lines))
    if faults:
        raise _wrong(tuple(f"{file}{f', line {line}' * bool(line)}: {fault}" for line, fault in faults), file)
    if "examiners" in content.get("run", {}):
        content["run"]["examiners"] = tuple(content["run"]["examiners"])
    return Settings(**{name: _TABLES[name](**given) for name, given in content.items()})


def first_settings(operation: Operation) -> str:
    """The headwater.toml of a new operation: what must be set, and every default as a comment."""
    name = operation.name.replace("\\", "\\\\").replace('"', '\\"')
    head = "# Settings of one operation. What stands behind a # is the default; take the # away to change it."
    own = f'[operation]\nname = "{name}"\nid = "{operation.id}"  # never change it: seals and checkpoints name it'
    return "\n\n".join([head, own, *(_table(table, note) for table, note in _NOTES.items())]) + "\n"


def check_name(name: str) -> None:
    """Raise WrongUse for an operation's name that headwater.toml would not take."""
    if fault := _text_fault("operation.name", name):
        raise WrongUse(fault, problems=(fault,), next_step='For example: --operation "Springhead"')


def _wrong(problems: tuple[str, ...], file: str) -> WrongUse:
    what = problems[0] if len(problems) == 1 else f"{len(problems)} faults in {file}"
    return WrongUse(what, problems=problems, next_step=f"Correct {file} and try again.")


def _table(table: str, note: str) -> str:
    defaults = ((setting.name, setting.default) for setting in fields(_TABLES[table]))
    return "\n".join((f"# {note}", f"[{table}]", *(f"# {name} = {_spelled(default)}" for name, default in defaults)))


def _spelled(default: object) -> str:
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, str):
        return f'"{default}"'
    return f"{default:_}" if isinstance(default, int) else "[]"


def _faults(content: Mapping[str, Any], lines: Lines) -> Iterator[tuple[int, str]]:
    for name, given in content.items():
        if name not in _TABLES:
            yield lines.get(name, 0), unknown("table" if isinstance(given, dict) else "key", name, _TABLES)
        elif not isinstance(given, dict):
            yield lines.get(name, 0), f"{name} must be a table: [{name}]"
        else:
            yield from _table_faults(name, given, lines)
    if "operation" not in content:
        yield 0, "the table [operation] is missing"


def _table_faults(table: str, given: Mapping[str, Any], lines: Lines) -> Iterator[tuple[int, str]]:
    known = {f"{table}.{setting.name}": setting for setting in fields(_TABLES[table])}
    for key, value in given.items():
        path = f"{table}.{key}"
        fault = _fault(path, known[path].type, value) if path in known else unknown("key", path, known)
        if fault:
            yield lines.get(path) or lines.get(table, 0), fault
    for path, setting in known.items():
        if setting.name not in given and setting.default is MISSING:
            yield lines.get(table, 0), f"{path} is missing"


def _fault(path: str, kind: object, value: object) -> str:
    """What is wrong with a value, or nothing."""
    if kind is str:
        return _text_fault(path, value)
    if kind is int:
        return _number_fault(path, value)
    if kind is bool:
        return "" if isinstance(value, bool) else f"{path} must be true or false, not {visible(repr(value))[:60]}"
    return _list_fault(path, value)


def _text_fault(path: str, value: object) -> str:
    shape, words = _SHAPES[path]
    fits = isinstance(value, str) and shape.fullmatch(value) and value.isprintable()
    return "" if fits else f"{path} must be {words}"


def _number_fault(path: str, value: object) -> str:
    if not isinstance(value, int) or isinstance(value, bool):
        return f"{path} must be a whole number, not {visible(repr(value))[:60]}"
    least = 0 if path in _MAY_BE_ZERO else 1
    return "" if least <= value <= _MOST else f"{path} must be {least} or more, and at most {_MOST}"


def _list_fault(path: str, value: object) -> str:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        return f'{path} must be a list of names: ["{_EXAMINERS[0]}"]'
    twice = sorted({name for name in value if value.count(name) > 1})
    absent = sorted({name for name in value if name not in _EXAMINERS})
    faults = [f"names {', '.join(twice)} twice"] if twice else []
    faults += [unknown("examiner", name, _EXAMINERS) for name in absent]
    return f"{path}: {'; '.join(faults)}" if faults else ""


def _lines(text: str) -> Lines:
    """Where each table and key stands. tomllib does not tell; this reads the usual spellings only."""
    lines: Lines = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = header[1].strip("\"'")
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            name = key[1].strip("\"'")
            lines.setdefault(f"{table}.{name}" if table else name, number)
    return lines
