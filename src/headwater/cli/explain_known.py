"""What known sets say of one content, and what it looks like, in lines."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from headwater.cli.output import dots
from headwater.model.counted import counted
from headwater.model.visible import visible

Row = Mapping[str, Any]


def known_lines(matches: Sequence[Row], groups: Sequence[Row]) -> Iterator[str]:
    """Every match with set, record, category, rule and what stands against it; then every group."""
    yield f"\nKnown sets ({len(matches):,})"
    for row in matches:
        yield from _match(row)
    yield f"\nLooks like ({len(groups):,})"
    for row in groups:
        yield from _group(row)


def _match(row: Row) -> Iterator[str]:
    category = f", category {visible(row['category'])} of {visible(row['scheme'])}" if row["category"] else ""
    verdict = ", which is no verdict" if row["category"] and not row["verdict"] else ""
    yield f"  {visible(row['set'])}, record {visible(row['record'])} ({row['role']}){category}{verdict}"
    how = row["kind"] if row["distance_bits"] is None else f"{row['kind']}, {row['distance_bits']} of 256 bits"
    variant = f"; {row['variant']}" if row["variant"] else ""
    yield f"      {how}{variant}"
    yield f"      rule: {row['rule']}"
    if row["through"]:
        yield f"      through {row['through'][:16]}{dots()}, which the record knows by digest"
    if row["series"]:
        identified = {True: "yes", False: "no", None: "not said"}[row["victim_identified"]]
        yield f"      series {visible(row['series'])}; its victim is known, says the set: {identified}"
    if row["set_aside"]:
        yield f"      SET ASIDE: {visible(row['set_aside'])}"


def _group(row: Row) -> Iterator[str]:
    members = counted(row["members"], "content")
    if row["kind"] == "visual" and not row["is_medoid"]:
        bits = f"{row['distance_bits']} of 256 bits from its medoid {row['medoid'][:16]}{dots()}"
        yield f"  visual group {row['group']}, {members}: {bits}; {row['variant']}"
    elif row["kind"] == "visual":
        yield f"  visual group {row['group']}, {members}: it is the medoid"
    else:
        yield f"  {row['kind']} {row['group']}, {members}"
