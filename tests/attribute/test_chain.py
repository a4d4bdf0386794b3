"""Ways upstream: each node by its strongest way, and no way through the likeness of a likeness."""

from headwater.attribute.chain import NODES_MAX, chain_from
from headwater.attribute.contradictions import cycles
from headwater.attribute.edges import weakest


def edge(source, target, strength="corroborated", name="made_by", directed=True):
    return {"source": source, "target": target, "edge": name, "strength": strength, "directed": directed}


def chain(start, *edges):
    def edges_of(node):
        return [one for one in edges if one["source"] == node or (one["target"] == node and not one["directed"])]

    return chain_from(start, edges_of)


def along(found):
    return {step.reached: step.along for step in found.steps}


def test_the_strongest_of_two_ways_counts():
    ways = [
        edge("p", "m", "consistent"),
        edge("p", "w", "declared"),
        edge("w", "m", "declared"),
        edge("m", "f", "verified"),
    ]
    assert along(chain("p", *ways))["f"] == "declared"


def test_a_way_is_no_stronger_than_its_weakest_edge():
    assert weakest(["verified", "lead", "declared"]) == "lead"
    assert weakest([]) == ""
    assert along(chain("u", edge("u", "p", "consistent", "near_duplicate"), edge("p", "m")))["m"] == "consistent"


def test_likeness_of_likeness_is_none():
    alike = [
        edge("u", "p", name="near_duplicate", directed=False),
        edge("q", "p", name="near_duplicate", directed=False),
    ]
    assert set(along(chain("u", *alike))) == {"p"}


def test_an_undirected_edge_is_gone_from_both_ends_and_a_directed_one_only_upstream():
    alike = edge("a", "b", name="near_duplicate", directed=False)
    assert [(step.reached, step.turned) for step in chain("b", alike).steps] == [("a", True)]
    assert chain("b", edge("a", "b")).steps == ()


def test_a_circle_ends_and_a_large_graph_is_cut():
    assert set(along(chain("a", edge("a", "b"), edge("b", "c"), edge("c", "a")))) == {"b", "c"}
    wide = chain("a", *(edge("a", f"m{number}") for number in range(2 * NODES_MAX)))
    assert wide.is_cut


def test_circles_are_found_and_trees_are_none():
    assert [one.nodes for one in cycles([("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")])] == [("a", "b", "c")]
    assert [one.nodes for one in cycles([("a", "a")])] == [("a",)]
    assert list(cycles([("a", "b"), ("a", "c")])) == []
    assert list(cycles([])) == []
