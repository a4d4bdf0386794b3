"""kill -9 at any instant: in the end comes out what an uninterrupted run gives (long form: bench.long_kill)."""

import io
import zipfile

from PIL import Image

from headwater.bench.long_kill import prove
from headwater.bench.proving import Result, carve, differences, make_evidence


def test_a_run_killed_six_times_ends_as_if_it_had_not_been(tmp_path):
    proof = prove(tmp_path, files=2_000, kills=6, unit_items=64, seed=4)
    assert proof.faults == ()
    assert proof.items > 2_000
    assert proof.findings > proof.items
    assert sum(kill.was_running for kill in proof.kills) >= 3
    assert any(kill.sealed_units > 0 for kill in proof.kills)


def test_the_proof_sees_what_is_lost_added_and_repeated():
    whole = Result(items=("a", "b"), findings=("1", "2"), failures=(), repeated=0)
    assert differences(whole, whole) == ()
    assert "lost ['b']" in differences(whole, Result(items=("a",), findings=("1", "2"), failures=(), repeated=0))[0]
    assert differences(whole, Result(items=("a", "b"), findings=("1", "2", "3"), failures=(), repeated=0))
    assert differences(whole, Result(items=("a", "b"), findings=("1", "2"), failures=("x",), repeated=0))
    assert differences(whole, Result(items=("a", "b"), findings=("1", "2"), failures=(), repeated=1))


def test_the_carver_finds_pictures_wherever_they_lie(tmp_path):
    for kind in ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "TIFF"):
        buffer = io.BytesIO()
        Image.new("RGB", (32, 32), (10, 90, 160)).save(buffer, kind)
        (tmp_path / f"{kind}.bin").write_bytes(b"prefix of some other thing" + buffer.getvalue() + b"and more")
    make_evidence(tmp_path / "more", 3)
    with zipfile.ZipFile(tmp_path / "text.zip", "w") as box:
        box.writestr("a.txt", "no picture\n")
    found = carve(tmp_path)
    assert {line.rpartition(" ")[2] for line in found} >= {"JPEG", "PNG", "GIF", "WEBP", "AVIF", "TIFF"}
    assert not [line for line in found if "text.zip" in line]
