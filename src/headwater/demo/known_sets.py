"""Known sets for the operation, in the public exchange formats, each with the traps that real sets hold.

The digests of pictures of this operation are in them, among digests of nothing. Category numbers are placeholders.
"""

import json
from binascii import crc32
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import md5, sha1, sha256

import numpy as np

from headwater.demo import pictures
from headwater.demo.placed import Placed
from headwater.demo.story import Story
from headwater.demo.tables import Table, build_sqlite
from headwater.demo.truth import SetTruth
from headwater.kernels.pdq import luma_from_rgb, pdq

_FILLER = 600
_SCHEME = "local:springhead"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSet:
    """One file of the known folder and its line of the truth."""

    name: str
    data: bytes
    truth: SetTruth


def known_sets(
    story: Story,
    *,
    graded: Sequence[Placed],
    listed: Sequence[Placed],
    similar: Sequence[Placed],
    programs: Sequence[Placed],
) -> list[KnownSet]:
    """Write the four sets: VICS knows `graded`, ICSE `listed`, the PDQ list `similar`, NSRL `programs`."""
    return [
        vics_set(story, graded),
        icse_set(story, listed),
        pdq_set(story, similar),
        nsrl_set(story, programs),
    ]


def _md5(data: bytes) -> str:
    return md5(data, usedforsecurity=False).hexdigest()


def _sha1(data: bytes) -> str:
    return sha1(data, usedforsecurity=False).hexdigest()


def _strangers(story: Story, domain: int) -> list[bytes]:
    """Make contents nobody has: their digests fill the sets."""
    rng = story.rng(600, domain)
    return [rng.bytes(16) for _ in range(_FILLER)]


def vics_set(story: Story, graded: Sequence[Placed]) -> KnownSet:
    """Write a Project VIC 2.0 hash set (`#Media`): records straight in `value`, with a byte order mark."""
    contents = [*_strangers(story, 1), *(one.data for one in graded)]
    media = [_media(number, data, number % 4 + 1) for number, data in enumerate(contents, 1)]
    media[10]["Category"], media[11]["Category"] = 0, 5
    media[-1]["Category"], media[-2]["Category"] = 0, 5  # of pictures that are in the exhibits: no verdict
    media[12].update({"IsPrecategorized": "true", "Category": None})
    media.append(_media(len(media) + 1, b"", 1))
    media.append({**_media(5, b"another content", 2), "MediaID": 5})
    document = {
        "@odata.context": "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/Default/$metadata#Media",
        "value": media,
    }
    traps = ("byte order mark", "digest of the empty file", "category 0 and 5 are no verdict", "a repeated MediaID",
             "IsPrecategorized as text with no category", "MediaSize as text")  # fmt: skip
    truth = SetTruth(
        path="known/vics.json", form="vics-2.0", scheme=_SCHEME, hits=tuple(one.sha256 for one in graded), traps=traps
    )
    return KnownSet(name="vics.json", data=b"\xef\xbb\xbf" + json.dumps(document, indent=1).encode(), truth=truth)


def _media(number: int, data: bytes, category: int) -> dict[str, object]:
    return {
        "MediaID": number,
        "Category": category,
        "MD5": _md5(data).upper(),
        "SHA1": _sha1(data).upper(),
        "MediaSize": str(len(data)) if number % 7 == 0 else len(data),
        "DateUpdated": "2024-02-01T09:30:00.1234567+01:00",
        "IsDistributed": number % 3 == 0,
        "Series": {"Name": f"coast {number % 5}"} if number % 11 == 0 else f"coast {number % 5}",
        "Tags": "lighthouse",
        "MimeType": "image",
    }


