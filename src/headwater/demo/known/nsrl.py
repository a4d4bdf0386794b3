"""A minimal NSRL RDSv3 database: FILE, PKG, VERSION, view DISTINCT_HASH; digests in capitals."""

from binascii import crc32
from collections.abc import Sequence
from hashlib import md5, sha1, sha256

from headwater.demo.known.record import KnownSet, Record, strangers
from headwater.demo.placed import Placed
from headwater.demo.story import Story
from headwater.demo.tables import Table, build_sqlite
from headwater.demo.truth import SetTruth


def nsrl_set(story: Story, programs: Sequence[Placed]) -> KnownSet:
    """Write the database: strangers, then `programs`, the empty file, and the first program under another name."""
    known = [(one.data, one.name) for one in programs]
    unknown = [(data, f"file{number}.dll") for number, data in enumerate(strangers(story, 4))]
    rows = [_row(data, name, package) for package, (data, name) in enumerate([*unknown, *known, (b"", "empty")])]
    rows.append(_row(known[0][0], "renamed.exe", 2))
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
                name="VERSION", rows=[("2023.03.1", "2023.03.1", "2023-03-01", "invented for the demo")],
                columns=("version VARCHAR", "build_set VARCHAR", "build_date TIMESTAMP", "description VARCHAR"),
            ),
        ],
        after=(
            "CREATE VIEW DISTINCT_HASH AS SELECT DISTINCT sha256, sha1, md5, crc32 FROM FILE",
            "CREATE INDEX file_sha1 ON FILE (sha1)",
        ),
    )  # fmt: skip
    held = {one.sha256.upper(): one.sha256 for one in programs}
    records = tuple(
        Record(key=str(number), content=held[row[0]], kind="sha256", verdict=False)
        for number, row in enumerate(rows, 1)
        if row[0] in held
    )
    truth = SetTruth(
        path="known/nsrl.db", form="nsrl-rdsv3", records=len(rows),
        traps=("digest of the empty file", "one digest under two names"),
    )  # fmt: skip
    return KnownSet(name="nsrl.db", data=data, truth=truth, records=records)


def _row(data: bytes, name: str, package: int) -> tuple[str, str, str, str, str, int, int]:
    digests = (
        sha256(data).hexdigest().upper(),
        sha1(data, usedforsecurity=False).hexdigest().upper(),
        md5(data, usedforsecurity=False).hexdigest().upper(),
    )
    return (*digests, f"{crc32(data):08X}", name, len(data), package % 4)
