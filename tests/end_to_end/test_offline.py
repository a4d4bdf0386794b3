"""Without any network the findings are the same, and a server named in every way a file can name one hears nothing."""

import select
import socket
import subprocess

import pytest

from headwater.bench.offline import empty_network, make_naming_evidence
from headwater.bench.proving import Stage, differences, result_of


@pytest.fixture
def listener():
    """A server on loopback that would notice a connection."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server


@pytest.fixture(scope="module")
def alone():
    """The words that run a program without any network."""
    words = empty_network()
    if subprocess.run([*words, "true"], capture_output=True, check=False).returncode:
        pytest.skip("needs the right to make a network namespace")
    return words


def was_called(listener):
    return bool(select.select([listener], [], [], 0)[0])


def test_the_listener_notices_a_call(listener):
    assert not was_called(listener)
    with socket.create_connection(listener.getsockname()):
        assert was_called(listener)


def test_nothing_is_asked_of_anybody(tmp_path, listener, alone):
    stage, evidence = Stage(folder=tmp_path), tmp_path / "evidence"
    make_naming_evidence(evidence, listener.getsockname()[1], files=20)
    for name, before in (("plain", ()), ("alone", alone)):
        assert stage.run("init", tmp_path / name, "--operation", "Offline").returncode == 0
        ended = stage.run("run", evidence, "-w", tmp_path / name, "--exhibit", "O-1", before=before)
        assert ended.returncode in {0, 4}, ended.stderr.decode()
    assert not was_called(listener)
    plain = result_of(tmp_path / "plain")
    assert differences(plain, result_of(tmp_path / "alone")) == ()
    shown = stage.run("show", "findings", "-w", tmp_path / "plain", "--json", "--where", "claim = 'xmp.property'")
    assert b"s3://bucket-of-no-one" in shown.stdout  # the names were read, and only read
    assert b"root:" not in shown.stdout


@pytest.mark.needs("ip")
def test_the_namespace_is_empty(alone):
    words = [*alone, "ip", "-o", "link", "show", "up"]
    assert subprocess.run(words, capture_output=True, check=True).stdout == b""
