import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.demo.safetensors_writer import build_safetensors
from headwater.formats.safetensors import HEADER_BYTES_MAX, read_header
from headwater.formats.structure import Bytes
from headwater.model.errors import EvidenceError, LimitReached, Malformed, Truncated

TENSORS = {"beam": np.zeros((2, 3), np.float16), "lamp": np.ones((4,), np.float16)}
MODEL = build_safetensors(TENSORS, {"ss_seed": "7", "modelspec.title": "Lighthouse"})


def file_of(header: object, data: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def tensor(**changes: object) -> dict[str, object]:
    return {"dtype": "F16", "shape": [2], "data_offsets": [0, 4], **changes}


def test_a_header_says_what_tensors_there_are_and_where_they_begin():
    header = read_header(Bytes(MODEL))
    assert (header.tensors, header.parameters, header.tensor_bytes) == (2, 10, 20)
    assert header.dtypes == {"F16": 2}
    assert header.metadata == {"ss_seed": "7", "modelspec.title": "Lighthouse"}
    assert header.data_offset_bytes + 20 == len(MODEL)


@pytest.mark.parametrize(
    "header",
    [
        b"[]",
        b"{",
        b'{"a":NaN}',
        b'{"__metadata__":{"a":"1","a":"2"}}',
        b'{"a":{},"a":{}}',
        b"{\xff}",
        b"{" + b'"a":[' * 4000,
        {"__metadata__": {"a": 1}},
        {"__metadata__": []},
        {"lamp": 1},
        {"lamp": tensor(dtype="F" * 99)},
        {"lamp": tensor(shape=[-1])},
        {"lamp": tensor(shape=[True])},
        {"lamp": tensor(shape=[2**40, 2**40])},
        {"lamp": tensor(data_offsets=[0])},
        {"lamp": tensor(data_offsets=None)},
        b'{"lamp":{"dtype":"F16","shape":[' + b"9" * 5000 + b'],"data_offsets":[0,4]}}',
    ],
    ids=lambda header: str(header)[:40],
)
def test_a_header_that_breaks_the_rules_is_malformed(header):
    with pytest.raises(Malformed):
        read_header(Bytes(file_of(header)))


def test_a_header_longer_than_its_file_is_truncated_and_a_huge_one_a_limit():
    with pytest.raises(Truncated):
        read_header(Bytes(MODEL[:40]))
    huge = Bytes((HEADER_BYTES_MAX + 1).to_bytes(8, "little") + b'{"')
    huge.size_bytes = 1 << 40
    with pytest.raises(LimitReached):
        read_header(huge)


def test_half_a_surrogate_pair_does_not_survive_as_such():
    header = read_header(Bytes(file_of(b'{"__metadata__":{"a\\ud800":"\\udfff"}}')))
    assert header.metadata == {"a?": "?"}


@given(st.binary(max_size=300))
def test_random_bytes_raise_nothing_else(data):
    for each in (data, len(data).to_bytes(8, "little") + data):
        try:
            read_header(Bytes(each))
        except EvidenceError:
            continue


@given(st.integers(0, len(MODEL)), st.integers(0, len(MODEL) - 1), st.integers(0, 255))
def test_cut_and_changed_bytes_raise_nothing_else(cut, place, byte):
    changed = bytearray(MODEL)
    changed[place] = byte
    for each in (MODEL[:cut], bytes(changed)):
        try:
            read_header(Bytes(each))
        except EvidenceError:
            continue
