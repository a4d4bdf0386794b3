"""Compares every content with the known sets in use, by digest and by look; sealed. No evidence is read.

The sets that count are those in use when it begins: each is one version, which never changes. Which they were is told
to custody, and stands in every row.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from headwater import __version__
from headwater.examine.method import code_digest
from headwater.findings.parts import OPERATION, PartStore, committed_files, custody_name, operation_folder
from headwater.findings.views import connect
from headwater.match.digest_table import Numbers
from headwater.match.exact import Exact, exact_matches
from headwater.match.finder import Finder
from headwater.match.pairs import Hashes
from headwater.match.schemes import scheme_of
from headwater.match.sides import Labels, asking_rows, fits, kept_rows, rule_words, variant_words
from headwater.match.store import Store
from headwater.model.canonical import digest_of
from headwater.model.fingerprint import Fingerprint
from headwater.model.known import QUALITY_MIN, RADIUS_BITS, KnownSet, Record, Role
from headwater.steps.fingerprints import fingerprints
from headwater.steps.known import SET_RELEASED, known_sets, open_set, reason_to_hold_back
from headwater.steps.rows import Rows
from headwater.steps.runner import kernel_cache
from headwater.steps.seals import MATCH_BEGUN, Listener
from headwater.steps.workspace import Workspace

MATCHED = "matched"
_BATCH = 50_000
_WHOLE, _PDQ = "whole", "pdq"
_BY_DIGEST = "the same digest"
_CONTENTS = """
SELECT sha256, any_value(coalesce(sha1, '')) AS sha1, any_value(coalesce(md5, '')) AS md5
FROM items WHERE sha256 IS NOT NULL GROUP BY sha256 ORDER BY sha256
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """What matching came to. is_new: whether anything had to be compared again."""

    sets: int
    contents: int
    matches: int
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Near:
    """The nearest pair of a content and a record."""

    sha256: str
    quality: int
    number: int
    distance_bits: int
    kept: int
    asking: int


def match(workspace: Workspace, listener: Listener, *, unsafe: bool) -> Matched:
    """Match all contents, as far as contents, sets or rules changed since the last time."""
    sets = known_sets(workspace)
    parts = parts_digest(workspace)
    digests, code = [one.digest for one in sets], code_digest(__name__)
    released = sorted({str(body["digest"]) for body in workspace.recorded(SET_RELEASED)})
    lineage = digest_of([*digests, *released, parts, code])
    done = [*workspace.recorded(MATCHED)]
    if (done and done[-1]["lineage"] == lineage) or not (done or sets):
        last = done[-1] if done else {"contents": 0, "matches": 0}
        return Matched(sets=len(sets), contents=last["contents"], matches=last["matches"], is_new=False)
    folder = operation_folder(workspace.findings_folder, digest_of([MATCHED, len(done), lineage])[:16])
    workspace.record(
        MATCH_BEGUN, {"folder": custody_name(folder), "lineage": lineage, "sets": digests, "unsafe": unsafe}
    )
    listener.begin("match")
    with PartStore(folder, workspace.custody) as store:
        contents, matches = _match_all(workspace, sets, store, listener, unsafe=unsafe)
        if _WHOLE not in store.committed():
            rows = Rows()
            rows.add("matchings", _whole(lineage, sets, parts, contents, code))
            store.commit(_WHOLE, rows.tables())
        sealed = store.seal()
    workspace.record(
        MATCHED,
        {
            "folder": custody_name(folder),
            "digest": sealed,
            "lineage": lineage,
            "contents": contents,
            "matches": matches,
        },
    )
    workspace.checkpoint()
    listener.end()
    return Matched(sets=len(sets), contents=contents, matches=matches, is_new=True)


def parts_digest(workspace: Workspace) -> str:
    """SHA-256 over the digests of all parts of exhibits that count."""
    folders = [folder for folder in workspace.findings_folder.glob("*/*") if folder.parent.name != OPERATION]
    return digest_of(sorted(file.sha256 for folder in folders for file in committed_files(folder)))


