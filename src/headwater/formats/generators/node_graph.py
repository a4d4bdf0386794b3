"""Workflows as nodes and links, whoever drew them, and the digest of their shape.

The shape is classes and links alone: neither numbers of nodes, nor their order, nor any value enters its digest, so two
runs of one workflow with other seeds and prompts have the same.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from headwater.formats.generators.record import Graph
from headwater.formats.generators.strict_json import Json

NODES_MAX = 2000
_LINKS_MAX = 50_000
_CLASSES_MAX = 200
_CLASS_LETTERS = 200


@dataclass(frozen=True, slots=True)
class Link:
    """An input that comes from another node: which input, from which node, which of its outputs."""

    into: str
    source: str
    output: str


@dataclass(frozen=True, slots=True)
class Node:
    """One node: its class, its links, and its other inputs as they stand."""

    kind: str
    links: tuple[Link, ...]
    values: Mapping[str, Json]


Nodes = Mapping[str, Node]


def too_many(nodes: int) -> str:
    """Why a workflow of so many nodes is not read; empty where it is."""
    return f"limit: a workflow of {nodes} nodes is more than is read ({NODES_MAX})" if nodes > NODES_MAX else ""


def graph_of(nodes: Nodes, generator: str, kind: str) -> Graph:
    """The claim about a workflow as a whole."""
    classes = sorted({node.kind[:_CLASS_LETTERS] for node in nodes.values()})
    return Graph(generator, kind, len(nodes), shape_digest(nodes), tuple(classes[:_CLASSES_MAX]))


def shape_digest(nodes: Nodes) -> str:
    """SHA-256 over the sorted labels of all nodes; a label covers the class and all that leads to the node.

    What leads to a node through a circle, which no program can run, is left out of its label.
    """
    ordered = list(_sources_first(nodes))
    labels: dict[str, str] = {}
    for number in ordered:
        labels[number] = _label(nodes[number], labels)
    circle = [_label(node, labels) for number, node in nodes.items() if number not in labels]
    return sha256("\n".join(sorted([*labels.values(), *circle])).encode()).hexdigest()


def _label(node: Node, labels: Mapping[str, str]) -> str:
    links = sorted([one.into, one.output, labels.get(one.source, "")] for one in node.links)
    return sha256(repr([node.kind, links]).encode("utf-8", "replace")).hexdigest()


def _sources_first(nodes: Nodes) -> Iterator[str]:
    """Every node after those it takes from; none that stands in a circle or behind one."""
    waiting = {number: len({one.source for one in node.links if one.source in nodes}) for number, node in nodes.items()}
    goes: dict[str, set[str]] = {}
    for number, node in nodes.items():
        for one in node.links:
            if one.source in nodes:
                goes.setdefault(one.source, set()).add(number)
    ready = [number for number, count in waiting.items() if not count]
    while ready:
        number = ready.pop()
        yield number
        for target in goes.get(number, ()):
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)


def _all_links(node: Node) -> Sequence[Link]:
    return node.links


def upstream(
    nodes: Nodes, start: str, follow: Callable[[Node], Sequence[Link]] = _all_links
) -> Iterator[tuple[str, Link | None]]:
    """Nodes that lead to `start`, nearest first, each once, with the link by which it was reached; `start` first.

    follow: which links of a node are gone up.
    """
    seen = {start}
    row: list[tuple[str, Link | None]] = [(start, None)] if start in nodes else []
    walked = 0
    while row:
        yield from row
        following: list[tuple[str, Link | None]] = []
        for number, _ in row:
            for one in follow(nodes[number]):
                walked += 1
                if one.source in nodes and one.source not in seen and walked <= _LINKS_MAX:
                    seen.add(one.source)
                    following.append((one.source, one))
        row = following
