"""Compares every content with the known sets in use, by digest and by look; sealed. No evidence is read.

The sets that count are those in use when it begins: each is one version, which never changes. Which they were is told
to custody, and stands in every row.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
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
from headwater.match.photodna import PhotoDnaFinder
from headwater.match.schemes import scheme_of
from headwater.match.sides import FRAME, Labels, rule_words
from headwater.match.store import Store, frames_kept
from headwater.match.video import FrameRows, Shared, frame_rows, shared, video_rule_words
from headwater.model.canonical import digest_of
from headwater.model.fingerprint import Fingerprint, VideoPrint
from headwater.model.known import QUALITY_MIN, RADIUS_BITS, KnownSet, Record, Role, VideoRule
from headwater.sandbox.plugins import PHOTODNA
from headwater.steps.fingerprints import fingerprints, photodna_values, videos
from headwater.steps.known import SET_RELEASED, known_sets, open_set, reason_to_hold_back
from headwater.steps.looks import Near, kept_of, near_words, nearest
from headwater.steps.rows import Rows
from headwater.steps.runner import kernel_cache
from headwater.steps.seals import MATCH_BEGUN, Listener
from headwater.steps.workspace import Workspace

MATCHED = "matched"
_BATCH = 50_000
_WHOLE, _PDQ, _VPDQ = "whole", "pdq", "vpdq"
_LOOKS = frozenset({_PDQ, _VPDQ, PHOTODNA})
Alike = dict[
    tuple[str, float | None], tuple[int, str]
]  # by content and place in it: bits to a look-alike, of which set
_BY_DIGEST = "the same digest"
_OF_DIGEST = "of a content that the record knows by digest"
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


def match(workspace: Workspace, listener: Listener, *, unsafe: bool) -> Matched:
    """Match all contents, as far as contents, sets or rules changed since the last time."""
    sets = known_sets(workspace)
    parts = parts_digest(workspace)
    digests, code = [one.digest for one in sets], code_digest(__name__)
    released = sorted({str(body["digest"]) for body in workspace.recorded(SET_RELEASED)})
    plugin = workspace.settings.plugins.photodna
    lineage = digest_of([*digests, *released, parts, code, *[plugin] * bool(plugin)])
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
    alike: Alike = {}
    ordered = sorted(enumerate(sets), key=lambda each: (each[1].role != Role.LOOKALIKE, each[0]))
    with (
        closing(connect(workspace.folder)) as connection,
        Finder(unsafe=unsafe, cache_folder=kernel_cache()) as finder,
        PhotoDnaFinder(workspace.settings.plugins.photodna, unsafe=unsafe) as photodna,
    ):
        contents = _one(connection, f"SELECT count(DISTINCT sha256) FROM ({_CONTENTS})")  # noqa: S608 - ours
        by_digest: dict[str, list[dict[str, Any]]] = {}
        for number, known in ordered:
            store = open_set(workspace, known)
            held_back = reason_to_hold_back(workspace, known, store)
            units = chain(
                _units(connection, finder, known, store, alike, listener),
                _photodna_units(connection, photodna, known, store),
            )
            for name, found in units:
                aside = {"set_aside": f"held back: {held_back}"} if held_back else {}
                rows = [{**row, **aside} for row in found]
                matches += _commit(parts, f"set-{number:04d}-{name}", rows)
                for row in rows:
                    if row["role"] == Role.KNOWN and row["kind"] not in _LOOKS and not row["set_aside"]:
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
    alike: Alike, listener: Listener,
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
    for place, prints in enumerate(_pictures(connection)):
        good = [each for each in prints if each.quality >= known.quality_min]
        found = nearest(finder, folder, owners, good, known.radius_bits)
        if known.role == Role.LOOKALIKE:
            for each in found:
                at = each.sha256, each.frame_seconds
                alike[at] = min(alike.get(at, (each.distance_bits, known.name)), (each.distance_bits, known.name))
        records = store.records(each.number for each in found)
        rows = [_near_row(known, record, each, owners, alike) for each, record in zip(found, records, strict=True)]
        yield f"near-{place:06d}", _nearest_frames(rows)
        listener.more(len(prints))
        listener.tick()
    if store.counts.videos:
        for place, batch_of_videos in enumerate(videos(connection)):
            yield f"video-{place:06d}", _video_rows(finder, known, store, owners, batch_of_videos)
            listener.more(len(batch_of_videos))
            listener.tick()


def _photodna_units(
    connection: duckdb.DuckDBPyConnection, finder: PhotoDnaFinder, known: KnownSet, store: Store
) -> Units:
    """What the plug-in finds near; nothing without one."""
    if not (finder.named and store.counts.photodna):
        return
    owners = store.photodna_owners()
    for place, (contents, values) in enumerate(photodna_values(connection)):
        nearest_of: dict[tuple[str, int], int] = {}
        for pair in finder.near(store.photodna_values, values):
            key = contents[pair.query], int(owners[pair.place])
            nearest_of[key] = min(pair.distance, nearest_of.get(key, pair.distance))
        found = sorted(nearest_of.items())
        records = store.records(number for (_, number), _ in found)
        yield f"photodna-{place:06d}", [
            {
                **_of_record(known, record), "sha256": sha256, "kind": PHOTODNA, "distance_bits": None, "variant": "",
                "quality": None, "through": "", "rule": finder.rule_words(distance), "set_aside": "",
            }
            for ((sha256, _), distance), record in zip(found, records, strict=True)
        ]  # fmt: skip


def _pictures(connection: duckdb.DuckDBPyConnection, only: str = "") -> Iterator[list[Fingerprint]]:
    """Every picture, then every frame of every video, the frames of one video together."""
    yield from fingerprints(connection, only)
    for batch in videos(connection, only):
        yield [frame for video in batch for frame in video.frames]


def _nearest_frames(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of the frames of one video the nearest to each record, one that counts before one that is set aside."""
    best: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: (row["set_aside"] != "", row["distance_bits"])):
        best.setdefault((row["sha256"], row["set"], row["record"], str(row["line"]), row["through"]), row)
    return sorted(best.values(), key=lambda row: (row["sha256"], row["line"]))


