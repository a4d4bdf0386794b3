"""The upstream graph for the report: the chart with its table, models, hands, contradictions."""

import duckdb

from headwater.attribute.edges import MEANINGS
from headwater.attribute.hands import HANDS_RULE
from headwater.attribute.rarity import RARITY_RULE
from headwater.export.records import ChartLine, HandLine, Meaning, ModelLine, UpstreamPart
from headwater.model.visible import shown, visible
from headwater.steps.upstream_chart import DEVICES, upstream_chart

_LINES_MAX = 20
_MODELS = """
SELECT m.path, m.kind, m.sha256, m.base_model, m.training_folders, m.exhibits,
  (SELECT count(*) FROM upstream u WHERE u.edge = 'made_by' AND u.target = m.sha256) AS pictures,
  count(*) OVER () AS total
FROM models m ORDER BY pictures DESC, m.path, m.sha256 LIMIT ?
"""
_HANDS = """
SELECT hand, count(*) AS pictures, mode(because[1]) AS because, count(*) OVER () AS total FROM hands
GROUP BY hand ORDER BY pictures DESC, hand LIMIT ?
"""
_PICTURES = "SELECT count(*) FROM origins WHERE (SELECT count(*) FROM part_attributions) > 0"
_AGAINST = "SELECT message, nodes FROM contradictions ORDER BY kind, message, nodes LIMIT ?"


def upstream_part(connection: duckdb.DuckDBPyConnection) -> UpstreamPart:
    """Everything the report says of it."""
    (pictures,) = connection.execute(_PICTURES).fetchall()[0]
    chart = upstream_chart(connection)
    named = {node.id: " ".join(node.lines[: 1 if node.column == DEVICES else 3]) for node in chart.nodes}
    models = connection.execute(_MODELS, [_LINES_MAX]).fetchall()
    hands = connection.execute(_HANDS, [_LINES_MAX]).fetchall()
    return UpstreamPart(
        pictures=int(pictures),
        meanings=[Meaning(word=word, meaning=meaning) for word, meaning in MEANINGS.items()],
        rarity=RARITY_RULE,
        hands_rule=HANDS_RULE,
        chart=chart,
        edges=[
            ChartLine(
                source=named[one.source], target=named[one.target], edge=one.words, count=one.count, strengths=one.told
            )
            for one in chart.edges
        ],
        models=[
            ModelLine(
                path=shown(path), kind=kind, sha256=sha256, base=shown(base or "not stated"), pictures=number,
                folders=shown(", ".join(folders) or "none"), exhibits=visible(", ".join(exhibits)),
            )
            for path, kind, sha256, base, folders, exhibits, number, _ in models
        ],
        models_total=models[0][-1] if models else 0,
        hands=[
            HandLine(hand=hand, pictures=number, because=shown(why or "a person's word"))
            for hand, number, why, _ in hands
        ],
        hands_total=hands[0][-1] if hands else 0,
        contradictions=[
            f"{shown(message)} ({', '.join(shown(node)[:24] for node in nodes[:4])})"
            for message, nodes in connection.execute(_AGAINST, [_LINES_MAX]).fetchall()
        ],
    )  # fmt: skip
