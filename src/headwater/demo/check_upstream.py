"""The upstream graph beside the truth, edge by edge: what is missed, and what is said that is not true."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from headwater.demo.check_row import CheckRow, counted
from headwater.demo.kin import Kin
from headwater.demo.truth import Truth

Row = Mapping[str, Any]
_PLANTED = ("made_by", "derived_from", "trained_on", "based_on", "contains", "taken_by")
_DIGITS = 64


def upstream_rows(truth: Truth, rows: Sequence[Row]) -> Iterator[CheckRow]:
    """One row for each type of edge. rows: of the upstream table; items stand as ``exhibit sha256``."""
    by_edge: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_edge[row["edge"]].append(row)
    for edge in _PLANTED:
        planted = {(one.source, one.target) for one in truth.edges if one.edge == edge}
        yield counted(f"upstream: {edge}", planted, {(row["source"], row["target"]) for row in by_edge[edge]})
    yield _ran(truth, by_edge["ran"])
    yield _copies(truth, by_edge["exact_copy"])
    yield _near(truth, [*by_edge["near_duplicate"], *by_edge["bridge"]])
    yield _places(truth, by_edge["found_on"])
    yield _recorded(truth, by_edge["recorded_on"])
    yield _corroborated(truth, rows)


def _ran(truth: Truth, rows: Iterable[Row]) -> CheckRow:
    """Two outputs have one workflow where they have one, and only there."""
    nodes = {row["source"]: row["target"] for row in rows}
    shapes = truth.shapes
    of_node, of_shape = defaultdict(set), defaultdict(set)
    for sha256, shape in shapes.items():
        if sha256 in nodes:
            of_node[nodes[sha256]].add(shape)
            of_shape[shape].add(nodes[sha256])
    mixed = [f"one node for {len(each)} workflows" for each in of_node.values() if len(each) > 1]
    mixed += [f"{len(each)} nodes for {shape[:40]}" for shape, each in of_shape.items() if len(each) > 1]
    missed = tuple(sha256[:12] for sha256 in shapes if sha256 not in nodes)
    found = len(shapes) - len(missed)
    return CheckRow(
        check="upstream: ran, one workflow one node", expected=len(shapes), found=found, missed=missed,
        surplus=tuple(mixed),
    )  # fmt: skip


def _copies(truth: Truth, rows: Iterable[Row]) -> CheckRow:
    """The same content on two exhibits, each further one joined to another."""
    pictures = {one.sha256 for one in truth.pictures}
    where: dict[str, set[str]] = defaultdict(set)
    for file in truth.files:
        if file.sha256 in pictures:
            where[file.sha256].add(file.exhibit)
    planted = {
        (sha256, *sorted(pair)) for sha256, each in where.items() for pair in combinations(sorted(each), 2)
        if len(each) == 2
    }  # fmt: skip
    seen = {
        (row["source"].split(" ")[1], *sorted(row[side].split(" ")[0] for side in ("source", "target"))) for row in rows
    }
    return counted("upstream: exact_copy between exhibits", planted, seen)


def _near(truth: Truth, rows: Iterable[Row]) -> CheckRow:
    """Every upload that is near its output is joined to it; nothing is joined that is no relative."""
    kin = Kin(truth)
    pairs = {frozenset((row["source"], row["target"])) for row in rows}
    within = {frozenset((one.original_sha256, one.derived_sha256)) for one in truth.near_duplicates if one.within}
    planted = [(one.upload_sha256, one.output_sha256) for one in truth.chain]
    wanted = [pair for pair in planted if frozenset(pair) in within]
    missed = tuple(" ".join(name[:12] for name in pair) for pair in wanted if frozenset(pair) not in pairs)
    wrong = tuple(" ".join(sorted(name[:12] for name in pair)) for pair in pairs if not kin.are_related(*sorted(pair)))
    return CheckRow(
        check="upstream: near_duplicate, upload to output", expected=len(wanted), found=len(wanted) - len(missed),
        missed=missed, surplus=wrong,
    )  # fmt: skip


def _places(truth: Truth, rows: Iterable[Row]) -> CheckRow:
    """Every place that is told is true; every model, photograph of the training and upload is placed."""
    true = {(file.sha256, f"exhibit:{file.exhibit}") for file in truth.files}
    seen = {(row["source"], row["target"]) for row in rows if len(row["source"]) == _DIGITS}
    wanted = {one.source for one in truth.edges if one.edge in ("made_by", "derived_from", "taken_by")}
    wanted |= {one.upload_sha256 for one in truth.chain} | {one.target for one in truth.edges if one.edge == "made_by"}
    planted = {pair for pair in true if pair[0] in wanted}
    return CheckRow(
        check="upstream: found_on", expected=len(planted), found=len(planted & seen),
        missed=tuple(" ".join((pair[0][:12], pair[1])) for pair in sorted(planted - seen)),
        surplus=tuple(" ".join((pair[0][:12], pair[1])) for pair in sorted(seen - true)),
    )  # fmt: skip


def _recorded(truth: Truth, rows: Iterable[Row]) -> CheckRow:
    """Only what was made on the workstation is recorded there; InvokeAI's database names every output of its own."""
    made = {(sha256, f"exhibit:{one}") for sha256 in truth.shapes for one in _workstations(truth)}
    planted = {pair for pair in made if truth.shapes[pair[0]].startswith("InvokeAI")}
    seen = {(row["source"], row["target"]) for row in rows}
    return CheckRow(
        check="upstream: recorded_on", expected=len(planted), found=len(planted & seen),
        missed=tuple(sorted(pair[0][:12] for pair in planted - seen)),
        surplus=tuple(sorted(pair[0][:12] for pair in seen - made)),
    )  # fmt: skip


def _workstations(truth: Truth) -> set[str]:
    return {one.workstation_exhibit for one in truth.chain}


def _corroborated(truth: Truth, rows: Iterable[Row]) -> CheckRow:
    """Of the edges that are called corroborated, those that are planted: a false one would be a false accusation."""
    planted = {(one.source, one.edge, one.target) for one in truth.edges}
    seen = [
        (row["source"], row["edge"], row["target"])
        for row in rows
        if row["strength"] == "corroborated" and row["edge"] in _PLANTED
    ]
    wrong = tuple(
        f"{source[:12]} {edge} {target[:12]}" for source, edge, target in seen if (source, edge, target) not in planted
    )
    return CheckRow(
        check="upstream: corroborated edges are true", expected=len(seen), found=len(seen) - len(wrong), surplus=wrong
    )
