"""MD5 of many contents at once: sixteen go through the steps side by side, one in each lane of a vector register.

MD5 is one chain of dependent steps, so a single content cannot go faster than the chain; but contents do not depend on
one another. SHA-1 and SHA-256 have instructions of their own in today's processors and stay with OpenSSL.

Source: RFC 1321, sections 3.1 to 3.4 (padding, and the four rounds with their shifts and the table of sines).
"""

import math
from collections.abc import Sequence
from hashlib import md5
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headwater.kernels.compiled import compiled
from headwater.model.errors import HeadwaterError

LANES = 16
BLOCK_BYTES = 64
_WORDS = BLOCK_BYTES // 4
_PAYS_FROM = 4  # contents of about one size: below, the empty lanes cost more than the full ones save
_SINES = np.array([int(abs(math.sin(step + 1)) * 2**32) for step in range(64)], dtype=np.uint32)
_START = np.array([0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476], dtype=np.uint32)
_BYTES_COUNTED = 1 << 61  # RFC 1321 counts bits modulo 2^64

Words = NDArray[np.uint32]
Places = NDArray[np.int64]
_word: Any = np.uint32  # numba knows it as a conversion, which keeps sums at 32 bits


def md5_of_each(contents: Sequence[bytes]) -> list[str]:
    """The MD5 of every content, 32 hexadecimal digits each, in the order given.

    A content so large that it would leave the other lanes empty goes to OpenSSL. One content of every call is digested
    both ways. Raises HeadwaterError where the two differ: then nothing of this machine's arithmetic can be relied on.
    """
    total = sum(map(len, contents))
    chosen = [index for index, each in enumerate(contents) if len(each) * _PAYS_FROM <= total]
    chosen.sort(key=lambda index: len(contents[index]), reverse=True)
    together = dict(zip(chosen, _together([contents[index] for index in chosen]), strict=True))
    if chosen:
        checked = chosen[total % len(chosen)]
        if together[checked] != _alone(contents[checked]):
            raise HeadwaterError("MD5 of the same bytes came out in two ways: this machine's arithmetic is not sound")
    return [together.get(index) or _alone(each) for index, each in enumerate(contents)]


def warm() -> None:
    """Compile the kernel, or load it."""
    md5_of_each([bytes(size) for size in range(LANES)])


def _alone(content: bytes) -> str:
    return md5(content, usedforsecurity=False).hexdigest()


