"""Rare keys that pictures share: counted on the operation, told as ties, and gathered into hands."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import duckdb
import pyarrow as pa

from headwater.attribute.hands import Judgement, Keys, Shared, because, communities, judged
from headwater.attribute.keys import OWN
from headwater.attribute.rarity import RARE_BITS, SEEDS_NEAR, rarity_bits, seed_run_bits

# Tables of the standard at a quality, and of a camera's model, are many programs' and many cameras'.
# A model is one thing under whatever name or digest, where a seized file tells; what is publicly distributed is none.
_CARRIED = """
CREATE OR REPLACE TABLE carried AS
WITH by_digest AS (
  SELECT value, min(model) AS model FROM resolved WHERE strength = 'corroborated' GROUP BY value
  HAVING count(DISTINCT model) = 1
)
SELECT k.sha256, k.kind, coalesce(d.model, k.value) AS value
FROM keys_now k LEFT JOIN by_digest d USING (value)
WHERE k.kind IN ('model', 'lora') AND coalesce(d.model, '') NOT IN (SELECT sha256 FROM public_models)
UNION SELECT sha256, kind, value FROM keys_now
  WHERE kind IN ('workflow', 'negative', 'software', 'body')
UNION SELECT sha256, 'sensor', value FROM keys_now
  WHERE kind = 'sensor' AND json_extract_string(detail, '$.pattern_sha256') IN (SELECT pattern FROM patterns_now)
UNION SELECT sha256, kind, value FROM keys_now
  WHERE kind = 'encoder' AND json_extract_string(detail, '$.family') NOT IN ('ijg', 'camera')
UNION SELECT source, 'source', target FROM edges WHERE edge = 'derived_from' AND strength <> 'consistent'
UNION SELECT p.sha256, 'session', json_extract_string(k.detail, '$.session')
  FROM keys_now k JOIN held l ON l.sha256 = k.sha256
  JOIN places p ON p.exhibit = l.exhibit AND p.name = k.value AND p.is_picture
  WHERE k.kind = 'logged' AND json_extract_string(k.detail, '$.session') <> ''
UNION SELECT e.source, 'own_model', e.target FROM edges e SEMI JOIN own_models o ON o.sha256 = e.target
  WHERE e.edge = 'made_by' AND e.strength IN ('corroborated', 'declared')
UNION SELECT sha256, 'template', template FROM templates
UNION SELECT sha256, 'seeds', run FROM seed_runs
"""
# A model that was trained on a folder of a seized device, and is on no other device, is somebody's own.
_OWN_MODELS = """
CREATE OR REPLACE TABLE own_models AS
SELECT DISTINCT e.source AS sha256 FROM edges e JOIN models m ON m.sha256 = e.source
WHERE e.edge = 'trained_on' AND e.strength IN ('corroborated', 'declared') AND len(m.exhibits) = 1
"""
# A prompt's variable parts are the phrases that fewer than three different prompts of the operation have.
_TEMPLATES = """
CREATE OR REPLACE TABLE templates AS
WITH prompts AS (SELECT DISTINCT value FROM keys_now WHERE kind = 'phrases'),
parts AS (
  SELECT value, unnest(string_split(value, ' ')) AS phrase, generate_subscripts(string_split(value, ' '), 1) AS place
  FROM prompts
),
common AS (SELECT phrase FROM parts GROUP BY phrase HAVING count(DISTINCT value) >= 3),
kept AS (SELECT p.value, md5(string_agg(p.phrase, ' ' ORDER BY p.place)) AS template FROM parts p
  SEMI JOIN common c USING (phrase) GROUP BY p.value HAVING count(*) >= 2)
