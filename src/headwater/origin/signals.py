"""The signals S1 to S15 as data, and one signal as it was found. What is not listed counts nothing.

Sides: g generated, e edited by a generator, c recorded by a camera; empty where a signal is only noted. One writer has
one vote: of what the same program wrote, the highest level counts, and nothing is added up or multiplied.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from headwater.model.canonical import Json

SIGNALS: Mapping[str, str] = {
    "S1": "a signature of a trusted signer, or NovelAI's, verifies over these bytes and states a generator",
    "S2": "a signature of a trusted signer verifies over these bytes and states that a generator changed a part",
    "S3": "a signature of a trusted signer verifies over these bytes and states that a camera recorded them",
    "S4": "a credential fits these bytes; its signer is on no trust list, or it had expired",
    "S5": "a credential does not fit these bytes, or its signature does not verify; that is no finding of forgery",
    "S6": "an unsigned record in the file states a generator",
    "S7": "an unsigned record in the file and one written independently of it agree",
    "S8": "a short hash, a name or a row of the same program agrees: a tie, and no level",
    "S9": "an unsigned label states that a generator's output was combined with another picture",
    "S10": "the pattern of a seized camera's sensor is in these pixels",
    "S11": "the fields that a camera writes fit each other, the picture, and other pictures of that model",
    "S12": "fields that a camera writes are there, and fit in part",
    "S13": "an invisible watermark of a generator can be read from these pixels",
    "S14": "the file is named, or lies, as a generator's output does",
    "S15": "noted, and it says nothing of the origin",
}
SIDES = ("g", "e", "c")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One signal. findings: those it rests on. says: what was found, in words. writer: the program whose vote it is.

    values: texts for the sentences, such as the signer. A level of 0 counts nothing.
    """

    id: str
    side: str = ""
    level: int = 0
    findings: tuple[str, ...] = ()
    says: str = ""
    writer: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Json]:
        """The signal as an origin keeps it."""
        return {
            "findings": [*self.findings], "id": self.id, "level": self.level, "says": self.says, "side": self.side,
            "values": dict(self.values), "writer": self.writer,
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """Two things joined. a: the content weighed. b: another content, or ``exhibit:REF``. rarity: bits, if counted."""

    a: str
    b: str
    reason: str
    value: str
    strength: str = "lead"
    rarity: float | None = None

    def as_row(self) -> dict[str, str | float | None]:
        """The tie as a row of ties."""
        return {
            "a": self.a, "b": self.b, "reason": self.reason, "value": self.value, "rarity": self.rarity,
            "strength": self.strength,
        }  # fmt: skip


def level(signals: Iterable[Signal], side: str) -> int:
    """The highest level of a side: no number of weak signals makes a strong one."""
    return max((signal.level for signal in signals if signal.side == side), default=0)


def signals_as_json() -> Sequence[Json]:
    """What each signal is, for the digest of the rules."""
    return [[name, says] for name, says in SIGNALS.items()]
