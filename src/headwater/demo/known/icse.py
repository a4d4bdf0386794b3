"""Interpol ICSE's CSV, `;` between the fields."""

from collections.abc import Sequence
from hashlib import md5, sha1

from headwater.demo.known.record import KnownSet, Record, strangers
from headwater.demo.placed import Placed
from headwater.demo.story import Story
from headwater.demo.truth import SetTruth

SCHEME = "interpol-baseline"
_HEAD = (
    "MD5;SHA1;PhotoDNA;Image ID;Is distributed;Victim identified;Offender identified;Series name;"
    "Number of submissions;File Available;Media Type;Baseline"
)
_FIRST_ID = 9_000


def icse_set(story: Story, listed: Sequence[Placed]) -> KnownSet:
    """Write the list: digests of nothing, those of `listed`, the empty file's, and the first of `listed` again."""
    contents = [*strangers(story, 2), *(one.data for one in listed), b"", listed[0].data]
    known = {one.data: one.sha256 for one in listed}
    rows, records = [], []
    for number, data in enumerate(contents, _FIRST_ID):
        identified, baseline = number % 3 == 0, number % 2 == 1
        digests = f"{md5(data, usedforsecurity=False).hexdigest()};{sha1(data, usedforsecurity=False).hexdigest()}"
        rows.append(
            f"{digests};;{number};yes;{_word(identified)};no;coast {number % 5};{number % 9 + 1};yes;image;"
            f"{_word(baseline)}"
        )
        if data in known:
            records.append(
                Record(key=str(number), content=known[data], kind="sha1", category=_word(baseline),
                       victim_identified=identified)
            )  # fmt: skip
    truth = SetTruth(
        path="known/icse.csv", form="icse-csv", scheme=SCHEME, records=len(rows),
        traps=("digest of the empty file", "one picture twice, under two ids"),
    )  # fmt: skip
    data = ("\r\n".join([_HEAD, *rows]) + "\r\n").encode()
    return KnownSet(name="icse.csv", data=data, truth=truth, records=tuple(records))


def _word(value: bool) -> str:
    return "yes" if value else "no"
