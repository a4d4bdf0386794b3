import random
import zlib

from hypothesis import given
from hypothesis import strategies as st

from headwater.formats.inflate import inflate

LIMIT = 1 << 20
TEXT = "".join(f"word{random.Random(number).randrange(999)} lighthouse {number}; " for number in range(400)).encode()
PACKED = zlib.compress(TEXT)


def flipped(at, bit=0x10):
    data = bytearray(PACKED)
    data[at] ^= bit
    return bytes(data)


def test_whole():
    came = inflate(PACKED, LIMIT)
    assert (came.data, came.problem, came.cut, came.checksum_ok) == (TEXT, "", False, True)


def test_a_wrong_checksum_costs_nothing_but_itself():
    came = inflate(flipped(-1), LIMIT)
    assert (came.data, came.cut, came.checksum_ok) == (TEXT, False, False)
    assert "checksum" in came.problem


def test_a_wrong_header_costs_nothing_but_itself():
    came = inflate(b"\0\0" + PACKED[2:], LIMIT)
    assert (came.data, came.cut) == (TEXT, False)
    assert "header" in came.problem


def test_what_came_before_a_flipped_bit_is_kept():
    came = inflate(flipped(len(PACKED) // 2), LIMIT)
    assert len(came.data) > len(TEXT) // 3
    same = next((at for at, (one, two) in enumerate(zip(came.data, TEXT, strict=False)) if one != two), len(came.data))
    assert same > len(TEXT) // 3
    assert came.problem


def test_cut_off():
    came = inflate(PACKED[:-100], LIMIT)
    assert TEXT.startswith(came.data)
    assert (bool(came.data), came.cut) == (True, True)
    assert inflate(PACKED[:-4], LIMIT).data == TEXT
    assert inflate(b"", LIMIT).problem


def test_a_bomb_stops_at_its_limit():
    came = inflate(zlib.compress(bytes(8 << 20)), LIMIT)
    assert (len(came.data), came.cut) == (LIMIT, True)
    broken = bytearray(zlib.compress(bytes(8 << 20)))
    broken[-1] ^= 1
    assert len(inflate(bytes(broken), LIMIT).data) == LIMIT


@given(st.integers(0, len(PACKED) - 1), st.integers(1, 255), st.integers(0, len(PACKED)), st.integers(0, 5000))
def test_damage_anywhere(at, bit, end, limit):
    came = inflate(flipped(at, bit)[:end], limit)
    assert len(came.data) <= limit
    assert came.problem or came.data == TEXT


@given(st.binary(max_size=300))
def test_any_bytes(data):
    came = inflate(data, LIMIT)
    assert came.problem or zlib.decompressobj().decompress(data) == came.data
