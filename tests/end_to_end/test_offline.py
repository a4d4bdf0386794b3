"""Without any network the findings are the same, and a server named in every way a file can name one hears nothing."""

import io
import json
import select
import socket
import subprocess
import zlib

import pytest
from PIL import Image

from headwater.bench.offline import empty_network, make_naming_evidence
from headwater.bench.proving import Stage, differences, hill, result_of
from headwater.examine.declared_examples import packet
from headwater.formats.source_types import BASE


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


def make_signed_evidence(folder, authority, url):
    """JPEG, PNG and WebP that name a server for their credentials, with a store of credentials beside it and without.

    The SDK follows such an address unless it is told not to (tests/examine/test_credentials.py sees it ask).
    """
    folder.mkdir()
    created = {"action": "c2pa.created", "digitalSourceType": f"{BASE}digitalCapture"}
    xmp = packet(f"<dcterms:provenance>{url}</dcterms:provenance>")
    for kind in ("JPEG", "PNG", "WEBP"):
        data, name = hill(kind), kind.lower()
        signed = authority.sign(data, created, media_type=f"image/{name}", url=url)
        (folder / f"signed.{name}").write_bytes(signed)
        out = io.BytesIO()
        with Image.open(io.BytesIO(data)) as picture:
            if kind == "PNG":
                out.write(data[:-12] + _itxt(xmp) + data[-12:])
            else:
                picture.save(out, kind, xmp=xmp)
        (folder / f"remote.{name}").write_bytes(out.getvalue())


def _itxt(xmp):
    body = b"iTXtXML:com.adobe.xmp\0\0\0\0\0" + xmp
    return (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")


@pytest.mark.parametrize("options", [(), ("--unsafe-no-sandbox",)])
def test_the_server_that_a_credential_names_is_told_and_not_asked(tmp_path, listener, authority, options):
    stage, evidence = Stage(folder=tmp_path), tmp_path / "evidence"
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/lighthouse.c2pa"
    make_signed_evidence(evidence, authority, url)
    assert stage.run("init", tmp_path / "plain", "--operation", "Offline").returncode == 0
    ended = stage.run("run", evidence, "-w", tmp_path / "plain", "--exhibit", "O-1", *options)
    assert ended.returncode == 0, ended.stderr.decode()
    assert not was_called(listener)
    where = "examiner = 'credentials' and state = 'found'"
    shown = stage.run("show", "findings", "-w", tmp_path / "plain", "--json", "--where", where).stdout
    found = [(row["claim"], json.loads(row["value"])) for row in map(json.loads, shown.splitlines())]
    assert [value for claim, value in found if claim == "c2pa.remote"] == [{"url": url}] * 6
    assert [value["state"] for claim, value in found if claim == "c2pa.state"] == ["valid"] * 3
