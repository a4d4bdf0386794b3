"""The last lines of a run."""

import json
import os
from dataclasses import asdict
from pathlib import Path

import click

from headwater.model.visible import visible
from headwater.steps.summary import Summary

_SHOWN_KINDS = 6


def show_summary(
    summary: Summary, report: Path | None, took: str, *, as_json: bool, words: str = "Done with failures (exit 4)"
) -> None:
    """Print it, or one JSON line."""
    if as_json:
        click.echo(json.dumps(asdict(summary) | {"report": str(report) if report else None}, default=str))
        return
    for line in _lines(summary, report, took, words):
        click.echo(line)
    if summary.unsafe:
        click.echo("  UNSAFE      evidence was read without a sandbox; custody and the report say so")


def _lines(summary: Summary, report: Path | None, took: str, words: str) -> list[str]:
    state = words if summary.failures else "Done"
    lines = [f"{state}    {took}"]
    for source in summary.sources:
        name = visible(f"{source.exhibit}  {source.source}")
        lines.append(f"  {name}  {source.items:,} files listed   digest as acquired: {source.digest}")
    lines.append(
        f"  items       {summary.items:,} files, {summary.media:,} different contents, "
        f"{summary.bytes_read / (1 << 20):,.1f} MiB; {summary.deleted:,} deleted, {summary.damaged:,} damaged"
    )
    lines.append(
        f"  pictures    {summary.pictures:,} files; {summary.fingerprinted:,} different pictures fingerprinted"
    )
    if summary.failures:
        kinds = ", ".join(f"{kind} {count:,}" for kind, count in summary.failure_kinds[:_SHOWN_KINDS])
        more = sum(count for _, count in summary.failure_kinds[_SHOWN_KINDS:])
        lines.append(f"  failures    {kinds}{f', other {more:,}' if more else ''}")
        lines.append("              headwater show failures")
    head = " ".join(summary.custody_head[start : start + 4] for start in range(0, 8, 4))
    custody = f"custody {summary.custody_entries:,} entries, head {head} …"
    lines.append(f"  sealed      {summary.parts:,} parts, {custody}   headwater verify")
    if report:
        lines.append(f"  report      {visible(os.fsencode(report))}")
    return lines
