import pytest

from headwater.evidence.content import BytesSource
from headwater.evidence.disk.signatures import CONTAINERS, VOLUMES, file_system_kind, is_empty, refusal, refused_name
from headwater.formats.signature import UNKNOWN, media_type
from headwater.model.errors import Encrypted, UnknownFormat

AT_START = [one for one in CONTAINERS if one.offset_bytes == 0]


@pytest.mark.parametrize("signature", [*CONTAINERS, *VOLUMES], ids=lambda one: one.name)
def test_each_is_refused_by_its_own_name(signature):
    image = bytearray(0x10000 + 0x1000)
    at = signature.offset_bytes if signature.offset_bytes >= 0 else len(image) + signature.offset_bytes
    image[at : at + len(signature.magic)] = signature.magic
    source = BytesSource(bytes(image))
    found = refused_name(source, (*CONTAINERS, *VOLUMES))
    assert found == signature
    assert signature.name in str(refusal(found))
    assert isinstance(refusal(found), Encrypted if signature.encrypted else UnknownFormat)
    assert file_system_kind(source) == ""
    assert not is_empty(source)


@pytest.mark.parametrize("signature", AT_START, ids=lambda one: one.name)
def test_a_container_refused_by_name_has_a_type_as_well(signature):
    head = signature.magic + bytes(64)
    assert media_type(head, len(head)) != UNKNOWN


def test_zeros_are_empty_and_nobody_s():
    source = BytesSource(bytes(5000))
    assert refused_name(source, (*CONTAINERS, *VOLUMES)) is None
    assert is_empty(source, step_bytes=512)