def _match_all(
    workspace: Workspace, sets: Sequence[KnownSet], parts: PartStore, listener: Listener, *, unsafe: bool
) -> tuple[int, int]:
    """Look-alikes first: what is as near to one of them is set aside in the others."""
    contents = matches = 0
    alike: dict[str, tuple[int, str]] = {}
    ordered = sorted(enumerate(sets), key=lambda each: (each[1].role != Role.LOOKALIKE, each[0]))
    with (
        closing(connect(workspace.folder)) as connection,
        Finder(unsafe=unsafe, cache_folder=kernel_cache()) as finder,
    ):
        contents = _one(connection, f"SELECT count(DISTINCT sha256) FROM ({_CONTENTS})")  # noqa: S608 - ours
        by_digest: dict[str, list[dict[str, Any]]] = {}
        for number, known in ordered:
            store = open_set(workspace, known)
            held_back = reason_to_hold_back(workspace, known, store)
            for name, found in _units(connection, finder, known, store, alike, listener):
                aside = {"set_aside": f"held back: {held_back}"} if held_back else {}
                rows = [{**row, **aside} for row in found]
                matches += _commit(parts, f"set-{number:04d}-{name}", rows)
                for row in rows:
                    if row["role"] == Role.KNOWN and row["kind"] != _PDQ and not row["set_aside"]:
                        by_digest.setdefault(row["sha256"], []).append(row)
        for place, rows in enumerate(_near_the_known(connection, finder, by_digest, listener)):
            matches += _commit(parts, f"through-{place:06d}", rows)
    return contents, matches


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    ((number,),) = connection.execute(query).fetchall()
    return int(number)


def _commit(parts: PartStore, unit: str, rows: list[dict[str, Any]]) -> int:
    """Commit the rows of one unit, if it is not there from an interrupted run; returns how many there are."""
    if rows and unit not in parts.committed():
        table = Rows()
        for row in rows:
            table.add("matches", row)
        parts.commit(unit, table.tables())
    return len(rows)


Units = Iterator[tuple[str, list[dict[str, Any]]]]


def _units(
    connection: duckdb.DuckDBPyConnection, finder: Finder, known: KnownSet, store: Store,
    alike: dict[str, tuple[int, str]], listener: Listener,
) -> Units:  # fmt: skip
    for place, batch in enumerate(connection.cursor().sql(_CONTENTS).to_arrow_reader(_BATCH)):
        contents = batch.to_pylist()
        yield f"exact-{place:06d}", [_exact_row(known, each) for each in exact_matches(store, contents)]
        listener.more(len(contents))
        listener.tick()
    folder, (numbers, labels) = store.near_folder, store.hash_owners()
    owners = labels, numbers
    if folder is None:
        return
    for place, prints in enumerate(fingerprints(connection)):
        good = [each for each in prints if each.quality >= known.quality_min]
        found = _nearest(finder, folder, owners, good, known.radius_bits)
        if known.role == Role.LOOKALIKE:
            for each in found:
                least = min(alike.get(each.sha256, (each.distance_bits, known.name)), (each.distance_bits, known.name))
                alike[each.sha256] = least
        records = store.records(each.number for each in found)
        rows = [_near_row(known, record, each, alike) for each, record in zip(found, records, strict=True)]
        yield f"near-{place:06d}", rows
        listener.more(len(prints))
        listener.tick()


def _nearest(
    finder: Finder, among: Path | Hashes, kept: tuple[Labels, Numbers], prints: Sequence[Fingerprint], radius_bits: int
) -> list[_Near]:  # fmt: skip
    """Of each content and owner of a hash the nearest pair that counts. kept: of each hash its label and owner."""
    rows = [asking_rows(each) for each in prints]
    if not rows or not len(kept[0]):
        return []
    asked = np.concatenate([hashes for hashes, _ in rows])
    asking = np.concatenate([labels for _, labels in rows])
    askers = np.repeat(np.arange(len(rows)), [len(labels) for _, labels in rows])
    best: dict[tuple[int, int], _Near] = {}
    for pairs in finder.near(among, asked, radius_bits):
        labels, labels_asking = kept[0][pairs.place], asking[pairs.query]
        counts = fits(labels, labels_asking, pairs.distance_bits, radius_bits)
        columns = (askers[pairs.query], kept[1][pairs.place], pairs.distance_bits, labels, labels_asking)
        for asker, number, bits, label, label_asking in zip(
            *(column[counts].tolist() for column in columns), strict=True
        ):
            if (asker, number) not in best or bits < best[asker, number].distance_bits:
                best[asker, number] = _Near(
                    sha256=prints[asker].sha256, quality=prints[asker].quality, number=number, distance_bits=bits,
                    kept=label, asking=label_asking,
                )  # fmt: skip
    return [near for _, near in sorted(best.items())]


