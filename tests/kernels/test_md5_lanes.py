"""MD5 in lanes against OpenSSL's, for every length around a block, and for batches of every shape."""

from hashlib import md5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.kernels import md5_lanes
from headwater.kernels.md5_lanes import LANES, md5_of_each
from headwater.model.errors import HeadwaterError


def expected(contents):
    return [md5(each, usedforsecurity=False).hexdigest() for each in contents]


def test_the_published_vectors():  # RFC 1321, appendix A.5
    texts = [b"", b"a", b"abc", b"message digest", b"abcdefghijklmnopqrstuvwxyz", b"1234567890" * 8]
    assert md5_of_each(texts) == [
        "d41d8cd98f00b204e9800998ecf8427e",
        "0cc175b9c0f1b6a831c399e269772661",
        "900150983cd24fb0d6963f7d28e17f72",
        "f96b697d7cb7938d525a2f31aaf161d0",
        "c3fcd3d76192e4007dfb496cca67e13b",
        "57edf4a22be3c955ac49da2e2107b67a",
    ]


def test_every_length_around_a_block_in_every_lane():
    contents = [bytes((size * 7 + place) % 256 for place in range(size)) for size in range(260)]
    assert md5_of_each(contents) == expected(contents)
    assert md5_of_each(contents[::-1]) == expected(contents[::-1])


@pytest.mark.parametrize("count", [0, 1, 3, 4, LANES - 1, LANES, LANES + 1, 5 * LANES + 3])
def test_every_number_of_contents(count):
    contents = [bytes([number]) * (1000 + 37 * number) for number in range(count)]
    assert md5_of_each(contents) == expected(contents)


@given(st.lists(st.binary(max_size=400), max_size=70), st.integers(0, 69), st.integers(0, 200_000))
def test_any_batch_a_large_one_among_small_ones_too(contents, place, size):
    contents.insert(place, bytes(range(256)) * (size // 256))
    assert md5_of_each(contents) == expected(contents)


def test_what_is_large_beside_the_others_does_not_go_into_a_lane(monkeypatch):
    together = []
    kernel = md5_lanes._together
    monkeypatch.setattr(md5_lanes, "_together", lambda contents: together.extend(contents) or kernel(contents))
    small, large = [bytes([number]) * 99 for number in range(20)], bytes(1 << 20)
    assert md5_of_each([*small, large]) == expected([*small, large])
    assert sorted(together) == sorted(small)


def test_arithmetic_that_is_not_sound_is_not_relied_on(monkeypatch):
    monkeypatch.setattr(md5_lanes, "_together", lambda contents: ["0" * 32 for _ in contents])
    with pytest.raises(HeadwaterError, match="came out in two ways"):
        md5_of_each([b"red", b"green", b"lamp", b"buoy"])
