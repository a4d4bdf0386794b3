"""What custody has of each source, as the report says it: what was acquired, what was read, and what does not hold."""

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from headwater.export.records import DigestLine, Fault, Said, SegmentLine, SeizedSource, Verdict
from headwater.export.report import size_words
from headwater.model.counted import counted
from headwater.model.source_report import Compared
from headwater.model.visible import shown, visible
from headwater.steps.exhibits import (
    SOURCE_CLOSED,
    SOURCE_LISTED,
    SOURCE_OPENED,
    SOURCE_VERIFIED,
    KnownSource,
    bad_sectors,
    state,
)
from headwater.steps.summary import digest_words
from headwater.steps.workspace import Workspace

_SEGMENTS_SHOWN = 100
_RANGES_SHOWN = 12
_NAMES_SHOWN = 8
_FAULTS_SHOWN = 12  # of one source
_FORMS = {
    "e01": "E01 image",
    "raw": "raw image",
    "folder": "folder",
    "zip": "zip archive",
    "tar": "tar archive",
}
_ACQUISITION = {
    "tool": "Tool",
    "acquired": "Acquired",
    "system": "Clock of the acquiring system",
    "examiner": "Examiner",
    "case_number": "Case number",
    "evidence_number": "Evidence number",
    "description": "Description",
    "notes": "Notes",
    "model": "Model",
    "serial_number": "Serial number",
    "device_label": "Device label",
    "operating_system": "Operating system",
}
_COMPARED = {
    Compared.MATCH: Said(words="the same", verdict=Verdict.HOLDS),
    Compared.DIFFERS: Said(words="DIFFERS", verdict=Verdict.BROKEN),
    Compared.ABSENT: Said(words="nothing to compare with", verdict=Verdict.NEITHER),
    Compared.NOT_COMPUTED: Said(words="cannot be compared", verdict=Verdict.BROKEN),
}


class SourceStory:
    """One source as custody tells of it, entry by entry."""

    def __init__(self, workspace: Workspace, known: KnownSource) -> None:
        self.known = known
        self.opened: Mapping[str, Any] = state(workspace, known, SOURCE_OPENED) or {}
        self.listed: Mapping[str, Any] = state(workspace, known, SOURCE_LISTED) or {}
        self.verified: Mapping[str, Any] = _part(state(workspace, known, SOURCE_VERIFIED), "report")
        self.closed: Mapping[str, Any] = state(workspace, known, SOURCE_CLOSED) or {}
        self.shape: Mapping[str, Any] = _part(self.listed, "shape")

    @property
    def exhibit(self) -> str:
        return visible(self.known.exhibit)

    @property
    def form(self) -> str:
        """What kind of thing it is, in words."""
        if self.known.files.is_folder:
            return _FORMS["folder"]
        word = str(self.shape.get("container") or self.verified.get("kind") or "")
        return _FORMS.get(word, visible(word)) or "not known: it could not be opened"

    @property
    def failed(self) -> str:
        """Why the verify pass came to nothing, or nothing."""
        return str(self.verified.get("failed") or self.verified.get("failure") or "")

    @property
    def digest(self) -> Said:
        """Whether it is as it was acquired."""
        words = digest_words(self.known, self.verified)
        if self.known.files.is_folder:
            return Said(words=words, verdict=Verdict.NEITHER)
        compared = {str(self.verified.get(f"{name}_compared")) for name in ("md5", "sha1")}
        if self.failed or compared & {Compared.DIFFERS, Compared.NOT_COMPUTED}:
            return Said(words=shown(words), verdict=Verdict.BROKEN)
        return Said(words=words, verdict=Verdict.HOLDS if Compared.MATCH in compared else Verdict.NEITHER)

    @property
    def at_close(self) -> Said:
        """Whether it was the same at the end of the last run."""
        if not self.closed:
            return Said(words="not yet", verdict=Verdict.NEITHER)
        changed: Sequence[str] = self.closed.get("changed", [])
        if changed:
            count = self.closed.get("changed_count", len(changed))
            names = "; ".join(shown(each) for each in changed[:_NAMES_SHOWN])
            more = f"; and {count - _NAMES_SHOWN:,} more" if count > _NAMES_SHOWN else ""
            return Said(words=f"CHANGED, {count:,} of them: {names}{more}", verdict=Verdict.BROKEN)
        compared = counted(int(self.closed.get("compared", 0)), "digest")
        return Said(words=f"unchanged, {compared} compared", verdict=Verdict.HOLDS)


