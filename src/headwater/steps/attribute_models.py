"""Models by what records say of them: which seized file a digest or a name means, and how sure that is."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from headwater.attribute.edges import Edge
from headwater.origin.models import LONG_DIGITS, SHORT_DIGITS, ModelFile, ModelFiles

_NAMES_MAX = 3  # of models of one name, beyond which the name means none
_MODELS = """
SELECT m.sha256, h.hashes, p.header, m.places, m.exhibits FROM models m
LEFT JOIN (SELECT sha256, arg_max(value, examined_at) AS hashes FROM part_findings
  WHERE claim = 'model.hashes' AND state = 'found' GROUP BY sha256) h USING (sha256)
LEFT JOIN (SELECT sha256, arg_max(value, examined_at) AS header FROM part_findings
  WHERE claim = 'model.header' AND state = 'found' GROUP BY sha256) p USING (sha256)
ORDER BY m.sha256
"""
_PLACES = """
SELECT i.sha256, i.exhibit, i.path FROM items i SEMI JOIN models m USING (sha256)
ORDER BY i.sha256, i.exhibit, i.path
"""
_NAMED = """
SELECT DISTINCT kind, value, detail FROM keys_now WHERE kind IN ('model', 'lora', 'logged_model') ORDER BY kind, value
"""
_PUBLIC = "SELECT sha256, min(\"set\") FROM matches WHERE role = 'public' AND set_aside = '' GROUP BY sha256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One seized model. places: exhibit and path of each of its files. public: the list that has it, empty for none."""

    sha256: str
    hashes: Mapping[str, str]
    header: Mapping[str, Any]
    places: Sequence[tuple[str, str]]
    public: str

    @property
    def exhibits(self) -> frozenset[str]:
        """Where its files were seized."""
        return frozenset(exhibit for exhibit, _ in self.places)

    @property
    def name(self) -> str:
        """How people may call it: its file's name."""
        return self.places[0][1].rpartition("/")[2] if self.places else self.sha256[:12]


class Models:
    """All seized models, to be looked up as records name them."""

    def __init__(self, models: Sequence[Model]) -> None:
        self.all = models
        self.by_content = {one.sha256: one for one in models}
        self._files = ModelFiles(
            ModelFile(sha256=one.sha256, exhibit=exhibit, path=path, digests=one.hashes)
            for one in models
            for exhibit, path in one.places
        )

    def with_digest(self, digest: str, kind: str) -> list[str]:
        """Contents whose recomputed digest begins so, at least LONG_DIGITS of it."""
        found = self._files.with_digest(digest, kind) if len(digest) >= LONG_DIGITS else ()
        return sorted({file.sha256 for file in found})

    def with_short_hash(self, digest: str) -> list[str]:
        """Contents that agree in SHORT_DIGITS."""
        found = self._files.with_short_hash(digest) if SHORT_DIGITS <= len(digest) < LONG_DIGITS else ()
        return sorted({file.sha256 for file in found})

    def named(self, name: str) -> list[ModelFile]:
        """Files of that name."""
        return list(self._files.named(name))


def read_models(connection: duckdb.DuckDBPyConnection) -> Models:
    """Every seized model."""
    public = dict(connection.execute(_PUBLIC).fetchall())
    places: dict[str, list[tuple[str, str]]] = {}
    for sha256, exhibit, path in connection.execute(_PLACES).fetchall():
        places.setdefault(sha256, []).append((exhibit, path))
    rows = connection.sql(_MODELS).to_arrow_table().to_pylist()
    return Models(
        [
            Model(
                sha256=row["sha256"], hashes=_texts(row["hashes"]), header=_object(row["header"]),
                places=places.get(row["sha256"], []), public=public.get(row["sha256"], ""),
            )
            for row in rows
        ]
    )  # fmt: skip


def resolve(connection: duckdb.DuckDBPyConnection, models: Models) -> list[tuple[str, str]]:
    """Make the table `resolved`: which model a record's words mean, on which exhibit, how sure; and what contradicts.

    exhibit: where the picture must lie for it to hold, empty for anywhere. Gives messages about names whose file has
    another digest, each with the model's SHA-256.
    """
    rows: list[dict[str, Any]] = []
    against: list[tuple[str, str]] = []
    for _, value, detail in connection.execute(_NAMED).fetchall():
        told = _object(detail)
        name, digest, kind = (str(told.get(key, "")) for key in ("name", "hash", "hash_kind"))
        found = list(_meant(models, name, digest, kind))
        rows += [{"value": value, **one} for one in found]
        if not found and len(digest) >= SHORT_DIGITS:
            against += [(file.sha256, _another(name, digest, file)) for file in models.named(name)[:1]]
    schema = pa.schema([(name, pa.string()) for name in ("value", "exhibit", "model", "strength", "reason")])
    connection.execute("DROP TABLE IF EXISTS resolved")
    connection.from_arrow(pa.Table.from_pylist(rows, schema)).create("resolved")
    return against


