"""The readers' table: marks that the manifest says are in a file, beside those that the examiners read there.

Which claim is which mark is data; a claim that no row names is no mark.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from headwater.export.validation_records import MarkCase, MarkLine, Readers
from headwater.model.visible import visible
from headwater.steps.validation.manifest import Row
from headwater.steps.validation.observe import Observed


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkRule:
    """When a found claim is a mark. mark: its name; or it stands under `key`, behind `prefix`.

    needs: a key that must hold a text with that in it, in lower case.
    """

    claim: str
    mark: str = ""
    key: str = ""
    prefix: str = ""
    needs: tuple[str, str] = ("", "")


RULES = (
    MarkRule(claim="generator.record", key="generator"),
    MarkRule(claim="generator.graph", key="generator"),
    MarkRule(claim="generator.record", mark="stealth", needs=("carrier", "lsb")),
    MarkRule(claim="c2pa.state", mark="c2pa"),
    MarkRule(claim="c2pa.manifest", mark="c2pa"),
    MarkRule(claim="c2pa.remote", mark="c2pa"),  # named by the file, not fetched
    MarkRule(claim="declared.tc260", mark="tc260"),
    MarkRule(claim="declared.source_type", key="term", prefix="iptc:"),
    MarkRule(claim="declared.vendor", key="vendor"),
    MarkRule(claim="declared.screen", mark="screenshot", needs=("what", "screen")),
    MarkRule(claim="declared.screen", mark="game_render", needs=("what", "game")),
    MarkRule(claim="watermark.dwtdct", mark="dwtdct"),
    MarkRule(claim="watermark.trustmark", mark="trustmark"),
)


def marks_read(claims: Sequence[tuple[str, str]]) -> frozenset[str]:
    """The marks among what was found in one content."""
    return frozenset(mark for claim, value in claims for mark in _marks(claim, value))


def _marks(claim: str, value: str) -> Iterator[str]:
    rules = [rule for rule in RULES if rule.claim == claim]
    said = _object(value) if rules else {}
    for rule in rules:
        key, text = rule.needs
        if text not in str(said.get(key, "")).lower():
            continue
        name = rule.mark or str(said.get(rule.key, ""))
        if name:
            yield visible(f"{rule.prefix}{name}").lower()


def _object(value: str) -> Mapping[str, object]:
    try:
        said = json.loads(value)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def readers(rows: Sequence[Row], observed: Mapping[int, Observed]) -> Readers:
    """Compare every row's marks with what was read in it. A row without marks expects none."""
    expected: Counter[str] = Counter()
    read: Counter[str] = Counter()
    missed: list[MarkCase] = []
    surplus: list[MarkCase] = []
    for row in rows:
        wanted = {mark.lower() for mark in row.marks}
        seen = marks_read(observed[row.line].claims) if row.line in observed else frozenset()
        expected.update(wanted)
        read.update(wanted & seen)
        missed += (_case(row, mark, seen) for mark in sorted(wanted - seen))
        surplus += (_case(row, mark, seen) for mark in sorted(seen - wanted))
    missing = Counter(case.mark for case in missed)
    beyond = Counter(case.mark for case in surplus)
    return Readers(
        expected=expected.total(),
        read=read.total(),
        missed=missed,
        surplus=surplus,
        by_mark=[
            MarkLine(
                mark=visible(mark),
                expected=expected[mark],
                read=read[mark],
                missed=missing[visible(mark)],
                surplus=beyond[visible(mark)],
            )
            for mark in sorted({*expected, *beyond})
        ],
    )


def _case(row: Row, mark: str, seen: frozenset[str]) -> MarkCase:
    return MarkCase(
        path=visible(row.path),
        sha256=row.sha256,
        mark=visible(mark),
        read=sorted(seen),
        truth_basis=row.truth_basis,
    )
