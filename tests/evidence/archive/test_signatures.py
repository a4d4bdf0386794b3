import pytest

from headwater.evidence.archive.signatures import _STARTS, refused_format
from headwater.formats.signature import UNKNOWN, media_type


@pytest.mark.parametrize(("magic", "name"), _STARTS, ids=lambda value: value if isinstance(value, str) else "")
def test_what_is_refused_by_name_has_a_type_as_well(magic, name):
    head = magic + bytes(64)
    assert refused_format(head) == name
    assert media_type(head, len(head)) != UNKNOWN
