import pytest

from headwater.evidence.archive.signatures import _STARTS, refused_format
from headwater.formats.signature import UNKNOWN, media_type

WEAK = [
    (b"\x1f\x9d\x90\x4c\x02", "compress (.Z) file"),
    (b"\x1f\x1e\x00\x00\x00\x05\x02", "pack (.z) file"),
]


@pytest.mark.parametrize(
    ("magic", "name"), [*_STARTS, *WEAK], ids=lambda value: value if isinstance(value, str) else ""
)
def test_what_is_refused_by_name_has_a_type_as_well(magic, name):
    head = magic + bytes(64)
    assert refused_format(head, len(head)) == name
    assert media_type(head, len(head)) != UNKNOWN


@pytest.mark.parametrize("magic", [magic[:2] for magic, _ in WEAK])
def test_two_bytes_alone_are_refused_as_nothing(magic):
    head = magic + b"\xff" * 64
    assert refused_format(head, len(head)) == ""
    assert media_type(head, len(head)) == UNKNOWN
