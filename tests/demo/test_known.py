import json
import sqlite3

import pytest

from headwater.demo.sight import QUALITY_MIN


@pytest.fixture
def known(operation):
    return operation[0] / "known"


def _hits(truth, name, *, verdict=None):
    return {one.sha256 for one in truth.matches if one.set == name and verdict in {None, one.verdict}}


def test_vics_holds_hits_and_traps(known, truth):
    raw = (known / "vics.json").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    media = json.loads(raw.decode("utf-8-sig"))["value"]
    assert len(media) == truth.sets["vics.json"].records
    numbers = [one["MediaID"] for one in media]
    assert len(numbers) - len(set(numbers)) == 1
    assert "D41D8CD98F00B204E9800998ECF8427E" in {one["MD5"] for one in media}
    assert {0, 5, None} <= {one["Category"] for one in media}


def test_categories_0_and_5_are_no_verdict(truth):
    rows = [one for one in truth.matches if one.set == "vics.json"]
    assert all(one.verdict == (one.category not in {"0", "5", ""}) for one in rows)
    assert {one.verdict for one in rows} == {True, False}


def test_icse_has_twelve_columns_and_one_picture_twice(known, truth):
    lines = (known / "icse.csv").read_text().splitlines()
    assert {line.count(";") for line in lines} == {11}
    rows = [one for one in truth.matches if one.set == "icse.csv"]
    assert len(rows) == len({one.sha256 for one in rows}) + 1


def test_pdq_list_holds_degenerate_hashes_which_match_nothing(known, truth):
    lines = (known / "pdq.txt").read_text().split("\n")
    hashes = [line.split(",")[0] for line in lines]
    assert {"0" * 64, "f" * 64, "not a hash"} <= set(hashes)
    rows = [one for one in truth.matches if one.set == "pdq.txt"]
    assert rows
    quality = {one.sha256: one.pdq_quality for one in truth.pictures}
    assert all(one.distance_bits <= 31 and quality[one.sha256] >= QUALITY_MIN for one in rows)
    assert not {hashes[int(one.record) - 1] for one in rows} & {"0" * 64, "f" * 64}


def test_nsrl_is_in_capitals_and_knows_the_programs(known, truth):
    connection = sqlite3.connect(known / "nsrl.db")
    digests = {row[0] for row in connection.execute("SELECT sha256 FROM DISTINCT_HASH")}
    connection.close()
    hits = _hits(truth, "nsrl.db")
    assert hits
    assert {one.upper() for one in hits} <= digests
    assert all(one == one.upper() for one in digests)


def test_training_photographs_are_in_no_set_of_digests(truth):
    training = {digest for one in truth.chain for digest in one.photographs_sha256}
    exact = {one.sha256 for one in truth.matches if one.kind != "pdq"}
    assert training
    assert not training & exact


def test_a_flat_picture_has_a_hash_of_no_quality(truth):
    assert any(one.pdq and one.pdq_quality < QUALITY_MIN for one in truth.pictures)
