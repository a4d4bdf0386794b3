"""NCMEC's hash-sharing XML, version 2: one entry an image or video, with its fingerprints and classification.

Format: namespace https://hashsharing.ncmec.org/hashsharing/v2, as public clients of the service read it.
"""

from collections.abc import Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from headwater.match.readers.sift import Row, sift
from headwater.model.errors import Malformed
from headwater.model.known import Record, Refused

_SPACE = "{https://hashsharing.ncmec.org/hashsharing/v2}"
_ENTRIES = frozenset({"image", "video"})
_DELETED = frozenset({"deletedImage", "deletedVideo"})
_HASHES = ("md5", "sha1", "sha256", "pdq")


def read_ncmec(stream: BinaryIO) -> Iterator[Record | Refused]:
    """Each entry, its id as the key; deleted ones are named and match nothing.

    Raises Malformed where the root is another one. A document that breaks off gives what came before, and a Refused.
    """
    number = 0
    root: Element | None = None
    try:
        for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
            if root is None:
                root = element
                if element.tag != f"{_SPACE}queryResult":
                    raise Malformed(f"not NCMEC's hash sharing, version 2: its root is {element.tag[:100]}")
            name = element.tag.removeprefix(_SPACE)
            if event == "end" and name in _ENTRIES | _DELETED:
                number += 1
                yield from _entry(number, name, element)
                element.clear()
            elif event == "end" and name in {"images", "videos"}:
                element.clear()
    except (ParseError, DefusedXmlException, UnicodeDecodeError, ValueError) as error:
        if root is None:
            raise Malformed(f"not XML: {error}") from error
        yield Refused(line=number + 1, key="", field="", reason=f"the document breaks off here, not read on: {error}")


def _entry(number: int, name: str, element: Element) -> Iterator[Record | Refused]:
    told = {
        each.tag.removeprefix(_SPACE): (each.text or "").strip()
        for each in element.iter()
        if each is not element and len(each) == 0
    }
    key = told.get("id", "") or str(number)
    if name in _DELETED:
        yield Refused(line=number, key=key, field="", reason="deleted by its member")
        return
    member = element.find(f"{_SPACE}member")
    source = {"entry": name, "member_id": member.get("id", "") if member is not None else "", **told}
    yield from sift(
        Row(
            key=key,
            line=number,
            hashes={kind: told.get(kind, "") for kind in _HASHES},
            photodna=told.get("pdna", ""),
            category=told.get("classification", ""),
            source=source,
        )
    )
