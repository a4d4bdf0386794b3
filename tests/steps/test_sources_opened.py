"""Where a source lies and how it is opened: read-only, what was resolved and nothing that took its place since."""

import os
from pathlib import Path

import pytest

from headwater.model.errors import WrongUse
from headwater.steps.sources import close_source_files, open_read_only, open_source_files, resolve


@pytest.fixture
def image(tmp_path):
    for number in (1, 2, 3):
        (tmp_path / f"coast.00{number}").write_bytes(bytes([number]) * 512)
    return tmp_path / "coast.001"


def test_every_segment_is_opened_for_reading_only(image):
    opened = open_source_files(resolve(image), None)
    try:
        assert [segment.size_bytes for segment in opened.segments] == [512] * 3
        for number, descriptor in enumerate(opened.descriptors, 1):
            assert os.pread(descriptor, 2, 0) == bytes([number]) * 2
            with pytest.raises(OSError, match="Bad file descriptor"):
                os.write(descriptor, b"x")
    finally:
        close_source_files(opened)


def test_a_segment_swapped_for_a_link_after_it_was_resolved_is_not_followed(image, tmp_path):
    files = resolve(image)
    (tmp_path / "elsewhere").write_bytes(b"of somebody else")
    files.paths[1].unlink()
    files.paths[1].symlink_to(tmp_path / "elsewhere")
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(WrongUse, match=r"coast\.002 cannot be opened"):
        open_source_files(files, None)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_what_is_no_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "."):
        with pytest.raises(OSError, match="neither a regular file"):
            open_read_only(tmp_path / name)
