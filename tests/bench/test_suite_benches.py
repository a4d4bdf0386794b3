import hashlib
import json
import shutil
import sys
from io import BytesIO

import pytest
from PIL import Image

from headwater.bench import e01, inputs, memory, walk_digests
from headwater.bench.pdq import distance_bits
from headwater.bench.photographs import photographs
from headwater.bench.subject import run_headwater, watched
from headwater.bench.walk_digests import Sizes, hashdeep, ours
from headwater.bench.whole_run import _compare, read_workspace, run_peer
from headwater.model.errors import HeadwaterError


def lines(folder):
    for path in folder.rglob("*.dat"):
        data = path.read_bytes()
        digests = (hashlib.new(name, data, usedforsecurity=False).hexdigest() for name in ("md5", "sha1", "sha256"))
        yield (len(data), *digests, bytes(path.relative_to(folder)))


@pytest.fixture
def stations(tmp_path):
    inputs.small_files(tmp_path / "stations", 130)
    return tmp_path / "stations"


def test_small_files_are_the_same_each_time(tmp_path, stations):
    inputs.small_files(tmp_path / "again", 130)
    assert set(lines(stations)) == set(lines(tmp_path / "again"))
    assert len(list(stations.iterdir())) == 2


def test_the_disk_is_as_long_as_asked_and_compressible():
    blocks = list(inputs.disk(8 << 20))
    assert {len(block) for block in blocks} == {1 << 20}
    assert len(blocks) == 8
    assert bytes(1 << 20) in blocks
    assert len(set(blocks)) > 2


def test_photographs_carry_metadata_and_no_two_are_alike(tmp_path, monkeypatch):
    monkeypatch.setattr(inputs, "HEIGHT_PIXELS", 60)
    monkeypatch.setattr(inputs, "WIDTH_PIXELS", 80)
    photographs(tmp_path / "pictures", 9)
    data = [path.read_bytes() for path in sorted((tmp_path / "pictures").iterdir())]
    assert len(set(data)) == 9
    with Image.open(BytesIO(data[8])) as image:
        assert image.getexif()[0x0110] == "Lanthorn L-12"
        assert float(image.getexif().get_ifd(0x8769)[0x829A]) == pytest.approx(1 / 258)
        assert b"Beacon Raw" in image.info["xmp"]


def test_the_workers_say_the_digests_of_every_file(stations):
    with walk_digests._pool() as pool:
        assert ours(pool, stations) == set(lines(stations))


def test_what_hashdeep_prints_is_read(tmp_path, stations):
    program = tmp_path / "hashdeep"
    printed = ["%%%% HASHDEEP-1.0", "%%%% size,md5,sha1,sha256,filename", "## comment"]
    printed += [",".join([str(size), *rest[:3], f"stations/{rest[3].decode()}"]) for size, *rest in lines(stations)]
    program.write_text(f"#!{sys.executable}\nprint({json.dumps(chr(10).join(printed))})\n")
    program.chmod(0o755)
    assert hashdeep(str(program), stations) == set(lines(stations))


def test_sizes_are_checked_by_name_only():
    with pytest.raises(TypeError):
        Sizes(1, 2, 3)


def test_distance_counts_bits():
    assert distance_bits(b"\x0f" + bytes(31), bytes(32)) == 4


def test_a_process_is_measured_with_its_children():
    grandchild = "b = b'x' * (80 << 20); import time; time.sleep(.4)"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grandchild!r}])"
    usage = watched([sys.executable, "-c", child])
    assert usage.seconds >= 0.4
    assert usage.worker_bytes > 80 << 20
    assert 0 < usage.broker_bytes < 80 << 20
    assert usage.cpu_seconds > 0


def test_a_run_that_fails_is_not_a_measurement():
    with pytest.raises(HeadwaterError, match=r"exit status 2: no such harbour"):
        watched([sys.executable, "-c", "import sys; print('no such harbour', file=sys.stderr); sys.exit(2)"])


@pytest.mark.slow
def test_the_memory_bench_counts_every_file():
    found = list(memory.rows(few=20, many=60))
    assert [row.same_output for row in found] == [True, True]
    assert all(row.peak_memory_bytes > 10 << 20 for row in found)


@pytest.mark.peer
def test_hashes_and_metadata_come_back_out_of_a_workspace(tmp_path, monkeypatch):
    pytest.importorskip("pdqhash")
    exiftool = shutil.which("exiftool") or pytest.skip("no exiftool")
    monkeypatch.setattr(inputs, "HEIGHT_PIXELS", 240)
    monkeypatch.setattr(inputs, "WIDTH_PIXELS", 320)
    photographs(tmp_path / "pictures", 2)
    run_headwater(tmp_path / "pictures", tmp_path / "workspace", workers=1)
    found = read_workspace(tmp_path / "workspace")
    _, hashes = run_peer(exiftool, tmp_path / "pictures")
    assert sorted(hashes) == ["IMG_0000.jpg", "IMG_0001.jpg"]
    same, words = _compare(found, hashes, tmp_path / "pictures")
    assert same, words
    wrong = dict.fromkeys(hashes, "0" * 64)
    assert not _compare(found, wrong, tmp_path / "pictures")[0]


@pytest.mark.peer
def test_both_readers_give_the_bytes_that_were_acquired(tmp_path):
    pyewf = pytest.importorskip("pyewf")
    acquire = shutil.which("ewfacquire") or pytest.skip("no ewfacquire")
    digest = e01.make_image(acquire, tmp_path, 4 << 20)
    image = str(tmp_path / "disk.E01")
    assert e01._digests(pyewf, image) == (digest, digest)
    assert e01.read_ours(image) == (4 << 20, 0)
    assert e01.read_pyewf(pyewf, image) == 4 << 20
