"""SwarmUI: what it keeps beside a picture, and where its settings say that pictures and models are.

Source: github.com/mcmonkeyprojects/SwarmUI, docs/Image Metadata Format.md (the same JSON as in the picture) and
src/Core/Settings.cs, whose file Settings.fds has a key and a value on each line, indented by tabs.
"""

import re
from collections.abc import Iterator

from headwater.examine.producer_records.told import of_record, output, said
from headwater.formats.generators.strict_json import Json
from headwater.formats.generators.swarmui import swarm_record
from headwater.model.finding import Seen

_PROGRAM, _PARAMETERS = "swarmui", "sui_image_params"
_LINE = re.compile(r"^[\t ]*(ModelRoot|SD\w+Folder|OutputPath|DataPath|ActualModelRoot): *(.+)$", re.MULTILINE)
_MARK = b"ModelRoot:"


def is_beside(content: dict[str, Json]) -> bool:
    """Tell the JSON of one picture by its key."""
    return isinstance(content.get(_PARAMETERS), dict)


def read_beside(content: dict[str, Json]) -> Iterator[Seen]:
    """The picture that the file was written beside; it is not named in it."""
    record = swarm_record(content)
    told = of_record(record)
    yield from output(_PROGRAM, "metadata file", record.prompt, record.negative, **told)


def is_settings_text(head: bytes) -> bool:
    """Tell Settings.fds by a key that it always has."""
    return _MARK in head and b"SDModelFolder:" in head


def read_settings_text(text: str) -> Iterator[Seen]:
    """The folders of models and outputs."""
    values = {found[1]: found[2].strip()[:500] for found in _LINE.finditer(text)}
    yield said("record.settings", program=_PROGRAM, carrier="Settings.fds", values=values)