def _video_rows(
    finder: Finder, known: KnownSet, store: Store, owners: tuple[Labels, Numbers], prints: Sequence[VideoPrint]
) -> list[dict[str, Any]]:  # fmt: skip
    """The videos that share enough frames with a video of the set, by the set's rule."""
    good = [
        VideoPrint(
            sha256=each.sha256, flat=each.flat,
            frames=tuple(frame for frame in each.frames if frame.quality >= known.quality_min),
        )
        for each in prints
    ]  # fmt: skip
    asked = frame_rows(good)
    if store.near_folder is None or not len(asked.owners):
        return []
    pairs = finder.near(store.near_folder, asked.hashes, known.radius_bits)
    found = [
        (good[video].sha256, number, each)
        for (video, number), each in sorted(shared(pairs, asked, owners[1], owners[0]).items())
        if each.fits(known.video_rule)
    ]
    records = store.records(number for _, number, _ in found)
    rule = video_rule_words(known.video_rule, known.radius_bits, known.quality_min)
    return [
        {**_of_record(known, record), **_shared_row(sha256, each, rule), "through": ""}
        for (sha256, _, each), record in zip(found, records, strict=True)
    ]


def _shared_row(sha256: str, found: Shared, rule: str) -> dict[str, Any]:
    return {
        "sha256": sha256, "kind": _VPDQ, "distance_bits": found.distance_bits,
        "variant": found.words("the known video"), "quality": None, "rule": rule, "set_aside": "",
    }  # fmt: skip


