"""The report of a run as one self-contained HTML page: no script, no picture, nothing loaded from elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from headwater.export.plots import Bar, draw_bars, draw_columns


@dataclass(frozen=True, slots=True, kw_only=True)
class SeizedSource:
    """One source of an exhibit: how it came, and what is known of its bytes."""

    exhibit: str
    country: str
    source: str
    form: str
    size_bytes: int | None
    segments: int
    digest: str  # in words: matches, differs, none stored ...
    sha256: str
    md5: str
    sha1: str
    bad_sectors: str
    closed: str  # in words: the digests at the close
    volumes: Sequence[str]
    notes: Sequence[str]
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounting:
    """Every listed item ends in exactly one of these: they add up to `items`."""

    items: int
    read: int
    damaged: int  # of those read: with bytes missing
    no_content: int  # links and device nodes
    unread: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExaminerLine:
    """What one examiner came to, in contents; found + nothing + not_run + failed are the contents it looked at."""

    examiner: str
    version: str
    code_digest: str
    found: int
    nothing: int
    not_run: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureLine:
    """One failure."""

    exhibit: str
    path: str
    examiner: str
    kind: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyLine:
    """One content that occurs more than once."""

    sha256: str
    media_type: str
    occurrences: int
    exhibits: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraLine:
    """A make and model as the files state it; such text can be written into any file."""

    make: str
    model: str
    contents: int
    first: str
    last: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything the page says."""

    operation: str
    made_at: datetime
    tool_version: str
    sandbox: Sequence[str]
    unsafe: bool
    provisional: Sequence[str]  # sources whose verify pass has not ended
    sources: Sequence[SeizedSource]
    accounting: Accounting
    contents: int
    bytes_read: int
    deleted: int
    lying_extensions: int
    examiners: Sequence[ExaminerLine]
    failure_kinds: Sequence[Bar]
    failures: Sequence[FailureLine]
    failures_total: int
    types: Sequence[Bar]
    times_by: str  # year or month
    times: Sequence[Bar]
    zone_unknown: int
    sizes: Sequence[Bar]
    copies: Sequence[CopyLine]
    copies_total: int
    cameras: Sequence[CameraLine]
    custody_entries: int
    custody_head: str
    key_id: str


def write_html(report: Report) -> str:
    """The page. Its foot carries the SHA-256 of everything above the foot."""
    environment = Environment(
        loader=PackageLoader("headwater.export"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["thousands"] = lambda number: f"{number:,}"
    environment.filters["groups"] = lambda digest: " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))
    environment.filters["bytes"] = _size
    plots = {
        "types": draw_bars("Files by type of content", report.types),
        "times": draw_columns(f"Files by {report.times_by} last modified", report.times),
        "sizes": draw_columns("Files by size", report.sizes),
        "failures": draw_bars("Failures by kind", report.failure_kinds),
    }
    body = Markup(environment.get_template("report_body.html").render(report=report, plots=plots))  # noqa: S704 - the template escapes by itself
    return environment.get_template("report.html").render(
        report=report, body=body, digest=sha256(body.encode()).hexdigest()
    )


def _size(count: int | None) -> str:
    if count is None:
        return "not stated"
    for unit, size in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{count:,} bytes"
