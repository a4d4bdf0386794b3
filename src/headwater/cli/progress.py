"""Progress on standard error: one line a step, redrawn in place on a terminal, appended plainly in a pipe."""

import os
import shutil
import sys
import time
from collections import deque
from dataclasses import dataclass, field

from headwater.cli.output import complain
from headwater.model.counted import counted
from headwater.model.visible import shown

_REDRAW_SECONDS = 0.25
_PLAIN_SECONDS = 10.0
_ETA_FROM = 0.03  # of the work done, before any time left is named
_ETA_SECONDS = 2.0
_WINDOW = 24  # readings of how far it was, about one every second
_READING_SECONDS = 1.0
_DOUBT = 0.15  # of a time left, either way, at the least
_MEBI = 1 << 20
_UNITS = {"hashset": "row"}  # what a step counts; the others count files


@dataclass(slots=True)
class Progress:
    """Hears what the steps do. Counts, rates, failures, and the time left as a range once it can be said."""

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
    _readings: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=_WINDOW))

    def __post_init__(self) -> None:
        self._redraws = not self.plain and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def note(self, line: str) -> None:
        """A line beside the steps."""
        if not self.quiet:
            complain(shown(line))

    def begin(self, step: str, total: int = 0) -> None:
        """A step starts. `total` 0: not known."""
        self.step, self.total, self.done, self.failed, self.bytes_done = step, total, 0, 0, 0
        self.path, self._began = "", time.monotonic()
        self._drawn = self._began
        self._readings.clear()

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
        if not self._readings or now - self._readings[-1][0] >= _READING_SECONDS:
            self._readings.append((now, self.done))
        if self.quiet or now - self._drawn < (_REDRAW_SECONDS if self._redraws else _PLAIN_SECONDS):
            return
        self._drawn = now
        if self._redraws:
            width = shutil.get_terminal_size().columns - 1
            sys.stderr.write("\r\x1b[K" + f"{self.line()}  {shown(self.path)}"[:width])
            sys.stderr.flush()
        else:
            complain(self.line())

    def end(self, words: str = "") -> None:
        """The step is over; its line stays."""
        if self.quiet:
            return
        if self._redraws:
            sys.stderr.write("\r\x1b[K")
        complain(f"{self.line(final=True)}{'  ' + words if words else ''}")

    def line(self, *, final: bool = False) -> str:
        """The step's line: count, rate, bytes, files with failures, time left."""
        seconds = max(time.monotonic() - self._began, 1e-6)
        parts = [f"{self.step:<9}"]
        if self.done or self.total:
            of = f" of {self.total:,}" if self.total and not final else ""
            parts.append(f"{self.done:,}{of} {self._unit}{'' if (self.total if of else self.done) == 1 else 's'}")
            parts += self._rates(seconds)
        if self.failed:
            parts.append(f"{counted(self.failed, 'file')} with failures")
        if final:
            parts.append(duration(seconds))
        elif left := self._left(seconds):
            parts.append(left)
        return "  ".join(parts)

    @property
    def _unit(self) -> str:
        return _UNITS.get(self.step, "file")

    def _rates(self, seconds: float) -> list[str]:
        if seconds <= 0.5:
            return []
        rates = [f"{self.done / seconds:,.0f} {self._unit}s/s"]
        return rates + ([f"{self.bytes_done / seconds / _MEBI:,.1f} MiB/s"] if self.bytes_done else [])

    def _left(self, seconds: float) -> str:
        """The time left as a range: at the speed of the whole step, and at that of the last half minute."""
        if not self.total or self.done >= self.total or seconds < _ETA_SECONDS or self.done / self.total < _ETA_FROM:
            return ""
        speeds = [self.done / seconds]
        if self._readings:
            at, done = self._readings[0]
            if (since := time.monotonic() - at) > _READING_SECONDS and self.done > done:
                speeds.append((self.done - done) / since)
        rest = self.total - self.done
        least, most = rest / max(speeds) * (1 - _DOUBT), rest / min(speeds) * (1 + _DOUBT)
        return f"{duration(least)} to {duration(most)} left"


def duration(seconds: float) -> str:
    """A length of time in words: 2 h 5 m, 3 m 10 s, 0.4 s."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} m"
    return f"{minutes} m {rest} s" if minutes else f"{rest} s"
