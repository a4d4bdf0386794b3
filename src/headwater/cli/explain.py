"""explain: everything known of one file, in sentences."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from headwater.cli.explain_known import known_lines
from headwater.cli.explain_origin import origin_lines
from headwater.cli.explain_upstream import upstream_lines
from headwater.cli.options import json_option, quiet_option, unsafe_option, workspace_option
from headwater.cli.output import dots, say
from headwater.cli.table import plain
from headwater.model.counted import counted
from headwater.model.locator import parse_locator
from headwater.model.visible import shown, visible
from headwater.steps import run as steps
from headwater.steps.explain import Explanation
from headwater.steps.explain import explain as explain_step
from headwater.steps.explain_bytes import Excerpt, excerpts
from headwater.steps.upstream import UpstreamExplained
from headwater.steps.workspace import Workspace

Row = Mapping[str, Any]
Excerpts = Mapping[str, tuple[Excerpt, ...]]
_EXCERPT = 160
_TIMES = ("created", "modified", "accessed", "changed")
_ZONES = {
    "utc": "UTC",
    "unknown": "the clock of its container, whose zone is not known",
    "none": "as its container has it, without a zone",
}


@click.command()
@click.argument("name", metavar="MEDIA_OR_ITEM", nargs=-1, required=True)
@click.option("--prompts", is_flag=True, help="Show what generators keep of a prompt; hidden where not given.")
@click.option("--bytes", "with_bytes", is_flag=True, help="Read the evidence again and show where each span begins.")
@unsafe_option
@workspace_option
@quiet_option
@json_option
def explain(
    name: tuple[str, ...],
    folder: Path,
    *,
    prompts: bool,
    with_bytes: bool,
    unsafe: bool,
    quiet: bool,  # noqa: ARG001 - no hints here
    as_json: bool,
) -> None:
    """Explain one file: where it lies, its origin and why, what was found on which bytes, what could not be seen.

    \b
    Example:
      headwater explain 3f9a0c1e77b2
    """
    with Workspace.open(folder, read_only=True) as workspace:
        explanation = explain_step(workspace, " ".join(name), prompts=prompts)
        read: Excerpts = {}
        if with_bytes and explanation.sha256:
            with steps.open_pool(workspace, unsafe=unsafe) as pool:
                item = explanation.items[0]["item"]
                read = excerpts(workspace, pool, item, explanation.findings, prompts=prompts)
    if as_json:
        parts = ("sha256", "silence", "media", "items", "inside", "matches", "groups", "findings", "failures")
        origin = asdict(explanation.origin) if explanation.origin else None
        said = {**{part: getattr(explanation, part) for part in parts}, "origin": origin}
        said["upstream"] = _upstream(explanation.upstream)
        if with_bytes:
            said["bytes"] = {finding: [asdict(one) for one in each] for finding, each in read.items()}
        say(json.dumps(plain(said)))
        return
    for line in _sentences(explanation, read if with_bytes else None):
        say(line)


def _upstream(upstream: UpstreamExplained | None) -> Row | None:
    if upstream is None:
        return None
    told = {"strength": upstream.strength, "gaps": [*upstream.gaps], "hand": upstream.hand, "names": upstream.names}
    return {**told, "steps": upstream.rows(), "is_cut": upstream.chain.is_cut}


def _sentences(explanation: Explanation, read: Excerpts | None) -> Iterator[str]:
    yield f"SHA-256  {_digest(explanation.sha256) if explanation.sha256 else f'none: {shown(explanation.silence)}'}"
    if explanation.media:
        yield from _media(explanation.media)
    yield f"\nWhere it lies ({len(explanation.items):,})"
    for row in explanation.items:
        yield from _place(row)
    if explanation.inside:
        yield f"\nPictures inside it ({len(explanation.inside):,})"
        for row in explanation.inside:
            yield from _inside(row)
    yield from known_lines(explanation.matches, explanation.groups)
    yield from origin_lines(explanation.origin, explanation.findings, read)
    yield from upstream_lines(explanation.upstream)
    yield f"\nWhat was found ({len(explanation.findings):,})"
    for finding in explanation.findings:
        yield from _found(finding)
    yield f"\nWhat could not be seen ({len(explanation.failures):,})"
    for row in explanation.failures:
        yield f"  {row['examiner']}: {row['kind']}: {row['message']}"


def _found(row: Row) -> Iterator[str]:
    yield f"  {row['examiner']} {row['version']}  {row['claim']}{_value(row)}"
    for span in row["spans"]:
        role = f" ({span['role']})" if span["role"] else ""
        digest = f"sha256 {span['sha256'][:16]}{dots()}" if span["sha256"] else "without a digest of its own"
        yield f"      bytes {span['offset_bytes']}+{span['length_bytes']}{role}  {digest}"


def _media(media: Row) -> Iterator[str]:
    size = f"  {media['width_pixels']}x{media['height_pixels']} pixels" if media["width_pixels"] else ""
    yield f"type     {media['media_type']}{size}  occurs {counted(media['occurrences'], 'time')}"
    if media["pdq"]:
        yield f"PDQ      {media['pdq']}  quality {media['pdq_quality']}"


def _place(row: Row) -> Iterator[str]:
    state = [row["allocation"], row["kind"]] + (["damaged"] if row["damaged"] else [])
    yield f"  {visible(row['exhibit'])}  {row['path']}  [{', '.join(state)}]  item {row['item']}"
    yield f"      {row['locator']}"
    if row["parent_item"]:
        yield f"      inside item {row['parent_item']}"
    yield f"      {'  '.join(_facts(row))}"
    yield f"      {_times(row)}"
    if row["damaged"]:
        yield f"      damaged: {_ranges(row['damaged_ranges'])} could not be read, and count as zeros"
    if row["extension_disagrees"]:
        yield f"      the ending of its name does not fit its content ({row['media_type']})"
    if row["note"]:
        yield f"      note: {shown(row['note'])}"


def _inside(row: Row) -> Iterator[str]:
    """A picture inside a picture, in one line; what it was found to show is among the findings of the picture."""
    name = parse_locator(row["locator"]).layers[-1]
    digest = f"sha256 {row['sha256'][:16]}{dots()}" if row["sha256"] else "not read"
    yield f"  {visible(name.name)}  [{row['note']}]  {counted(row['size_bytes'], 'byte')}  item {row['item']}  {digest}"


def _facts(row: Row) -> Iterator[str]:
    size = row["size_bytes"]
    yield "size not stated" if size is None else counted(size, "byte")
    if row["bytes_read"] is not None and row["bytes_read"] != size:
        yield f"{row['bytes_read']:,} read"
    yield f"inode {row['inode']}" if row["inode"] else "no inode"


def _times(row: Row) -> str:
    said = [f"{name} {_time(row[name])}" for name in _TIMES if row[name]]
    zone = _ZONES.get(row["times_zone"], row["times_zone"])
    return f"{'  '.join(said)}  ({zone})" if said else "no times are kept of it"


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _ranges(ranges: Sequence[Row]) -> str:
    places = ", ".join(f"{each['offset_bytes']}+{each['length_bytes']}" for each in ranges[:8])
    return f"bytes {places}{f' and {len(ranges) - 8:,} more' if len(ranges) > 8 else ''}"


def _digest(digest: str) -> str:
    return " ".join(digest[start : start + 4] for start in range(0, len(digest), 4))


def _value(row: Row) -> str:
    """What was found; or which silence it is, and why."""
    if row["state"] == "found":
        return f" = {_short(row['value'])}"
    why = f": {shown(row['reason'])}" if row["reason"] else ""
    return f"  [{row['state'].replace('_', ' ')}{why}]"


def _short(value: str) -> str:
    text = shown(value)
    return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]}{dots()} ({len(text):,} characters)"
