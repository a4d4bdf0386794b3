"""What is made to overwhelm a reader ends in a Failure or a finding within its limits, and the next item is read."""

import bz2
import gzip
import io
import struct
import tracemalloc
import zipfile
import zlib

import pytest

from headwater.bench.proving import hill, png_with_text
from headwater.findings.views import connect
from headwater.steps import run as steps
from headwater.steps.workspace import Workspace

MOST_RESIDENT_BYTES = 1 << 30


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width, height, *more, idat=b""):
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + chunk(b"IDAT", idat) + chunk(b"IEND", b"")


def zeros(count, make):
    """`count` bytes of zeros, packed by a compressor object, without holding them."""
    packer = make()
    block = bytes(1 << 20)
    return b"".join(packer.compress(block) for _ in range(count >> 20)) + packer.flush()


def zipped(*members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as box:
        for name, data in members:
            box.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def nested(depth, width):
    """42.zip's way: zips of zips; the innermost holds zeros."""
    data = zipped(("zeros.bin", bytes(8 << 20)))
    for level in range(depth):
        data = zipped(*((f"{level} {number}.zip", data) for number in range(width)))
    return data


def self_referring_tiff():
    entry = struct.pack("<HHII", 0x8769, 4, 1, 8)  # the EXIF pointer points at its own directory
    return b"II*\0\x08\0\0\0" + struct.pack("<H", 1) + entry + struct.pack("<I", 8)


def bombs():
    text = zeros(200 << 20, lambda: zlib.compressobj(9))
    yield "42.zip", nested(6, 3)
    yield "claims.png", png_of(30_000, 30_000, idat=zeros(1 << 20, lambda: zlib.compressobj(9)))
    yield "text.png", png_of(1, 1, chunk(b"zTXt", b"Comment\0\0" + text), idat=zlib.compress(bytes(4)))
    yield "itxt.png", png_of(1, 1, chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + text), idat=zlib.compress(bytes(4)))
    yield "icc.png", png_of(1, 1, chunk(b"iCCP", b"profile\0\0" + text), idat=zlib.compress(bytes(4)))
    yield "circle.tif", self_referring_tiff()
    jpeg, body = hill("JPEG"), b"Exif\0\0" + self_referring_tiff()
    yield "circle.jpg", jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]
    yield "zeros.gz", gzip.compress(zeros(1 << 20, lambda: zlib.compressobj(9)) * 4) + zeros_gz(600)
    yield "zeros.bz2", zeros(600 << 20, lambda: bz2.BZ2Compressor(9))
    yield (
        "laughs.svg",
        b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">'
        + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12))
        + b"]><l>&m;</l>",
    )


def zeros_gz(mebibytes):
    return zeros(mebibytes << 20, lambda: zlib.compressobj(9, zlib.DEFLATED, 31))


class Watch:
    """A Listener that weighs the workers a few times a second."""

    def __init__(self):
        self.pool, self.most_bytes = None, 0

    def begin(self, step, total=0):
        pass

    def item(self, path, size_bytes, *, failed):
        pass

    def more(self, count):
        pass

    def tick(self):
        for link in self.pool._links if self.pool else ():
            self.most_bytes = max(self.most_bytes, link.child.resident_bytes())

    def end(self, words=""):
        pass


@pytest.fixture(scope="module")
def exploded(tmp_path_factory):
    """(items, failures, paths with a PDQ, most resident bytes, findings) of a run over all, calm files between."""
    folder = tmp_path_factory.mktemp("bombs")
    evidence = folder / "evidence"
    evidence.mkdir()
    for name, data in bombs():
        (evidence / name).write_bytes(data)
        (evidence / f"{name} next.png").write_bytes(png_with_text(hill("PNG"), "Comment", f"after {name}"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADWATER_CONFIG_DIR", str(tmp_path_factory.mktemp("config")))
        watch = Watch()
        with (
            Workspace.init(folder / "operation", "Bombs") as workspace,
            steps.begin_work(workspace, watch, "run", unsafe=False) as watch.pool,
        ):
            pool = watch.pool
            steps.run(workspace, pool, [evidence], watch, exhibit="B-1", country="")
        connection = connect(folder / "operation")
        items = connection.execute("SELECT path, sha256, bytes_read FROM items").fetchall()
        failures = connection.execute("SELECT path, examiner, kind, message FROM failures").fetchall()
        seen = connection.execute(
            "SELECT path, examiner, state, concat(claim, ' ', value, ' ', reason)"
            " FROM findings JOIN items USING (sha256)"
        ).fetchall()
        pdq = connection.execute(
            "SELECT path FROM items JOIN media USING (sha256) WHERE media.pdq IS NOT NULL"
        ).fetchall()
        connection.close()
    return items, failures, {path for (path,) in pdq}, watch.most_bytes, seen


def test_each_is_accounted_for_and_the_next_is_read(exploded):
    items, failures, fingerprinted, *_ = exploded
    paths = {path for path, sha256, _ in items if sha256}
    for name, _ in bombs():
        assert name in paths or name in {path for path, *_ in failures}, name
        assert f"{name} next.png" in fingerprinted, name


def test_no_worker_grew_past_a_gibibyte_and_none_hung(exploded):
    _, failures, _, most_bytes, _ = exploded
    assert 0 < most_bytes < MOST_RESIDENT_BYTES
    assert [row for row in failures if row[2] in {"time", "died", "fault", "memory"}] == []


@pytest.mark.parametrize("name", ["42.zip", "claims.png", "text.png", "itxt.png", "zeros.bz2"])
def test_a_bomb_stops_at_its_limit_and_says_so(exploded, name):
    _, failures, *_, seen = exploded
    said = [(kind, message) for path, _, kind, message in failures if path == name or path.startswith(f"{name}/")]
    assert any(kind == "limit" for kind, _ in said) or any(
        "the rest was not read" in words for path, _, _, words in seen if path == name
    ), said


def test_what_lies_within_the_depth_is_listed(exploded):
    items, *_ = exploded
    inside = [path for path, *_ in items if path.startswith("42.zip/")]
    assert "42.zip/5 0.zip" in inside
    assert len(inside) < 1_000
    assert max(path.count(".zip") for path in inside) <= 6


def test_the_makers_of_bombs_hold_little():
    tracemalloc.start()
    assert len(zeros(64 << 20, lambda: zlib.compressobj(9))) < 1 << 20
    assert tracemalloc.get_traced_memory()[1] < 16 << 20
    tracemalloc.stop()
