"""Known sets as a library: asked about one file at a time, in the process that calls it."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from headwater.match.asks import FILES
from headwater.match.exact import exact_matches
from headwater.match.near import NearIndex
from headwater.match.schemes import scheme_of
from headwater.match.sides import asking_rows, fits, variant_words
from headwater.match.store import Store
from headwater.model.fingerprint import Fingerprint
from headwater.model.known import Record
from headwater.seal.files import read_only
from headwater.seal.manifest import Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One record that fits. role: known, harmless, lookalike. kind: sha256, sha1, md5 or pdq.

    distance_bits, variant: of `pdq`; none and empty for a digest. verdict: whether the category is one. set_aside:
    why it does not count; empty where it does.
    """

    set: str
    role: str
    record: Record
    kind: str
    scheme: str
    verdict: bool
    distance_bits: int | None = None
    variant: str = ""
    set_aside: str = ""


@dataclass(frozen=True, slots=True)
class _Set:
    told: Mapping[str, Any]
    store: Store
    index: NearIndex | None


class KnownSets:
    """Sets that `headwater hashset add` built, open for look-ups. Their folders are mapped, not loaded."""

    def __init__(self, sets: Sequence[_Set]) -> None:
        self._sets = sets

    @classmethod
    def open(cls, folders: Sequence[Path]) -> Self:
        """Open the folders of sets, such as those under a workspace's `known`.

        Raises DoesNotVerify where a manifest does not hold, HeadwaterError where a set is damaged.
        """
        return cls([_open(folder) for folder in folders])

    def by_digest(self, digests: Mapping[str, str]) -> list[Hit]:
        """Every record with one of the digests md5, sha1, sha256."""
        return [
            _hit(one, exact.record, exact.kind, set_aside=exact.set_aside)
            for one in self._sets
            for exact in exact_matches(one.store, [digests])
        ]

    def by_look(self, print_: Fingerprint) -> list[Hit]:
        """Every record that the picture looks like, each at its nearest; none for a flat picture."""
        return [hit for one in self._sets if one.index for hit in _near(one, one.index, print_)]


def _open(folder: Path) -> _Set:
    told, store = Manifest.read(folder).body, Store(folder)
    if store.near_folder is None:
        return _Set(told, store, None)
    with ExitStack() as stack:
        files = [read_only(store.near_folder / name) for name in FILES]
        for each in files:
            stack.callback(os.close, each)
        return _Set(told, store, NearIndex.load(files))


def _near(one: _Set, index: NearIndex, print_: Fingerprint) -> Iterator[Hit]:
    if print_.quality < one.told["quality_min"]:
        return
    hashes, asking = asking_rows(print_)
    numbers, kept = one.store.hash_owners()
    best: dict[int, tuple[int, int, int]] = {}
    for pairs in index.near(hashes, one.told["radius_bits"]):
        labels, labels_asking = kept[pairs.place], asking[pairs.query]
        counts = np.flatnonzero(fits(labels, labels_asking, pairs.distance_bits, one.told["radius_bits"]))
        for row in counts.tolist():
            found = int(pairs.distance_bits[row]), int(labels[row]), int(labels_asking[row])
            number = int(numbers[pairs.place[row]])
            best[number] = min(found, best.get(number, found))
    ordered = sorted(best.items())
    for (_, (bits, label, asked)), record in zip(ordered, one.store.records(dict(ordered)), strict=True):
        yield _hit(one, record, "pdq", distance_bits=bits, variant=variant_words(label, asked))


def _hit(
    one: _Set, record: Record, kind: str, *, distance_bits: int | None = None, variant: str = "", set_aside: str = ""
) -> Hit:
    return Hit(
        set=one.told["name"], role=one.told["role"], record=record, kind=kind, scheme=one.told["scheme"],
        verdict=scheme_of(one.told["scheme"]).is_verdict(record.category), distance_bits=distance_bits,
        variant=variant, set_aside=set_aside,
    )  # fmt: skip
