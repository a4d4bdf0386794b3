"""The origin of every picture: what it is, and what the rule table makes of what its bytes and the seizure show."""

from collections.abc import Collection, Mapping

from headwater.demo.answers.rules import Verdict, weigh
from headwater.demo.sight import Sight
from headwater.demo.traces import BY_LIKENESS, UNKNOWN, Traces
from headwater.demo.truth import OriginTruth

_CORROBORATED = 3


class Origins:
    """Weighs pictures that depend on one another: an input picture's own origin, a near copy of something drawn."""

    def __init__(
        self,
        traces: Mapping[str, Traces],
        sights: Mapping[str, Sight],
        near: Mapping[str, set[str]],
        unread: Collection[str],
        damaged: Collection[str] = (),
    ) -> None:
        self._damaged = damaged
        self._unread = unread  # contents whose metadata, if they have any, is lost
        self._traces = traces
        self._sights = sights
        self._near = near
        self._own: dict[str, Verdict] = {}

    def all(self) -> tuple[OriginTruth, ...]:
        """Give one line for each content."""
        return tuple(self._origin(digest, one) for digest, one in self._traces.items())

    def _origin(self, digest: str, one: Traces) -> OriginTruth:
        g, e = self._sides(digest, one)
        ties = sorted(self._near.get(digest, set()) | ({source} if (source := self._source(one)) else set()))
        k = int(one.carrier or any(self._is_drawn(other) for other in self._near.get(digest, ())))
        f = self._failed(digest, weigh(g, e, one.c, k, 0).grade)
        verdict = weigh(g, e, one.c, k, f)
        return OriginTruth(
            sha256=digest, actual=one.actual, grade=verdict.grade, strength=verdict.strength, rule=verdict.rule, g=g,
            e=e, c=one.c, k=k, f=f, signals=one.signals, ties=tuple(ties), why=one.why,
        )  # fmt: skip

    def _failed(self, digest: str, grade: str) -> int:
        """Whether no examiner could see its pixels, or its metadata.

        Damage may have taken a label of a generator away: that leaves open what no generator is found in.
        """
        if digest in self._damaged and grade not in {"generated", "edited"}:
            return 1
        is_blind = digest in self._sights and self._sights[digest].truth.decodes == "failed"
        return int(is_blind or digest in self._unread)

    def _source(self, one: Traces) -> str:
        return "" if one.begun_from in {"", UNKNOWN, BY_LIKENESS} else one.begun_from

    def _sides(self, digest: str, one: Traces) -> tuple[int, int]:
        """Share the level of a record with an input picture between drawn and altered, by what is known of that."""
        if not one.begun_from:
            return one.g, one.e
        if one.c:
            return 0, one.g
        grades = {self.own(other).grade for other in self._inputs(digest, one)}
        if "camera" in grades:
            return 0, one.g
        return (one.g, 0) if "generated" in grades else (one.g, one.g)

    def _inputs(self, digest: str, one: Traces) -> set[str]:
        """The input picture, where it was found: by name, or as the only kind of thing that looks like it."""
        if one.begun_from == BY_LIKENESS:
            return {other for other in self._near.get(digest, ()) if not self._traces[other].begun_from}
        return {self._source(one)} - {""}

    def own(self, digest: str) -> Verdict:
        """Weigh a picture by its own signals alone."""
        if digest not in self._own:
            one = self._traces[digest]
            g, e = (0, 0) if one.begun_from == BY_LIKENESS else self._sides(digest, one)
            k = int(one.carrier)
            self._own[digest] = weigh(g, e, one.c, k, self._failed(digest, weigh(g, e, one.c, k, 0).grade))
        return self._own[digest]

    def _is_drawn(self, digest: str) -> bool:
        verdict = self.own(digest)
        return verdict.grade == "generated" and verdict.level >= _CORROBORATED