SELECT k.sha256, any_value(t.template) AS template FROM keys_now k
JOIN kept t ON t.value = k.value AND k.kind = 'phrases' GROUP BY k.sha256
"""
_RUNS = """
CREATE OR REPLACE TABLE seed_runs AS
WITH seeds AS (
  SELECT k.sha256, try_cast(k.value AS HUGEINT) AS seed,
    json_extract_string(k.detail, '$.generator') || ' ' || coalesce(n.value, '') AS way
  FROM keys_now k LEFT JOIN (SELECT sha256, min(value) AS value FROM keys_now WHERE kind = 'negative' GROUP BY sha256) n
    ON n.sha256 = k.sha256
  WHERE k.kind = 'seed'
), steps AS (
  SELECT *, seed - lag(seed) OVER (PARTITION BY way ORDER BY seed, sha256) AS step FROM seeds WHERE seed IS NOT NULL
), numbered AS (
  SELECT *, sum(CASE WHEN step BETWEEN 0 AND ? THEN 0 ELSE 1 END)
    OVER (PARTITION BY way ORDER BY seed, sha256) AS number FROM steps
)
SELECT sha256, min(seed) OVER w || '..' || max(seed) OVER w || ' ' || way AS run FROM numbered
WINDOW w AS (PARTITION BY way, number)
QUALIFY count(*) OVER w > 1 AND max(seed) OVER w > min(seed) OVER w
"""
_SEEDS = "SELECT count(*), max(try_cast(value AS DOUBLE)) FROM keys_now WHERE kind = 'seed'"
_COUNTED = """
SELECT c.kind, c.value, count(DISTINCT p.look) AS looks, count(DISTINCT p.sha256) AS pictures
FROM carried c JOIN pictures p USING (sha256) GROUP BY c.kind, c.value ORDER BY c.kind, c.value
"""
# How many looks could have a key of a kind: a run of those with a seed, a template of those with a prompt of several
# phrases, a source picture of those with a record; of all else those that have one.
_TOTALS = """
SELECT kind, count(DISTINCT look) FROM (
  SELECT c.kind, p.look FROM carried c JOIN pictures p USING (sha256)
  WHERE c.kind NOT IN ('seeds', 'template', 'source', 'own_model')
  UNION ALL SELECT CASE k.kind WHEN 'seed' THEN 'seeds' WHEN 'phrases' THEN 'template' ELSE 'source' END, p.look
  FROM keys_now k JOIN pictures p USING (sha256) WHERE k.kind IN ('seed', 'phrases')
    OR (k.kind = 'workflow' AND k.claim = 'generator.record')
  UNION ALL SELECT 'own_model', p.look FROM keys_now k JOIN pictures p USING (sha256)
  WHERE k.kind = 'workflow' AND k.claim = 'generator.record'
) GROUP BY kind
"""
_RARE = """
SELECT DISTINCT c.kind, c.value, c.sha256, r.bits FROM carried c JOIN rare_keys r USING (kind, value)
SEMI JOIN pictures p USING (sha256) WHERE r.ties ORDER BY c.kind, c.value, c.sha256
"""
_WORD = "placed here by a person's word"
_JOINING = "SELECT id, kind, value, bits FROM rare_keys WHERE joins ORDER BY id"
_BY_KEYS = """
SELECT keys, list(sha256 ORDER BY sha256) AS pictures FROM (
  SELECT c.sha256, list(DISTINCT r.id ORDER BY r.id) AS keys FROM carried c JOIN rare_keys r USING (kind, value)
  SEMI JOIN pictures p USING (sha256) WHERE r.joins GROUP BY c.sha256
) GROUP BY keys ORDER BY min(sha256)
"""


def count_keys(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables `carried` (the keys of each picture) and `rare_keys` (which of them tie, or join in a hand)."""
    connection.execute(_OWN_MODELS)
    connection.execute(_TEMPLATES)
    connection.execute(_RUNS, [SEEDS_NEAR])
    connection.execute(_CARRIED)
    totals = dict(connection.execute(_TOTALS).fetchall())
    seeds, largest = connection.execute(_SEEDS).fetchall()[0]
    by_chance = seed_run_bits(int(seeds), float(largest or 0))
    connection.execute(
        "CREATE OR REPLACE TABLE rare_keys "
        "(id INTEGER, kind VARCHAR, value VARCHAR, bits DOUBLE, ties BOOLEAN, joins BOOLEAN)"
    )
    waiting: list[dict[str, Any]] = []
    for kind, value, looks, pictures in connection.execute(_COUNTED).fetchall():
        bits = rarity_bits(looks, totals.get(kind, looks))
        bits = min(bits, by_chance) if kind == "seeds" else bits
        ties, is_trained_here = bits >= RARE_BITS, kind == "own_model"
        if pictures > 1 and (ties or is_trained_here):  # that one joins its pictures, however many
            joins = kind in OWN
            row = {"id": len(waiting), "kind": kind, "value": value, "bits": bits, "ties": ties, "joins": joins}
            waiting.append(row)
    if waiting:
        connection.from_arrow(pa.Table.from_pylist(waiting)).insert_into("rare_keys")


def tie_rows(connection: duckdb.DuckDBPyConnection) -> Iterator[dict[str, Any]]:
    """Every picture that has a rare key, tied to the first by digest of those that have it."""
    for _, group in groupby(_stream(connection, _RARE), key=lambda row: (row["kind"], row["value"])):
        rows = iter(group)
        first = next(rows)
        for row in rows:
            yield {
                "a": first["sha256"], "b": row["sha256"], "reason": f"shared_{row['kind']}",
                "value": f"{row['value']} = {row['value']}", "rarity": row["bits"], "strength": "lead",
            }  # fmt: skip


def hand_rows(
    connection: duckdb.DuckDBPyConnection, before: Mapping[str, str], judgements: Sequence[Judgement]
) -> Iterator[dict[str, Any]]:
    """Every picture of every hand, with what ties it there."""
    known = {
        place: Shared(kind=kind, value=value, bits=bits) for place, kind, value, bits in _fetched(connection, _JOINING)
    }
    atoms: dict[Keys, Sequence[str]] = {
        tuple(known[place] for place in keys): pictures for keys, pictures in _fetched(connection, _BY_KEYS)
    }
    found = communities(atoms, before)
    hands = judged(found, judgements)
    counts: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for keys, pictures in atoms.items():
        for hand, number in Counter(hands[picture] for picture in pictures if picture in hands).items():
            for one in keys:
                counts[hand][one.kind, one.value] += number
    for keys, pictures in atoms.items():
        words: dict[str, list[str]] = {}
        for picture in pictures:
            own = hands.get(picture)
            if own:
                if own not in words:
                    words[own] = because(keys, counts[own])
                yield {
                    "hand": own, "sha256": picture, "because": words[own], "found": found[picture],
                    "judged": _WORD if found[picture] != own else "",
                }  # fmt: skip


def _fetched(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[tuple[Any, ...]]:
    cursor = connection.cursor().execute(query)
    while rows := cursor.fetchmany(4096):
        yield from rows


def _stream(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[dict[str, Any]]:
    for batch in connection.cursor().sql(query).to_arrow_reader(4096):
        yield from batch.to_pylist()
