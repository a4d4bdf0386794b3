"""Volumes that could not be opened, or stopped half way, once they were listed: told apart in the shape of a source."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from headwater.model.canonical import Json
from headwater.model.item import Entry, Refusal
from headwater.model.locator import Layer
from headwater.model.visible import visible

_IMAGES, _TABLES = {"raw", "e01"}, {"mbr", "gpt"}


@dataclass(slots=True)
class StoppedVolumes:
    """Follows the list of a source, batch after batch: its volumes come one after the other."""

    _last: tuple[Layer, ...] = ()  # of the last entry of the batches before
    _whole: dict[tuple[Layer, ...], str] = field(default_factory=dict)
    _partly: dict[tuple[Layer, ...], str] = field(default_factory=dict)

    def take(self, entries: Sequence[Entry], refusals: Sequence[Refusal]) -> None:
        """Note the refusals that are of a volume: those of a file lie a layer deeper."""
        for refusal in refusals:
            layers = refusal.locator.layers
            if not _is_of_a_volume(layers):
                continue
            listed = (self._last, *(entry.locator.layers for entry in entries))
            is_begun = any(each[:-1] == layers for each in listed)
            (self._partly if is_begun else self._whole).setdefault(layers, refusal.message)
        if entries:
            self._last = entries[-1].locator.layers

    def told(self, shape: Mapping[str, Json]) -> Mapping[str, Json]:
        """Give the shape of the source, each volume with why it was not read, where it was not."""
        volumes = shape.get("volumes")
        if not isinstance(volumes, list):
            return shape
        return {**shape, "volumes": [self._told(each) if isinstance(each, dict) else each for each in volumes]}

    def _told(self, volume: Mapping[str, Json]) -> dict[str, Json]:
        found = dict(volume)
        if volume.get("refused") or not volume.get("file_system"):
            return found
        for name, stopped in (("refused", self._whole), ("incomplete", self._partly)):
            for layers, message in stopped.items():
                if _is_named(volume, layers):
                    found[name] = message
        return found


def _is_of_a_volume(layers: Sequence[Layer]) -> bool:
    kinds = [each.kind for each in layers]
    return len(kinds) in (1, 2) and kinds[0] in _IMAGES and _TABLES.issuperset(kinds[1:])


def _is_named(volume: Mapping[str, Json], layers: Sequence[Layer]) -> bool:
    """Whether these layers lead to the volume. One that begins in the first sector is of no partition type."""
    return volume.get("name") == visible(layers[1].name) if len(layers) == 2 else not volume.get("type_name")
