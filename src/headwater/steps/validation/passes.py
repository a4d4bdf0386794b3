"""Every pass of a validation: the files as they are, the same under other names, and each laundered copy."""

import os
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from headwater.examine.laundering.recipes import RECIPES
from headwater.export.validation_records import Comparison
from headwater.match.finder import Finder
from headwater.model.errors import DoesNotVerify
from headwater.model.visible import visible
from headwater.seal.files import read_only
from headwater.steps.runner import kernel_cache
from headwater.steps.validation.comparing import Comparer
from headwater.steps.validation.copies import Launderer
from headwater.steps.validation.manifest import Manifest, Row
from headwater.steps.validation.observe import Bench, Observed, new_name, observe

ORIGINAL = "original"
_BLOCK_BYTES = 1 << 20
_Put = Callable[[Row, Path], str]  # a row's file, or a copy of it, to a path; why not, or nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """What one condition gave, by the line of the manifest. not_made: why there is no copy.

    comparisons: of its files with the originals.
    """

    condition: str
    observed: Mapping[int, Observed]
    not_made: Mapping[int, str]
    comparisons: Sequence[Comparison] = ()


def all_passes(bench: Bench, manifest: Manifest, *, unsafe: bool) -> tuple[Pass, Pass, tuple[Pass, ...]]:
    """The originals, the originals again under other names in another order, and every laundered condition.

    Raises DoesNotVerify where a file is not what it was when the manifest was checked.
    """

    def copy(row: Row, target: Path) -> str:
        _copy(manifest.folder / row.path, target, row.sha256)
        return ""

    original = _pass(bench, ORIGINAL, manifest.rows, copy)
    shuffled = [*manifest.rows]
    random.Random(manifest.digest).shuffle(shuffled)  # noqa: S311 - another order is all it is for
    again = _pass(bench, "renamed", shuffled, copy)
    with (
        Launderer(unsafe=unsafe) as launderer,
        Finder(unsafe=unsafe, cache_folder=kernel_cache()) as finder,
    ):
        comparer = Comparer(manifest.rows, original.observed, finder)
        laundered = tuple(
            _compared(
                comparer,
                _pass(bench, recipe.name, manifest.rows, _laundered(launderer, manifest.folder, recipe.name)),
            )
            for recipe in RECIPES
        )
        return _compared(comparer, original), _without_prints(again), laundered


def _compared(comparer: Comparer, one: Pass) -> Pass:
    return replace(_without_prints(one), comparisons=tuple(comparer.compare(one.condition, one.observed)))


def _without_prints(one: Pass) -> Pass:
    """Fingerprints are many times the rest, and needed no more."""
    return replace(one, observed={line: replace(each, print_=None, video=None) for line, each in one.observed.items()})


def _laundered(launderer: Launderer, folder: Path, recipe: str) -> _Put:
    return lambda row, target: launderer.make(recipe, folder / row.path, target)


def _pass(bench: Bench, condition: str, rows: Sequence[Row], put: _Put) -> Pass:
    names: dict[str, int] = {}
    not_made: dict[int, str] = {}
    with TemporaryDirectory(prefix="files-", dir=bench.folder) as place:
        bench.listener.begin(f"copy {condition}", len(rows))
        for row in rows:
            name = new_name()
            why = put(row, Path(place) / name)
            if why:
                not_made[row.line] = why
            else:
                names[name] = row.line
            bench.listener.item(row.path, 0, failed=bool(why))
        bench.listener.end()
        seen = observe(bench, Path(place)) if names else {}
    return Pass(
        condition=condition,
        observed={names[name]: each for name, each in seen.items() if name in names},
        not_made=not_made,
    )


def _copy(source: Path, target: Path, expected: str) -> None:
    digest = sha256()
    with os.fdopen(read_only(source), "rb", buffering=0) as file, target.open("xb") as out:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
            out.write(block)
    if digest.hexdigest() != expected:
        raise DoesNotVerify(f"{visible(os.fsencode(source))} changed while the corpus was validated")
