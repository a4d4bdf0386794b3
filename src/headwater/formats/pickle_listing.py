"""Python pickles as a list of opcodes: what they would call, never called. Nothing is built from them.

Source: the standard library's pickletools, whose genops reads opcodes and arguments one after another. STACK_GLOBAL
takes its two names from the stack; here they are the last two texts that were put there, also out of the memo, so a
name that is computed is told as ``?``. That no name is listed does not mean that a pickle is harmless.
"""

import io
import pickletools
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

OPCODES_MAX = 2_000_000
NAMES_MAX = 200
_TEXTS_MAX = 50_000
_TEXT_LETTERS = 300
_CALLS = frozenset({"REDUCE", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "BUILD"})
_TEXTS = frozenset({"UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "STRING", "BINSTRING",
                    "SHORT_BINSTRING"})  # fmt: skip
_GETS, _PUTS = frozenset({"GET", "BINGET", "LONG_BINGET"}), frozenset({"PUT", "BINPUT", "LONG_BINPUT"})
_FRAMES = frozenset({"PROTO", "FRAME"})
_FAULTS = (ValueError, IndexError, OverflowError, struct.error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One pickle. names: what it would import, as ``module.name`` with how often. calls: opcodes that call or build.

    length_bytes: up to and with STOP, or as far as it could be read. texts: the short texts in it, in their order.
    why: what is missing of the listing, empty where it was read to its STOP.
    """

    opcodes: int
    length_bytes: int
    calls: int
    protocol: int
    names: Mapping[str, int] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    why: str = ""


@dataclass(slots=True)
class _Walk:
    """What was put on the stack that may be a name."""

    recent: list[str] = field(default_factory=list)
    memo: dict[int, str] = field(default_factory=dict)
    last: str = ""  # the text that the last opcode left on top, empty where it left something else

    def put(self, text: str) -> None:
        self.last = text
        if text:  # else it came out of the memo, and was no text
            self.recent = [*self.recent[-1:], text]

    def global_name(self) -> str:
        return ".".join(self.recent) if len(self.recent) == 2 else "?"


def list_pickle(data: bytes) -> Listing:
    """List one pickle that begins at the start of `data`; what follows its STOP is not looked at."""
    walk, names, texts = _Walk(), dict[str, int](), list[str]()
    count = calls = protocol = length = 0
    why = ""
    try:
        for opcode, argument, position in pickletools.genops(io.BytesIO(data)):
            count += 1
            length = (position or 0) + 1
            if count > OPCODES_MAX:
                why = f"limit: more than {OPCODES_MAX} opcodes"
                break
            calls += opcode.name in _CALLS
            protocol = argument if opcode.name == "PROTO" and isinstance(argument, int) else protocol
            if name := _name(opcode.name, argument, walk):
                key = name[:_TEXT_LETTERS] if name in names or len(names) < NAMES_MAX else "?"
                names[key] = names.get(key, 0) + 1
            if opcode.name in _TEXTS and len(texts) < _TEXTS_MAX and len(walk.last) <= _TEXT_LETTERS:
                texts.append(walk.last)
    except _FAULTS as fault:
        why = f"malformed: the opcodes break off after {count}: {fault}"
    return Listing(
        opcodes=count, length_bytes=length, calls=calls, protocol=protocol, names=names, texts=tuple(texts), why=why
    )


def _name(opcode: str, argument: object, walk: _Walk) -> str:
    """What the opcode would import, empty where it imports nothing; keeps `walk` as the stack is left."""
    if opcode in _TEXTS or opcode in _GETS:
        text = walk.memo.get(_whole(argument), "") if opcode in _GETS else _text(argument)
        walk.put(text)
    elif opcode in _PUTS or opcode == "MEMOIZE":
        walk.memo[len(walk.memo) if opcode == "MEMOIZE" else _whole(argument)] = walk.last
    elif opcode not in _FRAMES:
        name = _imported(opcode, argument, walk)
        walk.last = ""
        return name
    return ""


def _imported(opcode: str, argument: object, walk: _Walk) -> str:
    if opcode in ("GLOBAL", "INST"):
        return str(argument).replace(" ", ".", 1)
    if opcode == "STACK_GLOBAL":
        return walk.global_name()
    return f"extension registry {argument}" if opcode in ("EXT1", "EXT2", "EXT4") else ""


def _whole(argument: object) -> int:
    return argument if isinstance(argument, int) else -1


def _text(argument: object) -> str:
    return argument.decode("utf-8", "replace") if isinstance(argument, bytes) else str(argument)
