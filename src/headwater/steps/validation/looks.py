"""How often the hold-out files of a corpus were looked at: a method that is tuned between looks looks too good."""

import os
from collections.abc import Mapping
from pathlib import Path

from headwater.model.canonical import Json, canonical_bytes
from headwater.model.errors import MissingDependency
from headwater.model.visible import visible
from headwater.seal.files import read_only

LOOKS = "looks.jsonl"


def add_look(corpus: Path, body: Mapping[str, Json]) -> int:
    """Write one line into the corpus's looks.jsonl, and return how many stood there before.

    It is written before anything is examined: a look that is given up counts. Raises MissingDependency.
    """
    path = corpus / LOOKS
    try:
        before = _count(path)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            os.write(descriptor, canonical_bytes(body) + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise MissingDependency(
            f"{visible(str(path))} cannot be written: {error.strerror}",
            next_step="The corpus has hold-out files, and each look at them is counted there. Make it writable.",
        ) from error
    return before


def _count(path: Path) -> int:
    try:
        with os.fdopen(read_only(path), "rb") as file:
            return sum(1 for line in file if line.strip())
    except FileNotFoundError:
        return 0
