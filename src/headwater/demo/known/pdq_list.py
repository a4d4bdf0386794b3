"""A list of PDQ hashes in the spellings seen in the wild: alone, with a name, with a quality and a name."""

from collections.abc import Sequence

from headwater.demo.known.record import FILLER, KnownSet, Record
from headwater.demo.story import Story
from headwater.demo.truth import PictureTruth, SetTruth


def pdq_set(story: Story, similar: Sequence[PictureTruth], flat: PictureTruth) -> KnownSet:
    """Write the list. `flat` is a picture of one colour: its hash means nothing and must be refused."""
    rng = story.rng(600, 3)
    lines = [rng.bytes(32).hex() for _ in range(FILLER)]
    records = []
    for number, one in enumerate(similar):
        spelled = (one.pdq, f"{one.pdq},coast {number}.jpg", f"{one.pdq},{one.pdq_quality},coast {number}.jpg")
        lines.append(spelled[number % 3])
        records.append(Record(key=str(len(lines)), content=one.sha256, kind="pdq", pdq=one.pdq))
    lines += ["0" * 64, "f" * 64, f"{flat.pdq},{flat.pdq_quality},flat.png", lines[FILLER], "not a hash", ""]
    records.append(Record(key=str(len(lines) - 2), content=similar[0].sha256, kind="pdq", pdq=similar[0].pdq))
    traps = ("all-zero and all-one hashes", "the hash of a flat picture", "a hash twice", "a line that is no hash")
    truth = SetTruth(path="known/pdq.txt", form="pdq-list", records=len(lines) - 2, traps=traps)
    return KnownSet(name="pdq.txt", data="\n".join(lines).encode(), truth=truth, records=tuple(records))