def _part(entry: Mapping[str, object] | None, name: str) -> Mapping[str, Any]:
    part = (entry or {}).get(name)
    return part if isinstance(part, Mapping) else {}


def seized(story: SourceStory) -> SeizedSource:
    """Everything the report says of one source."""
    verified = story.verified
    segments: Sequence[Mapping[str, Any]] = verified.get("segments", [])
    return SeizedSource(
        exhibit=story.exhibit,
        country=visible(story.known.country),
        source=story.known.files.source,
        given=_given(story),
        form=story.form,
        size=_size(story),
        digest=story.digest,
        digests=[*_digests(story)],
        segments=[
            SegmentLine(name=shown(each["name"]), size_bytes=each["size_bytes"], sha256=each["sha256"])
            for each in segments[:_SEGMENTS_SHOWN]
        ],
        segments_total=len(segments),
        acquisition=[*_acquisition(verified)],
        bad_sectors=_sectors(story),
        closed=story.at_close,
        volumes=[_volume(volume) for volume in story.shape.get("volumes", []) if volume.get("name")],
        notes=[*_notes(story)],
        items=int(story.listed.get("items", 0)),
    )


def faults(story: SourceStory) -> Iterator[Fault]:
    """Each thing about a source that does not hold, or was not done."""
    said = [shown(words) for words in _faults(story)]
    more = len(said) - _FAULTS_SHOWN
    rest = [f"and {counted(more, 'thing')} more, among the facts of the source below"] if more > 0 else []
    for words in (*said[:_FAULTS_SHOWN], *rest):
        yield Fault(where=story.exhibit, words=words)


def _faults(story: SourceStory) -> Iterator[str]:
    if story.digest.verdict is Verdict.BROKEN:
        yield f"digest as acquired: {story.digest.words}"
    if story.at_close.verdict is Verdict.BROKEN:
        yield f"at the close: {story.at_close.words}"
    yield from _refused(story.listed)
    yield from _not_done(story)
    yield from _bad_places(story.verified)
    for volume in story.shape.get("volumes", []):
        name = f"volume {volume.get('name') or 'whole'}"
        if volume.get("refused"):
            yield f"{name} refused: {volume['refused']}"
        if volume.get("incomplete"):
            yield f"{name} NOT ALL LISTED: {volume['incomplete']}"
        yield from (f"{name}: {note}" for note in volume.get("notes", []) if "not examined" in note)
    yield from (note for note in story.shape.get("notes", []) if "not examined" in note)
    yield from story.verified.get("notes", [])


def _refused(listed: Mapping[str, Any]) -> Iterator[str]:
    if listed.get("refused"):
        yield f"refused: {listed['refused']}"
    if listed.get("incomplete"):
        yield f"NOT ALL LISTED: {listed['incomplete']}"


def _not_done(story: SourceStory) -> Iterator[str]:
    if not story.listed:
        yield "not listed yet"
    if not story.verified and not story.known.files.is_folder:
        yield "provisional: its verify pass has not ended"
    if not story.closed:
        yield "not digested again yet: no run of it has come to its end"


def _bad_places(verified: Mapping[str, Any]) -> Iterator[str]:
    count, ranges, _ = bad_sectors(verified)
    if count:
        yield f"{counted(count, 'unreadable sector')} in {counted(ranges, 'range')}"
    if errors := verified.get("acquisition_errors"):
        count = verified.get("acquisition_errors_count", len(errors))
        yield f"the acquiring tool itself could not read {counted(count, 'range')} of sectors, as the image records"
    for each in verified.get("segments", []):
        if each.get("unreadable"):
            yield f"segment {each['name']}: {counted(len(each['unreadable']), 'range')} of it cannot be read"


