"""The label of an NTFS volume, from the fourth entry of its master file table.

Source: Microsoft's NTFS layout as documented by the Linux-NTFS project: boot sector, FILE record, $VOLUME_NAME.
"""

import encodings.utf_16_le  # noqa: F401 - a codec is loaded on first use, and the jail lets nothing be loaded

from headwater.evidence.reader import ByteSource

_VOLUME_ENTRY = 3
_VOLUME_NAME = 0x60
_END = 0xFFFFFFFF
_SECTOR_BYTES = 512
_MOST_RECORD_BYTES = 1 << 16


def record_bytes(boot: bytes, cluster_bytes: int) -> int:
    """Boot sector, offset 64: clusters per FILE record, or minus the power of two in bytes."""
    clusters = int.from_bytes(boot[64:65], "little", signed=True)
    return clusters * cluster_bytes if clusters > 0 else 1 << min(-clusters, 16)


def ntfs_label(volume: ByteSource) -> str:
    """Return the label; empty where there is none, or where its entry cannot be made sense of."""
    boot = volume.read_at(0, 512).ljust(512, b"\0")
    cluster_bytes = int.from_bytes(boot[11:13], "little") * _cluster_sectors(boot[13])
    size = min(record_bytes(boot, cluster_bytes), _MOST_RECORD_BYTES)
    start = int.from_bytes(boot[48:56], "little") * cluster_bytes + _VOLUME_ENTRY * size
    record = bytearray(volume.read_at(start, size))
    if len(record) < size or not record.startswith(b"FILE"):
        return ""
    _fix_up(record)
    at = int.from_bytes(record[20:22], "little")
    while at + 24 <= size and (kind := int.from_bytes(record[at : at + 4], "little")) != _END:
        length = int.from_bytes(record[at + 4 : at + 8], "little")
        if kind == _VOLUME_NAME and not record[at + 8]:
            first = at + int.from_bytes(record[at + 20 : at + 22], "little")
            name = record[first : first + int.from_bytes(record[at + 16 : at + 20], "little")]
            return name.decode("utf-16-le", "replace")
        at += max(length, 8)
    return ""


def _cluster_sectors(stored: int) -> int:
    """Sectors per cluster: a count, or from 0x80 on minus a power of two."""
    return stored if stored <= 0x80 else 1 << min(256 - stored, 31)


def _fix_up(record: bytearray) -> None:
    """Put back the last two bytes of each sector, which the update sequence replaced."""
    at, count = int.from_bytes(record[4:6], "little"), int.from_bytes(record[6:8], "little")
    for number in range(1, count):
        end, kept = number * _SECTOR_BYTES, record[at + 2 * number : at + 2 * number + 2]
        if end <= len(record) and len(kept) == 2:
            record[end - 2 : end] = kept
