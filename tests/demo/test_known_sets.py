import json
import sqlite3

import numpy as np
import pytest

from headwater.kernels.pdq import luma_from_rgb, pdq


@pytest.fixture
def known(operation):
    return operation[0] / "known"


def _media(known):
    raw = (known / "vics.json").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    return json.loads(raw.decode("utf-8-sig"))["value"]


def test_vics_holds_hits_and_traps(operation, known):
    media = _media(known)
    numbers = [one["MediaID"] for one in media]
    assert len(numbers) - len(set(numbers)) == 1
    assert "D41D8CD98F00B204E9800998ECF8427E" in {one["MD5"] for one in media}
    assert {0, 5, None} <= {one["Category"] for one in media}
    assert len(operation[1].sets["vics.json"].hits) > 0


def test_icse_has_twelve_columns(known):
    lines = (known / "icse.csv").read_text().splitlines()
    assert {line.count(";") for line in lines} == {11}


def test_pdq_list_holds_degenerate_hashes_and_real_ones(operation, known):
    lines = (known / "pdq.txt").read_text().split("\n")
    hashes = [line.split(",")[0] for line in lines]
    assert {"0" * 64, "f" * 64, "not a hash"} <= set(hashes)
    assert len(operation[1].sets["pdq.txt"].hits) > 0


def test_nsrl_is_in_capitals_and_knows_the_programs(operation, known):
    connection = sqlite3.connect(known / "nsrl.db")
    digests = {row[0] for row in connection.execute("SELECT sha256 FROM DISTINCT_HASH")}
    connection.close()
    assert {one.upper() for one in operation[1].sets["nsrl.db"].hits} <= digests
    assert all(one == one.upper() for one in digests)


def test_training_photographs_are_in_no_set(operation):
    truth = operation[1]
    training = {one.sha256 for one in truth.files if "/training/" in one.path}
    assert not training & {hit for one in truth.sets.values() for hit in one.hits}


def test_flat_screenshot_has_a_hash_of_no_quality():
    assert pdq(luma_from_rgb(np.full((960, 540, 3), 32, np.uint8))).quality == 0
