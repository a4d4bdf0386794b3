import io
import os
import random

import pytest

from headwater.bench.disk_damage import Original, Outcome, Said, flips, main, structure_flips, table, truncations
from headwater.demo.ewf_writer import write_ewf
from headwater.evidence.disk.segments import Segment


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    data = random.Random(3).randbytes(40_000 - 40_000 % 512) + bytes(65_536)
    return write_ewf(io.BytesIO(data), tmp_path_factory.mktemp("image"), "rock", segment_bytes=45_000)


@pytest.fixture
def original(paths):
    segments = [Segment(path.name, os.open(path, os.O_RDONLY), path.stat().st_size) for path in paths]
    yield Original(segments)
    for segment in segments:
        os.close(segment.fd)


def test_flips_and_truncations_are_all_reported(original):
    outcomes = [*flips(original, 60, 1), *truncations(original, 40, 1)]
    assert len(outcomes) == 100
    assert all(outcome.said is not Said.SILENT and outcome.wrong_bytes == 0 for outcome in outcomes)


def test_structure_flips_stay_out_of_the_chunk_data(original):
    run = structure_flips(original, 1)
    outcomes = [next(run) for _ in range(300)]
    assert {outcome.region for outcome in outcomes} >= {"file header", "header2 text", "header2 descriptor padding"}
    assert all(outcome.said is not Said.SILENT for outcome in outcomes)


def test_the_command_leaves_the_image_alone_and_ends_with_zero(paths, capsys):
    before = [path.read_bytes() for path in paths]
    assert main([*map(str, paths), "--flips", "5", "--cuts", "5"]) == 0
    assert "silent: 0" in capsys.readouterr().out
    assert [path.read_bytes() for path in paths] == before


def test_changes_that_alter_no_media_byte_are_named_and_counted_apart(tmp_path, capsys):
    def outcome(said):
        return Outcome(segment="rock.E01", offset_bytes=90, region="sectors data", said=said, wrong_bytes=0)

    lines = table([outcome(Said.SECTORS), outcome(Said.SEGMENT_DIGEST), outcome(Said.SEGMENT_DIGEST)]).splitlines()
    assert lines[0].split("  ")[-1].strip() == "no media byte changed: segment SHA-256 only"
    assert lines[-1].split() == ["all", "1", "2"]
    [path] = write_ewf(io.BytesIO(bytes(1 << 20)), tmp_path, "zeros")
    assert main([str(path), "--flips", "60", "--cuts", "0"]) == 0
    said = dict(line.rsplit(": ", 1) for line in capsys.readouterr().out.splitlines()[-3:])
    assert (int(said["silent"]), sum(map(int, said.values()))) == (0, 60)


@pytest.mark.parametrize("content", [None, b"", b"rock" * 500])
def test_an_image_that_is_not_there_or_none_ends_with_two_and_words(tmp_path, capsys, content):
    path = tmp_path / "rock.E01"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SystemExit) as ended:
        main([str(path)])
    said = capsys.readouterr().err
    assert (ended.value.code, "Traceback" in said, str(path) in said) == (2, False, True)
