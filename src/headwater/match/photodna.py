"""The search for near PhotoDNA values as the broker sees it: it asks a jailed worker, which loads the plug-in."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import msgspec

from headwater.match.asks import END, FAULT
from headwater.model.errors import HeadwaterError
from headwater.model.photodna import VALUE_BYTES, Values
from headwater.model.visible import visible
from headwater.sandbox.child import Child
from headwater.sandbox.limits import JailLimits
from headwater.sandbox.plugins import PHOTODNA, environment, named
from headwater.seal.files import read_only

_MODULE = "headwater.match.photodna_worker"
_SECONDS = 6 * 3600.0  # for one answer
_LEAST_BYTES = 4 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuePair:
    """Places in what was asked and in what was searched, and how far apart the plug-in says the two are."""

    query: int
    place: int
    distance: int


class FoundPairs(msgspec.Struct, frozen=True, array_like=True):
    """Some pairs as the worker sends them: columns of equal length, and the plug-in's own limit."""

    queries: tuple[int, ...]
    places: tuple[int, ...]
    distances: tuple[int, ...]
    distance_max: int


class PhotoDnaFinder:
    """Searches by the plug-in in one worker, started when it is first asked. A context manager.

    digest: of the plug-in that headwater.toml names; empty where it names none, and then nothing may be asked.
    """

    def __init__(self, digest: str, *, unsafe: bool) -> None:
        self._digest, self._unsafe = digest, unsafe
        self._child: Child | None = None
        self._room_bytes = self._distance_max = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _end(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child = None

    @property
    def named(self) -> bool:
        """Whether a plug-in is named."""
        return bool(self._digest)

    def rule_words(self, distance: int) -> str:
        """The rule in words, with the distance of a pair, once something was asked."""
        plugin = named(PHOTODNA, self._digest)
        return (
            f"PhotoDNA at a distance of {distance}, of {self._distance_max} that count, by the plug-in "
            f"{plugin.distribution} {plugin.version} ({plugin.digest[:16]})"
        )

    def near(self, kept: Path, asked: Values) -> Iterator[ValuePair]:
        """Every pair that the plug-in says is near, of `asked` and the values in the file `kept`.

        Raises WrongUse, MissingDependency where the plug-in is not as named, HeadwaterError where it fails.
        """
        kept_bytes = kept.stat().st_size
        child, number = self._ready(kept_bytes), kept_bytes // VALUE_BYTES
        source, target = os.memfd_create("headwater-values", os.MFD_CLOEXEC), read_only(kept)
        try:
            os.write(source, asked.tobytes())
            child.channel.send(b"near", [target, source])
            while (payload := self._receive(child)) != END:
                if payload.startswith(FAULT):
                    raise HeadwaterError(
                        f"the plug-in for {PHOTODNA}: {payload[len(FAULT) :].decode('utf-8', 'replace')}"
                    )
                yield from self._checked(payload, len(asked), number)
        finally:
            os.close(source)
            os.close(target)

    def _checked(self, payload: bytes, queries: int, places: int) -> Iterator[ValuePair]:
        """A worker with a plug-in may say anything: what is no pair of these is an error."""
        try:
            found = msgspec.msgpack.decode(payload, type=FoundPairs)
            columns = zip(found.queries, found.places, found.distances, strict=True)
            pairs = [ValuePair(query=query, place=place, distance=distance) for query, place, distance in columns]
        except (msgspec.MsgspecError, ValueError) as error:
            raise HeadwaterError(f"the plug-in for {PHOTODNA} gave no pairs: {error}") from error
        self._distance_max = found.distance_max
        for each in pairs:
            if not (
                0 <= each.query < queries and 0 <= each.place < places and 0 <= each.distance <= found.distance_max
            ):
                raise HeadwaterError(f"the plug-in for {PHOTODNA} gave a pair that cannot be: {each}")
            yield each

    def _receive(self, child: Child) -> bytes:
        try:
            message = child.channel.receive(_SECONDS)
        except EOFError:
            ended = child.end()
            said = visible(child.stderr_tail().strip().rpartition("\n")[2])
            raise HeadwaterError(f"the worker with the plug-in for {PHOTODNA} {ended}: {said}") from None
        if message is None:
            raise HeadwaterError(f"the plug-in for {PHOTODNA} gave no answer for {_SECONDS / 3600:.0f} hours")
        return message.payload

    def _ready(self, kept_bytes: int) -> Child:
        """The worker, with room for a set of that size; a new one where it has not."""
        wanted = _LEAST_BYTES + 8 * kept_bytes
        if self._child is None or self._room_bytes < wanted:
            self._end()
            plugin = named(PHOTODNA, self._digest)
            self._room_bytes = wanted
            limits = JailLimits(address_space_bytes=wanted)
            told = environment(PHOTODNA, plugin.digest)
            self._child = Child.start(_MODULE, unsafe=self._unsafe, limits=limits, environment=told)
            self._child.wait_ready()
        return self._child
