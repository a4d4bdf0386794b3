"""Trust lists from the command line: installed, listed, refused."""

import json
from hashlib import sha256

import pytest

from .conftest import Program


@pytest.fixture
def fresh(tmp_path):
    program = Program(tmp_path)
    assert program("init", program.workspace, "--operation", "Springhead").code == 0
    return program


def test_a_list_is_installed_listed_and_verified(fresh, tmp_path, authority, another_authority):
    file = tmp_path / "list.pem"
    file.write_bytes(authority.pem + another_authority.pem)
    digest = sha256(file.read_bytes()).hexdigest()
    done = fresh("trust", "add", file, "-w", fresh.workspace)
    assert done.code == 0, done.err
    assert done.out.startswith("list.pem   2 certificates   added 20")
    assert digest in done.out
    assert "examines every content anew" in done.err
    (row,) = [json.loads(line) for line in fresh("trust", "list", "--json", "-w", fresh.workspace).out.splitlines()]
    assert (row["name"], row["sha256"], row["certificates"], row["counts"]) == ("list.pem", digest, 2, True)
    assert fresh("verify", "--seals-only", "-w", fresh.workspace).code == 0


def test_the_newest_of_a_name_counts_and_the_same_again_is_said(fresh, tmp_path, authority, another_authority):
    file = tmp_path / "list.pem"
    for pem in (authority.pem, another_authority.pem):
        file.write_bytes(pem)
        assert fresh("trust", "add", file, "--name", "ours", "-w", fresh.workspace).code == 0
    again = fresh("trust", "add", file, "--name", "ours", "-w", fresh.workspace)
    assert "installed already" in again.err
    listed = fresh("trust", "list", "-w", fresh.workspace).out.splitlines()
    assert [line.endswith("replaced") for line in listed] == [True, False]


def test_what_is_no_list_is_refused_and_nothing_is_kept(fresh, tmp_path, authority):
    file = tmp_path / "list.pem"
    key = b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
    broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    for data in (b"", b"clear sky\n", broken, authority.pem + key, b"\xff" * 100):
        file.write_bytes(data)
        assert fresh("trust", "add", file, "-w", fresh.workspace).code == 2
    assert fresh("trust", "add", tmp_path / "absent.pem", "-w", fresh.workspace).code == 2
    ended = fresh("trust", "list", "-w", fresh.workspace)
    assert (ended.code, ended.out) == (0, "")
    assert "no trust list loaded" in ended.err
    assert not (fresh.workspace / "materials").exists()
