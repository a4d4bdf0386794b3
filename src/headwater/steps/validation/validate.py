"""`headwater validate`: the origin methods on a corpus with a manifest, and the method-validation report."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from headwater import __version__
from headwater.examine.laundering.recipes import RECIPES
from headwater.export.items_csv import write_items
from headwater.export.validation_html import write_validation_html
from headwater.export.validation_pdf import write_validation_pdf
from headwater.export.validation_records import Digests, ItemLine, Outcome, Validation
from headwater.model.canonical import canonical_bytes, digest_of
from headwater.model.errors import WrongUse
from headwater.model.visible import visible
from headwater.origin.digest import rules_digest
from headwater.seal.files import replace_file
from headwater.steps import run as steps
from headwater.steps.adopted import Adopted, Figure
from headwater.steps.examine import examiner_set, library_versions
from headwater.steps.ingest import Listener
from headwater.steps.validation import tables
from headwater.steps.validation.acceptance import Acceptance, read_acceptance
from headwater.steps.validation.comparing import METHODS
from headwater.steps.validation.criteria import Results, judge, verdict
from headwater.steps.validation.detectors import detectors
from headwater.steps.validation.grades import NOT_GRADED, STRENGTHS
from headwater.steps.validation.leaks import leaks
from headwater.steps.validation.looks import add_look
from headwater.steps.validation.manifest import Manifest, read_manifest
from headwater.steps.validation.observe import Bench, Means, empty_workspace
from headwater.steps.validation.passes import ORIGINAL, Pass, all_passes
from headwater.steps.validation.rates import items_needed
from headwater.steps.validation.readers import readers
from headwater.steps.validation.result import as_json, corpus_of, lists_of, result_digest
from headwater.steps.workspace import Workspace

_OWN_LIBRARIES = ("scipy", "duckdb")
_SCORES = "No examiner of this set gives a calibrated score, so there is no Cllr and no Tippett count."
_LINKING = "Not part of this version: rates of linking persons."
_REENCODED = "reencode_q90_both"


@dataclass(frozen=True, slots=True, kw_only=True)
class Validated:
    """What a validation came to, and where it lies. files: by name, each with its SHA-256."""

    validation: Validation
    adopted: Adopted
    files: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """All passes over a corpus, and what they were made with."""

    original: Pass
    again: Pass
    laundered: tuple[Pass, ...]
    examiner_set_digest: str
    settings_digest: str
    looks: int
    chosen: frozenset[str]
    references: frozenset[str] | None


def check_places(corpus: Path, out: Path) -> None:
    """Nothing is written into a corpus but its looks.jsonl. Raises WrongUse."""
    for place, what in ((out, "the report"), (Path(os.environ.get("TMPDIR", "/tmp")), "the temporary folder")):  # noqa: S108
        if place.resolve().is_relative_to(corpus.resolve()):
            raise WrongUse(
                f"{what} would lie in the corpus: {visible(os.fsencode(place))}",
                next_step="Name a folder outside it: --out DIR, TMPDIR.",
            )


def validate(corpus: Path, out: Path, means: Means, listener: Listener, *, unsafe: bool) -> Validated:
    """Examine a corpus as seized files are, join the labels afterwards, and write the report into `out`.

    means: those of the operation it is for, or the defaults. Raises WrongUse with every fault of the manifest or the
    criteria before anything is examined, MissingDependency, DoesNotVerify.
    """
    check_places(corpus, out)
    acceptance = read_acceptance(corpus)
    listener.begin("check the corpus")
    manifest = read_manifest(corpus)
    listener.end()
    made = _make(manifest, means, listener, unsafe=unsafe)
    validation, items, figures = _report(manifest, acceptance, made, unsafe=unsafe)
    return _write(out, validation, items, figures)


@contextmanager
def _bench(means: Means, listener: Listener, *, unsafe: bool) -> Iterator[tuple[Bench, Workspace]]:
    with (
        TemporaryDirectory(prefix="headwater-validate-") as place,
        empty_workspace(Path(place), means) as first,
        steps.open_pool(first, unsafe=unsafe) as pool,
    ):
        yield Bench(folder=Path(place), means=means, pool=pool, listener=listener), first


def _make(manifest: Manifest, means: Means, listener: Listener, *, unsafe: bool) -> _Made:
    with _bench(means, listener, unsafe=unsafe) as (bench, workspace):
        chosen = examiner_set(workspace)
        looks = 0
        if any(row.split == "holdout" for row in manifest.rows):
            now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            body = {"at": now, "corpus_digest": manifest.digest, "examiner_set_digest": chosen, "tool": __version__}
            looks = add_look(manifest.folder, body)
        original, again, laundered = all_passes(bench, manifest, unsafe=unsafe)
        return _Made(
            original=original,
            again=again,
            laundered=laundered,
            examiner_set_digest=chosen,
            settings_digest=workspace.settings.digest,
            looks=looks,
            chosen=frozenset(workspace.settings.examiners),
            references=means.references,
        )


def _report(
    manifest: Manifest, acceptance: Acceptance, made: _Made, *, unsafe: bool
) -> tuple[Validation, list[ItemLine], dict[str, Figure]]:
    rows = manifest.rows
    passes = {one.condition: one for one in (made.original, *made.laundered)}
    every = {name: tables.graded(rows, one) for name, one in passes.items()}
    rated = {name: [each for each in cases if each.row.is_rated] for name, cases in every.items()}
    originals = every[ORIGINAL]
    spoofs = [each for each in originals if each.row.is_spoof]
    margins = {
        name: stated.at_most
        for stated in acceptance.criteria
        if stated.measure == "laundering"
        for name in stated.condition
    }
    results = Results(
        rated=rated,
        every=every,
        spoofs=spoofs,
        laundering=[
            tables.laundering(originals, every[recipe.name], recipe.name, margins.get(recipe.name))
            for recipe in RECIPES
        ],
        leaks=leaks(
            rows, made.original.observed, originals, tables.graded(rows, made.again), every[_REENCODED], made.references
        ),
        readers=readers(rows, made.original.observed),
    )
    criteria = [judge(stated, results) for stated in acceptance.criteria]
    items = [tables.item_line(each) for cases in every.values() for each in cases]
    validation = Validation(
        made_at=datetime.now(UTC),
        tool_version=__version__,
        unsafe=unsafe,
        verdict=verdict(criteria),
        criteria=criteria,
        corpus=corpus_of(manifest),
        confusion=tables.confusion(rated[ORIGINAL]),
        wrong=tables.by_strength(rated[ORIGINAL], ORIGINAL),
        undetermined=tables.by_truth(rated[ORIGINAL], ORIGINAL),
        by_source=[row for name, cases in rated.items() for row in tables.by_source(cases, name)],
        conditions=[
            tables.condition_tables(passes[name], words, rows, every[name])
            for name, words in ((ORIGINAL, "the files as they are"), *((each.name, each.words) for each in RECIPES))
        ],
        laundering=results.laundering,
        spoofs=tables.confusion(spoofs),
        spoof_items=[tables.item_line(each) for each in spoofs],
        readers=results.readers,
        detectors=detectors(rows, made.original.observed, made.chosen),
        leaks=results.leaks,
        looks=made.looks,
        has_holdout=any(row.split == "holdout" for row in rows),
        scores=_SCORES,
        linking=_LINKING,
        comparisons=[
            each for method in METHODS for one in passes.values() for each in one.comparisons if each.method == method
        ],
        wrong_items=lists_of(items, "wrong"),
        not_graded_items=lists_of(items, NOT_GRADED),
        needed=items_needed(),
        digests=_digests(manifest, acceptance, made),
    )
    return validation, items, _figures(rated[ORIGINAL])


def _figures(cases: list[tables.Graded]) -> dict[str, Figure]:
    found = {}
    for strength in STRENGTHS:
        rate = tables.rate_row(cases, condition=ORIGINAL, strength=strength).rate
        if rate.highest:
            upper = round(rate.highest.upper, 6)
            found[strength] = Figure(wrong=rate.wrong, named=rate.named, upper=upper)
    return found


def _digests(manifest: Manifest, acceptance: Acceptance, made: _Made) -> Digests:
    libraries = {name: str(each) for name, each in library_versions().items()}
    libraries |= {name: version(name) for name in _OWN_LIBRARIES}
    recipes = [[recipe.name, recipe.words] for recipe in RECIPES]
    return Digests(
        corpus_digest=manifest.digest,
        recipe_digest=digest_of([recipes, libraries]),
        examiner_set_digest=made.examiner_set_digest,
        rules_digest=rules_digest(),
        settings_digest=made.settings_digest,
        acceptance_digest=acceptance.digest,
        library_versions=libraries,
    )


def _write(out: Path, validation: Validation, items: list[ItemLine], figures: dict[str, Figure]) -> Validated:
    """Write the four files; the JSON last, for it is what others rely on."""
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = result_digest(validation)
    json = canonical_bytes(as_json(validation)) + b"\n"
    written = {
        "items.csv": write_items(items),
        "validate.html": write_validation_html(validation, digest).encode(),
        "validate.pdf": write_validation_pdf(as_json(validation), validation.made_at),
        "validate.json": json,
    }
    for name, data in written.items():
        replace_file(out / name, data)
    adopted = Adopted(
        result_digest=digest,
        corpus_digest=validation.digests.corpus_digest,
        examiner_set_digest=validation.digests.examiner_set_digest,
        rules_digest=validation.digests.rules_digest,
        verdict=validation.verdict.value,
        rows=validation.corpus.rows,
        report_sha256=sha256(json).hexdigest(),
        figures=figures,
        validated=tuple(each.name for each in validation.detectors if each.outcome is Outcome.PASS),
    )
    return Validated(
        validation=validation,
        adopted=adopted,
        files={name: sha256(data).hexdigest() for name, data in written.items()},
    )


def failed(validated: Validated) -> bool:
    """Whether criteria were stated and not all of them passed."""
    return validated.validation.verdict not in {Outcome.PASS, Outcome.NOT_STATED}
