"""Project VIC's JSON, 1.2 to 2.0, hash sets and cases, as several tools write it.

No schema could be had; the fields are the union of what public readers and writers know. Records are the objects of
`value` in a set (`#Media`), of `value[0].Media` in a case (`#Cases`).
"""

import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from headwater.match.readers.json_objects import Cut, Object, Path, Scanner
from headwater.match.readers.seen import Seen
from headwater.match.readers.sift import Row, sift, truth_value
from headwater.model.errors import Malformed
from headwater.model.known import Record, Refused

_BEGINS = re.compile(rb'\{\s*"MediaID"\s*:')
_KINDS = ("odata.metadata", "@odata.context")
_SET, _CASE = "Media", "Cases"
_WHERE: Mapping[str, tuple[Path, ...]] = {_SET: (("", "value"),), _CASE: (("", "value", "", "Media"),)}
_PHOTODNA = "photodna"


class _Head:
    """What the document says of itself before its records."""

    kind = ""

    def __call__(self, name: str, text: str) -> None:
        if name in _KINDS:
            self.kind = text.rpartition("#")[2].removesuffix("/$entity")

    def is_records(self, path: Path) -> bool:
        if path[:2] == ("", "value") and self.kind not in _WHERE:
            told = f"#{self.kind}" if self.kind else f"none of {', '.join(_KINDS)} before its records"
            raise Malformed(f"not a VICS hash set (#Media) or case (#Cases): it has {told}")
        return path in _WHERE.get(self.kind, ())


def read_vics(stream: BinaryIO) -> Iterator[Record | Refused]:
    """Each Media, its MediaID as the key. Of a repeated MediaID the first is kept, and the others are named.

    Raises Malformed where the document does not say that it is of VICS.
    """
    head, seen = _Head(), Seen()
    scanner = Scanner(stream, head=head, is_records=head.is_records, begins=_BEGINS)
    number = 0
    for cut in scanner.objects():
        number = cut.number
        yield from _media(cut, seen)
    if not head.kind:
        raise Malformed(f"not VICS: none of {', '.join(_KINDS)} in it")
    if not scanner.is_whole:
        yield Refused(line=number + 1, key="", field="", reason="the file breaks off here")


def _media(cut: Cut, seen: Seen) -> Iterator[Record | Refused]:
    told = cut.fields
    key = _text(told.get("MediaID")) or str(cut.number)
    if cut.fault:
        yield Refused(line=cut.number, key=key if told else "", field="", reason=cut.fault)
        return
    if told.get("MediaID") is not None and seen.before(key):
        yield Refused(line=cut.number, key=key, field="MediaID", reason="repeated: the first of that id is kept")
        return
    hashes = {name.lower(): _text(told.get(name)) for name in ("MD5", "SHA1", "SHA256")}
    photodna, others = _alternatives(told)
    yield from sift(
        Row(
            key=key,
            line=cut.number,
            hashes=hashes | {kind: text for kind, text in others.items() if not hashes.get(kind)},
            photodna=photodna,
            category=_text(told.get("Category")),
            series=_series(told.get("Series")),
            victim_identified=truth_value(told.get("VictimIdentified")),
            source=told,
        )
    )


def _alternatives(told: Object) -> tuple[str, dict[str, str]]:
    """The PhotoDNA value, which 1.3 has among other hashes; and those of the others that are matched here."""
    photodna, others = _text(told.get("PhotoDNA")), dict[str, str]()
    listed = told.get("AlternativeHashes")
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, Mapping):
            name, value = _text(each.get("HashName")).lower().replace("-", ""), _text(each.get("HashValue"))
            if name == _PHOTODNA:
                photodna = photodna or value
            elif name in {"md5", "sha1", "sha256", "pdq"}:
                others[name] = value
    return photodna, others


def _series(value: object) -> str:
    """A series is a text, or an object with a Name."""
    return _text(value.get("Name")) if isinstance(value, Mapping) else _text(value)


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, bool | list | dict) else str(value).strip()
