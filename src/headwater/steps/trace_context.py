"""What the rest of an operation says, gathered once before its contents are weighed."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import duckdb
import pyarrow as pa

from headwater.examine import registry
from headwater.model.visible import visible
from headwater.origin.claims import Content
from headwater.origin.context import Context, NearCopy, OutputRow
from headwater.origin.inputs import input_digests, input_names
from headwater.origin.models import ModelFile, ModelFiles
from headwater.origin.weigh import weigh_alone
from headwater.steps.adopted import validated_methods
from headwater.steps.trace_contents import CREDENTIAL, RECORD, name_contents, read_contents, stream
from headwater.steps.trace_near import near_copies
from headwater.steps.workspace import Workspace

_MODEL_TYPES = (
    "'application/x-safetensors', 'application/x-gguf', 'application/x-pytorch', 'application/x-pytorch-legacy'"
)
_DIGESTS = ("autov3", "blake3", "legacy8")
_MODELS = f"""
SELECT i.sha256, min(i.exhibit) AS exhibit, arg_min(i.path, i.exhibit || i.path) AS path, any_value(h.value) AS hashes
FROM items i LEFT JOIN (
  SELECT sha256, value FROM part_findings WHERE state = 'found' AND claim = 'model.hashes'
) h ON h.sha256 = i.sha256
WHERE i.media_type IN ({_MODEL_TYPES}) OR regexp_matches(lower(i.path), '\\.(safetensors|ckpt|pth|gguf|sft)$')
  OR i.sha256 IN (SELECT sha256 FROM part_findings WHERE state = 'found' AND claim IN ('model.hashes', 'model.header'))
GROUP BY i.sha256 HAVING i.sha256 IS NOT NULL
"""  # noqa: S608 - no value of anybody's is in it
_OUTPUTS = """
SELECT f.finding, f.sha256, f.value, i.exhibits FROM findings f JOIN (
  SELECT sha256, list(DISTINCT exhibit) AS exhibits FROM items GROUP BY sha256
) i ON i.sha256 = f.sha256
WHERE f.state = 'found' AND f.claim = 'record.output'
"""
_WITH_INPUT = f"""
SELECT sha256, value FROM told WHERE claim = '{RECORD}' AND state = 'found'
  AND (contains(value, '"input_use":"named"') OR contains(value, '"input_use":"unnamed"'))
"""  # noqa: S608 - likewise
_NAMED = """
SELECT DISTINCT i.exhibit, n.name, i.sha256, contains('/' || i.path, '/input/') AS is_input
FROM items i JOIN named_inputs n ON n.name = regexp_extract(i.path, '[^/]*$')
SEMI JOIN weighed w ON w.sha256 = i.sha256
ORDER BY i.exhibit, n.name, i.sha256
"""
_THERE = "SELECT DISTINCT i.sha256 FROM items i SEMI JOIN digest_inputs d ON d.sha256 = i.sha256"
_BODIES = """
SELECT json_extract_string(value, '$.make') AS make, json_extract_string(value, '$.model') AS model,
  json_extract_string(value, '$.tables_sha256') AS tables, count(DISTINCT sha256) AS alike
FROM told WHERE claim = 'camera.coherence' AND state = 'found' AND NOT contains(value, '"outcome":"fails"')
  AND sha256 NOT IN (
    SELECT sha256 FROM told WHERE claim = 'embedded.compared' AND state = 'found' AND contains(value, '"same":"no"')
  )
GROUP BY ALL HAVING alike > 1
"""
_SPEAK = f"SELECT DISTINCT sha256 FROM told WHERE state = 'found' AND claim IN ('{RECORD}', '{CREDENTIAL}')"  # noqa: S608
_CORROBORATED = 3
_DEEPEST = 40  # pictures begun from pictures begun from pictures
_MOST_NEAR = 20


@dataclass(slots=True)
class _Own:
    """Grades by a content's own signals, of those contents that others depend on."""

    contents: Mapping[str, Content]
    context: Context = field(default_factory=Context)
    grades: dict[str, str] = field(default_factory=dict)
    depth: int = 0

    def grade(self, sha256: str) -> str:
        """The grade; empty where the content is not there, is asked for in a circle, or lies too deep."""
        content = self.contents.get(sha256)
        if sha256 in self.grades or content is None or self.depth >= _DEEPEST:
            return self.grades.get(sha256, "")
        self.grades[sha256] = ""
        self.depth += 1
        self.grades[sha256] = weigh_alone(content, self.context).verdict.grade
        self.depth -= 1
        return self.grades[sha256]


def gather(workspace: Workspace, connection: duckdb.DuckDBPyConnection) -> Context:
    """The context of every content. `connection` has the views of trace_contents.prepare."""
    names, digests, unnamed = _asked_inputs(connection)
    named = _named(connection, names)
    there = frozenset(_there(connection, digests))
    near = _likenesses(connection, unnamed)
    candidates = {one for found in named.values() for one in found} | there
    candidates |= {one.sha256 for found in near.values() for one in found}
    own = _Own(_contents(connection, candidates))
    chosen = set(workspace.settings.examiners)
    own.context = Context(
        models=ModelFiles(_models(connection)),
        outputs=_outputs(connection),
        named_inputs=named,
        there=there,
        near=near,
        bodies=_bodies(connection),
        own_grade=own.grade,
        not_chosen=frozenset(registry.default_names(slow=True)) - chosen,
        validated=validated_methods(workspace),
    )
    return replace(own.context, drawn_near=_drawn_near(connection, own.context))


