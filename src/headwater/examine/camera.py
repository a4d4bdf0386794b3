"""Whether a file agrees with itself as a camera's file, and which family of encoders wrote it. No pixel is decoded."""

from collections.abc import Iterator

from headwater.examine.camera_evidence.encoder import DIGITS, family_of, layout_of, learned, tables_of_model
from headwater.examine.camera_evidence.examples import EXAMPLES
from headwater.examine.camera_evidence.facts import Facts, gather
from headwater.examine.camera_evidence.rules import Outcome, judged, name_of
from headwater.examine.camera_evidence.video import video_camera
from headwater.examine.examiner import Example
from headwater.examine.metadata_json import json_text
from headwater.examine.metadata_spans import Spans
from headwater.examine.view import View
from headwater.formats.jpeg_coding import Coding, read_coding
from headwater.formats.jpeg_standard import tables_digest
from headwater.formats.structure import Structure
from headwater.model.finding import Seen, State

_LEARNED_SOURCE = "learned from files of known cameras (examine/camera_evidence/learned_encoders.py)"


class Camera:
    """Claims of a file that may be a camera's.

    camera.coherence: {"make", "model", "serial"?, "rules": [{"rule", "outcome": holds | fails | not_applicable,
    "detail", "source"}], "tables_sha256"?}; NOTHING where the file has no Exif, or one that names no camera. Of a video
    make and model only, from its tags.
    camera.encoder, of a JPEG: {"family": camera | ijg | adobe | unknown, "quality"?, "models"?, "same_layout"?,
    "tables_sha256", "layout", "sampling", "frame", "source"}; NOT_RUN where the headers are not whole.
    """

    name = "camera"
    version = "1"
    claims = ("camera.coherence", "camera.encoder")

    def accepts(self, view: View) -> bool:
        return view.media_type.startswith(("image/", "video/")) and view.structure() is not None

    def examine(self, view: View) -> Iterator[Seen]:
        structure = view.structure()
        if structure is None:
            return
        spans = Spans(view.bytes)
        is_film = view.media_type.startswith("video/")
        yield _video(structure, spans) if is_film else _coherence(gather(view), spans)
        if structure.format == "jpeg":
            yield _encoder(read_coding(view.bytes, structure), spans)

    def examples(self) -> tuple[Example, ...]:
        return EXAMPLES


def _video(structure: Structure, spans: Spans) -> Seen:
    claim = "camera.coherence"
    found = video_camera(structure)
    if found is None:
        return Seen(claim=claim, state=State.NOTHING, reason="looked: no tag of the video names a camera")
    return Seen(claim=claim, value=json_text(found.value), spans=spans.of(found.ranges, "tag"))


def _coherence(facts: Facts | None, spans: Spans) -> Seen:
    claim = "camera.coherence"
    if facts is None:
        return Seen(claim=claim, state=State.NOTHING, reason="looked: the file has no Exif of its own")
    if not facts.exif.directories:
        return Seen(claim=claim, state=State.NOT_RUN, reason="damage: no directory of the Exif could be read")
    rules = [*judged(facts), _quantisation(facts)]
    make, model = facts.text("make"), facts.text("model")
    fails = any(rule["outcome"] == Outcome.FAILS for rule in rules)
    if not make and not model and not fails:
        return Seen(claim=claim, state=State.NOTHING, reason="looked: the Exif names no camera")
    value: dict[str, object] = {"make": name_of(make), "model": name_of(model), "rules": rules}
    serial = facts.text("serial") or facts.text("dng_serial")
    value |= {"serial": name_of(serial)} if serial else {}
    value |= {"tables_sha256": tables_digest(facts.coding.tables)} if facts.coding and facts.coding.tables else {}
    ranges = (*facts.ranges(), *(facts.coding.ranges if facts.coding else ()))
    return Seen(claim=claim, value=json_text(value), spans=spans.of(ranges, "Exif tag, frame or table"))


def _quantisation(facts: Facts) -> dict[str, str]:
    """The rule of the tables. Cameras choose them by picture and setting: others than those seen contradict nothing."""
    known = tables_of_model(facts.text("make"), facts.text("model"))
    outcome, detail = Outcome.NOT_APPLICABLE, f"none of the {len(learned())} rows learned is of this model"
    if not facts.coding or not facts.coding.tables:
        detail = "not a JPEG, or none with its tables"
    elif tables_digest(facts.coding.tables)[:DIGITS] in known:
        outcome, detail = Outcome.HOLDS, "tables that files of this model were seen with"
    elif known:
        detail = f"other tables than the {len(known)} that files of this model were seen with"
    return {"rule": "quantisation", "outcome": outcome.value, "detail": detail, "source": _LEARNED_SOURCE}


def _encoder(coding: Coding | None, spans: Spans) -> Seen:
    claim = "camera.encoder"
    if coding is None or not coding.tables:
        return Seen(claim=claim, state=State.NOT_RUN, reason="damage: no whole frame header, or no table it uses")
    family = family_of(coding)
    value: dict[str, object] = {
        "family": family.name,
        "frame": coding.frame,
        "layout": layout_of(coding),
        "sampling": coding.sampling,
        "source": family.source,
        "tables_sha256": tables_digest(coding.tables),
    }
    value |= {"quality": family.quality} if family.quality is not None else {}
    value |= {"models": family.models} if family.models else {}
    value |= {"same_layout": family.same_layout} if family.same_layout is not None else {}
    return Seen(claim=claim, value=json_text(value), spans=spans.of(coding.ranges, "frame or table"))
