"""Rules by which the Exif of a camera's file agrees with itself and with the file. Data: one row for each.

A rule fails only on a true contradiction: two statements of one file of which at least one is wrong. What is merely
absent, or unusual, does not fail it. A file that was changed by hand and kept its Exif can contradict itself too.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from math import log2

from headwater.examine.camera_evidence.facts import Facts, Size, read_moment
from headwater.examine.camera_evidence.makers import maker_of_make, same_maker
from headwater.formats.maker_note import maker_of

NAME_LETTERS_MAX = 64
_A_DAY = timedelta(hours=26)  # from one end of the zones, UTC-12, to the other, UTC+14
_APEX_TOLERANCE = 1.0  # stops: cameras store these values rounded to whole ones (Minolta Dimage EX, Ricoh RR330)
_APEX_MOST = 30  # 2 to the 30th of a second; beyond it stands what a program puts where it knows none
_DCF_THUMBNAIL = (160, 120)
_THUMBNAIL_ROUNDING_PIXELS = 8  # sides rounded to a block of 8, which encoders of cameras do
_BLOCK_PIXELS = 16  # of a picture sampled 2 x 2
_EDITORS = (
    *("photoshop", "lightroom", "adobe", "gimp", "paint.net", "paint shop", "acdsee", "picasa", "snapseed", "affinity"),
    *("capture one", "darktable", "rawtherapee", "irfanview", "xnview", "imagemagick", "photoscape", "pixelmator"),
    *("photo editor", "photo gallery", "olympus master", "camedia master", "photo desk", "quicktime", "microsoft"),
    *("nikon transfer", "viewnx", "capture nx", "acd systems", "corel", "graphicconverter", "digikam", "vsco"),
)  # names that editing and transferring programs write into Software; the list is not complete


class Outcome(StrEnum):
    """How a rule came out."""

    HOLDS = "holds"
    FAILS = "fails"
    NOT_APPLICABLE = "not_applicable"


Judged = tuple[Outcome, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: its name, where it comes from, and what judges it."""

    name: str
    source: str
    judge: Callable[[Facts], Judged]


def _is_generator_data(text: str) -> bool:
    """Whether a text is none that names a camera: JSON, or as long as a workflow, which ComfyUI writes there."""
    return text.startswith(("{", "[", "workflow:", "prompt:")) or len(text) > NAME_LETTERS_MAX


def name_of(text: str) -> str:
    """A maker's or model's name; what a program wrote there instead may hold a prompt: it is not repeated."""
    return "(not a name)" if _is_generator_data(text) else text


def judged(facts: Facts) -> Iterator[dict[str, str]]:
    """Every rule with its outcome, in the order of RULES."""
    for rule in RULES:
        outcome, detail = rule.judge(facts)
        yield {"rule": rule.name, "outcome": outcome.value, "detail": detail, "source": rule.source}


def _holds(detail: str) -> Judged:
    return Outcome.HOLDS, detail


def _fails(detail: str) -> Judged:
    return Outcome.FAILS, detail


def _silent(detail: str) -> Judged:
    return Outcome.NOT_APPLICABLE, detail


def _make_model(facts: Facts) -> Judged:
    make, model = facts.text("make"), facts.text("model")
    if _is_generator_data(make) or _is_generator_data(model):
        return _fails("Make or Model holds no name of a camera but data as programs write it")
    if not make or not model:
        return _silent("Make or Model is absent")
    known = maker_of_make(make)
    return _holds(f"a maker known here: {known}") if known else _silent("both are there; the maker is not known here")


def _size(facts: Facts) -> Judged:
    width, height = facts.number("width"), facts.number("height")
    if facts.size is None or not width or not height:
        return _silent("PixelXDimension, PixelYDimension or the picture's own size is not there")
    said = f"Exif says {width} x {height}, the picture is {facts.size[0]} x {facts.size[1]}"
    if sorted(facts.size) == sorted((width, height)):
        return _holds(said)
    for across, down in ((width, height), (height, width)):
        if 0 <= across - facts.size[0] < _BLOCK_PIXELS and 0 <= down - facts.size[1] < _BLOCK_PIXELS:
            return _silent(f"{said}: less than one block is missing, as turning without loss leaves it")
    return _fails(said)


def _thumbnail(facts: Facts) -> Judged:
    if facts.thumbnail is None or facts.size is None or not all((*facts.thumbnail, *facts.size)):
        return _silent("there is no thumbnail in JPEG, or no size to compare it with")
    said = f"the thumbnail is {facts.thumbnail[0]} x {facts.thumbnail[1]}"
    if fits_shape(facts.thumbnail, facts.size):
        return _holds(f"{said}, the shape of the picture")
    if facts.thumbnail == _DCF_THUMBNAIL:
        return _holds(f"{said}, as DCF has it for pictures of every shape")
    return _fails(f"{said}, the picture is {facts.size[0]} x {facts.size[1]}: another shape")


def fits_shape(small: Size, large: Size) -> bool:
    """Whether a picture scaled evenly to `small`, or turned by a quarter, can be that of `large`."""
    return any(_fits(small, size) for size in (large, large[::-1]))


def _fits(small: Size, large: Size) -> bool:
    wide = small[1] * large[0] / large[1]
    high = small[0] * large[1] / large[0]
    allowed = min(_THUMBNAIL_ROUNDING_PIXELS, max(1, min(small) / 10))
    return min(abs(wide - small[0]), abs(high - small[1])) <= allowed


