"""The canvas of ComfyUI's editor, as LiteGraph keeps it: nodes with slots, links as lists or objects."""

from headwater.formats.generators.node_graph import Link, Node, Nodes
from headwater.formats.generators.strict_json import Json, as_list, as_object


def canvas_nodes(value: dict[str, Json]) -> Nodes:
    """The nodes of a canvas; empty where the object is none."""
    drawn = [as_object(one) for one in as_list(value.get("nodes"))]
    if "links" not in value or not any("type" in one for one in drawn):
        return {}
    links = dict(filter(None, map(_link, as_list(value.get("links")))))
    return {str(one.get("id")): _node(one, links) for one in drawn if isinstance(one.get("type"), str)}


def _link(row: Json) -> tuple[str, tuple[str, str]] | None:
    """One link: its number, and from which node and output it comes."""
    match row:
        case [number, source, output, *_]:
            return str(number), (str(source), str(output))
        case {"id": number, "origin_id": source, "origin_slot": output}:
            return str(number), (str(source), str(output))
        case _:
            return None


def _node(drawn: dict[str, Json], links: dict[str, tuple[str, str]]) -> Node:
    found = []
    for slot in map(as_object, as_list(drawn.get("inputs"))):
        link = links.get(str(slot.get("link")))
        if link is not None:
            found.append(Link(str(slot.get("name")), *link))
    return Node(str(drawn.get("type")), tuple(found), {})
