"""Fooocus: the log of each day, which lists every picture with its settings, and the settings of the program.

Source: github.com/lllyasviel/Fooocus, modules/private_logger.py (cells of the classes ``label``, ``key`` in older ones,
and ``value``, in a ``div`` of the class ``image-container`` for each picture) and modules/config.py. The log of every
version begins with the title ``Fooocus Log``; values are written with or without HTML entities.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from headwater.examine.producer_records.told import number, output, said, silence, word
from headwater.model.finding import Seen, State

_PROGRAM = "fooocus"
_TITLE = re.compile(rb"<title>\s*Fooocus Log", re.IGNORECASE)
_LABELS = ("label", "key")
_SIZE = re.compile(r"\D*(\d{1,6})\D+(\d{1,6})")
_DAY = re.compile(r"Fooocus Log (\d{4}-\d\d-\d\d)")
_WHOLE_TEXT_MAX = 32_000
_ROWS_MAX = 100
_PATHS = ("path_outputs", "path_checkpoints", "path_loras", "default_model", "default_refiner", "temp_path")


def is_log(head: bytes) -> bool:
    """Tell a log by its title."""
    return _TITLE.search(head[:2048]) is not None


def is_settings(content: dict[str, object]) -> bool:
    """Tell config.txt by its keys."""
    return "path_outputs" in content and "path_checkpoints" in content


def read_settings(content: dict[str, object]) -> Iterator[Seen]:
    """Where its pictures and models are, and its models of choice."""
    values = {key: content[key] for key in _PATHS if isinstance(content.get(key), str | list)}
    yield said("record.settings", program=_PROGRAM, carrier="config.txt", values=values)


def read_log(text: str) -> Iterator[Seen]:
    """Every picture of a log."""
    log = _Log()
    log.feed(text)
    log.close()
    log.end_picture()
    day = _DAY.search(text[:2048])
    for name, rows in log.pictures:
        yield from _picture(name, rows, day[1] if day else None)
    if not log.pictures:
        yield silence("record.output", State.NOTHING, "a Fooocus log that lists no picture")


def _picture(name: str, rows: dict[str, str], day: str | None) -> Iterator[Seen]:
    size = _SIZE.match(rows.get("resolution", ""))
    models = [rows[key] for key in ("base model", "refiner model") if rows.get(key, "None") != "None"]
    yield from output(
        _PROGRAM,
        "log.html",
        rows.get("prompt"),
        rows.get("negative prompt"),
        name=name,
        day=day,
        seed=word(rows.get("seed")),
        model=word(models[0]) if models else None,
        model_hash=word(rows.get("base model hash")),
        refiner=word(models[1]) if len(models) > 1 else None,
        loras=[_lora(value) for key, value in rows.items() if key.startswith("lora") and " : " in value],
        sampler=word(rows.get("sampler")),
        cfg=number(rows.get("guidance scale")),
        width=number(size[1]) if size else None,
        height=number(size[2]) if size else None,
        performance=word(rows.get("performance")),
        version=word(rows.get("version")),
    )


def _lora(value: str) -> dict[str, object]:
    name, _, weight = value.rpartition(" : ")
    return {"name": name[:1000], "weight": number(weight)}


class _Log(HTMLParser):
    """Collects the pictures: name, and settings by their label in small letters."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pictures: list[tuple[str, dict[str, str]]] = []
        self._name = ""
        self._rows: dict[str, str] = {}
        self._label = ""
        self._cell = ""  # "label", "value" or none of both
        self._text: list[str] = []
        self._letters = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said_of = dict(attrs)
        if tag == "div" and "image-container" in (said_of.get("class") or ""):
            self.end_picture()
        elif tag == "td":
            self._begin(said_of.get("class") or "")
        elif tag == "br" and self._cell:
            self._add("\n")
        elif self._cell:  # a prompt may hold what looks like a tag
            self._add(self.get_starttag_text() or "")
        elif tag == "img" and not self._name:
            self._name = (said_of.get("src") or "").rpartition("/")[2]

    def handle_endtag(self, tag: str) -> None:
        if tag == "td" and self._cell:
            self._end()

    def handle_data(self, data: str) -> None:
        if self._cell:
            self._add(data)

    def end_picture(self) -> None:
        """Put down the picture that was read last."""
        self._end()
        if self._name:
            self.pictures.append((self._name, self._rows))
        self._name, self._rows, self._label = "", {}, ""

    def _begin(self, kind: str) -> None:
        self._end()
        self._cell = "label" if kind in _LABELS else "value" if kind == "value" else ""

    def _add(self, text: str) -> None:
        self._letters += len(text)
        if self._letters <= _WHOLE_TEXT_MAX:
            self._text.append(text)

    def _end(self) -> None:
        text = "".join(self._text).strip()
        if self._cell == "label":
            self._label = text.lower()
        elif self._cell == "value" and self._label and len(self._rows) < _ROWS_MAX:
            self._rows.setdefault(self._label, text)
        self._cell, self._text, self._letters = "", [], 0
