"""Pieces are parsed once, and those inside Photoshop resources are pieces of their own."""

import struct

from headwater.formats.exif import Exif
from headwater.formats.pieces import Datasets, Resources, read_pieces
from headwater.formats.readers import reader_for
from headwater.formats.structure import Bytes

_CAPTION = b"\x1c\x02\x78\x00\x05coast"
_RESOURCE = b"8BIM" + struct.pack(">HHI", 0x0404, 0, len(_CAPTION)) + _CAPTION
_EXIF = b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0"


def _jpeg(*segments: tuple[int, bytes]) -> bytes:
    body = b"".join(bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data for marker, data in segments)
    return b"\xff\xd8" + body + b"\xff\xd9"


def test_the_iptc_block_of_a_photoshop_segment_is_a_piece_with_its_place():
    source = Bytes(_jpeg((0xE1, _EXIF), (0xED, b"Photoshop 3.0\0" + _RESOURCE)))
    read = reader_for(source.data)
    assert read is not None
    found = list(read_pieces(source, read(source)))
    assert [type(each.content) for each in found] == [Exif, Resources, Datasets]
    datasets = found[2].content
    assert isinstance(datasets, Datasets)
    assert datasets.datasets[0].value == "coast"
    where = found[2].piece.ranges[0]
    assert source.data[where.offset_bytes : where.offset_bytes + where.length_bytes] == _CAPTION
