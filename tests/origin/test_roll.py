"""A device's own camera roll, and everything that only looks like one."""

import pytest

from headwater.origin.roll import DAYS_MIN, PICTURES_MIN, Body, Occurrence, Rolls

OWN = Body(make="Pharos", model="Pharos K2", serial="K1")
TWIN = Body(make="Pharos", model="Pharos K2", serial="K2")
OTHER = Body(make="Beacon", model="Beacon S9", serial="S1")


def one(path, *, body=OWN, day="2026:01:01", **more):
    return (
        Occurrence(exhibit="X-1", path=path, allocated=True, body=body, day=day)
        if not more
        else Occurrence(**{"exhibit": "X-1", "path": path, "allocated": True, "body": body, "day": day} | more)
    )


def rolls_of(*pictures):
    rolls = Rolls()
    for picture in pictures:
        rolls.add(picture)
    return rolls


def imported(count=PICTURES_MIN, folder=b"Pictures/Imported", body=OWN):
    return [
        one(folder + b"/DSC%05d.JPG" % number, body=body, day=f"2026:01:{number % DAYS_MIN + 1:02d}")
        for number in range(1, count + 1)
    ]


@pytest.mark.parametrize(
    "folder",
    [b"DCIM/100APPLE", b"DCIM/Camera", b"dcim/101CAMRA", b"storage/emulated/0/DCIM/Camera",
     b"private/var/mobile/Media/DCIM/102APPLE"],
)  # fmt: skip
def test_the_standards_folder_is_a_roll_from_its_first_picture(folder):
    picture = one(folder + b"/IMG_0001.JPG")
    assert rolls_of(picture).holds(picture)


@pytest.mark.parametrize(
    "folder",
    [b"DCIM/Screenshots", b"Download/DCIM/100CANON", b"DCIM", b"DCIM/Camera/burst", b"Backup/DCIM/100APPLE",
     b"DCIM/.hidden", b"Android/media/com.example.chat/DCIM/Camera"],
)  # fmt: skip
def test_what_only_looks_like_it_is_none(folder):
    picture = one(folder + b"/IMG_0001.JPG")
    assert not rolls_of(picture).holds(picture)


def test_deleted_pictures_and_those_inside_an_archive_are_outside():
    kept = one(b"DCIM/Camera/IMG_0001.JPG")
    rolls = rolls_of(kept)
    assert not rolls.holds(one(b"DCIM/Camera/IMG_0002.JPG", allocated=False))
    assert not rolls.holds(one(b"DCIM/Camera/IMG_0003.JPG", inside=True))


def test_a_picture_without_a_body_is_outside_wherever_it_lies():
    rolls = rolls_of(one(b"DCIM/Camera/IMG_0001.JPG"))
    assert not rolls.holds(one(b"DCIM/Camera/IMG_0002.JPG", body=None))


def test_a_strangers_picture_put_into_the_roll_stays_out():
    own = [one(b"DCIM/Camera/IMG_%04d.JPG" % number) for number in range(30)]
    planted = one(b"DCIM/Camera/IMG_9999.JPG", body=OTHER)
    rolls = rolls_of(*own, planted)
    assert rolls.holds(own[0])
    assert not rolls.holds(planted)
    assert not rolls.holds(one(b"DCIM/Camera/IMG_9998.JPG", body=TWIN))


def test_the_owners_folder_is_a_roll_by_its_names_its_share_and_its_days():
    pictures = imported()
    assert rolls_of(*pictures).holds(pictures[0])
    assert rolls_of(*pictures).rolls() == {("X-1", b"Pictures/Imported"): "owner"}


def test_a_series_by_a_stranger_is_no_roll_however_it_is_named():
    own, series = imported(20), imported(12, b"Pictures/Series", OTHER)
    rolls = rolls_of(*own, *series)
    assert rolls.holds(own[0])
    assert not rolls.holds(series[0])


@pytest.mark.parametrize(
    "pictures",
    [
        imported(PICTURES_MIN - 1),
        imported(folder=b"Downloads/coast"),
        [one(b"Pictures/Imported/DSC%05d.JPG" % number) for number in range(20)],  # one day
        [one(b"Pictures/Imported/lighthouse %d.jpg" % number, day=f"2026:01:{number:02d}") for number in range(1, 20)],
        [*imported(), one(b"Pictures/Imported/00001.png", body=None, of_a_generator=True)],
        [*imported(), *[one(b"Pictures/Imported/IMG_%04d.JPG" % number, body=None) for number in range(9)]],
    ],
    ids=["too few", "downloads", "one day", "names", "generated beside", "too many without a body"],
)
def test_where_one_of_the_conditions_fails_it_is_no_roll(pictures):
    assert rolls_of(*pictures).rolls() == {}


def test_one_exhibits_owner_is_not_anothers():
    mine = imported(9)
    theirs = [one(b"Pictures/Imported/DSC%05d.JPG" % number, exhibit="X-2", body=OTHER, day=f"2026:01:{number:02d}")
              for number in range(1, 10)]  # fmt: skip
    rolls = rolls_of(*mine, *theirs)
    assert set(rolls.rolls()) == {("X-1", b"Pictures/Imported"), ("X-2", b"Pictures/Imported")}
    assert not rolls.holds(one(b"Pictures/Imported/DSC00001.JPG", exhibit="X-2"))
