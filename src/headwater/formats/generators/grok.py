"""Grok: EXIF Artist is a UUID, and ImageDescription or UserComment ``Signature:`` with base64 of 64 bytes or more.

Seen in its files. Neither the scheme of the signature nor a key is published, so it is not checked. It records no
prompt, and nothing of what went in.
"""

import re
from collections.abc import Iterator, Sequence

from headwater.formats.generators.carried import Carried
from headwater.formats.generators.record import Record, Told

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SIGNATURE = re.compile(r"Signature: [A-Za-z0-9+/]{86,2000}={0,2}\s*")


def read_grok(texts: Sequence[Carried]) -> Iterator[tuple[Told, Carried]]:
    """Give a record for every Exif block with both."""
    artists = {one.group: one.text for one in texts if one.key == "Artist" and _UUID.fullmatch(one.text)}
    done: set[str] = set()
    for one in texts:
        if one.group in artists and one.group not in done and _SIGNATURE.fullmatch(one.text):
            done.add(one.group)
            yield Record(generator="grok", told_by="layout", more={"job": artists[one.group]}), one
