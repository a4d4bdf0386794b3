"""The upstream graph for the tools that draw and count graphs, node by node: GraphML 1.0 and GEXF 1.3.

Sources: graphml.graphdrawing.org/primer/graphml-primer.html; gexf.net/schema.html. Characters that XML 1.0 cannot hold
are written as U+FFFD.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from xml.sax.saxutils import escape, quoteattr

_NODE_FIELDS, _EDGE_FIELDS = ("kind", "name"), ("edge", "strength", "reason", "directed")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
Row = Mapping[str, str]


def graphml_lines(nodes: Iterable[Row], edges: Iterable[Row]) -> Iterator[str]:
    """Lines of GraphML.

    nodes: with id, kind, name. edges: with source, target, edge, strength, reason and directed, ``true`` or ``false``.
    """
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
    for of, fields in (("node", _NODE_FIELDS), ("edge", _EDGE_FIELDS)):
        for name in fields:
            yield f'<key id="{of}_{name}" for="{of}" attr.name="{name}" attr.type="string"/>\n'
    yield '<graph id="upstream" edgedefault="directed">\n'
    for node in nodes:
        yield f"<node id={_quoted(node['id'])}>{_data(node, 'node', _NODE_FIELDS)}</node>\n"
    for number, edge in enumerate(edges):
        ends = f"source={_quoted(edge['source'])} target={_quoted(edge['target'])}"
        directed = "" if edge["directed"] == "true" else ' directed="false"'
        yield f'<edge id="e{number}" {ends}{directed}>{_data(edge, "edge", _EDGE_FIELDS)}</edge>\n'
    yield "</graph>\n</graphml>\n"


def gexf_lines(nodes: Iterable[Row], edges: Iterable[Row]) -> Iterator[str]:
    """Lines of GEXF, of the same nodes and edges."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<gexf xmlns="http://gexf.net/1.3" version="1.3">\n'
    yield '<graph mode="static" defaultedgetype="directed">\n'
    for of, fields in (("node", _NODE_FIELDS), ("edge", _EDGE_FIELDS)):
        yield f'<attributes class="{of}" mode="static">\n'
        for name in fields:
            yield f'<attribute id="{of}_{name}" title="{name}" type="string"/>\n'
        yield "</attributes>\n"
    yield "<nodes>\n"
    for node in nodes:
        values = _values(node, "node", _NODE_FIELDS)
        yield f"<node id={_quoted(node['id'])} label={_quoted(node['name'])}>{values}</node>\n"
    yield "</nodes>\n<edges>\n"
    for number, edge in enumerate(edges):
        ends = f"source={_quoted(edge['source'])} target={_quoted(edge['target'])}"
        directed = "directed" if edge["directed"] == "true" else "undirected"
        yield f'<edge id="{number}" {ends} type="{directed}">{_values(edge, "edge", _EDGE_FIELDS)}</edge>\n'
    yield "</edges>\n</graph>\n</gexf>\n"


def _data(row: Row, of: str, fields: Iterable[str]) -> str:
    return "".join(f'<data key="{of}_{name}">{escape(_clean(row[name]))}</data>' for name in fields)


def _values(row: Row, of: str, fields: Iterable[str]) -> str:
    values = "".join(f'<attvalue for="{of}_{name}" value={_quoted(row[name])}/>' for name in fields)
    return f"<attvalues>{values}</attvalues>"


def _quoted(text: str) -> str:
    return quoteattr(_clean(text))


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