def _near_the_known(
    connection: duckdb.DuckDBPyConnection, finder: Finder, by_digest: Mapping[str, list[dict[str, Any]]],
    listener: Listener,
) -> Iterator[list[dict[str, Any]]]:  # fmt: skip
    """What looks like a content that a set knows by digest: of that one the parts are known too."""
    connection.execute("CREATE OR REPLACE TABLE known_by_digest (sha256 VARCHAR)")
    if by_digest:
        connection.executemany("INSERT INTO known_by_digest VALUES (?)", [[each] for each in sorted(by_digest)])
    for kept in fingerprints(connection, "known_by_digest"):
        rows = [kept_rows(each) for each in kept]
        hashes, labels = (np.concatenate([each[side] for each in rows]) for side in (0, 1))
        owners = np.repeat(np.arange(len(rows)), [len(each[1]) for each in rows])
        for prints in fingerprints(connection):
            asking = [each for each in prints if each.sha256 not in by_digest]
            found = _nearest(finder, hashes, (labels, owners), asking, RADIUS_BITS)
            yield [
                {**row, **_through(each, kept[each.number].sha256)}
                for each in found
                for row in by_digest[kept[each.number].sha256]
            ]
            listener.more(len(asking))
            listener.tick()


def _through(near: _Near, sha256: str) -> dict[str, Any]:
    return {
        "sha256": near.sha256, "kind": _PDQ, "distance_bits": near.distance_bits,
        "variant": variant_words(near.kept, near.asking), "quality": near.quality, "through": sha256,
        "rule": f"{rule_words(RADIUS_BITS, QUALITY_MIN)}, of a content that the record knows by digest",
    }  # fmt: skip


def _exact_row(known: KnownSet, exact: Exact) -> dict[str, Any]:
    return {
        **_of_record(known, exact.record),
        "sha256": exact.sha256, "kind": exact.kind, "distance_bits": None, "variant": "", "quality": None,
        "through": "",
        "rule": f"{_BY_DIGEST} ({exact.kind})", "set_aside": exact.set_aside,
    }  # fmt: skip


def _near_row(known: KnownSet, record: Record, near: _Near, alike: Mapping[str, tuple[int, str]]) -> dict[str, Any]:
    aside = ""
    if known.role != Role.LOOKALIKE and near.sha256 in alike and alike[near.sha256][0] <= near.distance_bits:
        bits, name = alike[near.sha256]
        aside = f"as near ({bits} bits) to a known look-alike of the set {name}"
    return {
        **_of_record(known, record),
        "sha256": near.sha256, "kind": _PDQ, "distance_bits": near.distance_bits,
        "variant": variant_words(near.kept, near.asking), "quality": near.quality, "through": "",
        "rule": rule_words(known.radius_bits, known.quality_min), "set_aside": aside,
    }  # fmt: skip


def _of_record(known: KnownSet, record: Record) -> dict[str, Any]:
    return {
        "set": known.name, "record": record.key, "category": record.category, "scheme": known.scheme,
        "verdict": scheme_of(known.scheme).is_verdict(record.category), "role": known.role.value,
        "series": record.series, "victim_identified": record.victim_identified, "line": record.line,
        "set_sha256": known.digest,
    }  # fmt: skip


def _whole(lineage: str, sets: Sequence[KnownSet], parts: str, contents: int, code: str) -> dict[str, Any]:
    return {
        "lineage": lineage,
        "sets": [one.digest for one in sets],
        "parts_digest": parts,
        "contents": contents,
        "tool_version": __version__,
        "tool_digest": code,
        "matched_at": datetime.now(UTC),
    }
