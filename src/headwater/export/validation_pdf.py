"""The validation report as PDF/A-2b, by typst: our own template, the values as data, no package, no system font.

Values arrive as one JSON text through `sys.inputs`, so no word of them can be markup. The root is a fresh folder with
the template alone. What the embedded fonts cannot draw is written out as in model/visible.py.
"""

from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import typst

from headwater.model.canonical import Json, canonical_text
from headwater.model.errors import HeadwaterError

_TEMPLATE = "templates/validation.typ"
_DRAWN = frozenset(map(chr, (*range(0x20, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100), 0x2212)))
_MOST_LINES = 400  # of one list; items.csv has all


def write_validation_pdf(report: Mapping[str, Json], made_at: datetime) -> bytes:
    """The PDF of a report's JSON. The same report and time give the same bytes. Raises HeadwaterError."""
    text = files("headwater.export").joinpath(_TEMPLATE).read_bytes()
    with TemporaryDirectory(prefix="headwater-pdf-") as root:
        template = Path(root) / "validation.typ"
        template.write_bytes(text)
        try:
            made = typst.compile(
                str(template),
                root=root,
                font_paths=[],
                ignore_system_fonts=True,
                format="pdf",
                sys_inputs={"report": canonical_text(_drawable(report))},
                pdf_standards=["a-2b"],
                package_path=root,
                package_cache_path=root,
                timestamp=int(made_at.timestamp()),
            )
        except typst.TypstError as error:
            raise HeadwaterError(f"the PDF could not be made: {error}") from error
    if not isinstance(made, bytes):
        raise HeadwaterError("the PDF could not be made: it is not one document")
    return made


def _drawable(value: Json) -> Json:
    match value:
        case str():
            return "".join(each if each in _DRAWN else f"\\u{{{ord(each):04X}}}" for each in value)
        case Mapping():
            return {str(_drawable(name)): _drawable(each) for name, each in value.items()}
        case list() | tuple():
            return [_drawable(each) for each in value[:_MOST_LINES]]
        case _:
            return value
