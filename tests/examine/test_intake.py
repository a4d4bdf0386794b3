from hashlib import md5, sha256

import pytest

from headwater.evidence.content import BytesSource, SourceContent
from headwater.examine import intake
from headwater.examine.intake import add_md5, read_in


class Stream(SourceContent):
    """A content that can only be read forwards."""

    def source(self):
        return None


@pytest.mark.parametrize("size", [0, 1, 1 << 20, (16 << 20) - 1, 16 << 20, (16 << 20) + 1, 40 << 20])
@pytest.mark.parametrize("kind", [SourceContent, Stream])
def test_every_byte_is_digested_and_can_be_looked_at_again(size, kind):
    data = bytes(range(256)) * (size // 256 + 1)
    data = data[:size]
    held = read_in(kind(BytesSource(data=data)), b"x.bin", spool_bytes=64 << 20, touch=lambda: None)
    add_md5([held])
    assert (held.contents.sha256, held.contents.md5) == (sha256(data).hexdigest(), md5(data).hexdigest())
    assert held.contents.bytes_read == size
    assert held.source.read_at(max(0, size - 10), 100) == data[max(0, size - 10) :]
    if kind is Stream:
        assert held.elsewhere == (size > intake.HELD_BYTES)
    held.release()


def test_a_stream_larger_than_the_spool_is_digested_and_not_held():
    data = bytes(20 << 20)
    held = read_in(Stream(BytesSource(data=data)), b"x", spool_bytes=18 << 20, touch=lambda: None)
    assert held.source is None
    assert held.contents.sha256 == sha256(data).hexdigest()


def test_a_lying_ending_is_said():
    held = read_in(
        SourceContent(BytesSource(data=b"\x89PNG\r\n\x1a\n" + bytes(64))), b"x.jpg", spool_bytes=0, touch=int
    )
    assert (held.contents.media_type, held.contents.extension_disagrees) == ("image/png", True)
