"""The first line of the README: the default operation is built, examined, and found as it was planted."""

import json
from collections import Counter

import pytest

from headwater.bench.proving import Stage

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """(stage, the demo's folder, how the demo ended, its rows)."""
    folder = tmp_path_factory.mktemp("demo")
    stage = Stage(folder=folder)
    ended = stage.run("demo", folder / "springhead", "--json")
    return stage, folder / "springhead", ended, [json.loads(line) for line in ended.stdout.splitlines()]


def test_everything_is_found_as_planted(demo):
    _, _, ended, rows = demo
    assert ended.returncode == 0, ended.stdout.decode() + ended.stderr.decode()
    assert [row for row in rows if row["missed"] or row["surplus"] or not row["found"] == row["expected"] > 0] == []
    assert {row["check"].split(":")[0] for row in rows} > {"DK-01", "DK-02", "SRV-01", "DE-01"}


def test_the_damage_of_the_image_is_told_of_the_image(demo):
    stage, folder, _, _ = demo
    failures = stage.run("show", "failures", "-w", folder / "workspace", "--json").stdout.splitlines()
    rows = [json.loads(line) for line in failures]
    of_image = Counter(row["kind"] for row in rows if row["examiner"] == "verify")
    assert of_image == {"damaged": 1, "differs": 2}
    assert {row["path"] for row in rows if row["examiner"] == "verify"} == {"DK-01.E01"}


def test_every_seal_and_source_verifies(demo):
    stage, folder, _, _ = demo
    ended = stage.run("verify", "-w", folder / "workspace")
    assert ended.returncode == 0, ended.stdout.decode() + ended.stderr.decode()


def test_a_byte_changed_in_an_exhibit_does_not(demo):
    stage, folder, _, _ = demo
    phone = folder / "exhibits" / "DK-02.zip"
    whole = phone.read_bytes()
    phone.write_bytes(whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:])
    ended = stage.run("verify", "-w", folder / "workspace")
    phone.write_bytes(whole)
    assert ended.returncode == 5
    assert b"DK-02.zip" in ended.stdout + ended.stderr