def _asked_inputs(connection: duckdb.DuckDBPyConnection) -> tuple[set[str], set[str], set[str]]:
    """Names and digests of input pictures that records give, and the contents whose record gives none."""
    names: set[str] = set()
    digests: set[str] = set()
    unnamed: set[str] = set()
    for row in stream(connection.cursor(), _WITH_INPUT):
        record = _object(row["value"])
        names.update(input_names(record))
        digests.update(input_digests(record))
        if record.get("input_use") == "unnamed":
            unnamed.add(row["sha256"])
    return names, digests, unnamed


def _named(connection: duckdb.DuckDBPyConnection, names: set[str]) -> Mapping[tuple[str, str], Sequence[str]]:
    """Contents by exhibit and name; of several, those that lie in a folder for input."""
    spelled = {visible(name): name for name in names}
    table = pa.table({"name": pa.array(sorted(spelled), pa.string())})
    connection.from_arrow(table).create_view("named_inputs", replace=True)
    found: dict[tuple[str, str], dict[str, bool]] = defaultdict(dict)
    for row in stream(connection.cursor(), _NAMED):
        one = found[row["exhibit"], spelled[row["name"]]]
        one[row["sha256"]] = one.get(row["sha256"], False) or row["is_input"]
    return {
        key: [digest for digest, is_input in one.items() if is_input or not any(one.values())]
        for key, one in found.items()
    }


def _there(connection: duckdb.DuckDBPyConnection, digests: set[str]) -> Iterator[str]:
    name_contents(connection, "digest_inputs", digests)
    yield from (row["sha256"] for row in stream(connection.cursor(), _THERE))


def _likenesses(connection: duckdb.DuckDBPyConnection, unnamed: set[str]) -> Mapping[str, Sequence[NearCopy]]:
    """Near copies of contents whose record does not name its input; none that were begun from a picture themselves."""
    found: dict[str, list[NearCopy]] = defaultdict(list)
    begun = {row["sha256"] for row in stream(connection.cursor(), _WITH_INPUT)} if unnamed else set()
    for near in near_copies(connection, sorted(unnamed)):
        if near.sha256 not in begun:
            found[near.asked].append(NearCopy(sha256=near.sha256, distance_bits=near.distance_bits))
            found[near.asked].sort(key=lambda one: (one.distance_bits, one.sha256))
            del found[near.asked][_MOST_NEAR:]
    return found


def _contents(connection: duckdb.DuckDBPyConnection, digests: set[str]) -> Mapping[str, Content]:
    name_contents(connection, "candidates", digests)
    return {content.sha256: content for content in read_contents(connection, "candidates")} if digests else {}


def _drawn_near(connection: duckdb.DuckDBPyConnection, context: Context) -> Mapping[str, NearCopy]:
    """For each content the nearest that is generated, corroborated or verified, by its own signals."""
    connection.sql(_SPEAK).create_view("speak", replace=True)
    drawn = []
    for content in read_contents(connection, "speak"):
        verdict = weigh_alone(content, context).verdict
        if verdict.grade == "generated" and verdict.level >= _CORROBORATED:
            drawn.append(content.sha256)
    nearest: dict[str, NearCopy] = {}
    for near in near_copies(connection, drawn):
        one = NearCopy(sha256=near.asked, distance_bits=near.distance_bits)
        known = nearest.get(near.sha256, one)
        nearest[near.sha256] = min(known, one, key=lambda each: (each.distance_bits, each.sha256))
    return nearest


def _models(connection: duckdb.DuckDBPyConnection) -> Iterator[ModelFile]:
    for row in stream(connection.cursor(), _MODELS):
        hashes = _object(row["hashes"] or "")
        digests = {
            kind: str(hashes[kind]).lower() for kind in _DIGESTS if re.fullmatch(r"\w+", str(hashes.get(kind, "")))
        }
        yield ModelFile(sha256=row["sha256"], exhibit=row["exhibit"], path=row["path"], digests=digests)


def _outputs(connection: duckdb.DuckDBPyConnection) -> Mapping[str, Sequence[OutputRow]]:
    found: dict[str, list[OutputRow]] = defaultdict(list)
    for row in stream(connection.cursor(), _OUTPUTS):
        value = _object(row["value"])
        name, seed, prompt = (str(value.get(key, "")) for key in ("name", "seed", "prompt_sha256"))
        if name and seed and prompt:
            output = OutputRow(
                program=str(value.get("program", "")), seed=seed, prompt_sha256=prompt, finding=row["finding"],
                sha256=row["sha256"], exhibits=frozenset(row["exhibits"]),
            )  # fmt: skip
            found[name.replace("\\", "/").rpartition("/")[2]].append(output)
    return {name: sorted(rows, key=lambda one: one.finding) for name, rows in found.items()}


def _bodies(connection: duckdb.DuckDBPyConnection) -> Mapping[tuple[str, str, str], int]:
    rows = connection.cursor().sql(_BODIES).fetchall()
    return {(make or "", model or "", tables): alike for make, model, tables, alike in rows if tables}


def _object(text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
