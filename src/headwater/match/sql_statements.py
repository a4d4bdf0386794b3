"""Statements that insert, delete and update rows by their values, read out of SQL text. None of it is ever run.

Source: the SQL that SQLite understands (sqlite.org/lang.html), of which this is the part that a published delta needs.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from headwater.match.degenerate import shown
from headwater.model.known import Refused

Value = str | int | float | None
STATEMENT_BYTES = 1 << 20  # the longest statement that is read
_BLOCK_BYTES = 1 << 18
_IGNORED = frozenset({"BEGIN", "COMMIT", "END", "PRAGMA"})  # nothing in them is about a row
# Possessive, so that a text without an end costs one look at it: what is open at the end of a block is read on.
_STATEMENT = re.compile(
    rb"""(?:[^;'"/-]++|'(?:[^']|'')*+'|"[^"]*+"|--[^\n]*+\n|/\*(?:[^*]|\*(?!/))*+\*/|-(?!-)|/(?!\*))*+;""", re.DOTALL
)
_TOKEN = re.compile(
    r"""(?:\s|--[^\n]*+|/\*.*?\*/)*+(?:(?P<text>'(?:[^']|'')*+')|(?P<quoted>"(?:[^"]|"")++")|(?P<word>[A-Za-z_]\w*+)
    |(?P<number>[+-]?\d++(?:\.\d++)?(?:[eE][+-]?\d++)?)|(?P<mark>[(),=;]))""",
    re.DOTALL | re.VERBOSE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One change. verb: insert, delete, update. rows: what is inserted, or the one row of new values of an update.

    columns: what the values of `rows` are of; empty where an insert names none. where: values a row must have to be
    deleted or updated; empty where any row will do. Names are as written; the line is the one the statement ends in.
    """

    line: int
    verb: str
    table: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Value, ...], ...] = ()
    where: Mapping[str, Value] = field(default_factory=dict)


class _NotRead(Exception):
    pass


def read_statements(stream: BinaryIO) -> Iterator[Statement | Refused]:
    """Every statement in order, and what cannot be read as one, with its line and reason.

    Memory: a statement of at most STATEMENT_BYTES; a longer one is refused, and reading goes on behind it.
    """
    line = 1
    for text, why in _split(stream):
        line += text.count(b"\n")
        if why:
            yield Refused(line=line, key="", field="", reason=why)
            continue
        try:
            yield from _statement(text.decode("utf-8-sig"), line)
        except (_NotRead, UnicodeDecodeError) as error:
            reason = f"not read: {error}: {shown(text.decode('utf-8', 'replace').strip())}"
            yield Refused(line=line, key="", field="", reason=reason)


def _split(stream: BinaryIO) -> Iterator[tuple[bytes, str]]:
    """Statements with their end mark; or what is none, and why."""
    waiting = b""
    while True:
        at = 0
        while found := _STATEMENT.match(waiting, at):
            yield found[0], ""
            at = found.end()
        waiting = waiting[at:]
        if len(waiting) > STATEMENT_BYTES:
            lost, waiting = _behind(waiting, stream)
            yield lost, f"a statement of more than {STATEMENT_BYTES:,} bytes"
        elif block := stream.read(_BLOCK_BYTES):
            waiting += block
        else:
            break
    if re.fullmatch(rb"(?:\s|--[^\n]*+(?:\n|\Z)|/\*(?:[^*]|\*(?!/))*+\*/)*+", waiting) is None:
        yield waiting, "the file ends within a statement"


def _behind(waiting: bytes, stream: BinaryIO) -> tuple[bytes, bytes]:
    """Leave a statement without a readable end: up to a mark at the end of a line, of which only newlines are kept."""
    newlines = 0
    while (end := waiting.find(b";\n")) < 0:
        newlines += waiting[:-1].count(b"\n")
        block = stream.read(_BLOCK_BYTES)
        if not block:
            return b"\n" * newlines, b""
        waiting = waiting[-1:] + block
    return b"\n" * (newlines + waiting.count(b"\n", 0, end)), waiting[end + 1 :]


def _statement(text: str, line: int) -> Iterator[Statement]:
    tokens = _Tokens(text)
    verb = tokens.word()
    if verb in {"INSERT", "REPLACE"}:
        yield _insert(tokens, line, verb)
    elif verb == "DELETE":
        tokens.expect("FROM")
        yield Statement(line=line, verb="delete", table=tokens.name(), where=_where(tokens))
    elif verb == "UPDATE":
        table = tokens.name()
        tokens.expect("SET")
        new = dict(_pairs(tokens, ","))
        yield Statement(
            line=line, verb="update", table=table, columns=tuple(new), rows=(tuple(new.values()),),
            where=_where(tokens),
        )  # fmt: skip
    elif verb and verb not in _IGNORED:
        raise _NotRead("neither INSERT, DELETE nor UPDATE")


def _insert(tokens: "_Tokens", line: int, verb: str) -> Statement:
    if verb == "INSERT" and tokens.take("OR"):
        tokens.word()
    tokens.expect("INTO")
    table = tokens.name()
    columns: list[str] = []
    if tokens.take("("):
        columns.append(tokens.name())
        while tokens.take(","):
            columns.append(tokens.name())
        tokens.expect(")")
    tokens.expect("VALUES")
    rows = [_row(tokens)]
    while tokens.take(","):
        rows.append(_row(tokens))
    tokens.expect(";")
    if columns and any(len(row) != len(columns) for row in rows):
        raise _NotRead("not as many values as columns")
    return Statement(line=line, verb="insert", table=table, columns=tuple(columns), rows=tuple(rows))


def _row(tokens: "_Tokens") -> tuple[Value, ...]:
    tokens.expect("(")
    values = [tokens.value()]
    while tokens.take(","):
        values.append(tokens.value())
    tokens.expect(")")
    return tuple(values)


def _where(tokens: "_Tokens") -> dict[str, Value]:
    found = dict(_pairs(tokens, "AND")) if tokens.take("WHERE") else {}
    tokens.expect(";")
    return found


def _pairs(tokens: "_Tokens", between: str) -> Iterator[tuple[str, Value]]:
    while True:
        name = tokens.name()
        if not tokens.take("="):
            tokens.expect("IS")
        yield name, tokens.value()
        if not tokens.take(between):
            return


class _Tokens:
    """Words in capitals and marks as themselves, names, values; one after the other."""

    def __init__(self, text: str) -> None:
        self._found: list[tuple[str, str]] = []
        at = 0
        for token in _TOKEN.finditer(text):
            kind = token.lastgroup or ""
            if token.start() != at:
                break
            self._found.append((kind, token[kind]))
            at = token.end()
        if text[at:].strip():
            raise _NotRead(f"{text[at:].lstrip()[0]!r} is not understood")
        self._at = 0

    def word(self) -> str:
        """The next word in capitals; empty where there is none."""
        kind, text = self._next()
        return text.upper() if kind == "word" else ""

    def take(self, wanted: str) -> bool:
        """Whether that word or mark comes next; it is passed."""
        if self._at < len(self._found):
            kind, text = self._found[self._at]
            if kind in {"word", "mark"} and text.upper() == wanted:
                self._at += 1
                return True
        return False

    def expect(self, wanted: str) -> None:
        if not self.take(wanted):
            raise _NotRead(f"no {wanted} where one belongs")

    def name(self) -> str:
        kind, text = self._next()
        if kind == "quoted":
            return text[1:-1].replace('""', '"')
        if kind != "word":
            raise _NotRead("no name where one belongs")
        return text

    def value(self) -> Value:
        kind, text = self._next()
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return int(text) if re.fullmatch(r"[+-]?\d{1,18}", text) else float(text)
        if kind == "word" and text.upper() == "NULL":
            return None
        raise _NotRead("no plain value where one belongs")

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._found):
            return "", ""
        self._at += 1
        return self._found[self._at - 1]
