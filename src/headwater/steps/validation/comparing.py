"""How often comparison finds a copy's own original, and how often another picture: the originals stand for a known set.

Two files are unlike where the manifest gives them different groups. What fits all the same is a false match, or two
groups that show the same: every such pair is listed, for a person to look at.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from headwater.export.validation_records import Comparison
from headwater.match.finder import Finder
from headwater.match.sides import rule_words
from headwater.match.video import frame_rows, shared, video_rule_words
from headwater.model.fingerprint import VideoPrint
from headwater.model.known import QUALITY_MIN, RADIUS_BITS, VideoRule
from headwater.model.visible import visible
from headwater.steps.looks import kept_of, nearest
from headwater.steps.validation.manifest import Row
from headwater.steps.validation.observe import Observed
from headwater.steps.validation.rates import Case, rate

_SHOWN = 50
_BATCH = 1024
_BY_DIGEST = "the same SHA-256"
Seen = Mapping[int, Observed]  # by the line of the manifest
Fits = tuple[int, int]  # lines of a file that asks and of an original that fits


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """One method of comparison. has: whether a file can be compared by it."""

    method: str
    rule: str
    has: Callable[[Observed], bool]
    found: Callable[[Finder, Seen, Seen], Iterator[Fits]]


class Comparer:
    """Holds the originals, and compares passes with them. Memory: fingerprints of the originals and of one pass."""

    def __init__(self, rows: Sequence[Row], originals: Seen, finder: Finder) -> None:
        self._rows = {row.line: row for row in rows}
        self._originals, self._finder = originals, finder

    def compare(self, condition: str, seen: Seen) -> list[Comparison]:
        """Every method by which one of the pass's files, or its original, can be compared."""
        return [
            self._compared(kind, condition, seen)
            for kind in _KINDS
            if any(kind.has(each) for line in seen for each in (seen[line], self._originals.get(line)) if each)
        ]

    def _compared(self, kind: _Kind, condition: str, seen: Seen) -> Comparison:
        kept = {line: each for line, each in self._originals.items() if kind.has(each)}
        asked = {line: each for line, each in seen.items() if kind.has(each)}
        fits: dict[int, set[int]] = defaultdict(set)
        for asking, original in kind.found(self._finder, asked, kept):
            fits[asking].add(original)
        groups = {line: row.group for line, row in self._rows.items()}
        in_group: dict[str, int] = defaultdict(int)
        for line in kept:
            in_group[groups[line]] += 1
        false = {line: sorted(each for each in fits[line] if groups[each] != groups[line]) for line in sorted(asked)}
        cases = [
            Case(group=groups[line], source=self._rows[line].source, named=True, wrong=bool(false[line]))
            for line in asked
        ]
        pairs = [(line, other) for line, others in false.items() for other in others]
        return Comparison(
            method=kind.method,
            rule=kind.rule,
            condition=condition,
            set_size=len(kept),
            queries=len(asked),
            not_compared=len(seen) - len(asked),
            with_own=len(asked.keys() & kept.keys()),
            own=sum(line in fits[line] for line in asked),
            unlike=sum(len(kept) - in_group[groups[line]] for line in asked),
            false=len(pairs),
            rate=rate(cases),
            pairs=[*islice(map(self._words, pairs), _SHOWN)],
        )

    def _words(self, pair: Fits) -> str:
        return " and ".join(visible(self._rows[line].path) for line in pair)


def _same_digest(_: Finder, asked: Seen, kept: Seen) -> Iterator[Fits]:
    lines = defaultdict(list)
    for line, each in kept.items():
        lines[each.sha256].append(line)
    for line, each in asked.items():
        for other in lines.get(each.sha256, ()):
            yield line, other


def _near(finder: Finder, asked: Seen, kept: Seen) -> Iterator[Fits]:
    if not (asked and kept):
        return
    originals = [*kept]
    hashes, labels, owners = kept_of([print_ for each in kept.values() if (print_ := each.print_)])
    asking = [*asked.items()]
    for first in range(0, len(asking), _BATCH):
        some = asking[first : first + _BATCH]
        # asked under the number of their row: two rows may be one content
        prints = [replace(each.print_, sha256=str(line)) for line, each in some if each.print_]
        for near in nearest(finder, hashes, (labels, owners), prints, RADIUS_BITS):
            yield int(near.sha256), originals[near.number]


def _by_frames(rule: VideoRule) -> Callable[[Finder, Seen, Seen], Iterator[Fits]]:
    def found(finder: Finder, asked: Seen, kept: Seen) -> Iterator[Fits]:
        if not (asked and kept):
            return
        originals, asking = [*kept], [*asked]
        of_kept, of_asked = frame_rows(_videos(kept)), frame_rows(_videos(asked))
        pairs = finder.near(of_kept.hashes, of_asked.hashes, RADIUS_BITS)
        for (video, number), each in shared(pairs, of_asked, of_kept.owners, of_kept.labels).items():
            if each.fits(rule):
                yield asking[video], originals[number]

    return found


def _videos(seen: Seen) -> list[VideoPrint]:
    return [each.video for each in seen.values() if each.video]


_KINDS = (
    _Kind(method="SHA-256", rule=_BY_DIGEST, has=lambda each: bool(each.sha256), found=_same_digest),
    _Kind(
        method="PDQ", rule=rule_words(RADIUS_BITS, QUALITY_MIN), has=lambda each: each.print_ is not None, found=_near
    ),
    *(
        _Kind(
            method=f"vPDQ, {rule}", rule=video_rule_words(rule, RADIUS_BITS, QUALITY_MIN),
            has=lambda each: each.video is not None, found=_by_frames(rule),
        )
        for rule in VideoRule
    ),
)  # fmt: skip
METHODS = tuple(each.method for each in _KINDS)
