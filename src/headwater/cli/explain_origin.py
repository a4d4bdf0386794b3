"""The origin of one content in lines: grade, numbers, signals with the bytes they rest on, sentences."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from headwater.cli.output import dots
from headwater.model.visible import shown
from headwater.steps.explain_bytes import Excerpt
from headwater.steps.explain_origin import OriginExplained

Row = Mapping[str, Any]
Excerpts = Mapping[str, Sequence[Excerpt]]
_EXCERPT = 160
_BYTES_SHOWN = 8
_NOT_WEIGHED = "  not weighed: it is no picture and no video, or headwater trace has not run since it was found"


def origin_lines(
    origin: OriginExplained | None, findings: Sequence[Row], read: Excerpts | None = None
) -> Iterator[str]:
    """Everything said of an origin. findings: of the same content, prompts hidden where they shall be.

    read: what was read again from the evidence, by finding; nothing where that was not asked for.
    """
    yield "\nOrigin"
    if origin is None:
        yield _NOT_WEIGHED
        return
    yield from _grade(origin)
    yield from (f"  note: {note}" for note in origin.notes)
    kept = {row["finding"]: row for row in findings}
    yield f"\nSignals ({len(origin.signals):,})"
    for signal in origin.signals:
        yield f"  {signal['id']:<3} {_weight(signal):<14} {shown(signal['says'])}"
        for finding in signal["findings"]:
            yield from _relied_on(finding, kept.get(finding), read)
    yield from _silences(findings, origin.unseen)
    yield from _ties(origin.ties)
    yield f"\nIn sentences ({len(origin.sentences):,})"
    for sentence in origin.sentences:
        yield f"  {shown(sentence['text'])}"
        if where := _where(sentence["findings"], kept):
            yield f"      rests on {where}"


def _grade(origin: OriginExplained) -> Iterator[str]:
    row = origin.row
    yield f"  {', '.join(filter(None, (row['grade'], row['strength'])))}"
    yield f"  rule {row['reasons'][0]}"
    yield "  " + "  ".join(f"{name} {row[name]}" for name in ("g", "e", "c", "k", "f"))
    yield f"  rules {row['rules_digest'][:16]}{dots()}"


def _weight(signal: Row) -> str:
    if not signal["level"]:
        return "counts 0"
    return f"{signal['side']}{signal['level']} {'counts' if signal['used'] else 'set aside'}"


def _relied_on(finding: str, row: Row | None, read: Excerpts | None) -> Iterator[str]:
    if row is None:
        yield f"        finding {finding[:16]}{dots()} of another content"
        return
    value = shown(row["value"])
    cut = value if len(value) <= _EXCERPT else f"{value[:_EXCERPT]}{dots()}"
    yield f"        finding {finding[:16]}{dots()}  {row['claim']} = {cut}"
    excerpts = [_begins(one) for one in (read or {}).get(finding, ())]
    if read is not None and finding not in read:
        yield "          not derived again under this id: headwater verify tells why"
    for place, span in enumerate(row["spans"][:_BYTES_SHOWN]):
        role = f" ({span['role']})" if span["role"] else ""
        digest = f"  sha256 {span['sha256'][:16]}{dots()}" if span["sha256"] else ""
        yield f"          bytes {span['offset_bytes']}+{span['length_bytes']}{role}{digest}"
        yield from excerpts[place : place + 1]
    if len(row["spans"]) > _BYTES_SHOWN:
        yield f"          and {len(row['spans']) - _BYTES_SHOWN:,} more places"


def _begins(excerpt: Excerpt) -> str:
    if excerpt.hidden:
        return "            begins with: hidden, a prompt lies in these bytes; --prompts shows them"
    return f"            begins with: {excerpt.hexadecimal}  {excerpt.text}"


def _silences(findings: Sequence[Row], unseen: Sequence[Row]) -> Iterator[str]:
    nothing = [row for row in findings if row["state"] == "nothing"]
    yield f"\nLooked for and not found ({len(nothing):,})"
    yield from (f"  {row['claim']}: {shown(row['reason'])}" for row in nothing)
    yield f"\nNot seen ({len(unseen):,})"
    for one in unseen:
        hangs = "  a side hangs on it" if one["side"] else ""
        yield f"  {one['examiner']}, {one['what']}: {one['state'].replace('_', ' ')}: {shown(one['reason'])}{hangs}"


def _ties(ties: Sequence[Row]) -> Iterator[str]:
    yield f"\nTies ({len(ties):,}); a tie is a lead"
    for tie in ties:
        both = f"{shown(tie['a'])[:16]}  {shown(tie['b'])[:40]}"
        yield f"  {tie['reason']}  {both}  {shown(tie['value'])}  {tie['strength']}"


def _where(findings: Sequence[str], kept: Mapping[str, Row]) -> str:
    places = [
        f"bytes {span['offset_bytes']}+{span['length_bytes']}"
        for finding in findings
        for span in (kept[finding]["spans"] if finding in kept else ())
    ]
    more = f" and {len(places) - _BYTES_SHOWN:,} more places" if len(places) > _BYTES_SHOWN else ""
    return ", ".join(places[:_BYTES_SHOWN]) + more