def _near_the_known(
    connection: duckdb.DuckDBPyConnection, finder: Finder, by_digest: Mapping[str, list[dict[str, Any]]],
    listener: Listener,
) -> Iterator[list[dict[str, Any]]]:  # fmt: skip
    """What looks like a content that a set knows by digest: of that one the parts are known too."""
    connection.execute("CREATE OR REPLACE TABLE known_by_digest (sha256 VARCHAR)")
    if by_digest:
        connection.executemany("INSERT INTO known_by_digest VALUES (?)", [[each] for each in sorted(by_digest)])
    for kept in _pictures(connection, "known_by_digest"):
        hashes, labels, owners = kept_of(kept)
        for prints in _pictures(connection):
            asking = [each for each in prints if each.sha256 not in by_digest]
            found = nearest(finder, hashes, (labels, owners), asking, RADIUS_BITS)
            yield _nearest_frames([
                {**row, **_through(each, kept[each.number])}
                for each in found
                for row in by_digest[kept[each.number].sha256]
            ])  # fmt: skip
            listener.more(len(asking))
            listener.tick()
    for kept_videos in videos(connection, "known_by_digest"):
        of_kept = frame_rows(kept_videos)
        for batch in videos(connection):
            asking_videos = [each for each in batch if each.sha256 not in by_digest]
            yield _videos_through(finder, asking_videos, kept_videos, of_kept, by_digest)
            listener.more(len(asking_videos))
            listener.tick()


def _videos_through(
    finder: Finder, asking: Sequence[VideoPrint], kept: Sequence[VideoPrint], of_kept: FrameRows,
    by_digest: Mapping[str, list[dict[str, Any]]],
) -> list[dict[str, Any]]:  # fmt: skip
    """The videos that hold one that a set knows by digest, by the rule that is the default."""
    asked = frame_rows(asking)
    if not len(asked.owners):
        return []
    pairs = finder.near(of_kept.hashes, asked.hashes, RADIUS_BITS)
    rule = f"{video_rule_words(VideoRule.KNOWN, RADIUS_BITS, QUALITY_MIN)}, {_OF_DIGEST}"
    return [
        {**row, **_shared_row(asking[video].sha256, each, rule), "through": kept[number].sha256}
        for (video, number), each in sorted(shared(pairs, asked, of_kept.owners, of_kept.labels).items())
        if each.fits(VideoRule.KNOWN)
        for row in by_digest[kept[number].sha256]
    ]


def _through(near: Near, kept: Fingerprint) -> dict[str, Any]:
    return {
        "sha256": near.sha256, "kind": _PDQ, "distance_bits": near.distance_bits,
        "variant": near_words(near, kept.frame_seconds), "quality": near.quality, "through": kept.sha256,
        "rule": f"{rule_words(RADIUS_BITS, QUALITY_MIN)}, {_OF_DIGEST}",
    }  # fmt: skip


def _exact_row(known: KnownSet, exact: Exact) -> dict[str, Any]:
    return {
        **_of_record(known, exact.record),
        "sha256": exact.sha256, "kind": exact.kind, "distance_bits": None, "variant": "", "quality": None,
        "through": "",
        "rule": f"{_BY_DIGEST} ({exact.kind})", "set_aside": exact.set_aside,
    }  # fmt: skip


def _near_row(
    known: KnownSet, record: Record, near: Near, owners: tuple[Labels, Numbers], alike: Alike
) -> dict[str, Any]:  # fmt: skip
    aside = ""
    bits, name = alike.get((near.sha256, near.frame_seconds), (near.distance_bits + 1, ""))
    if known.role != Role.LOOKALIKE and bits <= near.distance_bits:
        aside = f"as near ({bits} bits) to a known look-alike of the set {name}"
    return {
        **_of_record(known, record),
        "sha256": near.sha256, "kind": _PDQ, "distance_bits": near.distance_bits,
        "variant": near_words(near, _frame_seconds(record, near, owners)), "quality": near.quality, "through": "",
        "rule": rule_words(known.radius_bits, known.quality_min), "set_aside": aside,
    }  # fmt: skip


def _frame_seconds(record: Record, near: Near, owners: tuple[Labels, Numbers]) -> float | None:
    """When the frame of the record that was found is seen; none where it was no frame."""
    if near.kept != FRAME:
        return None
    labels, numbers = owners
    before = labels[np.searchsorted(numbers, near.number) : near.place] == FRAME
    return frames_kept(record)[np.count_nonzero(before)].time_seconds


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
