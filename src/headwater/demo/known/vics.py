"""A Project VIC 2.0 hash set (`#Media`): records straight in `value`, with a byte order mark and every trap seen."""

import base64
import json
from collections.abc import Sequence
from hashlib import md5, sha1

from headwater.demo.known.record import FILLER, KnownSet, Record, strangers
from headwater.demo.placed import Placed
from headwater.demo.story import Story
from headwater.demo.truth import SetTruth

SCHEME = "local:springhead"  # the category numbers are placeholders
_TRAPS = (
    "byte order mark", "digest of the empty file", "categories 0 and 5 are no verdict", "a repeated MediaID",
    "IsPrecategorized as text with no category", "MediaSize as text", "times with seven digits, with +01:00Z, as /Date",
    "Series as an object", "truth values as true, as text, and absent", "PhotoDNA values, carried only",
    "one content under two MediaFiles",
)  # fmt: skip
_TIMES = ("2023-02-01T09:30:00.1234567+01:00", "2023-02-01T09:30:00+01:00Z", "/Date(1675240200000)/")
_NO_VERDICT = frozenset({"0", "5", ""})


def vics_set(story: Story, graded: Sequence[Placed]) -> KnownSet:
    """Write the set: digests of nothing, then those of `graded`, the last two of which have no verdict."""
    unknown = strangers(story, 1)
    media = [_media(story, number, data, number % 4 + 1) for number, data in enumerate(unknown, 1)]
    media[10]["Category"], media[11]["Category"] = 0, 5
    media[12].update({"IsPrecategorized": "true", "Category": None})
    records = []
    for number, one in enumerate(graded, FILLER + 1):
        row = _media(story, number, one.data, number % 4 + 1)
        if number > FILLER + len(graded) - 2:
            row["Category"] = 5 * (number % 2)
        row["MediaFiles"] = [_media_file(row, number, copy) for copy in range(1 + number % 2)]
        media.append(row)
        records.append(_record(one, row))
    media.append(_media(story, len(media) + 1, b"", 1))
    media.append({**_media(story, 5, b"another content", 2), "MediaID": 5})
    document = {
        "@odata.context": "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/Default/$metadata#Media",
        "value": media,
    }
    truth = SetTruth(path="known/vics.json", form="vics-2.0", scheme=SCHEME, records=len(media), traps=_TRAPS)
    data = b"\xef\xbb\xbf" + json.dumps(document, indent=1).encode()
    return KnownSet(name="vics.json", data=data, truth=truth, records=tuple(records))


def _record(one: Placed, row: dict[str, object]) -> Record:
    category = str(row["Category"])
    return Record(
        key=str(row["MediaID"]), content=one.sha256, kind="sha1", category=category,
        verdict=category not in _NO_VERDICT, victim_identified=identified(int(str(row["MediaID"]))),
    )  # fmt: skip


def identified(number: int) -> bool | None:
    """Whether the record says that the victim of its series is known; nothing where it says nothing."""
    return {0: True, 1: False, 2: None}[number % 3]


def _media(story: Story, number: int, data: bytes, category: int) -> dict[str, object]:
    row: dict[str, object] = {
        "MediaID": number,
        "Category": category,
        "MD5": md5(data, usedforsecurity=False).hexdigest().upper(),
        "SHA1": sha1(data, usedforsecurity=False).hexdigest().upper(),
        "MediaSize": str(len(data)) if number % 7 == 0 else len(data),
        "DateUpdated": _TIMES[number % 3],
        "IsDistributed": number % 2 == 0 if number % 5 else str(number % 2 == 0).lower(),
        "Series": {"Name": f"coast {number % 5}"} if number % 11 == 0 else f"coast {number % 5}",
        "Tags": "lighthouse",
        "MimeType": "image" if number % 4 else "image/jpeg",
        "PhotoDNA": base64.b64encode(story.rng(600, 11, number).bytes(144)).decode(),
    }
    said = identified(number)
    return row if said is None else {**row, "VictimIdentified": said if number % 4 else str(said).lower()}


def _media_file(row: dict[str, object], number: int, copy: int) -> dict[str, object]:
    return {
        "MD5": row["MD5"], "FileName": f"coast {number}-{copy}.jpg", "FilePath": f"disk\\coast\\{number % 9}",
        "Created": _TIMES[number % 3], "Written": _TIMES[(number + 1) % 3], "Accessed": _TIMES[(number + 2) % 3],
        "Unallocated": False, "Deleted": copy == 1, ("SourceID" if number % 2 else "sourceID"): "S-1",
        "PhysicalLocation": number * 4096,
    }  # fmt: skip
