"""MPEG audio and ADTS by their frames: a header that makes sense, and a second one where the first frame ends.

Sources: ISO/IEC 11172-3, 2.4.1.3 and 13818-3 (frame headers), 13818-7, 6.2 (ADTS).
"""

_V1, _V2, _V25 = 3, 2, 0
_LAYER3, _LAYER2, _LAYER1 = 1, 2, 3
_RATES_HZ = {_V1: (44100, 48000, 32000), _V2: (22050, 24000, 16000), _V25: (11025, 12000, 8000)}
_KBITS = {
    (True, _LAYER1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, _LAYER2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, _LAYER3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, _LAYER1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, _LAYER2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, _LAYER3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RESERVED_EMPHASIS = 2
_ADTS_HEADER_BYTES = 7
_ADTS_RATES = 13


def mpeg_audio(head: bytes, size: int) -> str:
    """audio/mpeg where a whole frame begins here and another follows it, if anything does; empty where not."""
    length = _frame_bytes(head)
    if not length or length > size:
        return ""
    follows = head[length : length + 4]
    return "audio/mpeg" if len(follows) < 4 or (_frame_bytes(follows) and _same_stream(head, follows)) else ""


def adts(head: bytes, size: int) -> str:
    """audio/aac where a whole ADTS frame begins here and another follows it, if anything does; empty where not."""
    length = _adts_bytes(head)
    if not length or length > size:
        return ""
    follows = head[length : length + _ADTS_HEADER_BYTES]
    same = follows[:2] == head[:2] and follows[2:3] == head[2:3] and _adts_bytes(follows)
    return "audio/aac" if len(follows) < _ADTS_HEADER_BYTES or same else ""


def _frame_bytes(header: bytes) -> int:
    """How long the frame is; 0 where the header makes no sense."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return 0
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    kbits, rate, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    sound = version != 1 and layer and 0 < kbits < 15 and rate < 3 and header[3] & 3 != _RESERVED_EMPHASIS
    if not sound:
        return 0
    bits_a_second = 1000 * _KBITS[version == _V1, layer][kbits - 1]
    if layer == _LAYER1:
        return (12 * bits_a_second // _RATES_HZ[version][rate] + padding) * 4
    slots = 72 if layer == _LAYER3 and version != _V1 else 144
    return slots * bits_a_second // _RATES_HZ[version][rate] + padding


def _same_stream(one: bytes, other: bytes) -> bool:
    """Version, layer and sampling rate stay the same from frame to frame."""
    return one[1] & 0xFE == other[1] & 0xFE and one[2] & 0x0C == other[2] & 0x0C


def _adts_bytes(header: bytes) -> int:
    if len(header) < _ADTS_HEADER_BYTES or header[0] != 0xFF or header[1] & 0xF6 != 0xF0:
        return 0
    length = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    return length if header[2] >> 2 & 15 < _ADTS_RATES and length >= _ADTS_HEADER_BYTES else 0
