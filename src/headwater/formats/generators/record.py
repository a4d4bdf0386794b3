"""What a generator's record says, in one form for all generators.

None stands for what a record does not say, an empty text for what it says to be empty.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from math import isfinite

_FIGURE_MAX = 1e15
_WHOLE_MAX = 1 << 53
_WORD_LETTERS = 300
_DIGEST_KINDS = {8: "legacy8", 10: "autov2", 64: "sha256"}
_HEXADECIMAL = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Used:
    """A model or LoRA by name, with its digest where one is recorded.

    digest: hexadecimal, small letters. kind: legacy8 (A1111: of 64 KiB at 1 MiB, 8 digits), autov2 (beginning of the
    file's SHA-256), autov3 (beginning or whole of the SHA-256 behind the safetensors header), sha256, blake3, unknown.
    """

    name: str
    digest: str = ""
    kind: str = ""
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """A picture that went in. role: image, mask, control or face. name and sha256 are empty where not recorded."""

    role: str
    name: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record of how a picture was made. why: what is missing of it; empty where it was read whole.

    told_by: ``name`` where the record names the program, ``layout`` where only its form does.
    signature: as stored, in base64, with what it is over; `novelai_signature` checks it.
    """

    generator: str
    why: str = ""
    told_by: str = "name"
    version: str = ""
    models: tuple[Used, ...] = ()
    loras: tuple[Used, ...] = ()
    sampler: str = ""
    seed: str = ""
    steps: int | None = None
    cfg: float | None = None
    width: int | None = None
    height: int | None = None
    denoise: float | None = None
    inputs: tuple[Input, ...] = ()
    output_name: str = ""
    prompt: str | None = None
    negative: str | None = None
    shape_sha256: str = ""
    more: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    signature: str = ""
    signed: str = ""

    @property
    def input_use(self) -> str:
        """Whether a recorded picture went in: none, named (by name or digest) or unnamed."""
        if not self.inputs:
            return "none"
        return "named" if any(one.name or one.sha256 for one in self.inputs) else "unnamed"


@dataclass(frozen=True, slots=True)
class Graph:
    """A workflow. kind: ``api`` for what ran, ``canvas`` for a drawing of it. classes: of nodes, each once, sorted."""

    generator: str
    kind: str
    nodes: int
    shape_sha256: str
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unread:
    """A record or graph (`claim`) that is there by its name and could not be read; `reason` says why."""

    claim: str
    generator: str
    reason: str


Told = Record | Graph | Unread


def prompt_digest(prompt: str | None) -> str:
    """SHA-256 of a prompt as UTF-8 without white space around it: two records of one prompt give the same.

    Empty where there are no words: two pictures made without any do not agree by that.
    """
    words = (prompt or "").strip()
    return sha256(words.encode("utf-8", "replace")).hexdigest() if words else ""


def used(name: object, digest: object = "", weight: object = None, kind: str = "") -> Used | None:
    """A model by what a record says of it; None where that is no name. The digest's length tells its kind."""
    called = word(name)
    if not called:
        return None
    raw = word(digest).lower().strip()
    prefix, _, rest = raw.rpartition(":")
    raw = rest.removeprefix("0x")
    if not raw or not _HEXADECIMAL.issuperset(raw):
        return Used(called, weight=figure(weight))
    if prefix:
        kind = prefix if prefix in ("sha256", "blake3") else "unknown"
    return Used(called, raw, kind or _DIGEST_KINDS.get(len(raw), "unknown"), figure(weight))


def word(value: object) -> str:
    """A short text as it stands; a figure as text; empty for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)[:_WORD_LETTERS]


def text(value: object) -> str | None:
    """A text; None for anything else."""
    return value if isinstance(value, str) else None


def whole(value: object) -> int | None:
    """A whole number, also out of a text; None for anything else or what is beyond 2**53."""
    number = figure(value)
    return int(number) if number is not None and number.is_integer() and abs(number) < _WHOLE_MAX else None


def figure(value: object) -> float | None:
    """A finite number of at most 1e15, also out of a text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, str) and len(value) > 40:
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if isfinite(number) and abs(number) <= _FIGURE_MAX else None


def seed(value: object) -> str:
    """A seed as text, for it may have more digits than JSON's numbers; empty where it is no whole number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    shown = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
    return shown if len(shown) <= 40 and shown.removeprefix("-").isdecimal() else ""
