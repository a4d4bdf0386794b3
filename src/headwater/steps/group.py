"""Gathers the operation's pictures and videos: exact stacks, visual groups around a medoid, loose clusters; sealed.

What was grouped stays as it was: pictures of a new exhibit join the medoids that are there, or become medoids beside
them. Only a new rule begins anew.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from headwater import __version__
from headwater.examine.method import code_digest
from headwater.findings.parts import PartStore, custody_name, operation_folder
from headwater.findings.views import connect
from headwater.match.finder import Finder
from headwater.match.groups import ALONE, Edges, Places, components, nearest_edges, stars
from headwater.match.pairs import Hashes
from headwater.match.sides import (
    Labels,
    asking_rows,
    asks_by_part,
    fits,
    is_part,
    kept_rows,
    rule_words,
    variant_words,
)
from headwater.model.canonical import digest_of
from headwater.model.fingerprint import Fingerprint
from headwater.model.known import QUALITY_MIN, RADIUS_BITS
from headwater.model.parts import GRID
from headwater.steps.fingerprints import fingerprints
from headwater.steps.group_rows import EXACT, LOOSE, VISUAL, group_id, group_row
from headwater.steps.group_videos import Linked, video_rows
from headwater.steps.match import parts_digest
from headwater.steps.rows import Rows
from headwater.steps.runner import kernel_cache
from headwater.steps.seals import GROUP_BEGUN, Listener
from headwater.steps.workspace import Workspace

Chosen = np.ndarray[Any, np.dtype[np.bool_]]
GROUPED = "grouped"
_WHOLE = "whole"
_RULE = rule_words(RADIUS_BITS, QUALITY_MIN)
_SHARD_ROWS = 4_000_000  # of hashes in one index
_UNIT_ROWS = 100_000
_EXACT = """
SELECT sha256 FROM items WHERE sha256 IS NOT NULL AND kind IN ('file', 'stream')
GROUP BY sha256 HAVING count(*) > 1
EXCEPT SELECT sha256 FROM groups WHERE kind = 'exact' ORDER BY sha256
"""
_NEW = """
CREATE OR REPLACE TABLE new_pictures AS
SELECT DISTINCT sha256 FROM part_findings WHERE state = 'found' AND claim = 'perceptual.pdq'
EXCEPT SELECT sha256 FROM groups WHERE kind = 'visual'
"""
_NEW_VIDEOS = """
CREATE OR REPLACE TABLE new_videos AS
SELECT DISTINCT sha256 FROM part_findings WHERE state = 'found' AND claim = 'video.segment'
EXCEPT SELECT sha256 FROM groups WHERE kind = 'visual'
"""
_OLD = """
CREATE OR REPLACE TABLE medoids AS SELECT sha256 FROM groups WHERE kind = 'visual' AND is_medoid
"""
_LOOSE = "SELECT sha256, \"group\" FROM groups WHERE kind = 'loose'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """What grouping came to. pictures: with a hash that counts; groups: how many remain to be looked at once each."""

    pictures: int
    groups: int
    is_new: bool


_Rows = tuple[Hashes, Labels, Places]  # hashes, of what each is, whose it is


@dataclass(slots=True)
class _Pictures:
    """What is grouped now: the medoids that are there, then the new ones, each by digest.

    blocks: what some thousands of them ask with, but for their parts: who has another as a part is found by it.
    """

    names: list[str] = field(default_factory=list)
    blocks: list[_Rows] = field(default_factory=list)
    bordered: list[bool] = field(default_factory=list)
    old: int = 0

    def add(self, prints: Sequence[Fingerprint]) -> None:
        rows = [asking_rows(each) for each in prints]
        hashes, labels = (np.concatenate([each[side] for each in rows]) for side in (0, 1))
        owners = np.repeat(np.arange(len(prints)) + len(self.names), [len(each[1]) for each in rows])
        asks = ~asks_by_part(labels)
        self.blocks.append((hashes[asks], labels[asks], owners[asks]))
        self.names += [each.sha256 for each in prints]
        self.bordered += [bool(each.insides) for each in prints]

    def sort(self) -> None:
        """Put each of the old, then each of the new, by digest: of equals the lesser decides."""
        order = sorted(range(len(self.names)), key=lambda place: (place >= self.old, self.names[place]))
        now = np.empty(len(order), np.int64)
        now[order] = np.arange(len(order))
        self.names = [self.names[place] for place in order]
        self.bordered = [self.bordered[place] for place in order]
        self.blocks = [(hashes, labels, now[owners]) for hashes, labels, owners in self.blocks]

    def asking(self, chosen: Chosen) -> Iterator[_Rows]:
        """What the chosen ask with."""
        for hashes, labels, owners in self.blocks:
            some = chosen[owners]
            if some.any():
                yield hashes[some], labels[some], owners[some]


def group(workspace: Workspace, listener: Listener, *, unsafe: bool) -> Grouped:
    """Group what is new since the last time; everything where the rule changed."""
    code = code_digest(__name__)
    lineage, parts = digest_of([_RULE, GRID, code]), parts_digest(workspace)
    done = [*workspace.recorded(GROUPED)]
    if done and (done[-1]["lineage"], done[-1]["parts_digest"]) == (lineage, parts):
        return Grouped(pictures=done[-1]["pictures"], groups=done[-1]["groups"], is_new=False)
    goes_on = bool(done) and done[-1]["lineage"] == lineage
    folder = operation_folder(workspace.findings_folder, digest_of([GROUPED, len(done), lineage, parts])[:16])
    workspace.record(
        GROUP_BEGUN, {"folder": custody_name(folder), "lineage": lineage, "parts_digest": parts, "unsafe": unsafe}
    )
    listener.begin("group")
    with PartStore(folder, workspace.custody) as store:
        if _WHOLE not in store.committed():
            _group_all(workspace, store, listener, unsafe=unsafe, goes_on=goes_on)
            rows = Rows()
            rows.add("groupings", _whole(lineage, parts, code))
            store.commit(_WHOLE, rows.tables())
        sealed = store.seal()
    counts = _counts(workspace)
    body = {"folder": custody_name(folder), "digest": sealed, "lineage": lineage, "parts_digest": parts, **counts}
    workspace.record(GROUPED, body)
    workspace.checkpoint()
    listener.end()
    return Grouped(pictures=counts["pictures"], groups=counts["groups"], is_new=True)


def _counts(workspace: Workspace) -> dict[str, int]:
    with closing(connect(workspace.folder)) as connection:
        query = "SELECT count(*), count(*) FILTER (is_medoid) FROM groups WHERE kind = 'visual'"
        ((pictures, groups),) = connection.execute(query).fetchall()
    return {"pictures": int(pictures), "groups": int(groups)}


def _group_all(
    workspace: Workspace, store: PartStore, listener: Listener, *, unsafe: bool, goes_on: bool
) -> None:  # fmt: skip
    with (
        closing(connect(workspace.folder)) as connection,
        Finder(unsafe=unsafe, cache_folder=kernel_cache()) as finder,
    ):
        _clear(connection, goes_on=goes_on)
        rows = _all_rows(connection, finder, listener)
        units = iter(lambda: [*islice(rows, _UNIT_ROWS)], [])
        for number, unit in enumerate(units):
            name = f"groups-{number:06d}"
            if name not in store.committed():
                store.commit(name, {"groups": _table(unit)})


def _clear(connection: duckdb.DuckDBPyConnection, *, goes_on: bool) -> None:
    """Where a new rule begins anew, nothing is there yet."""
    if not goes_on:
        connection.execute("CREATE OR REPLACE TEMP VIEW groups AS SELECT * FROM memory.main.groups WHERE false")
    connection.execute(_NEW)
    connection.execute(_NEW_VIDEOS)
    connection.execute(_OLD)


def _table(rows: list[dict[str, Any]]) -> pa.Table:
    made = Rows()
    for row in rows:
        made.add("groups", row)
    return made.tables()["groups"]


def _all_rows(connection: duckdb.DuckDBPyConnection, finder: Finder, listener: Listener) -> Iterator[dict[str, Any]]:
    for (sha256,) in connection.execute(_EXACT).fetchall():
        yield group_row(EXACT, sha256, sha256, bits=None, variant="", is_medoid=True, rule="the same SHA-256")
    pictures = _Pictures()
    for prints in fingerprints(connection, "medoids"):
        pictures.add(prints)
    pictures.old = len(pictures.names)
    for prints in fingerprints(connection, "new_pictures"):
        pictures.add(prints)
    pictures.sort()
    linked = Linked()
    yield from video_rows(connection, finder, listener, linked)
    if len(pictures.names) == pictures.old:
        yield from _loose_rows(connection, pictures.names, nearest_edges([]), linked)
        return
    everybody = np.ones(len(pictures.names), np.bool_)
    is_new = np.arange(len(pictures.names)) >= pictures.old
    wholes = _edges(connection, finder, pictures, everybody, listener, parts=False)
    is_bordered = np.array(pictures.bordered, np.bool_)  # the parts of such a one are not those of what is inside
    joins = stars(len(is_new), wholes, everybody, is_new, is_bordered)
    leads = np.zeros(len(is_new), np.bool_)
    leads[_medoids_of(wholes, joins)] = True
    is_alone = joins == ALONE
    parts = _edges(connection, finder, pictures, is_alone, listener, parts=True)
    by_part = stars(len(is_new), parts, is_alone, is_new & is_alone & ~leads, is_bordered)
    for place in np.flatnonzero(is_new).tolist():
        yield _visual_row(pictures, wholes if by_part[place] == ALONE else parts, place, joins[place], by_part[place])
    yield from _loose_rows(connection, pictures.names, nearest_edges([wholes, parts]), linked)


def _edges(
    connection: duckdb.DuckDBPyConnection, finder: Finder, pictures: _Pictures, chosen: Chosen, listener: Listener,
    *, parts: bool,
) -> Edges:  # fmt: skip
    """The near pairs among the chosen, of which one is new: by wholes and insides, or by parts."""
    place_of = {pictures.names[place]: place for place in np.flatnonzero(chosen).tolist()}
    found: list[Edges] = []
    for hashes, kept_labels, kept_owners in _shards(connection, place_of, parts=parts):
        for asked, labels, owners in pictures.asking(chosen):
            for pairs in finder.near(hashes, asked):
                kept, asker = kept_owners[pairs.place], owners[pairs.query]
                label, asking = kept_labels[pairs.place], labels[pairs.query]
                counts = fits(label, asking, pairs.distance_bits, RADIUS_BITS)
                counts &= (kept != asker) & ((kept >= pictures.old) | (asker >= pictures.old))
                bits = pairs.distance_bits.astype(np.uint8)
                found.append(Edges(asker[counts], kept[counts], bits[counts], label[counts], asking[counts]))
            listener.tick()
        listener.more(len(np.unique(kept_owners)))
    return nearest_edges(found)


def _shards(connection: duckdb.DuckDBPyConnection, place_of: Mapping[str, int], *, parts: bool) -> Iterator[_Rows]:
    """What is kept of those pictures, their parts or all else, some millions of hashes at a time."""
    hashes: list[Hashes] = []
    labels: list[Labels] = []
    owners: list[int] = []
    held = 0

    def shard() -> _Rows:
        return np.concatenate(hashes), np.concatenate(labels), np.repeat(owners, [len(each) for each in labels])

    for table in ("medoids", "new_pictures"):
        for prints in fingerprints(connection, table):
            for each in (one for one in prints if one.sha256 in place_of):
                kept, label = kept_rows(each)
                of_kind = is_part(label) == parts
                hashes.append(kept[of_kind])
                labels.append(label[of_kind])
                owners.append(place_of[each.sha256])
                held += len(labels[-1])
            if held >= _SHARD_ROWS:
                yield shard()
                hashes, labels, owners, held = [], [], [], 0
    if held:
        yield shard()


def _visual_row(pictures: _Pictures, edges: Edges, place: int, by_whole: int, by_part: int) -> dict[str, Any]:
    """Who joined by its whole, or else by a part, or is the medoid of its own group."""
    name, edge = pictures.names[place], by_whole if by_part == ALONE else by_part
    if edge == ALONE:
        return group_row(VISUAL, name, name, bits=None, variant="", is_medoid=True, rule=_RULE)
    asks = edges.asker[edge] == place
    medoid = pictures.names[int(edges.kept[edge] if asks else edges.asker[edge])]
    words = variant_words(int(edges.kept_label[edge]), int(edges.asker_label[edge]))
    variant = words if asks else f"the medoid asks: {words}"
    return group_row(VISUAL, medoid, name, bits=int(edges.bits[edge]), variant=variant, is_medoid=False, rule=_RULE)


def _medoids_of(edges: Edges, joins: Places) -> Places:
    """The medoids that were joined."""
    places = np.flatnonzero(joins != ALONE)
    edge = joins[places]
    return np.where(edges.asker[edge] == places, edges.kept[edge], edges.asker[edge])


def _loose_rows(
    connection: duckdb.DuckDBPyConnection, pictures: Sequence[str], edges: Edges, linked: Linked
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """What hangs together, with what hung together before; the id of the oldest stays."""
    before = dict(connection.execute(_LOOSE).fetchall())
    there = set(pictures)
    names = [*pictures, *sorted((before.keys() | linked.names) - there)]
    place_of = {name: place for place, name in enumerate(names)}
    firsts: dict[str, int] = {}
    links = [(place_of[name], firsts.setdefault(id_, place_of[name])) for name, id_ in before.items()]
    links += [(place_of[name], place_of[other]) for name, other in linked.pairs]
    one, other = (np.array([link[side] for link in links], np.int64) for side in (0, 1))
    none = np.zeros(len(links), np.uint8)
    roots = components(len(names), nearest_edges([edges, Edges(one, other, none, none, none)]))
    members: dict[int, list[str]] = {}
    for name, root in zip(names, roots.tolist(), strict=True):
        members.setdefault(root, []).append(name)
    for each in members.values():
        if len(each) > 1:
            ids = sorted({before[name] for name in each if name in before})
            id_ = ids[0] if ids else group_id(LOOSE, min(each))
            for name in each:
                if before.get(name) != id_:
                    yield group_row(LOOSE, name, name, bits=None, variant="", is_medoid=False, rule=_RULE, id_=id_)


def _whole(lineage: str, parts: str, code: str) -> dict[str, Any]:
    return {
        "lineage": lineage, "parts_digest": parts, "contents": 0, "tool_version": __version__, "tool_digest": code,
        "grouped_at": datetime.now(UTC),
    }  # fmt: skip
