"""The tiers in their order, and the control from the far end."""

import pytest

from headwater.origin.queue import CONTROL_EVERY, RULE, TIERS, Standing, control_place, tier_of


def standing(grade="undetermined", **more):
    return Standing(grade=grade, place="X-1 a.png", **more)


@pytest.mark.parametrize(
    ("given", "tier"),
    [
        (standing("generated", source="input of b"), 1),
        (standing(source="input of b", known="set K"), 1),
        (standing(open_series="set K, 12 bits"), 2),
        (standing(open_series="set K, 12 bits", known="set K"), 8),
        (standing("camera", in_roll=True, tie="camera phone"), 3),
        (standing("camera"), 4),
        (standing("undetermined"), 4),
        (standing("undetermined", in_roll=True), 4),
        (standing("edited"), 5),
        (standing("camera", in_roll=True), 6),
        (standing("generated"), 7),
        (standing("generated", is_weak=True), 4),
        (standing("camera", in_roll=True, is_weak=True), 6),
        (standing("camera", known="set K"), 8),
        (standing("camera", known="set K", harmless="list H"), 8),
        (standing("camera", open_series="set K", harmless="list H"), 9),
        (standing("generated", open_series="set K"), 2),
    ],
)
def test_each_picture_has_its_tier(given, tier):
    assert tier_of(given)[0] == tier


def test_the_reason_is_what_placed_it():
    assert tier_of(standing(tie="camera phone"))[1] == "camera phone"
    assert tier_of(standing("camera"))[1] == "camera; X-1 a.png"


def test_the_control_is_one_in_fifty_from_the_far_end():
    total = 10 * CONTROL_EVERY + 7
    places = {rank: place for rank in range(1, total + 1) if (place := control_place(rank, total))}
    assert len(places) == 10
    assert places[total] == CONTROL_EVERY
    assert places[total - 9] == 10 * CONTROL_EVERY
    assert min(places) > total - 10 - 1
    assert control_place(49, 49) is None


def test_every_tier_is_named_in_the_rule():
    assert all(f"{number} {what}" in RULE for number, what in TIERS)
    assert [number for number, _ in TIERS] == list(range(1, 10))
    assert "not a verdict" in RULE
