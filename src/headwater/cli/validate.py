"""validate: the methods on a laboratory's own labelled files, and the method-validation report."""

import json
import os
import time
from pathlib import Path

import click

from headwater.cli.options import json_option, progress_options, unsafe_option
from headwater.cli.output import say
from headwater.cli.places import check_own_places
from headwater.cli.progress import Progress, duration
from headwater.export.validation_html import interval_words, percent
from headwater.export.validation_records import Validation
from headwater.model.errors import ExitCode, WrongUse
from headwater.model.visible import visible
from headwater.steps.adopted import adopt
from headwater.steps.validation.observe import Means, means_of
from headwater.steps.validation.validate import Validated, failed
from headwater.steps.validation.validate import validate as validate_corpus
from headwater.steps.workspace import Workspace


@click.command()
@click.argument("corpus", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("validation"),
    show_default=True,
    metavar="DIR",
    help="Where the report goes.",
)
@click.option(
    "-w",
    "--workspace",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="An operation whose settings and trust lists are used; the defaults where it is not given.",
)
@click.option("--adopt", "adopts", is_flag=True, help="Have the operation rely on it: its reports cite the result.")
@unsafe_option
@progress_options
@json_option
def validate(
    corpus: Path,
    out: Path,
    folder: Path | None,
    *,
    adopts: bool,
    unsafe: bool,
    quiet: bool,
    plain: bool,
    as_json: bool,
) -> ExitCode:
    """Examine a CORPUS of files of known origin, and write the method-validation report.

    CORPUS holds the files and manifest.csv: path, sha256, truth, truth_basis, source, group; optional split,
    laundered_from, marks. Criteria in its acceptance.toml give a verdict; exit 4 where not all of them pass.

    \b
    Example:
      headwater validate corpus --out validation
    """
    began = time.monotonic()
    if adopts and folder is None:
        raise WrongUse("--adopt needs the operation: -w DIR", next_step="headwater validate CORPUS --adopt -w DIR")
    progress = Progress(quiet=quiet or as_json, plain=plain)
    check_own_places()
    means = means_of(folder) if folder else Means()
    validated = validate_corpus(corpus, out, means, progress, unsafe=unsafe)
    if folder and adopts:
        with Workspace.open(folder) as workspace:
            adopt(workspace, validated.adopted)
    _show(validated, out, time.monotonic() - began, as_json=as_json)
    return ExitCode.DONE_WITH_FAILURES if failed(validated) else ExitCode.DONE


def _show(validated: Validated, out: Path, seconds: float, *, as_json: bool) -> None:
    validation = validated.validation
    if as_json:
        row = {
            "verdict": validation.verdict.value,
            "result_digest": validated.adopted.result_digest,
            "rows": validation.corpus.rows,
            "rated": validation.corpus.rated,
            "wrong": len(validation.wrong_items),
            "readers_missed": len(validation.readers.missed),
            "readers_surplus": len(validation.readers.surplus),
            "leaks_failed": [leak.check for leak in validation.leaks if leak.outcome.value == "FAIL"],
            "files": validated.files,
        }
        say(json.dumps(row))
        return
    say(f"Verdict {validation.verdict.value}    {duration(seconds)}")
    for criterion in validation.criteria:
        say(f"  {criterion.outcome.value:<16} {criterion.name}: {criterion.stated}; found {criterion.found}")
    _show_rates(validation)
    readers = validation.readers
    say(f"Readers: {readers.read:,} of {readers.expected:,} marks read, {len(readers.surplus):,} surplus")
    for each in validation.detectors:
        say(f"  {each.outcome.value:<16} {each.name}: {each.false:,} false of {each.looked:,} looked at")
    say("Comparison with the originals, by files asked:")
    for one in validation.comparisons:
        say(
            f"  {f'{one.method}, {one.condition}':<32} {one.own:,} of {one.with_own:,} find their own, "
            f"{one.rate.wrong:,} of {one.rate.named:,} another; {one.false:,} of {one.unlike:,} unlike pairs"
        )
    for leak in validation.leaks:
        say(f"  {leak.outcome.value:<16} {leak.check}: {leak.words}")
    say(f"result    {validated.adopted.result_digest}\nreport    {visible(os.fsencode(out / 'validate.html'))}")


def _show_rates(validation: Validation) -> None:
    say(f"{validation.corpus.rated:,} of {validation.corpus.rows:,} files count in rates")
    for row in validation.undetermined:
        few = "; too few to state a rate" if row.rate.few else ""
        wrong = f"{row.rate.wrong:,} wrong of {row.rate.named:,} named, {interval_words(row.rate.headline)}{few}"
        share = f", {percent(row.undetermined / row.all)}" if row.all else ""
        say(f"  {row.truth:<10} {wrong}; {row.undetermined:,} of {row.all:,} undetermined{share}")
    for line in validation.laundering:
        say(f"  {line.condition:<18} {line.newly_wrong:,} newly wrong of {line.files:,}: {line.outcome.value}")