def icse_set(story: Story, listed: Sequence[Placed]) -> KnownSet:
    """Write Interpol ICSE's CSV, `;` between the fields."""
    head = ("MD5;SHA1;PhotoDNA;Image ID;Is distributed;Victim identified;Offender identified;Series name;"
            "Number of submissions;File Available;Media Type;Baseline")  # fmt: skip
    contents = [*_strangers(story, 2), *(one.data for one in listed), b"", listed[0].data]
    rows = [
        f"{_md5(data)};{_sha1(data)};;{9000 + number};yes;no;no;coast {number % 5};{number % 9 + 1};yes;image;"
        + ("yes" if number % 2 else "no")
        for number, data in enumerate(contents)
    ]
    truth = SetTruth(
        path="known/icse.csv",
        form="icse-csv",
        scheme="interpol-baseline",
        hits=tuple(one.sha256 for one in listed),
        traps=("digest of the empty file", "one picture twice, under two ids"),
    )
    return KnownSet(name="icse.csv", data=("\r\n".join([head, *rows]) + "\r\n").encode(), truth=truth)


def pdq_set(story: Story, similar: Sequence[Placed]) -> KnownSet:
    """Write PDQ hashes in the spellings seen in the wild: alone, with a name, with a quality and a name."""
    rng = story.rng(600, 3)
    lines = [rng.bytes(32).hex() for _ in range(_FILLER)]
    for number, one in enumerate(similar):
        found = pdq(luma_from_rgb(pictures.decode(one.data)))
        spelled = (f"{found}", f"{found},coast {number}.jpg", f"{found},{found.quality},coast {number}.jpg")
        lines.append(spelled[number % 3])
    flat = pdq(luma_from_rgb(np.full((64, 64, 3), 32, np.uint8)))
    lines += ["0" * 64, "f" * 64, f"{flat},0,flat.png", lines[_FILLER], "not a hash", ""]
    traps = ("all-zero and all-one hashes", "the hash of a flat picture", "a hash twice", "a line that is no hash")
    truth = SetTruth(path="known/pdq.txt", form="pdq-list", hits=tuple(one.sha256 for one in similar), traps=traps)
    return KnownSet(name="pdq.txt", data="\n".join(lines).encode(), truth=truth)


def nsrl_set(story: Story, programs: Sequence[Placed]) -> KnownSet:
    """Write a minimal NSRL RDSv3 database: FILE, PKG, VERSION, view DISTINCT_HASH; digests in capitals."""
    known = [(one.data, one.path.rsplit(b"/", 1)[-1].decode()) for one in programs]
    strangers = [(data, f"file{number}.dll") for number, data in enumerate(_strangers(story, 4))]
    rows = [_nsrl_row(data, name, package) for package, (data, name) in enumerate([*strangers, *known, (b"", "empty")])]
    rows.append(_nsrl_row(known[0][0], "renamed.exe", 2))
    data = build_sqlite(
        [
            Table(
                name="FILE", rows=rows,
                columns=("sha256 VARCHAR", "sha1 VARCHAR", "md5 VARCHAR", "crc32 VARCHAR", "file_name VARCHAR",
                         "file_size INTEGER", "package_id INTEGER"),
            ),
            Table(
                name="PKG",
                rows=[(number, f"Package {number}", "1.0", 1, 1, "English", "Utility") for number in range(4)],
                columns=("package_id INTEGER", "name VARCHAR", "version VARCHAR", "operating_system_id INTEGER",
                         "manufacturer_id INTEGER", "language VARCHAR", "application_type VARCHAR"),
            ),
            Table(
                name="VERSION", rows=[("2024.03.1", "2024.03.1", "2024-03-01", "invented for the demo")],
                columns=("version VARCHAR", "build_set VARCHAR", "build_date TIMESTAMP", "description VARCHAR"),
            ),
        ],
        after=(
            "CREATE VIEW DISTINCT_HASH AS SELECT DISTINCT sha256, sha1, md5, crc32 FROM FILE",
            "CREATE INDEX file_sha1 ON FILE (sha1)",
        ),
    )  # fmt: skip
    truth = SetTruth(
        path="known/nsrl.db", form="nsrl-rdsv3", hits=tuple(one.sha256 for one in programs),
        traps=("digest of the empty file", "one digest under two names"),
    )  # fmt: skip
    return KnownSet(name="nsrl.db", data=data, truth=truth)


def _nsrl_row(data: bytes, name: str, package: int) -> tuple[str, str, str, str, str, int, int]:
    digests = (sha256(data).hexdigest().upper(), _sha1(data).upper(), _md5(data).upper())
    return (*digests, f"{crc32(data):08X}", name, len(data), package % 4)
