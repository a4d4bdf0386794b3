"""One seed, one story: its days are in order, its numbers carry their checks, another seed lays out another one."""

import hashlib
from collections import Counter
from dataclasses import asdict, astuple

import numpy as np
import pytest

from headwater.demo.people.countries import ALL
from headwater.demo.people.identifiers import iban, phone_number
from headwater.demo.people.keccak import keccak_256
from headwater.demo.people.persons import make_persons
from headwater.demo.people.wallets import ethereum, segwit
from headwater.demo.sizes import SMALL
from headwater.demo.story import tell

SEEDS = range(60)


def test_days_are_in_order():
    for seed in SEEDS:
        days = tell(seed, SMALL).days
        made = (days.begin, days.photographed, days.trained_from, days.trained_until, days.drawn_until)
        seized = (days.server_seized, days.producer_seized, days.subscriber_seized)
        assert sorted((*made, *seized)) == [*made, *seized]
        assert days.begin < days.opened < days.photographed


def test_layouts_and_counts_differ_by_seed():
    stories = [tell(seed) for seed in SEEDS]
    for name in asdict(stories[0].layout):
        assert len({getattr(one.layout, name) for one in stories}) > 1, name
    assert len({astuple(one.size) for one in stories}) == len(stories)
    assert len({(one.place, one.platform) for one in stories}) > len(stories) // 2


def test_counts_that_the_story_names_hold_for_every_seed():
    for seed in SEEDS:
        size = tell(seed).size
        assert size.training == 24
        assert 4_850 <= size.accounts <= 5_150
        assert 4_074 <= size.persons <= 4_326


def test_all_persons_are_adults_and_keep_to_their_households(scene):
    begin = scene.story.days.begin.date()
    assert all((begin - one.birth).days > 20 * 365 for one in scene.platform.persons)
    homes = {}
    for one in make_persons(scene.story):
        assert homes.setdefault(one.home.key, one.home) == one.home
    assert max(Counter(one.home.key for one in scene.platform.persons).values()) == 2


def test_each_link_of_the_chain_is_later_than_what_it_was_made_from(scene):
    days = scene.story.days
    training, models = scene.workstation.training, scene.workstation.models
    assert all(one.modified <= days.photographed for one in training.photographs)
    lora = [one for one in models.placed if one.name.startswith(models.lora.name)]
    assert {one.modified for one in lora} == {days.trained_until}
    assert all(days.trained_until < one.placed.modified < days.drawn_until for one in scene.workstation.outputs)
    for upload in scene.platform.uploads:
        assert upload.visit.start < upload.at < upload.visit.end < days.server_seized
        assert upload.output is None or upload.output.placed.modified < upload.at
    for one in scene.platform.downloads:
        assert one.upload.at < one.at <= one.visit.end < days.server_seized
    for deal in scene.platform.deals:
        assert deal.account.created <= deal.visit.start <= deal.paid < deal.opened < deal.visit.end


def test_who_fetched_a_picture_had_bought_its_album(scene):
    bought = {}
    for deal in scene.platform.deals:
        key = (deal.account.account, deal.album)
        bought[key] = min(deal.opened, bought.get(key, deal.opened))
    for one in scene.platform.downloads:
        assert bought[one.visit.account.account, one.upload.album] <= one.at


def test_ibans_carry_their_check_digits():
    rng = np.random.default_rng(4)
    for country in ALL:
        for _ in range(20):
            text = iban(country, rng)
            moved = text[4:] + text[:4]
            assert not text or int("".join(str(int(sign, 36)) for sign in moved)) % 97 == 1


def test_telephone_numbers_are_international_and_not_too_long():
    rng = np.random.default_rng(5)
    for country in ALL:
        number = phone_number(country, rng)
        assert number.startswith("+")
        assert number[1:].isdigit()
        assert 9 <= len(number) <= 16


def test_keccak_is_the_one_of_before_sha3():
    assert keccak_256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert keccak_256(bytes(300)) != hashlib.sha3_256(bytes(300)).digest()


@pytest.mark.parametrize(
    ("made", "published"),
    [
        (
            segwit(0, bytes.fromhex("751e76e8199196d454941c45d1b3a323f1433bd6")),
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        ),
        (
            segwit(1, bytes.fromhex("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")),
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
        ),
        (
            ethereum(bytes.fromhex("5aaeb6053f3e94c9b9a09f33669435e7ef1beaed")),
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        ),
    ],
)
def test_wallets_are_spelled_as_the_published_examples(made, published):
    assert made == published
