"""The chart, and the files for other tools: real parsers read what is written."""

from io import BytesIO
from xml.etree import ElementTree as ET

import networkx as nx
import pytest

from headwater.export.graph_files import gexf_lines, graphml_lines
from headwater.export.upstream_chart import Chart, ChartEdge, ChartNode, Strong, draw_chart, stand_alone

NODES = [
    {"id": "ab" * 32, "kind": "picture", "name": 'D-1 a "quoted" & <odd> name\x08.png'},
    {"id": "folder:D-1/Fyrtårne/灯台", "kind": "folder", "name": "灯台"},
]
EDGES = [
    {"source": NODES[1]["id"], "target": NODES[0]["id"], "edge": "contains", "strength": "verified",
     "reason": "it lies <there>", "directed": "true"},
    {"source": NODES[0]["id"], "target": NODES[1]["id"], "edge": "bridge", "strength": "lead", "reason": "",
     "directed": "false"},
]  # fmt: skip


def test_a_graph_library_reads_the_graphml():
    written = "".join(graphml_lines(NODES, EDGES[:1])).encode()
    graph = nx.read_graphml(BytesIO(written))
    assert set(graph.nodes) == {one["id"] for one in NODES}
    assert graph.nodes[NODES[0]["id"]] == {"kind": "picture", "name": 'D-1 a "quoted" & <odd> name\ufffd.png'}
    ((source, target, told),) = graph.edges(data=True)
    assert (source, target, told["strength"], told["reason"]) == (
        NODES[1]["id"],
        NODES[0]["id"],
        "verified",
        "it lies <there>",
    )


def test_a_graph_library_reads_the_gexf():
    written = "".join(gexf_lines(NODES, EDGES[:1])).encode()
    graph = nx.read_gexf(BytesIO(written), version="1.3")
    assert {told["kind"] for _, told in graph.nodes(data=True)} == {"picture", "folder"}
    ((_, _, told),) = graph.edges(data=True)
    assert told["edge"] == "contains"


@pytest.mark.parametrize("lines", [graphml_lines, gexf_lines])
def test_undirected_edges_are_marked_and_the_file_is_whole(lines):
    root = ET.fromstring("".join(lines(NODES, EDGES)))
    edges = [one for one in root.iter() if one.tag.endswith("}edge")]
    assert [one.get("directed", one.get("type")) for one in edges] in ([None, "false"], ["directed", "undirected"])


def chart(nodes=2):
    made = [ChartNode(id=f"p{number}", column=0, lines=(f"{number} pictures", "<here>")) for number in range(nodes)]
    model = ChartNode(id="m", column=2, lines=("a model of a very long name that is cut.safetensors",))
    edges = [
        ChartEdge(
            source="p0",
            target="m",
            words="made by",
            count=7,
            strengths=[Strong(strength="corroborated", count=5), Strong(strength="declared", count=2)],
        ),
        ChartEdge(source="p1", target="m", words="made by", count=1, strengths=[Strong(strength="lead", count=1)]),
        ChartEdge(source="p0", target="gone", words="made by", count=1, strengths=[Strong(strength="lead", count=1)]),
    ]
    return Chart(nodes=[*made, model], edges=edges)


def test_the_same_data_gives_the_same_drawing_and_it_is_svg():
    first, again = (stand_alone(draw_chart("What came from what", chart())) for _ in range(2))
    assert first == again
    root = ET.fromstring(first.encode())
    words = [one.text for one in root.iter() if one.tag.endswith("}title")]
    assert "made by: corroborated 5, declared 2" in words
    paths = [one.get("class") for one in root.iter() if one.tag.endswith("}path")]
    assert paths == ["arrow", "arrow weak"]  # an arrow to no box is not drawn
    texts = [one.text for one in root.iter() if one.tag.endswith("}text")]
    assert {"Pictures", "Workflows", "Models", "Training folders", "Devices", "Persons", "<here>"} <= set(texts)


def test_no_node_overlaps_another_and_all_lie_inside():
    root = ET.fromstring(str(draw_chart("many", chart(10))))
    boxes = [
        tuple(float(one.get(name)) for name in ("x", "y", "width", "height"))
        for one in root.iter()
        if one.tag.endswith("}rect")
    ]
    assert len(boxes) == 11
    for place, (x, y, wide, tall) in enumerate(boxes):
        assert x + wide <= float(root.get("width"))
        assert y + tall <= float(root.get("height"))
        for other in boxes[place + 1 :]:
            assert x != other[0] or y + tall <= other[1] or other[1] + other[3] <= y


def test_nothing_is_drawn_of_nothing():
    assert draw_chart("empty", Chart(nodes=[], edges=[])) == ""