def _maker_note(facts: Facts) -> Judged:
    note = facts.tag("maker_note")
    if note is None:
        return _silent("there is no maker note")
    maker = maker_of(note.raw, "")
    if maker == "unknown":
        return _silent("the note has no header of a maker known here")
    make = name_of(facts.text("make"))
    same = same_maker(maker, make)
    if same is None:
        return _silent(f"the note is {maker}'s; whether {make or 'no Make'} is the same is not known here")
    return _holds(f"the note is {maker}'s") if same else _fails(f"the note is {maker}'s, Make says {make}")


def _times(facts: Facts) -> Judged:
    """DateTime is left out: it is the file's, and cameras were seen that write the same one into every file."""
    taken, digitised = facts.moment("taken"), facts.moment("digitised")
    if taken is None or digitised is None:
        return _silent("a time of taking or of digitising is not stated, or none that exists")
    said = f"taken {taken}, digitised {digitised}"
    return _fails(f"{said}: more than a day before") if digitised + _A_DAY < taken else _holds(said)


def _gps_time(facts: Facts) -> Judged:
    """A clock that was never set, or a position remembered from before, is ordinary: this never fails."""
    taken = facts.moment("taken")
    day = read_moment(f"{facts.text('gps_date')[:10].replace('-', ':')} 12:00:00")  # at noon: the day is what counts
    if taken is None or day is None:
        return _silent("no date of the satellites, or no time of taking")
    between = abs(day - taken)
    said = "the date of the satellites and the time of taking lie"
    return _holds(f"{said} within two days") if between <= 2 * _A_DAY else _silent(f"{said} {between.days} days apart")


def _shutter(facts: Facts) -> Judged:
    time, value = facts.number("exposure"), facts.number("shutter")
    if time is None or value is None or time <= 0:
        return _silent("ExposureTime or ShutterSpeedValue is not there")
    return _apex("ExposureTime", -log2(time), float(value))


def _aperture(facts: Facts) -> Judged:
    number, value = facts.number("f_number"), facts.number("aperture")
    if number is None or value is None or number <= 0:
        return _silent("FNumber or ApertureValue is not there")
    return _apex("FNumber", 2 * log2(number), float(value))


def _apex(name: str, computed: float, stated: float) -> Judged:
    if abs(stated) > _APEX_MOST:
        return _silent(f"the APEX value beside {name} is none that can be")
    said = f"{name} is {computed:.2f} in APEX, {stated:.2f} is stated"
    return _holds(said) if abs(computed - stated) <= _APEX_TOLERANCE else _fails(said)


def _colour_space(facts: Facts) -> Judged:
    space, index = facts.number("colour_space"), facts.text("interoperability")
    if space is None or index not in ("R98", "R03"):
        return _silent("ColorSpace or InteroperabilityIndex is not there")
    if index == "R03" and space == 1:
        return _fails("ColorSpace says sRGB, InteroperabilityIndex R03 says Adobe RGB")
    return _holds(f"ColorSpace {space} with {index}")


def _place(facts: Facts) -> Judged:
    """Phones and programs put JFIF before Exif: noted, no contradiction."""
    if not facts.order:
        return _silent("not a JPEG")
    first = facts.order[1] if len(facts.order) > 1 else ""
    if first.startswith("APP1 Exif"):
        return _holds("Exif follows the start at once")
    return _silent(f"{first or 'nothing'} follows the start, not Exif")


def _jfif(facts: Facts) -> Judged:
    jfif = any(kind.startswith("APP0 JFIF") for kind in facts.order)
    return _silent("a JFIF segment stands beside Exif" if jfif else "no JFIF segment stands beside Exif")


def _software(facts: Facts) -> Judged:
    software = facts.text("software")
    editor = next((name for name in _EDITORS if name in software.lower()), "")
    if editor:
        return _silent(f"Software names a program that edits or transfers pictures: {editor}")
    return _holds("Software names no such program known here") if software else _silent("Software is absent")


_EXIF = "Exif 3.0 (CIPA DC-008)"
RULES = (
    Rule(name="make_model", source=f"{_EXIF}, Make and Model", judge=_make_model),
    Rule(name="size", source=f"{_EXIF}, PixelXDimension and PixelYDimension", judge=_size),
    Rule(name="thumbnail", source="DCF 2.0 (CIPA DC-009), DCF thumbnails", judge=_thumbnail),
    Rule(name="maker_note", source=f"{_EXIF}, MakerNote; headers as formats/maker_note.py has them", judge=_maker_note),
    Rule(name="times", source=f"{_EXIF}, DateTimeOriginal and DateTimeDigitized", judge=_times),
    Rule(name="gps_time", source=f"{_EXIF}, GPSDateStamp", judge=_gps_time),
    Rule(name="shutter", source=f"{_EXIF}, ExposureTime, ShutterSpeedValue, annex on APEX units", judge=_shutter),
    Rule(name="aperture", source=f"{_EXIF}, FNumber, ApertureValue, annex on APEX units", judge=_aperture),
    Rule(name="colour_space", source="DCF 2.0 (CIPA DC-009), R98 and R03", judge=_colour_space),
    Rule(name="place", source=f"{_EXIF}, basic structure of compressed files", judge=_place),
    Rule(name="jfif", source="JFIF 1.02, APP0", judge=_jfif),
    Rule(name="software", source=f"{_EXIF}, Software", judge=_software),
)
