import json
import sqlite3
from collections import Counter
from hashlib import sha256
from urllib.parse import quote

import msgspec
import pytest

from headwater.demo.check import compare
from headwater.demo.springhead import build_springhead
from headwater.demo.story import SMALL
from headwater.demo.truth import Truth
from headwater.model.errors import WrongUse


def _digests(folder):
    return {
        str(path.relative_to(folder)).encode("utf-8", "surrogateescape"): sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_readers_find_every_file_once(operation, found):
    rows = compare(operation[1], *found)
    assert {row.check.split(":")[0] for row in rows} >= {"DK-01", "DK-02", "SRV-01", "DE-01"}
    for row in rows:
        assert row.holds, row
        assert row.found == row.expected > 0


def test_same_seed_same_bytes_other_seed_other_bytes(operation, tmp_path):
    first = _digests(operation[0])
    again = build_springhead(tmp_path / "again", 7, SMALL)
    assert _digests(tmp_path / "again") == first
    assert again == operation[1]
    other = build_springhead(tmp_path / "other", 8, SMALL)
    shared = {one.sha256 for one in other.files} & {one.sha256 for one in again.files}
    # fixed words only: the empty file and a few tiny settings
    assert all(one.size_bytes < 16_384 for one in again.files if one.sha256 in shared)


def test_truth_is_read_back_equal(operation):
    assert msgspec.json.decode((operation[0] / "truth.json").read_bytes(), type=Truth) == operation[1]


def test_a_folder_in_use_is_refused(operation):
    with pytest.raises(WrongUse, match="not empty"):
        build_springhead(operation[0], 7, SMALL)


def test_only_the_copy_is_damaged_and_its_original_is_whole(operation):
    truth = operation[1]
    (damaged,) = [one for one in truth.files if one.damaged]
    assert damaged.path.startswith("p2/Backup/copy of ")
    assert damaged.sha256 != damaged.sha256_original
    assert [one.path for one in truth.files if one.sha256 == damaged.sha256_original]


def test_deleted_files_keep_a_long_name_and_lose_a_short_ones_first_letter(operation):
    deleted = sorted(one.path for one in operation[1].files if one.allocation == "deleted")
    assert deleted == ["p1/AI/ComfyUI/output/first attempt, do not use.png", "p1/_RANSFER.TXT"]


def test_a_photograph_of_the_phone_lies_in_the_training_folder(operation):
    truth = operation[1]
    phone = {one.sha256 for one in truth.files if one.exhibit == "DK-02"}
    training = {one.sha256 for one in truth.files if "/training/" in one.path and one.path.endswith(".jpg")}
    assert len(training) == 24
    assert len(training & phone) == 1


def test_chain_names_only_files_of_the_exhibits(operation):
    truth = operation[1]
    known = {one.sha256 for one in truth.files}
    assert any(link.lora_sha256 for link in truth.chain)
    for link in truth.chain:
        named = {link.upload_sha256, link.output_sha256, link.checkpoint_sha256, *link.photographs_sha256}
        named |= {digest for digest in (link.lora_sha256, link.source_sha256) if digest}
        assert named <= known
    assert {one.original_sha256 for one in truth.near_duplicates} <= known
    assert {one.sha256 for one in truth.origins} <= known
    for known_set in truth.sets.values():
        assert set(known_set.hits) <= known
        assert known_set.traps


def test_the_dump_is_the_same_as_sqlite_and_as_csv(operation):
    folder, truth = operation
    dump = folder / "exhibits/SRV-01/dump"
    connection = sqlite3.connect(f"file:{quote(str(dump / 'platform.sqlite'))}?mode=ro", uri=True)
    for table in ("accounts", "payments", "sessions", "passwords_bought", "uploads"):
        (rows,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        assert (dump / "csv" / f"{table}.csv").read_text().count("\n") == rows + 1
    assert connection.execute("SELECT count(*) FROM accounts").fetchone() == (truth.counts["accounts"],)
    assert set(connection.execute("SELECT DISTINCT amount_cents, currency FROM payments")) == {(500, "EUR")}
    connection.close()


def test_persons_hold_all_accounts_in_nineteen_countries(operation):
    truth = operation[1]
    accounts = Counter(account for person in truth.persons for account in person.accounts)
    assert accounts == Counter(range(1, SMALL.accounts + 1))
    assert len({person.country for person in truth.persons}) == 19
    assert any(len(person.accounts) > 1 for person in truth.persons)
    assert max(Counter(person.household for person in truth.persons).values()) > 1


def test_the_register_adds_up(operation):
    register = json.loads((operation[0] / "register.json").read_text())
    for key, total in register["totals"].items():
        assert total == sum(row[key] for row in register["countries"])
    assert {row["exhibit"] for row in register["devices"]} == set(operation[1].exhibits)
    assert "lighthouses" in register["notice"]
