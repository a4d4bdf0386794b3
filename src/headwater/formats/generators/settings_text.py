"""The text that AUTOMATIC1111's web UI made common: prompt, negative prompt, and one line of settings.

Layout: https://github.com/AUTOMATIC1111/stable-diffusion-webui, modules/infotext_utils.py. A value with a comma, colon
or line end in it stands in quotation marks as a JSON text; extensions write JSON objects bare.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from headwater.formats.generators.strict_json import LETTERS_MAX

_START = re.compile(r"(?:^|\n)[ \t]*(?=Steps: ?\d)")
_KEY = re.compile(r"[\w(][\w \-/+.()&]{0,63}")
_NEGATIVE = "Negative prompt:"
_PAIRS_MAX = 500
_KNOWN = frozenset(
    {"sampler", "cfg scale", "guidance scale", "seed", "size", "model hash", "model", "app", "version"}
)  # two of them beside the steps make a line of settings
_SCANNER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Settings:
    """One such text. values: by key in small letters, the first of each; keys: as they stand, in order."""

    prompt: str
    negative: str | None
    values: Mapping[str, str]
    keys: tuple[str, ...]


def read_settings(text: str) -> Settings | None:
    """Read the last line of settings and what stands before it; None where there is none."""
    if "Steps:" not in text or len(text) > LETTERS_MAX:
        return None
    text = text.replace("\r\n", "\n")
    starts = [found.end() for found in _START.finditer(text)]
    if not starts:
        return None
    head, line = text[: starts[-1]], text[starts[-1] :].split("\n", 1)[0]
    pairs = _pairs(line)
    values: dict[str, str] = {}
    for key, value in pairs:
        values.setdefault(key.lower(), value)
    if len(_KNOWN & values.keys()) < 2:
        return None
    prompt, negative = _prompts(head)
    return Settings(prompt, negative, values, tuple(key for key, _ in pairs))


def _prompts(head: str) -> tuple[str, str | None]:
    """The prompt, and the negative one where a line begins it."""
    if head.startswith(_NEGATIVE):
        return "", head[len(_NEGATIVE) :].strip()
    prompt, found, negative = head.partition(f"\n{_NEGATIVE}")
    return prompt.strip(), negative.strip() if found else None


def _pairs(line: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(line) and len(found) < _PAIRS_MAX:
        key = _KEY.match(line, at)
        if key is None or line[key.end() : key.end() + 1] != ":":
            end = _comma(line, at)
            if found:  # a comma inside a value without quotation marks
                found[-1] = (found[-1][0], f"{found[-1][1]}, {line[at:end].strip()}")
        else:
            start = key.end() + 1
            start += len(line[start : start + 8]) - len(line[start : start + 8].lstrip(" "))
            value, end = _value(line, start)
            found.append((key[0].strip(), value))
        at = end + 1
        while at < len(line) and line[at] in " ,":
            at += 1
    return found


def _comma(line: str, start: int) -> int:
    end = line.find(",", start)
    return len(line) if end < 0 else end


def _value(line: str, start: int) -> tuple[str, int]:
    """The value from `start` on, and where the comma behind it is."""
    if line[start : start + 1] in ('"', "{", "["):
        try:
            value, end = _SCANNER.raw_decode(line, start)
        except (ValueError, RecursionError):
            pass
        else:
            return value if isinstance(value, str) else line[start:end], _comma(line, end)
    end = _comma(line, start)
    return line[start:end].strip(), end
