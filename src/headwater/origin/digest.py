"""One digest for everything that an origin follows from besides its findings: table, signals, names, sentences."""

from functools import cache

from headwater.model.canonical import Json, digest_of
from headwater.origin.frames import frames_as_json
from headwater.origin.places import PATTERNS
from headwater.origin.rules import table_as_json
from headwater.origin.signals import signals_as_json


@cache
def rules_digest() -> str:
    """SHA-256 over the rules as data: a change of any of them gives another one."""
    patterns: Json = [[*row] for row in PATTERNS]
    return digest_of([table_as_json(), signals_as_json(), patterns, frames_as_json()])