def _another(name: str, digest: str, file: ModelFile) -> str:
    where = f"{file.path} on exhibit {file.exhibit}"
    return f"records name {name} with digest {digest}; the file of that name, {where}, has another"


def _meant(models: Models, name: str, digest: str, kind: str) -> Iterator[dict[str, str]]:
    """By a long digest, or a short one, or by name where no digest is recorded."""
    called = name or "a model without a name"
    if long := models.with_digest(digest, kind):
        for sha256 in long:
            one = models.by_content[sha256]
            many = f"; one of {len(long)} files that have it" if len(long) > 1 else ""
            public = f"; publicly distributed, by {one.public}" if one.public else ""
            reason = f"the digest {digest} of {called} was recomputed from {_at(one)}{many}{public}"
            strength = "declared" if many else "corroborated"
            yield {"exhibit": "", "model": sha256, "strength": strength, "reason": reason}
        return
    if short := models.with_short_hash(digest):
        for sha256 in short:
            reason = f"the short hash {digest} of {called} agrees with {_at(models.by_content[sha256])}"
            yield {"exhibit": "", "model": sha256, "strength": "lead", "reason": reason}
        return
    if not digest and name:
        yield from _by_name(models, name)


def _by_name(models: Models, name: str) -> Iterator[dict[str, str]]:
    files = models.named(name)
    for exhibit in sorted({file.exhibit for file in files}):
        here = {file.sha256: file for file in files if file.exhibit == exhibit}
        if len(here) > _NAMES_MAX:
            continue
        many = f"; one of {len(here)} files of that name there" if len(here) > 1 else ""
        for sha256, file in sorted(here.items()):
            reason = f"its record names {name}; {file.path} on the same exhibit has that name{many}"
            strength = "consistent" if many else "declared"
            yield {"exhibit": exhibit, "model": sha256, "strength": strength, "reason": reason}
    contents = {file.sha256: file for file in files}
    if len(contents) <= _NAMES_MAX:
        for sha256, file in sorted(contents.items()):
            reason = f"its record names {name}; {file.path} on exhibit {file.exhibit}, another one, has that name"
            yield {"exhibit": "*", "model": sha256, "strength": "lead", "reason": reason}


def lineage_edges(models: Models) -> Iterator[Edge]:
    """What each model was trained from, merged of, or is a re-saved copy of."""
    tensors: dict[str, list[Model]] = {}
    for one in models.all:
        yield from _based(models, one)
        yield from _merged(models, one)
        if digest := one.hashes.get("autov3"):
            tensors.setdefault(digest, []).append(one)
    for digest, (first, *rest) in tensors.items():
        for other in rest:
            reason = f"the SHA-256 of all behind their headers is the same: {digest[:16]}"
            yield _between(other, first.sha256, "same_tensors", "verified", reason, directed=False)


def _merged(models: Models, one: Model) -> Iterator[Edge]:
    for merged in one.header.get("merged") or ():
        named = str(merged.get("sha256", "")) if isinstance(merged, dict) else ""
        for sha256 in models.with_digest(named, "sha256"):
            reason = f"its header names what it was merged of by the digest {named}, recomputed from "
            yield _between(one, sha256, "merged_of", "corroborated", reason + _at(models.by_content[sha256]))


def _based(models: Models, one: Model) -> Iterator[Edge]:
    base = one.header.get("base")
    digest = str(base.get("sha256", "")).lower() if isinstance(base, dict) else ""
    for sha256 in models.with_digest(digest, "sha256"):
        reason = f"its header names the model it was trained from by the digest {digest}, recomputed from "
        yield _between(one, sha256, "based_on", "corroborated", reason + _at(models.by_content[sha256]))


def _between(
    one: Model, other: str, edge: str, strength: str, reason: str, *, directed: bool = True
) -> Edge:  # fmt: skip
    return Edge(
        source=one.sha256, target=other, edge=edge, strength=strength, reason=reason, source_kind="model",
        target_kind="model", directed=directed,
    )  # fmt: skip


def _at(model: Model) -> str:
    exhibit, path = model.places[0] if model.places else ("", model.sha256[:12])
    return f"{path} on exhibit {exhibit}"


def _texts(text: str | None) -> dict[str, str]:
    return {key: str(one) for key, one in _object(text).items()}


def _object(text: str | None) -> dict[str, Any]:
    try:
        value = json.loads(text or "")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
