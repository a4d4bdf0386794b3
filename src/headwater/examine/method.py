"""Which code an examiner is: a digest over its own module and everything of ours that it imports."""

import ast
from functools import cache
from hashlib import sha256
from pathlib import Path

import headwater

_PACKAGE = Path(headwater.__file__).parent


@cache
def code_digest(module: str) -> str:
    """SHA-256 over the source of `module` and of every headwater module it imports, by name."""
    digest = sha256()
    for name in sorted(_closure(module)):
        digest.update(name.encode() + b"\0" + _source(name) + b"\0")
    return digest.hexdigest()


def _closure(module: str) -> set[str]:
    reached: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(_imports(name) - reached)
    return reached


@cache
def _imports(module: str) -> frozenset[str]:
    """Parsed once a process: most of what one examiner imports the others import too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(_source(module))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(name for name in names if name.startswith("headwater.") and _path(name))


@cache
def _path(module: str) -> Path | None:
    """The file of one of our modules, or nothing. It is not imported: the broker digests what it never loads."""
    place = _PACKAGE.joinpath(*module.split(".")[1:])
    return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()), None)


@cache
def _source(module: str) -> bytes:
    path = _path(module)
    return path.read_bytes() if path else b""
