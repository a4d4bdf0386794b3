"""What a video says of the camera that recorded it: make and model in its tags. Anyone can write them."""

from collections.abc import Mapping
from dataclasses import dataclass

from headwater.examine.camera_evidence.rules import Outcome, name_of
from headwater.formats.structure import Field, Range, Structure

# Apple, QuickTime File Format, user data and metadata keys; Android's MediaMuxer (com.android.*).
_MAKE = frozenset({"©mak", "com.apple.quicktime.make", "com.android.manufacturer"})
_MODEL = frozenset({"©mod", "com.apple.quicktime.model", "com.android.model"})
_SOURCE = "QuickTime File Format, user data atoms and metadata keys"


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoCamera:
    """The value of camera.coherence, and the bytes it rests on."""

    value: Mapping[str, object]
    ranges: tuple[Range, ...]


def video_camera(structure: Structure) -> VideoCamera | None:
    """Make and model of the first tags that name them; None where none does, or what stands there is no name."""
    make, model = _first(structure, _MAKE), _first(structure, _MODEL)
    named = {key: name_of(str(field.value["value"])) for key, field in (("make", make), ("model", model)) if field}
    if not named:
        return None
    rule = {
        "rule": "make_model",
        "outcome": Outcome.NOT_APPLICABLE.value,
        "detail": f"tags of a video name {' and '.join(sorted(named))}; nothing in it can contradict them",
        "source": _SOURCE,
    }
    value: dict[str, object] = {"make": "", "model": "", **named, "rules": [rule]}
    return VideoCamera(value=value, ranges=tuple(each for field in (make, model) if field for each in field.ranges))


def _first(structure: Structure, keys: frozenset[str]) -> Field | None:
    tags = (field for field in structure.fields if field.claim == "isobmff.tag" and not field.unreadable)
    return next((tag for tag in tags if tag.value.get("key") in keys and tag.value.get("value")), None)
