from dataclasses import fields, replace

from headwater.evidence.reader import Limits
from headwater.model.settings import Operation, PictureLimits, ReadingLimits, RunSettings, Settings, WorkerLimits

SETTINGS = Settings(operation=Operation(name="Springhead", id="0" * 32))


def test_reading_limits_are_those_of_the_readers():
    ours = {setting.name: setting.default for setting in fields(ReadingLimits)}
    theirs = {setting.name: setting.default for setting in fields(Limits)}
    assert ours.items() <= theirs.items()


def test_only_what_can_change_a_finding_changes_the_digest():
    for other in (
        replace(SETTINGS, operation=Operation(name="Other", id="1" * 32)),
        replace(SETTINGS, run=RunSettings(workers=7, unit_items=1, examiners=("digests",))),
        replace(SETTINGS, limits=ReadingLimits(depth=1)),
        replace(SETTINGS, worker=WorkerLimits(item_seconds=1)),
    ):
        assert other.digest == SETTINGS.digest
    assert replace(SETTINGS, pictures=PictureLimits(pixels=1)).digest != SETTINGS.digest


def test_workers_are_the_cores_unless_set():
    assert SETTINGS.workers >= 1
    assert replace(SETTINGS, run=RunSettings(workers=7)).workers == 7
