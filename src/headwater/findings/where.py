"""The small language of ``--where``: columns, comparisons, and, or, not, parentheses. Its values never become SQL.

path like '%.jpg' and size_bytes >= 1000 and not (media_type in ('image/jpeg', 'image/png') or sha256 is null)
modified < 2026-05-01T12:00:00Z        damaged = true        value > 640
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from headwater.model.errors import WrongUse
from headwater.model.nearest import unknown
from headwater.model.visible import visible

Value = str | int | float | bool | datetime
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>'(?:[^']|'')*')
    | (?P<time>\d{4}-\d\d-\d\d(?:[T]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?)?)(?![\w.])
    | (?P<number>-?\d+(?:\.\d+)?)(?![\w.])
    | (?P<word>[A-Za-z_]\w*)
    | (?P<mark><=|>=|!=|<>|=|<|>|\(|\)|,)
    )""",
    re.VERBOSE,
)
_COMPARISONS = {"=": "=", "!=": "<>", "<>": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_KEYWORDS = frozenset({"and", "or", "not", "in", "like", "is", "null", "true", "false"})
_NESTED = 50
_LONGEST = 20_000


class Token(NamedTuple):
    """kind: text | time | number | word | mark | end. at: position in the input, from 1."""

    kind: str
    text: str
    at: int

    def says(self, *words: str) -> bool:
        return self.kind in {"word", "mark"} and self.text.lower() in words


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """SQL with a ``?`` for each of `values`."""

    sql: str
    values: tuple[Value, ...]


def quoted(column: str) -> str:
    """A column's name as an SQL identifier."""
    return '"' + column.replace('"', '""') + '"'


def parse_where(text: str, columns: Mapping[str, str]) -> Condition:
    """Read a condition over `columns` (name to kind: text | number | bool | time | other).

    Raises WrongUse with every problem found: unknown columns, values of the wrong kind, and where it stops reading.
    """
    parser = _Parser(text, columns)
    sql = parser.whole()
    if parser.problems:
        one = len(parser.problems) == 1
        what = parser.problems[0] if one else f"{len(parser.problems)} things in the condition are not understood"
        raise WrongUse(what, problems=tuple(parser.problems), next_step=_HELP)
    return Condition(sql=sql, values=tuple(parser.values))


_HELP = "Example: --where \"media_type = 'image/png' and size_bytes > 1000\""


class _Stop(Exception):  # reading ends here; the problem is noted already
    pass


class _Parser:
    def __init__(self, text: str, columns: Mapping[str, str]) -> None:
        self.columns = columns
        self.problems: list[str] = []
        self.values: list[Value] = []
        self._tokens = _tokens(text) if len(text) <= _LONGEST else []
        self._next = 0
        self._depth = 0

    def whole(self) -> str:
        try:
            if not self._tokens:
                self._stop(f"longer than {_LONGEST} characters")
            sql = self._either()
            if self._peek().kind != "end":
                self._stop("expected and, or, or the end")
        except _Stop:
            return ""
        return sql

    def _either(self) -> str:
        sides = [self._both()]
        while self._take("or"):
            sides.append(self._both())
        return f"({' OR '.join(sides)})" if len(sides) > 1 else sides[0]

    def _both(self) -> str:
        sides = [self._one()]
        while self._take("and"):
            sides.append(self._one())
        return f"({' AND '.join(sides)})" if len(sides) > 1 else sides[0]

    def _one(self) -> str:
        self._depth += 1
        if self._depth > _NESTED:
            self._stop(f"nested deeper than {_NESTED}")
        try:
            if self._take("not"):
                return f"(NOT {self._one()})"
            if self._take("("):
                inner = self._either()
                self._expect(")")
                return inner
            return self._predicate()
        finally:
            self._depth -= 1

    def _predicate(self) -> str:
        token = self._peek()
        if token.kind != "word" or token.text.lower() in _KEYWORDS:
            self._stop("expected a column")
        self._next += 1
        kind = self.columns.get(token.text)
        if kind is None:
            self.problems.append(unknown("column", token.text, self.columns))
        column = quoted(token.text)
        if self._take("is"):
            negated = "NOT " if self._take("not") else ""
            self._expect("null")
            return f"({column} IS {negated}NULL)"
        return self._compared(token.text, column, kind)

    def _compared(self, name: str, column: str, kind: str | None) -> str:
        negated = "NOT " if self._take("not") else ""
        if self._take("like"):
            self._value(name, kind if kind is None else "pattern" if kind == "text" else "like", column)
            return f"({column} {negated}LIKE ?)"
        if self._take("in"):
            return f"({negated}({' OR '.join(f'{side} = ?' for side in self._list(name, kind, column))}))"
        mark = self._peek()
        if negated or mark.text not in _COMPARISONS:
            self._stop("expected like or in" if negated else "expected = != < <= > >= like in is")
        self._next += 1
        (side,) = self._value(name, kind, column)
        return f"({side} {_COMPARISONS[mark.text]} ?)"

    def _list(self, name: str, kind: str | None, column: str) -> list[str]:
        self._expect("(")
        sides = self._value(name, kind, column)
        while self._take(","):
            sides += self._value(name, kind, column)
        self._expect(")")
        return sides

    def _value(self, name: str, kind: str | None, column: str) -> list[str]:
        """Keep the next value; what it is compared with: the column, or the number a text column spells."""
        token = self._peek()
        if token.kind not in {"text", "time", "number"} and not token.says("true", "false"):
            if token.says("null"):
                self.problems.append(f"column {name}: write is null or is not null")
            self._stop("expected a value: 'text', a number, a time, true or false")
        self._next += 1
        value = _fitting(kind, token)
        if value is None and kind is not None:
            self.problems.append(f"column {name}: {_WANTED[kind]}, not {visible(token.text)}")
        self.values.append(_plain(token) if value is None else value)
        as_number = kind == "text" and token.kind == "number"
        return [f"try_cast({column} AS DOUBLE)" if as_number else column]

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _take(self, word: str) -> bool:
        taken = self._peek().says(word)
        self._next += taken
        return taken

    def _expect(self, word: str) -> None:
        if not self._take(word):
            self._stop(f"expected {word}")

    def _stop(self, problem: str) -> None:
        token = self._tokens[self._next] if self._tokens else Token("end", "", 1)
        shown = f"before {visible(token.text)}" if token.text else "at the end"
        self.problems.append(f"position {token.at}, {shown}: {problem}")
        raise _Stop


_WANTED = {
    "text": "it holds text, wants 'text' or a number",
    "number": "it holds numbers, wants a number",
    "bool": "it holds true or false",
    "time": "it holds times, wants one like 2026-05-01 or '2026-05-01T12:00:00Z'",
    "pattern": "like wants a 'pattern%'",
    "like": "like is for columns of text",
    "other": "it can only be asked for is null and is not null",
}


def _fitting(kind: str | None, token: Token) -> Value | None:
    """The value a token has for a column of that kind; None where it does not fit."""
    value = _plain(token)
    match kind:
        case "text":
            return value if token.kind in {"text", "number"} else token.text if token.kind == "time" else None
        case "pattern":
            return value if token.kind == "text" else None
        case "number":
            return value if token.kind == "number" else None
        case "bool":
            return value if isinstance(value, bool) else None
        case "time":
            return _moment(str(value)) if token.kind in {"text", "time"} else None
    return None


def _plain(token: Token) -> Value:
    if token.kind == "text":
        return token.text[1:-1].replace("''", "'")
    if token.kind == "number":
        return float(token.text) if "." in token.text or len(token.text) > 18 else int(token.text)  # int64
    return token.text.lower() == "true" if token.kind == "word" else token.text


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        found = _TOKEN.match(text, position)
        if not found or not found.lastgroup:
            tokens.append(Token("unreadable", text[position:].strip()[:20], position + 1))
            break
        tokens.append(Token(found.lastgroup, found[found.lastgroup], found.start(found.lastgroup) + 1))
        position = found.end()
    return [*tokens, Token("end", "", end + 1)]
