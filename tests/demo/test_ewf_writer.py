import hashlib
import io
import random
import shutil
import subprocess
from datetime import UTC, datetime

import pytest

from headwater.demo.ewf_writer import Metadata, suffix, write_ewf

EWFVERIFY, EWFINFO = shutil.which("ewfverify"), shutil.which("ewfinfo")
needs_libewf = pytest.mark.skipif(not EWFVERIFY or not EWFINFO, reason="ewf-tools is not installed")


@pytest.fixture(scope="module")
def media():
    chance = random.Random(2)
    whole = [chance.randbytes(32768) if index % 2 else bytes([index]) * 32768 for index in range(30)]
    return b"".join(whole) + chance.randbytes(512)


METADATA = Metadata(
    case_number="C-7",
    evidence_number="DK-01",
    examiner="Å. Fyr",
    notes="a\tlamp",
    acquired=datetime(2026, 3, 1, 12, tzinfo=UTC),
    errors=((64, 3),),
)


@needs_libewf
@pytest.mark.parametrize("compress", [True, False])
@pytest.mark.parametrize("segment_bytes", [None, 200_000, 60_000])
def test_libewf_verifies_what_is_written(media, tmp_path, compress, segment_bytes):
    paths = write_ewf(io.BytesIO(media), tmp_path, "rock", segment_bytes=segment_bytes, compress=compress)
    ran = subprocess.run([EWFVERIFY, "-q", "-d", "sha1", paths[0]], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count(hashlib.md5(media).hexdigest()) == 2
    assert ran.stdout.count(hashlib.sha1(media).hexdigest()) == 2
    if segment_bytes:
        assert all(path.stat().st_size <= segment_bytes for path in paths)


@needs_libewf
def test_libewf_reads_the_metadata(media, tmp_path):
    [path] = write_ewf(io.BytesIO(media), tmp_path, "rock", metadata=METADATA)
    told = subprocess.run([EWFINFO, path], capture_output=True, check=True).stdout.decode("utf-8", "replace")
    for word in ("C-7", "DK-01", "Fyr", "a lamp", "at sector(s): 64 - 66", "Is physical:\t\tyes", "fast) compression"):
        assert word in told


@needs_libewf
def test_libewf_finds_the_damaged_chunks(media, tmp_path):
    [path] = write_ewf(io.BytesIO(media), tmp_path, "rock", damage=[0, 5])
    ran = subprocess.run([EWFVERIFY, "-q", path], capture_output=True, text=True, check=False)
    assert ran.returncode != 0
    assert "at sector(s): 0 - 63" in ran.stdout
    assert "at sector(s): 320 - 383" in ran.stdout


def test_the_same_input_gives_the_same_bytes(media, tmp_path):
    made = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        paths = write_ewf(io.BytesIO(media), tmp_path / name, "rock", segment_bytes=100_000, metadata=METADATA)
        made.append([(path.name, path.read_bytes()) for path in paths])
    assert made[0] == made[1]
    assert len(made[0]) > 2


def test_only_whole_sectors_are_written(tmp_path):
    with pytest.raises(ValueError, match="sectors"):
        write_ewf(io.BytesIO(b"x" * 100), tmp_path, "rock")


def test_segments_are_named_like_encase_names_them():
    assert [suffix(number) for number in (1, 99, 100, 101, 775, 776)] == ["E01", "E99", "EAA", "EAB", "EZZ", "FAA"]
