"""The last lines of a run."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from headwater.cli.output import dots, grade_mark, say
from headwater.cli.progress import duration
from headwater.model.counted import counted
from headwater.model.errors import ExitCode
from headwater.model.visible import visible
from headwater.origin.queue import LOOK_FIRST
from headwater.steps.report_known import Known
from headwater.steps.summary import Origins, Pictures, Summary

_SHOWN_KINDS = 6
_WORDS = {
    ExitCode.DONE: "Done",
    ExitCode.DONE_WITH_FAILURES: "Done with failures",
    ExitCode.DOES_NOT_VERIFY: "Done, but evidence is not what was acquired or opened",
}


def show_summary(summary: Summary, report: Path | None, seconds: float, code: ExitCode, *, as_json: bool) -> None:
    """Print it, or one JSON line. code: what the command is about to end with."""
    if as_json:
        more = {"report": str(report) if report else None, "exit_code": int(code)}
        say(json.dumps(asdict(summary) | more, default=str))
        return
    say(f"{_WORDS[code]} (exit {int(code)})    {_pace(summary.items, seconds)}")
    show_counts(summary, report)


def show_counts(summary: Summary, report: Path | None) -> None:
    """Everything below the first line."""
    for line in _lines(summary):
        say(line)
    if report:
        say(f"  report      {visible(os.fsencode(report))}")
    if summary.unsafe:
        say("  UNSAFE      evidence was read without a sandbox; custody and the report say so")


def _pace(files: int, seconds: float) -> str:
    return f"{duration(seconds)}    {counted(round(files / max(seconds, 1e-6) * 60), 'file')} a minute"


def _lines(summary: Summary) -> Iterator[str]:
    for source in summary.sources:
        name = visible(f"{source.exhibit}  {source.source}")
        yield f"  {name}  {counted(source.items, 'file')} listed   read only: yes   digest as acquired: {source.digest}"
    yield (
        f"  items       {counted(summary.items, 'file')}, {counted(summary.media, 'different content')}, "
        f"{summary.bytes_read / (1 << 20):,.1f} MiB; {summary.deleted:,} deleted, {summary.damaged:,} damaged"
    )
    yield f"  pictures    {picture_words(summary.pictures)}"
    if summary.embedded:
        yield f"  inside      {counted(summary.embedded, 'picture')} inside pictures"
    if summary.different_pictures:
        yield f"              {counted(summary.different_pictures, 'different picture')} fingerprinted"
    yield from _known(summary.known)
    yield from _origins(summary.origins)
    if summary.failures:
        kinds = ", ".join(f"{kind} {count:,}" for kind, count in summary.failure_kinds[:_SHOWN_KINDS])
        more = len(summary.failure_kinds) - _SHOWN_KINDS
        rest = f", and {counted(more, 'other kind')}" if more > 0 else ""
        yield f"  failures    {counted(summary.failures, 'file')}: {kinds}{rest}"
        yield "              headwater show failures"
    head = " ".join(summary.custody_head[start : start + 4] for start in range(0, 8, 4))
    custody = f"custody {counted(summary.custody_entries, 'entry', 'entries')}, head {head} {dots()}"
    yield f"  sealed      {counted(summary.parts, 'part')}, {custody}   headwater verify"


def _origins(origins: Origins) -> Iterator[str]:
    if origins.total:
        grades = ("camera", origins.camera), ("generated", origins.generated), ("edited", origins.edited)
        said = "   ".join(f"{grade_mark(grade)} {grade} {count:,}" for grade, count in grades)
        open_ = f"{grade_mark('undetermined')} undetermined {origins.undetermined:,}"
        yield f"  origin      {said}   {open_}   total {origins.total:,}"
        yield f"  look first  {counted(origins.first, 'picture')}: tiers 1 to {LOOK_FIRST}   headwater show queue"


def _known(known: Known) -> Iterator[str]:
    """What the sets say; which silence it is, where they say nothing."""
    searched = counted(known.sets, "known set")
    if not known.sets:
        yield "  known       no known set is in use, so nothing was compared: headwater hashset add"
    elif not (known.by_digest or known.near or known.harmless or known.set_aside):
        yield f"  known       nothing: {searched} searched"
    else:
        said = (
            f"{known.by_digest:,} by digest, {known.near:,} near a known picture, {known.harmless:,} harmless, "
            f"{known.set_aside:,} set aside"
        )
        yield f"  known       {said}; {searched} searched   headwater show matches"
    if known.pictures:
        groups = counted(known.groups, "group")
        yield f"  alike       {known.pictures:,} pictures and videos in {groups} of near copies   headwater show groups"


def picture_words(pictures: Pictures) -> str:
    """Every picture in one of its states, so that the sum can be seen."""
    said = [f"{pictures.fingerprinted:,} fingerprinted"]
    said += [f"{pictures.failed:,} failed"] if pictures.failed else []
    said += [f"{pictures.not_decoded:,} of a kind not decoded"] if pictures.not_decoded else []
    said += [f"{pictures.not_looked:,} not looked at (headwater.toml)"] if pictures.not_looked else []
    return f"{counted(pictures.files, 'file')}: {', '.join(said)}"
