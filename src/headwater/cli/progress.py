"""Progress on standard error: one line a step, redrawn in place on a terminal, appended plainly in a pipe."""

import os
import shutil
import sys
import time
from dataclasses import dataclass, field

from headwater.model.visible import shown

_REDRAW_SECONDS = 0.25
_PLAIN_SECONDS = 10.0
_ETA_FROM = 0.03  # of the work done, before any time left is named
_MEBI = 1 << 20


@dataclass(slots=True)
class Progress:
    """Hears what the steps do. Counts, rates, failures, and the time left once it can be said."""

    quiet: bool = False
    plain: bool = False
    step: str = ""
    total: int = 0
    done: int = 0
    failed: int = 0
    bytes_done: int = 0
    path: str = ""
    _began: float = field(default_factory=time.monotonic)
    _drawn: float = 0.0
    _redraws: bool = False

    def __post_init__(self) -> None:
        self._redraws = not self.plain and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def begin(self, step: str, total: int = 0) -> None:
        """A step starts. `total` 0: not known."""
        self.step, self.total, self.done, self.failed, self.bytes_done = step, total, 0, 0, 0
        self.path, self._began = "", time.monotonic()
        self._drawn = self._began

    def item(self, path: str, size_bytes: int, *, failed: bool) -> None:
        """One item is done."""
        self.done += 1
        self.failed += failed
        self.bytes_done += size_bytes
        self.path = path

    def more(self, count: int) -> None:
        """Some more were listed."""
        self.done += count

    def tick(self) -> None:
        """Draw, if it is time."""
        now = time.monotonic()
        if self.quiet or now - self._drawn < (_REDRAW_SECONDS if self._redraws else _PLAIN_SECONDS):
            return
        self._drawn = now
        if self._redraws:
            width = shutil.get_terminal_size().columns - 1
            sys.stderr.write("\r\x1b[K" + f"{self.line()}  {shown(self.path)}"[:width])
        else:
            sys.stderr.write(self.line() + "\n")
        sys.stderr.flush()

    def end(self, words: str = "") -> None:
        """The step is over; its line stays."""
        if self.quiet:
            return
        if self._redraws:
            sys.stderr.write("\r\x1b[K")
        sys.stderr.write(f"{self.line(final=True)}{'  ' + words if words else ''}\n")
        sys.stderr.flush()

    def line(self, *, final: bool = False) -> str:
        """The step's line: count, rate, bytes, failures, time left."""
        seconds = max(time.monotonic() - self._began, 1e-6)
        share = self.done / self.total if self.total else 0.0
        of = f" of {self.total:,}" if self.total and not final else ""
        parts = [f"{self.step:<9}", f"{self.done:,}{of} files"]
        if seconds > 0.5:
            parts.append(f"{self.done / seconds:,.0f} files/s")
            if self.bytes_done:
                parts.append(f"{self.bytes_done / seconds / _MEBI:,.1f} MiB/s")
        if self.failed:
            parts.append(f"{self.failed:,} failed")
        if final:
            parts.append(duration(seconds))
        elif share > _ETA_FROM and seconds > 2:
            parts.append(f"about {duration(seconds * (1 - share) / share)} left")
        return "  ".join(parts)


def duration(seconds: float) -> str:
    """A length of time in words: 2 h 5 m, 3 m 10 s, 0.4 s."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} m"
    return f"{minutes} m {rest} s" if minutes else f"{rest} s"