def _together(contents: Sequence[bytes]) -> list[str]:
    """Contents from the longest to the shortest."""
    padded = [part for content in contents for part in (content, _padding(len(content)))]
    words = np.frombuffer(b"".join(padded), dtype="<u4").astype(np.uint32, copy=False)
    blocks = np.array([len(content) // BLOCK_BYTES + 1 + (len(content) % BLOCK_BYTES > 55) for content in contents])
    digests = np.empty((len(contents), 4), dtype=np.uint32)
    _digest(words, blocks.astype(np.int64), digests)
    raw = digests.astype("<u4", copy=False).tobytes().hex()
    return [raw[start : start + 32] for start in range(0, len(raw), 32)]


def _padding(size_bytes: int) -> bytes:
    """A one bit, zeros up to eight bytes before the end of a block, the length in bits."""
    return b"\x80" + bytes((55 - size_bytes) % BLOCK_BYTES) + (size_bytes % _BYTES_COUNTED * 8).to_bytes(8, "little")


@compiled
def _digest(words: Words, blocks: Places, digests: Words) -> None:
    """Keep the lanes full: whenever a content ends, the next takes its lane."""
    content = np.full(LANES, -1, np.int64)  # that each lane holds
    place = np.zeros(LANES, np.int64)  # of its next word
    left = np.zeros(LANES, np.int64)  # blocks of it
    state = np.zeros((4, LANES), np.uint32)
    following, start = 0, 0
    while True:
        for lane in range(LANES):
            if left[lane]:
                continue
            if content[lane] >= 0:
                digests[content[lane]] = state[:, lane]
            content[lane], place[lane] = -1, 0  # an empty lane digests the first blocks once more, for nobody
            if following < len(blocks):
                content[lane], place[lane], left[lane] = following, start, blocks[following]
                state[:, lane] = _START
                start += blocks[following] * _WORDS
                following += 1
        run = _shortest(left)
        if not run:
            return
        _mix(state, words, place, run)
        _go_on(place, left, run)


@compiled
def _shortest(left: Places) -> int:
    """Blocks that every lane in use still has; 0 where none is."""
    run = 0
    for lane in range(LANES):
        if left[lane]:
            run = min(run, left[lane]) if run else left[lane]
    return run


@compiled
def _go_on(place: Places, left: Places, run: int) -> None:
    for lane in range(LANES):
        if left[lane]:
            place[lane] += run * _WORDS
            left[lane] -= run


@compiled
def _step(old: Any, onto: Any, mixed: Any, word: Any, sine: Any, shift: int) -> Any:  # noqa: ANN401
    turned = _word(_word(old + mixed) + _word(word + sine))
    return _word(onto + _word(_word(turned << _word(shift)) | _word(turned >> _word(32 - shift))))


@compiled
def _choose(x: Any, y: Any, z: Any) -> Any:  # noqa: ANN401 - F of the RFC; G is F with its words in another order
    return _word(z ^ (x & (y ^ z)))


@compiled
def _parity(x: Any, y: Any, z: Any) -> Any:  # noqa: ANN401 - H of the RFC
    return _word(x ^ y ^ z)


@compiled
def _either(x: Any, y: Any, z: Any) -> Any:  # noqa: ANN401 - I of the RFC
    return _word(y ^ (x | _word(~z)))


@compiled
def _mix(state: Words, words: Words, place: Places, count: int) -> None:  # noqa: C901, PLR0912 - in one piece it is vectorised
    """Mix `count` blocks into each lane's state. The inner loops are over lanes, and become vector instructions."""
    block = np.empty((_WORDS, LANES), np.uint32)
    mixed = np.empty((4, LANES), np.uint32)
    for number in range(count):
        for lane in range(LANES):
            first = place[lane] + number * _WORDS
            for word in range(_WORDS):
                block[word, lane] = words[first + word]
        mixed[:] = state
        for step in range(0, 16, 4):
            for lane in range(LANES):
                a, b, c, d = mixed[0, lane], mixed[1, lane], mixed[2, lane], mixed[3, lane]
                a = _step(a, b, _choose(b, c, d), block[step, lane], _SINES[step], 7)
                d = _step(d, a, _choose(a, b, c), block[step + 1, lane], _SINES[step + 1], 12)
                c = _step(c, d, _choose(d, a, b), block[step + 2, lane], _SINES[step + 2], 17)
                b = _step(b, c, _choose(c, d, a), block[step + 3, lane], _SINES[step + 3], 22)
                mixed[0, lane], mixed[1, lane], mixed[2, lane], mixed[3, lane] = a, b, c, d
        for step in range(16, 32, 4):
            for lane in range(LANES):
                a, b, c, d = mixed[0, lane], mixed[1, lane], mixed[2, lane], mixed[3, lane]
                a = _step(a, b, _choose(d, b, c), block[(5 * step + 1) & 15, lane], _SINES[step], 5)
                d = _step(d, a, _choose(c, a, b), block[(5 * step + 6) & 15, lane], _SINES[step + 1], 9)
                c = _step(c, d, _choose(b, d, a), block[(5 * step + 11) & 15, lane], _SINES[step + 2], 14)
                b = _step(b, c, _choose(a, c, d), block[(5 * step + 16) & 15, lane], _SINES[step + 3], 20)
                mixed[0, lane], mixed[1, lane], mixed[2, lane], mixed[3, lane] = a, b, c, d
        for step in range(32, 48, 4):
            for lane in range(LANES):
                a, b, c, d = mixed[0, lane], mixed[1, lane], mixed[2, lane], mixed[3, lane]
                a = _step(a, b, _parity(b, c, d), block[(3 * step + 5) & 15, lane], _SINES[step], 4)
                d = _step(d, a, _parity(a, b, c), block[(3 * step + 8) & 15, lane], _SINES[step + 1], 11)
                c = _step(c, d, _parity(d, a, b), block[(3 * step + 11) & 15, lane], _SINES[step + 2], 16)
                b = _step(b, c, _parity(c, d, a), block[(3 * step + 14) & 15, lane], _SINES[step + 3], 23)
                mixed[0, lane], mixed[1, lane], mixed[2, lane], mixed[3, lane] = a, b, c, d
        for step in range(48, 64, 4):
            for lane in range(LANES):
                a, b, c, d = mixed[0, lane], mixed[1, lane], mixed[2, lane], mixed[3, lane]
                a = _step(a, b, _either(b, c, d), block[7 * step & 15, lane], _SINES[step], 6)
                d = _step(d, a, _either(a, b, c), block[(7 * step + 7) & 15, lane], _SINES[step + 1], 10)
                c = _step(c, d, _either(d, a, b), block[(7 * step + 14) & 15, lane], _SINES[step + 2], 15)
                b = _step(b, c, _either(c, d, a), block[(7 * step + 21) & 15, lane], _SINES[step + 3], 21)
                mixed[0, lane], mixed[1, lane], mixed[2, lane], mixed[3, lane] = a, b, c, d
        for word in range(4):
            for lane in range(LANES):
                state[word, lane] += mixed[word, lane]
