"""Every text that a file carries, with the name of what carries it: where generators' records are looked for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from headwater.formats.charset import utf8_or_latin
from headwater.formats.exif import Exif, Tag
from headwater.formats.generators.strict_json import Json, as_object, read_json
from headwater.formats.pieces import Read
from headwater.formats.structure import Range, Source, Structure
from headwater.formats.xmp import Xmp
from headwater.model.errors import EvidenceError

TEXTS_MAX = 4000  # of one file
_TRAILER_BYTES = 64 << 10
# Exif tags that hold words of people or programs; Make and Model are where ComfyUI puts its graphs into WebP.
_EXIF = frozenset(
    {0x010D, 0x010E, 0x010F, 0x0110, 0x0131, 0x013B, 0x013C, 0x9286, 0x927C, 0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F}
)
_COMMENTS = {"COM": "JPEG COM", "comment extension": "GIF comment"}
_MAKER_NOTE = 0x927C
_SCHEMES = (b"fooocus", b"a1111")
_MARKS = ("Signature: ", "Draw Things", "NovelAI")
_KEYS = frozenset(
    {
        "Dream",
        "dream",
        "Comment",
        "sd-metadata",
        "invokeai_metadata",
        "use_stable_diffusion_model",
        "Stable Diffusion model",
    }
)
_PREFIXED = ("prompt:", "workflow:", "extra_pnginfo:", "generation_data:")


@dataclass(eq=False)
class Carried:
    """One text. group: what stands together, one Exif block, one XMP packet, the chunks of a PNG. cut: its end is lost.

    key: by which it is named there: a PNG keyword, an Exif tag's or XMP property's name.
    """

    carrier: str
    key: str
    text: str
    ranges: tuple[Range, ...]
    group: str
    cut: bool = False
    role: str = "text"
    _parsed: tuple[Json, str] | None = None

    @property
    def _prefix(self) -> str:
        """The name that ComfyUI puts before the JSON in Exif tags; empty where none is."""
        low = self.text[:24].lower() if ":" in self.text[:24] else ""
        return next((name for name in _PREFIXED if low.startswith(name)), "")

    @property
    def name(self) -> str:
        """The key, or the name put before the JSON; small letters."""
        return self._prefix[:-1] or self.key.lower()

    @property
    def body(self) -> str:
        """The text without a name put before it."""
        return self.text[len(self._prefix) :]

    @property
    def looks_like_json(self) -> bool:
        """Whether the text begins as an object does."""
        return "{" in self.text[:64] and self.body[:64].lstrip("\ufeff \t\r\n").startswith("{")

    def _read(self) -> tuple[Json, str]:
        if self._parsed is None:
            try:
                self._parsed = read_json(self.body.strip("\ufeff\0 \t\r\n")), ""
            except EvidenceError as fault:
                self._parsed = None, f"{fault.kind}: {fault.message}"
        return self._parsed

    @property
    def json(self) -> dict[str, Json]:
        """The text as an object; empty where it is none or could not be read."""
        return as_object(self._read()[0]) if self.looks_like_json else {}

    @property
    def problem(self) -> str:
        """Why a text that begins as JSON could not be read; empty where it could."""
        return self._read()[1] if self.looks_like_json else ""

    @property
    def may_be_record(self) -> bool:
        """Whether any reader could make something of it: all records known hold one of these."""
        text = self.text
        return "{" in text or "Steps:" in text or text.startswith(_MARKS) or "Job ID: " in text or self.key in _KEYS


def carried(source: Source, structure: Structure, reads: Sequence[Read]) -> Iterator[Carried]:
    """Every text in the order of the file: chunks, tags of a film, Exif, XMP, comments, what lies behind the end."""
    cut_off = {part.offset_bytes for part in structure.parts if part.crc_ok is None} if structure.texts else set()
    for text in structure.texts:
        if not text.unreadable:
            carrier = f"PNG {text.carrier} {text.keyword}"
            cut = text.cut or text.source.offset_bytes in cut_off
            yield Carried(carrier, text.keyword, text.text, (text.source,), "PNG", cut, "chunk")
    yield from _tags(structure)
    for number, read in enumerate(reads):
        group = f"{read.piece.kind} {number}"
        if isinstance(read.content, Exif):
            yield from _exif(read, read.content, group)
        elif isinstance(read.content, Xmp):
            yield from _xmp(read, read.content, group)
        elif read.piece.kind == "comment":
            carrier = _COMMENTS.get(read.piece.carrier, read.piece.carrier)
            words = utf8_or_latin(read.piece.data)[0].rstrip("\0")
            at_end = any(one.offset_bytes + one.length_bytes >= source.size_bytes for one in read.piece.sources)
            yield Carried(carrier, "comment", words, read.piece.sources, group, read.piece.cut or at_end, "comment")
    yield from _trailer(source, structure)


def _tags(structure: Structure) -> Iterator[Carried]:
    """Give the tags of a film: ComfyUI and others put their texts there."""
    for field in structure.fields:
        value = field.value.get("value")
        if field.claim == "isobmff.tag" and isinstance(value, str) and not field.unreadable:
            key, where = str(field.value.get("key", "")), str(field.value.get("carrier", ""))
            yield Carried(f"MP4 {where} {key}", key, value, field.ranges, "MP4", role="tag")


def _exif(read: Read, exif: Exif, group: str) -> Iterator[Carried]:
    for tag in exif.tags:
        text = _word(tag) if tag.tag in _EXIF and not tag.ifd.startswith("GPS") else ""
        if not text.strip():
            continue
        where = read.piece.spans(tag.entry_offset_bytes, tag.entry_length_bytes)
        if tag.value_length_bytes > 4 and read.piece.ranges:
            where += read.piece.spans(tag.value_offset_bytes, tag.value_length_bytes)
        carrier = f"EXIF {tag.name}" if tag.ifd in ("IFD0", "ExifIFD") else f"EXIF {tag.ifd} {tag.name}"
        yield Carried(carrier, tag.name, text, where, group, tag.cut, "entry and value")


def _word(tag: Tag) -> str:
    """The text of a tag. Fooocus names its scheme in MakerNote (modules/meta_parser.py, get_exif)."""
    if tag.tag == _MAKER_NOTE:
        return tag.raw.decode("ascii") if tag.raw in _SCHEMES else ""
    return tag.value if isinstance(tag.value, str) else ""


def _xmp(read: Read, xmp: Xmp, group: str) -> Iterator[Carried]:
    for found in xmp.properties:
        key = found.path.partition("[")[0]
        yield Carried(f"XMP {key}", key, found.value, read.piece.sources, group, found.cut, "packet")


def _trailer(source: Source, structure: Structure) -> Iterator[Carried]:
    """Give what lies behind the end of the picture, where it is text."""
    end = structure.end_bytes
    if end is None or end >= source.size_bytes:
        return
    length = min(_TRAILER_BYTES, source.size_bytes - end)
    data = source.read_at(end, length)
    try:
        text = data.strip(b"\0\r\n \t").decode("utf-8")
    except UnicodeDecodeError:
        return
    if text:
        cut = length == _TRAILER_BYTES
        yield Carried("trailer", "trailer", text, (Range(end, length),), "trailer", cut, "trailing")
