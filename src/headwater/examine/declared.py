"""What a file declares of its own origin without a signature: labels of standards, of vendors, of screenshot programs.

Claims (values are JSON with sorted keys):

- ``declared.source_type`` {"carrier", "known", "path", "term", "uri"}: IPTC digital source type, from XMP
  (formats/source_types.py); "part_term" instead of "term" inside a structure, such as a region of the picture.
- ``declared.ai_fields`` {"carrier", "fields": [names], "system"?, "system_version"?}: the four fields of IPTC Photo
  Metadata 2025.1 (https://www.iptc.org/std/photometadata/specification/IPTC-PhotoMetadata).
- ``declared.prompt`` {"carrier", "prompt"?, "writer"?}: what two of these four hold.
- ``declared.tc260`` {"carrier", "label"?, "producer"?, "produce_id"?, "propagator"?, "propagate_id"?}; see
  formats/tc260.py. FAILED where a text bears the label's name and is no label.
- ``declared.vendor`` {"ai_type"?, "carrier", "kind", "text"?, "vendor"}: genAIType other than 0 in a Samsung trailer;
  the credit lines that Google and Apple write for generated or generatively edited pictures.
- ``declared.screen`` {"carrier", "what"}: a record that the file is a copy of a screen.
- ``declared`` as NOTHING, or as NOT_RUN where not all of the file could be read: none of these is there.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from headwater.examine.declared_examples import EXAMPLES
from headwater.examine.declared_texts import Told, texts
from headwater.examine.examiner import Example
from headwater.examine.metadata_json import bounded, json_text
from headwater.examine.metadata_spans import Spans
from headwater.examine.silence import nothing_of
from headwater.examine.view import View
from headwater.formats import samsung_trailer, tc260
from headwater.formats.source_types import SCREEN, source_type
from headwater.formats.structure import Range
from headwater.model.finding import Seen, State

_EACH_MAX = 64  # findings of one claim; a file that repeats a label more often says nothing more by it
_AI_FIELDS = {
    "AISystemUsed": "system",
    "AISystemVersionUsed": "system_version",
    "AIPromptInformation": "prompt",
    "AIPromptWriterName": "writer",
}
_LABELS_MAY_LIE_IN = ("xml", "xmp", "exif", "iptc", "text")  # words in the name of a part that is not read
_PERSONAL = ("prompt", "writer")
_SOURCE_TYPES = frozenset({"DigitalSourceType", "DigitalSourceFileType", "DigitalSourcefileType"})
# Seen in files, or in what the vendors' own programs write; compared without regard to case, as a whole.
_CREDITS = {
    "made with google ai": ("google", "Credit: generated"),
    "edited with google ai": ("google", "Credit: edited"),
    "apple photos clean up": ("apple", "Credit: edited"),
    "apple image playground": ("apple", "Credit: generated"),
}
# (last name of the key, text): what of. UserComment is written by macOS, iOS and One UI; the author by ReplayKit.
_SCREENS = {
    ("UserComment", "screenshot"): "screenshot",
    ("com.apple.quicktime.author", "replaykitrecording"): "recording",
    ("author", "replaykitrecording"): "recording",
    ("Software", "gnome-screenshot"): "screenshot",
    ("Source", "screenshot"): "screenshot",
    ("Make", "polyphony digital inc."): "game photo mode",  # writes Make, Model and an exposure of its own
}
_TC260_NAMES = {
    "Label": "label",
    "ContentProducer": "producer",
    "ProduceID": "produce_id",
    "ContentPropagator": "propagator",
    "PropagateID": "propagate_id",
}


class Declared:
    """The examiner. Reads every text of a file once, and its trailer."""

    name = "declared"
    version = "1"
    claims = (
        "declared",
        "declared.ai_fields",
        "declared.prompt",
        "declared.screen",
        "declared.source_type",
        "declared.tc260",
        "declared.vendor",
    )

    def accepts(self, view: View) -> bool:
        return view.structure() is not None

    def examine(self, view: View) -> Iterator[Seen]:
        structure = view.structure()
        if structure is None:
            return
        told = tuple(texts(view))
        said = _Said(Spans(view.bytes))
        for each in told:
            said.text(each)
        said.fields([each for each in told if each.local in _AI_FIELDS])
        said.structured_label([each for each in told if "AIGC/" in each.key])
        said.trailer(samsung_trailer.read_samsung_trailer(view.bytes))
        for claim in self.claims:
            yield from said.found[claim]
        if not any(said.found.values()):
            yield nothing_of("declared", "label of an origin", structure, unread=_LABELS_MAY_LIE_IN)

    def examples(self) -> tuple[Example, ...]:
        return EXAMPLES


class _Said:
    """Collects the findings of one file, by claim."""

    def __init__(self, spans: Spans) -> None:
        self.spans = spans
        self.found: defaultdict[str, list[Seen]] = defaultdict(list)

    def add(self, claim: str, value: Mapping[str, object], where: Sequence[Range], role: str, failed: str = "") -> None:
        if len(self.found[claim]) < _EACH_MAX:
            state = State.FAILED if failed else State.FOUND
            spans = self.spans.of(where, role)
            text = json_text(bounded(value))
            self.found[claim].append(Seen(claim=claim, value=text, state=state, reason=failed, spans=spans))

    def text(self, told: Told) -> None:
        is_xmp = told.carrier.startswith("XMP")
        if is_xmp and told.local in _SOURCE_TYPES and told.text.strip():
            self._source_type(told)
        name = told.local if is_xmp else told.key
        letters = told.text.strip().lower()
        if what := _SCREENS.get((name, letters)):
            self.add("declared.screen", {"carrier": _carrier(told), "what": what}, told.where, "record")
        if name == "Credit" and letters in _CREDITS:
            vendor, kind = _CREDITS[letters]
            value: dict[str, object] = {"carrier": _carrier(told), "vendor": vendor, "kind": kind, "text": told.text}
            self.add("declared.vendor", value, told.where, "credit")
        if tc260.looks_like_label(told.text) or name == tc260.NAME:
            self._label(told)

    def _source_type(self, told: Told) -> None:
        found = source_type(told.text)
        value: dict[str, object] = {"carrier": told.carrier, "path": told.key, "uri": found.uri, "known": found.known}
        value["term" if told.is_top else "part_term"] = found.term
        self.add("declared.source_type", value, told.where, "packet")
        if found.term == SCREEN and told.is_top:
            self.add("declared.screen", {"carrier": _carrier(told), "what": "screen capture"}, told.where, "packet")

    def _label(self, told: Told) -> None:
        label = tc260.read_label(told.text)
        if label is not None:
            self._labelled(told.carrier, told.key, label, told.where)
        elif told.key.rpartition(":")[2] == tc260.NAME and told.text.strip():
            failed = "malformed: a text of this name, and no label in it"
            self.add("declared.tc260", {"carrier": _carrier(told)}, told.where, "label", failed)

    def _labelled(self, carrier: str, key: str, label: Mapping[str, str], where: Sequence[Range]) -> None:
        named = {name: label[key] for key, name in _TC260_NAMES.items() if label.get(key)}
        self.add("declared.tc260", {"carrier": f"{carrier} {key}".strip()} | named, where, "label")

    def structured_label(self, told: Sequence[Told]) -> None:
        """A label whose seven fields are properties of a structure."""
        for packet in dict.fromkeys(each.where for each in told):
            mine = [each for each in told if each.where == packet and each.local in tc260.KEYS]
            if mine:
                label = {each.local: each.text for each in mine}
                self._labelled(mine[0].carrier, mine[0].key.rpartition("/")[0], label, packet)

    def fields(self, told: Sequence[Told]) -> None:
        """The four fields, together for each packet."""
        for packet in dict.fromkeys((each.carrier, each.where) for each in told):
            mine = [each for each in told if (each.carrier, each.where) == packet and each.text.strip()]
            values = {_AI_FIELDS[each.local]: each.text for each in mine}
            if not mine:
                continue
            names = sorted({each.local for each in mine})
            value: dict[str, object] = {"carrier": packet[0], "fields": names}
            value |= {name: text for name, text in values.items() if name not in _PERSONAL}
            self.add("declared.ai_fields", value, packet[1], "packet")
            personal = {name: values[name] for name in _PERSONAL if name in values}
            if personal:
                self.add("declared.prompt", {"carrier": packet[0]} | personal, packet[1], "packet")

    def trailer(self, records: Sequence[samsung_trailer.Record]) -> None:
        for record in records:
            carrier, where = f"trailer {record.name}", (record.where,)
            if kind := record.generator_type():
                value: dict[str, object] = {"carrier": carrier, "vendor": "samsung", "kind": record.name}
                self.add("declared.vendor", value | {"ai_type": kind}, where, "record")
            if record.name == samsung_trailer.SCREEN:
                self.add("declared.screen", {"carrier": carrier, "what": "screenshot"}, where, "record")


def _carrier(told: Told) -> str:
    return f"{told.carrier} {told.key}".strip()
