"""The CSV that Interpol's ICSE database gives: `;` between fields, its baseline as the category."""

from collections.abc import Iterator
from typing import BinaryIO

from headwater.match.readers.csv_rows import csv_rows
from headwater.match.readers.sift import Row, sift, truth_value
from headwater.model.errors import Malformed
from headwater.model.known import Record, Refused

_TITLES = frozenset({"Image ID", "Baseline", "Series name"})


def read_icse(stream: BinaryIO) -> Iterator[Record | Refused]:
    """Each row, its Image ID as the key. Raises Malformed where the titles are not those of ICSE."""
    for number, fields, fault in csv_rows(stream, ("md5", "sha1")):
        if fields and not fault and not fields.keys() >= _TITLES:
            raise Malformed(f"not ICSE's columns: {', '.join(sorted(_TITLES - fields.keys()))} missing")
        key = fields.get("Image ID", "") or str(number)
        if fault:
            yield Refused(line=number, key=key, field="", reason=fault)
            continue
        yield from sift(
            Row(
                key=key,
                line=number,
                hashes={"md5": fields.get("MD5", ""), "sha1": fields.get("SHA1", "")},
                photodna=fields.get("PhotoDNA", ""),
                category=fields.get("Baseline", "").strip(),
                series=fields.get("Series name", "").strip(),
                victim_identified=truth_value(fields.get("Victim identified", "")),
                source=fields,
            )
        )
