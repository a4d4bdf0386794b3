"""Proof that a run reaches for nothing: no network, nothing of the evidence opened to write. Needs strace, unshare.

    python -m headwater.bench.offline [--files 200] [--folder DIR]

The same evidence, which names servers wherever a file can, is run plainly, in an empty network namespace, and under
strace. Exit status 1 where findings differ, a connection was attempted, or evidence was opened for more than reading.
"""

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from headwater.bench.proving import Stage, differences, hill, make_evidence, png_with_text, result_of

_CALLS = "trace=connect,socket,sendto,sendmsg,bind,openat,openat2,open,creat,truncate,unlinkat,renameat2,unlink,rename"
_REACHES = re.compile(r"\b(socket|connect|bind|sendto|sendmsg)\(.*AF_(INET|INET6|NETLINK|PACKET)\b")
_WRITES = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|\b(creat|truncate|unlink|unlinkat|rename|renameat2)\(")
_SERVER = "http://127.0.0.1:{port}"
_NAMES = (
    "{server}/manifest.c2pa",
    "s3://bucket-of-no-one/manifest.c2pa",
    "https://localhost:{port}/context.jsonld",
    "file:///etc/hostname",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """What strace saw: the lines that reach out, and those that write below the evidence. `calls`: lines in all."""

    calls: int
    reached: tuple[str, ...]
    written: tuple[str, ...]


def make_naming_evidence(folder: Path, port: int, files: int) -> None:
    """Small files, and some that name servers: provenance URLs in XMP, remote contexts, XML with outside entities."""
    make_evidence(folder, files)
    named = folder / "naming"
    named.mkdir()
    png, jpeg = hill("PNG"), hill("JPEG")
    for number, pattern in enumerate(_NAMES):
        url = pattern.format(server=_SERVER.format(port=port), port=port)
        (named / f"provenance{number}.png").write_bytes(png_with_text(png, "XML:com.adobe.xmp", _xmp(url)))
        (named / f"provenance{number}.jpg").write_bytes(_jpeg_with_xmp(jpeg, _xmp(url)))
        (named / f"entity{number}.jpg").write_bytes(_jpeg_with_xmp(jpeg, _entity(url) + _xmp("&outside;")))
        (named / f"entity{number}.svg").write_text(_entity(url) + f'<svg><image href="{url}"/>&outside;</svg>')
        (named / f"page{number}.html").write_text(f'<img src="{url}"><link rel="stylesheet" href="{url}">')
        (named / f"context{number}.json").write_text(f'{{"@context": "{url}", "c2pa.manifest": "{url}"}}')


def _xmp(url: str) -> str:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description xmlns:dcterms="http://purl.org/dc/terms/" rdf:about="{url}">'
        f"<dcterms:provenance>{url}</dcterms:provenance></rdf:Description></rdf:RDF></x:xmpmeta>"
    )


def _entity(url: str) -> str:
    return f'<?xml version="1.0"?><!DOCTYPE svg SYSTEM "{url}" [<!ENTITY outside SYSTEM "{url}">]>'


def _jpeg_with_xmp(jpeg: bytes, packet: str) -> bytes:
    body = b"http://ns.adobe.com/xap/1.0/\0" + packet.encode()
    return jpeg[:2] + b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body + jpeg[2:]


def empty_network() -> tuple[str, ...]:
    """The words that run a program without any network; a user who is not root becomes one inside."""
    return ("unshare", "--net") if os.geteuid() == 0 else ("unshare", "--map-root-user", "--net")


def run_traced(stage: Stage, workspace: Path, evidence: Path) -> Traced:
    """Run under strace, workers and all."""
    log = stage.folder / "strace.txt"
    words = ("strace", "-f", "-y", "-qq", "-s", "256", "-e", _CALLS, "-o", str(log))
    ended = stage.run("run", evidence, "-w", workspace, "--exhibit", "O-1", "--quiet", before=words)
    if ended.returncode not in {0, 4}:
        raise SystemExit(f"exit {ended.returncode}: {ended.stderr.decode(errors='replace')}")
    lines = log.read_text("utf-8", "replace").splitlines()
    return Traced(
        calls=len(lines),
        reached=tuple(line for line in lines if _REACHES.search(line)),
        written=tuple(line for line in lines if str(evidence) in line and _WRITES.search(line)),
    )


def prove(folder: Path, *, files: int, port: int = 9) -> tuple[Traced, tuple[str, ...]]:
    """Run three times; what strace saw, and every fault."""
    stage, evidence = Stage(folder=folder), folder / "evidence"
    make_naming_evidence(evidence, port, files)
    for name in ("plain", "alone", "traced"):
        if stage.run("init", folder / name, "--operation", "Offline").returncode:
            raise SystemExit("init failed")
    stage.run("run", evidence, "-w", folder / "plain", "--exhibit", "O-1", "--quiet")
    alone = stage.run("run", evidence, "-w", folder / "alone", "--exhibit", "O-1", "--quiet", before=empty_network())
    traced = run_traced(stage, folder / "traced", evidence)
    faults = [f"alone: exit {alone.returncode}"] if alone.returncode not in {0, 4} else []
    for name in ("alone", "traced"):
        faults += [f"{name}: {each}" for each in differences(result_of(folder / "plain"), result_of(folder / name))]
    faults += [f"reached out: {line}" for line in traced.reached]
    faults += [f"opened evidence to write: {line}" for line in traced.written]
    return traced, tuple(faults)


def main(arguments: Sequence[str]) -> int:
    """Run the proof and print it."""
    parser = argparse.ArgumentParser(prog="python -m headwater.bench.offline", description=__doc__.split("\n")[0])
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--folder", type=Path, help="an empty folder to work in; a temporary one where not given")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="headwater-proof-") as made:
        folder = given.folder or Path(made)
        traced, faults = prove(folder, files=given.files)
        findings = len(result_of(folder / "plain").findings)
    print(f"{findings:,} findings; {traced.calls:,} calls traced; {len(traced.reached)} reached for a network;")
    print(f"{len(traced.written)} opened or changed evidence other than for reading")
    for fault in faults:
        print(f"  FAULT  {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
