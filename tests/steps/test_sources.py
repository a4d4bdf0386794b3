"""A segment is opened read-only and as itself: never what a link in its place leads to."""

import errno
import os

import pytest

from headwater.steps.sources import open_read_only


def test_a_segment_swapped_for_a_link_is_not_followed(tmp_path):
    segment, other = tmp_path / "disk.001", tmp_path / "other"
    segment.write_bytes(b"lamp")
    other.write_bytes(b"rock")
    descriptor = open_read_only(segment)
    assert os.read(descriptor, 9) == b"lamp"
    with pytest.raises(OSError, match=os.strerror(errno.EBADF)):
        os.write(descriptor, b"x")
    os.close(descriptor)
    segment.unlink()
    segment.symlink_to(other)
    with pytest.raises(OSError, match=os.strerror(errno.ELOOP)):
        open_read_only(segment)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_not_opened_and_does_not_block(tmp_path, make):
    make(tmp_path / "disk.001")
    with pytest.raises(OSError, match="neither a regular file nor a block device"):
        open_read_only(tmp_path / "disk.001")
