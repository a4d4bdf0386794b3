"""Whether a picture bears the sensor pattern of an enrolled camera. Runs where it is asked for by name."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from headwater.examine.decode import decodable
from headwater.examine.examiner import Example
from headwater.examine.materials import Loaded
from headwater.examine.sensor_picture import window_luma
from headwater.examine.view import View
from headwater.formats.sensor_pattern import PatternHeader, SensorPattern, read_pattern
from headwater.kernels import prnu
from headwater.kernels.wavelet import Plane
from headwater.model.canonical import Json, canonical_text
from headwater.model.errors import EvidenceError
from headwater.model.finding import Seen, State
from headwater.model.material import CAMERA, Material

_CLAIM = "sensor.match"
_TURNS = {"equal": (0, 2), "turned": (1, 3)}  # quarters, counter-clockwise, by which the pattern is turned
_BELOW = "the peak to correlation energy is not over the threshold; that says nothing against the camera"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Camera:
    material: Material
    pattern: SensorPattern

    @property
    def header(self) -> PatternHeader:
        return self.pattern.header


class Sensor:
    """One claim for each enrolled camera.

    sensor.match: JSON: the camera's name, the pattern's SHA-256, how many references it was learned from, how the
    picture lies to it (geometry: equal, turned by quarters, other). Where they were compared also the peak to
    correlation energy (pce, rounded to hundredths), where the peak lies, by how many degrees the pattern was turned,
    counter-clockwise, and the threshold. `found` over the threshold, else `nothing`; `not_run` for a picture
    of another size and for one that the pattern was learned from, `failed` where the pixels cannot be had.
    """

    name = "sensor"
    version = "1"
    claims = (_CLAIM,)

    def accepts(self, view: View) -> bool:
        return decodable(view.media_type) and bool(view.materials.get(CAMERA))

    def examine(self, view: View) -> Iterator[Seen]:
        cameras = [_Camera(material=each.material, pattern=read_pattern(each.data)) for each in _given(view)]
        if not cameras:
            return
        header = view.header()
        fitting: list[tuple[_Camera, str]] = []
        for camera in cameras:
            geometry = _geometry(camera.header, header.height_pixels, header.width_pixels)
            if reason := _not_compared(camera, view.sha256, geometry):
                yield _seen(camera, geometry, State.NOT_RUN, reason)
            else:
                fitting.append((camera, geometry))
        if fitting:
            yield from _compared(view, fitting)

    def examples(self) -> tuple[Example, ...]:
        return (Example(name="no_camera_is_enrolled.png", data=b"\x89PNG\r\n\x1a\n", expected=()),)


def _given(view: View) -> Sequence[Loaded]:
    return sorted(view.materials.get(CAMERA, ()), key=lambda each: (each.material.name, each.material.sha256))


def _geometry(header: PatternHeader, height: int, width: int) -> str:
    sides = (header.picture_height, header.picture_width)
    if sides == (height, width):
        return "equal"
    return "turned" if sides == (width, height) else "other"


def _not_compared(camera: _Camera, sha256: str, geometry: str) -> str:
    header = camera.header
    if sha256 in header.references:
        return "one of the references that the pattern was learned from: to find it there would show nothing"
    if geometry == "other":
        return f"of another size than the camera's {header.picture_width} x {header.picture_height}"
    return ""


def _compared(view: View, fitting: Sequence[tuple[_Camera, str]]) -> Iterator[Seen]:
    try:
        luma = window_luma(view)
    except EvidenceError as fault:
        for camera, geometry in fitting:
            yield _seen(camera, geometry, State.FAILED, f"{fault.kind}: {fault.message}")
        return
    noise, lit = prnu.signature(luma), prnu.exposed(luma)
    for camera, geometry in fitting:
        peak, turn = _best(camera, geometry, noise, lit)
        more: dict[str, Json] = {
            "pce": round(peak.pce, 2),
            "peak": [peak.x, peak.y],
            "turn_degrees": turn * 90,
            "threshold": camera.header.threshold,
        }
        is_over = round(peak.pce, 2) > camera.header.threshold
        state, reason = (State.FOUND, "") if is_over else (State.NOTHING, _BELOW)
        yield _seen(camera, "turned" if turn else geometry, state, reason, more)


def _best(camera: _Camera, geometry: str, noise: prnu.Spectrum, lit: Plane) -> tuple[prnu.Peak, int]:
    """The stronger of the two ways in which the pattern fits over the picture."""
    header = camera.header
    flat = np.frombuffer(camera.pattern.samples, dtype="<f2").reshape(header.height, header.width)
    plane = flat.astype(np.float32)
    ways = ((prnu.compare(noise, lit, np.ascontiguousarray(np.rot90(plane, turn))), turn) for turn in _TURNS[geometry])
    return max(ways, key=lambda way: (way[0].pce, -way[1]))


def _seen(camera: _Camera, geometry: str, state: State, reason: str, more: dict[str, Json] | None = None) -> Seen:
    value: dict[str, Json] = {
        "camera": camera.material.name,
        "pattern_sha256": camera.material.sha256,
        "geometry": geometry,
        "references": len(camera.header.references),
        **(more or {}),
    }
    return Seen(claim=_CLAIM, value=canonical_text(value), state=state, reason=reason)
