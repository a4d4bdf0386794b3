"""What a worker makes of the materials it is handed."""

import os
from hashlib import sha256

import pytest

from headwater.examine.materials import load
from headwater.model.errors import HeadwaterError
from headwater.model.material import Material


def _sent(data: bytes, said: bytes) -> tuple[Material, int]:
    descriptor = os.memfd_create("material")
    os.write(descriptor, data)
    return Material(kind="camera", name="phone", sha256=sha256(said).hexdigest(), size_bytes=len(said)), descriptor


def test_each_is_read_from_its_descriptor_by_kind():
    one, first = _sent(b"one", b"one")
    two, second = _sent(b"two", b"two")
    (kind,) = load([one, two], [first, second]).items()
    assert kind[0] == "camera"
    assert [each.data for each in kind[1]] == [b"one", b"two"]
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(first)


def test_other_bytes_than_said_are_refused():
    material, descriptor = _sent(b"oNe", b"one")
    with pytest.raises(HeadwaterError, match="not the bytes that were sent"):
        load([material], [descriptor])
