"""A minimal MP4 that holds JPEG frames (ISO/IEC 14496-12 and -14; object type 0x6C is ISO/IEC 10918-1)."""

import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

_EPOCH = datetime(1904, 1, 1, tzinfo=UTC)
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def box(kind: bytes, *parts: bytes) -> bytes:
    """Wrap one box: size, kind, content."""
    content = b"".join(parts)
    return struct.pack(">I4s", 8 + len(content), kind) + content


def full(kind: bytes, *parts: bytes, flags: int = 0) -> bytes:
    """Wrap a box with a version (0) and flags."""
    return box(kind, struct.pack(">I", flags), *parts)


def build_mp4(
    frames: Sequence[bytes], width: int, height: int, per_second: int, taken: datetime, device: Mapping[str, str]
) -> bytes:
    """Write a video of `frames` (JPEG files of the given size), all of them sync samples.

    device: make, model and software of what took it; they are written as phones do, into udta and into meta.
    """
    start = box(b"ftyp", b"isom", struct.pack(">I", 512), b"isomiso2mp41")
    data = box(b"mdat", *frames)
    return start + data + _movie(frames, (width, height), per_second, taken, device, offset=len(start) + 8)


def _user_data(device: Mapping[str, str]) -> bytes:
    """Write the three texts as QuickTime's user data boxes, language 0 (QuickTime File Format, user data atoms)."""
    names = {b"\xa9mak": "make", b"\xa9mod": "model", b"\xa9swr": "software"}
    texts = ((kind, device[name].encode()) for kind, name in names.items())
    return box(b"udta", *(box(kind, struct.pack(">HH", len(text), 0), text) for kind, text in texts))


def _metadata(device: Mapping[str, str]) -> bytes:
    """Write the same as keyed metadata (QuickTime File Format, metadata atoms: hdlr mdta, keys, ilst)."""
    names = [f"com.android.{name}" for name in ("manufacturer", "model", "version")]
    handler = full(b"hdlr", bytes(4), b"mdta", bytes(12), b"\0")
    keys = full(b"keys", struct.pack(">I", len(names)), *(box(b"mdta", name.encode()) for name in names))
    values = [device[name].encode() for name in ("make", "model", "software")]
    items = (
        box(struct.pack(">I", place), box(b"data", struct.pack(">II", 1, 0), value))
        for place, value in enumerate(values, 1)
    )
    return box(b"meta", handler, keys, box(b"ilst", *items))


def _movie(
    frames: Sequence[bytes],
    shape: tuple[int, int],
    per_second: int,
    taken: datetime,
    device: Mapping[str, str],
    *,
    offset: int,
) -> bytes:
    width, height = shape
    seconds = int((taken - _EPOCH).total_seconds())
    length = len(frames)
    times = struct.pack(">4I", seconds, seconds, per_second, length)
    movie = full(b"mvhd", times, struct.pack(">IH10x", 0x10000, 0x100), _MATRIX, bytes(24), struct.pack(">I", 2))
    track_times = struct.pack(">5I", seconds, seconds, 1, 0, length)
    size = struct.pack(">II", width << 16, height << 16)
    track = full(b"tkhd", track_times, bytes(16), _MATRIX, size, flags=7)
    media = full(b"mdhd", times, struct.pack(">HH", 0x55C4, 0))
    handler = full(b"hdlr", bytes(4), b"vide", bytes(12), b"VideoHandler\0")
    references = box(b"dinf", full(b"dref", struct.pack(">I", 1), full(b"url ", flags=1)))
    information = box(
        b"minf", full(b"vmhd", bytes(8), flags=1), references, _samples(frames, width, height, offset=offset)
    )
    film = box(b"trak", track, box(b"mdia", media, handler, information))
    return box(b"moov", movie, film, _user_data(device), _metadata(device))


def _samples(frames: Sequence[bytes], width: int, height: int, *, offset: int) -> bytes:
    """Write the sample table: one chunk, each frame one tick long."""
    entry = struct.pack(">6xH16xHHIIIH32xHh", 1, width, height, 0x480000, 0x480000, 0, 1, 24, -1)
    description = full(b"stsd", struct.pack(">I", 1), box(b"mp4v", entry, full(b"esds", _elementary(frames))))
    sizes = struct.pack(f">II{len(frames)}I", 0, len(frames), *map(len, frames))
    return box(
        b"stbl",
        description,
        full(b"stts", struct.pack(">III", 1, len(frames), 1)),
        full(b"stsc", struct.pack(">IIII", 1, 1, len(frames), 1)),
        full(b"stsz", sizes),
        full(b"stco", struct.pack(">II", 1, offset)),
    )


def _elementary(frames: Sequence[bytes]) -> bytes:
    """Write the ES descriptor that names JPEG as the coding."""
    largest = max(map(len, frames))
    config = struct.pack(">BB3sII", 0x6C, 0x11, largest.to_bytes(3, "big"), largest * 80, largest * 80)
    decoder = b"\x04" + bytes([len(config)]) + config
    layer = b"\x06\x01\x02"
    return b"\x03" + bytes([3 + len(decoder) + len(layer)]) + struct.pack(">HB", 1, 0) + decoder + layer
