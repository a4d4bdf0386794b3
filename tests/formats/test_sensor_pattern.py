import json
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.formats.sensor_pattern import MAGIC, PatternHeader, SensorPattern, pack_pattern, read_pattern
from headwater.model.errors import EvidenceError, Malformed, Truncated

HEADER = PatternHeader(
    method="prnu 1", make="ACME", model="P5 \u00e9", serial="", picture_height=9, picture_width=8, top=1, left=2,
    height=3, width=4, deviation=0.002, references=("ab" * 32, "cd" * 32), threshold=60, likeness=0.01,
)  # fmt: skip
PATTERN = SensorPattern(header=HEADER, samples=bytes(range(24)))


def with_header(**changes):
    data = pack_pattern(PATTERN)
    end = data.index(b"\n", len(MAGIC))
    header = json.loads(data[len(MAGIC) : end]) | changes
    return MAGIC + json.dumps(header).encode() + data[end:]


def test_a_pattern_is_read_as_it_was_written():
    assert read_pattern(pack_pattern(PATTERN)) == PATTERN
    assert pack_pattern(read_pattern(pack_pattern(PATTERN))) == pack_pattern(PATTERN)


@pytest.mark.parametrize(
    "changes",
    [
        {"height": 0}, {"width": 1 << 21}, {"top": 7}, {"left": 5}, {"references": ["no digest"]}, {"threshold": "60"},
        {"deviation": None}, {"make": "x" * 300}, {"picture_width": 3},
    ],
)  # fmt: skip
def test_a_header_that_cannot_be_is_refused(changes):
    with pytest.raises(Malformed):
        read_pattern(with_header(**changes))


def test_samples_that_do_not_fill_the_window_are_refused():
    for samples in (PATTERN.samples[:-1], PATTERN.samples + b"\0", b""):
        with pytest.raises(Truncated):
            read_pattern(pack_pattern(replace(PATTERN, samples=samples)))


def test_another_file_is_refused():
    for data in (b"", b"headwater sensor pattern 2\n", MAGIC, MAGIC + b"{}", MAGIC + b"[" * 100_000 + b"\n"):
        with pytest.raises(Malformed):
            read_pattern(data)


@given(st.binary(max_size=300), st.integers(0, 600), st.integers(0, 255))
def test_whatever_the_bytes_nothing_but_an_evidence_error_is_raised(data, place, value):
    whole = bytearray(pack_pattern(PATTERN))
    whole[place % len(whole)] = value
    for each in (data, MAGIC + data, MAGIC + data + b"\n" + data, bytes(whole), bytes(whole[: place % len(whole)])):
        with suppress(EvidenceError):
            read_pattern(each)
