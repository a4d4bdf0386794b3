"""The benches there are, by name. Each measures ours and a named peer in one run and compares what both gave."""

from collections.abc import Iterator
from importlib import import_module

from headwater.bench.rows import BenchRow
from headwater.model.errors import MissingDependency, WrongUse
from headwater.model.nearest import unknown

# name: (module, function, the peer as said where it is absent). Loaded when asked for: other commands start without.
_BENCHES = {
    "digests": ("walk_digests", "rows", "hashdeep"),
    "pdq": ("pdq", "kernel_rows", "pdqhash"),
    "decode": ("pdq", "decode_rows", "Pillow + pdqhash"),
    "e01": ("e01", "rows", "libewf-python"),
    "run": ("whole_run", "rows", "exiftool + Pillow + pdqhash"),
    "near": ("near", "rows", "FAISS IndexBinaryFlat"),
    "near-long": ("near", "long_rows", "FAISS IndexBinaryFlat"),
    "memory": ("memory", "rows", "itself with fewer files"),
}
_ONLY_BY_NAME = frozenset({"memory", "near-long"})  # minutes long
NAMES: tuple[str, ...] = tuple(_BENCHES)


def run_bench(name: str | None) -> Iterator[BenchRow]:
    """Run the named bench, or all of the quick ones, whose row says so where a peer is absent.

    Raises MissingDependency where a bench asked for by name lacks its peer, WrongUse for another name.
    """
    if name is None:
        for each in NAMES:
            if each not in _ONLY_BY_NAME:
                yield from _unless_absent(each)
        return
    if name not in _BENCHES:
        raise WrongUse(unknown("bench", name, NAMES), next_step=f"Benches: {', '.join(NAMES)}")
    yield from _rows(name)


def _rows(name: str) -> Iterator[BenchRow]:
    module, function, _ = _BENCHES[name]
    yield from getattr(import_module(f"headwater.bench.{module}"), function)()


def _unless_absent(name: str) -> Iterator[BenchRow]:
    try:
        yield from _rows(name)
    except MissingDependency as absent:
        note = f"{absent.message}: {absent.next_step}"
        yield BenchRow(name=name, input="", peer=_BENCHES[name][2], note=note)