def _given(story: SourceStory) -> str:
    paths = [str(path) for path in story.opened.get("shown", [])]
    real = paths[0] if paths else visible(os.fsencode(story.known.files.paths[0]))
    given = story.opened.get("given")
    return shown(f"{given}, which is {real}" if given else real)


def _size(story: SourceStory) -> str:
    sizes = [each["size_bytes"] for each in story.verified.get("segments", [])] or [*story.known.sizes_bytes]
    if story.known.files.is_folder:
        return "a folder has none of its own"
    files = counted(len(sizes), "segment")
    media = int(story.verified.get("size_bytes") or story.shape.get("size_bytes") or 0)
    held = f", holding {size_words(media)} ({media:,} bytes)" if media and media != sum(sizes) else ""
    return f"{size_words(sum(sizes))} ({sum(sizes):,} bytes) in {files}{held}"


def _digests(story: SourceStory) -> Iterator[DigestLine]:
    """Of the content; a folder has none of its own, and a source whose verify pass failed has none either."""
    if story.known.files.is_folder or not story.verified or story.failed:
        return
    for name, label in (("md5", "MD5"), ("sha1", "SHA-1"), ("sha256", "SHA-256")):
        compared = Compared(story.verified.get(f"{name}_compared") or Compared.ABSENT)
        yield DigestLine(
            name=label,
            stored=str(story.verified.get(f"stored_{name}") or "none"),
            computed=str(story.verified.get(name) or "none: part of the image is absent"),
            compared=_COMPARED[compared],
        )


def _acquisition(verified: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    told = {str(name): str(value) for name, value in verified.get("acquiry", [])}
    for name, label in _ACQUISITION.items():
        if name in told:
            yield label, _moment(told[name]) if name in {"acquired", "system"} else visible(told[name])


def _moment(stored: str) -> str:
    """A time of an E01 header: seconds since 1970, or the parts of a date in the zone of the acquiring machine."""
    try:
        if stored.isdigit():
            return f"{datetime.fromtimestamp(int(stored), UTC):%Y-%m-%d %H:%M:%S} UTC (stored as {stored})"
        year, month, day, hour, minute, second = map(int, stored.split())
        read = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - no zone is stored
    except (ValueError, OverflowError, OSError):
        return visible(stored)
    return f"{read:%Y-%m-%d %H:%M:%S}, zone not stated (stored as {visible(stored)})"


def _sectors(story: SourceStory) -> str:
    if story.known.files.is_folder:
        return "a folder has none of its own"
    if story.failed:
        return f"not looked for: the verify pass failed ({shown(story.failed)})"
    if not story.verified:
        return "not looked for yet"
    count, of_ranges, ranges = bad_sectors(story.verified)
    if not ranges:
        return "none found"
    where = ", ".join(f"{each['first_sector']:,} (+{each['sector_count']:,})" for each in ranges[:_RANGES_SHOWN])
    more = f" and {of_ranges - _RANGES_SHOWN:,} more" if of_ranges > _RANGES_SHOWN else ""
    return f"{count:,} in {counted(of_ranges, 'range')}: {where}{more}"


def _volume(volume: Mapping[str, Any]) -> str:
    name = shown(volume["name"])
    said = str(volume.get("file_system") or "")
    if volume.get("refused") or not said:
        said = f"{said}{' ' if said else ''}refused: {shown(volume.get('refused') or 'unknown')}"
    elif volume.get("incomplete"):
        said = f"{said} NOT ALL LISTED: {shown(volume['incomplete'])}"
    label = f" “{visible(volume['label'])}”" if volume.get("label") else ""
    where = f"{volume.get('length_bytes', 0):,} bytes from {volume.get('start_bytes', 0):,}"
    return f"{name}: {said}{label}, {visible(volume.get('type_name', ''))}, {where}"


def _notes(story: SourceStory) -> Iterator[str]:
    yield from map(shown, (*_refused(story.listed), *story.shape.get("notes", []), *story.verified.get("notes", [])))
    for volume in story.shape.get("volumes", []):
        for note in volume.get("notes", []):
            yield shown(f"{volume.get('name') or 'the whole'}: {note}")
