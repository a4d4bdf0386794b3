import json
import sqlite3
from collections import Counter
from datetime import datetime
from hashlib import sha256
from urllib.parse import quote

import msgspec
import pytest

from headwater.demo.sizes import SMALL
from headwater.demo.springhead import build_springhead
from headwater.demo.truth import Truth
from headwater.model.errors import WrongUse


def _digests(folder):
    return {
        str(path.relative_to(folder)).encode("utf-8", "surrogateescape"): sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def _key(one):
    return (one.exhibit, one.path, one.sha256, one.size_bytes, one.allocation, one.damaged)


def test_readers_find_every_file_once(truth, reading):
    stopped = {(one.exhibit, one.path) for one in truth.refused}
    found = Counter(
        (row["exhibit"], row["path"], row["sha256"], row["size_bytes"], row["allocation"], row["damaged"])
        for row in reading.items
        if row["kind"] in {"file", "stream"} and (row["sha256"] or (row["exhibit"], row["path"]) not in stopped)
    )
    assert found == Counter(map(_key, truth.files))


def test_readers_fail_at_what_cannot_be_read_and_at_nothing_else(truth, reading):
    bombs = {(one.exhibit, one.path, one.kind) for one in truth.refused}
    assert {(row["exhibit"], row["path"], row["kind"]) for row in reading.failures} == bombs


def test_same_seed_same_bytes_other_seed_other_bytes(operation, truth, tmp_path):
    again = build_springhead(tmp_path / "again", 7, SMALL)
    assert _digests(tmp_path / "again") == _digests(operation[0])
    assert again == truth
    other = build_springhead(tmp_path / "other", 8, SMALL)
    shared = {one.sha256 for one in other.files} & {one.sha256 for one in again.files}
    # fixed words only: the empty file and a few tiny settings
    assert all(one.size_bytes < 16_384 for one in again.files if one.sha256 in shared)


def test_truth_is_read_back_equal(operation):
    assert msgspec.json.decode((operation[0] / "truth.json").read_bytes(), type=Truth) == operation[1]


def test_a_folder_in_use_is_refused(operation):
    with pytest.raises(WrongUse, match="not empty"):
        build_springhead(operation[0], 7, SMALL)


def test_it_says_that_it_is_invented(operation, truth):
    register = json.loads((operation[0] / "register.json").read_text())
    for notice in (truth.notice, register["notice"]):
        assert "invented" in notice
        assert "pictures of lighthouses: a harmless stand-in" in notice
    assert "harmless demonstration" in truth.operation


def test_only_the_copy_is_damaged_and_its_original_is_whole(scene, truth):
    (damaged,) = [one for one in truth.files if one.damaged]
    last = len(scene.workstation.volumes)
    assert damaged.path.startswith(f"p{last}/{scene.story.layout.backup}/copy of ")
    assert damaged.sha256 != damaged.sha256_original
    assert [one.path for one in truth.files if one.sha256 == damaged.sha256_original]


def test_the_damaged_image_is_a_failure_of_its_own(truth):
    rows = [(one.exhibit, one.path, one.kind) for one in truth.failures if one.examiner == "verify"]
    assert rows == [("DK-01", "DK-01.E01", kind) for kind in ("damaged", "differs", "differs")]


def test_deleted_files_keep_a_long_name_and_lose_a_short_ones_first_letter(truth):
    deleted = {one.path.rsplit("/", 1)[-1] for one in truth.files if one.allocation == "deleted"}
    assert "attempt 1, do not use.png" in deleted
    assert any(name.startswith("_") and name.isupper() for name in deleted)


def test_a_photograph_of_the_phone_lies_in_the_training_folder(truth):
    phone = {one.sha256 for one in truth.files if one.exhibit == "DK-02"}
    training = {digest for one in truth.chain for digest in one.photographs_sha256}
    assert len(training) == 24
    assert len(training & phone) == 1


def test_truth_names_only_files_of_the_exhibits(truth):
    known = {one.sha256 for one in truth.files}
    assert any(link.lora_sha256 for link in truth.chain)
    for link in truth.chain:
        named = {link.upload_sha256, link.output_sha256, *link.photographs_sha256}
        assert named | ({link.lora_sha256, link.source_sha256, link.checkpoint_sha256} - {""}) <= known
    assert {digest for one in truth.near_duplicates for digest in (one.original_sha256, one.derived_sha256)} <= known
    assert {one.sha256 for one in (*truth.origins, *truth.queue, *truth.matches, *truth.pictures)} <= known
    assert all(one.traps for one in truth.sets.values())


def test_the_dump_is_the_same_as_sqlite_and_as_csv(operation):
    folder, truth = operation
    dump = folder / "exhibits/SRV-01/dump"
    connection = sqlite3.connect(f"file:{quote(str(dump / 'platform.sqlite'))}?mode=ro", uri=True)
    for table in ("accounts", "payments", "sessions", "passwords_bought", "uploads", "payouts"):
        (rows,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        assert (dump / "csv" / f"{table}.csv").read_text().count("\n") == rows + 1
    assert connection.execute("SELECT count(*) FROM accounts").fetchone() == (truth.counts["accounts"],)
    assert set(connection.execute("SELECT DISTINCT amount_cents, currency FROM payments")) == {(500, "EUR")}
    connection.close()


def test_persons_hold_all_accounts_in_nineteen_countries(truth):
    accounts = Counter(account for person in truth.persons for account in person.accounts)
    assert accounts == Counter(range(1, SMALL.accounts + 1))
    assert len({person.country for person in truth.persons}) == len(truth.packages) == 19
    assert any(len(person.accounts) > 1 for person in truth.persons)
    assert max(Counter(person.household for person in truth.persons).values()) > 1
    assert sum(one.persons for one in truth.packages) == len(truth.persons)


def test_the_register_adds_up(operation, truth):
    register = json.loads((operation[0] / "register.json").read_text())
    for name in ("searches", "devices", "arrests"):
        assert register["totals"][name] == len(register[name]) == truth.counts[name]
    assert register["totals"]["suspects_forwarded"] == sum(register["suspects_forwarded"].values())
    assert {row["exhibit"] for row in register["devices"]} - {None} == set(truth.exhibits)
    seized = {row["exhibit"]: row["seized_on"] for row in register["devices"] if row["exhibit"]}
    assert seized == {name: one.seized_on for name, one in truth.exhibits.items()}
    searches = {row["search"]: row for row in register["searches"]}
    for row in register["devices"]:
        search = searches[row["search"]]
        assert (row["country"], row["seized_on"]) == (search["country"], search["on"])


def test_accounts_of_the_chain_are_the_producers_and_downloads_the_subscribers(truth):
    held = {one.role: set(one.accounts) for one in truth.persons if one.role}
    assert {one.account for one in truth.chain} <= held["producer"]
    assert {one.account for one in truth.downloads} <= held["subscriber"]
    uploaded = {one.upload_sha256: datetime.fromisoformat(one.uploaded_at) for one in truth.chain}
    for one in truth.downloads:
        if one.upload_sha256 in uploaded:
            assert datetime.fromisoformat(one.at) > uploaded[one.upload_sha256]
