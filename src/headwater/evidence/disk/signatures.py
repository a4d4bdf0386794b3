"""What a volume or a container says it is, by its signature: read here, refused by name, or unknown. Never guessed.

Sources: the magic numbers published in each format's own specification, as collected in util-linux libblkid, libyal's
format pages and Microsoft's and Apple's format documents.
"""

from dataclasses import dataclass

from headwater.evidence.reader import ByteSource
from headwater.formats.signature_text import text_type
from headwater.model.errors import Encrypted, EvidenceError, Truncated, UnknownFormat

HEAD_BYTES = 0x10000 + 0x800  # far enough for UFS2 and btrfs, the deepest signatures here
_TAIL_BYTES = 512
_CERTAIN_BYTES = 4


@dataclass(frozen=True, slots=True)
class Signature:
    """`magic` at `offset_bytes`, from the start of the source, or from its end where negative."""

    name: str
    offset_bytes: int
    magic: bytes
    encrypted: bool = False


# Containers and virtual disks: looked for before any partition table.
CONTAINERS = (
    Signature("an EnCase 7 image (Ex01)", 0, b"EVF2\r\n\x81\x00"),
    Signature("an EnCase 7 logical image (Lx01)", 0, b"LEF2\r\n\x81\x00"),
    Signature("an EnCase logical image (L01)", 0, b"LVF\t\r\n\xff\x00"),
    Signature("an AFF image", 0, b"AFF10\r\n\x00"),
    Signature("a VMDK virtual disk (sparse)", 0, b"KDMV"),
    Signature("a VMDK virtual disk (sparse)", 0, b"COWD"),
    Signature("a VMDK virtual disk (descriptor)", 0, b"# Disk DescriptorFile"),
    Signature("a qcow2 virtual disk", 0, b"QFI\xfb"),
    Signature("a VHDX virtual disk", 0, b"vhdxfile"),
    Signature("a VHD virtual disk", 0, b"conectix"),
    Signature("a VHD virtual disk (fixed)", -512, b"conectix"),
    Signature("a VDI virtual disk", 0x40, b"\x7f\x10\xda\xbe"),
    Signature("an Apple disk image (DMG)", -512, b"koly"),
    Signature("an encrypted Apple disk image (DMG)", 0, b"encrcdsa", encrypted=True),
)

_BITLOCKER_TO_GO = bytes.fromhex("3bd66749292ed84a8399f6a339e3d001")

# Volumes: LUKS and BitLocker first, as they sit where a file system would.
VOLUMES = (
    Signature("a LUKS1 encrypted volume", 0, b"LUKS\xba\xbe\x00\x01", encrypted=True),
    Signature("a LUKS2 encrypted volume", 0, b"LUKS\xba\xbe\x00\x02", encrypted=True),
    Signature("a BitLocker encrypted volume", 3, b"-FVE-FS-", encrypted=True),
    Signature("a BitLocker To Go encrypted volume", 424, _BITLOCKER_TO_GO, encrypted=True),
    Signature("an APFS container", 32, b"NXSB"),
    Signature("an HFS+ file system", 1024, b"H+\x00\x04"),
    Signature("an HFSX file system", 1024, b"HX\x00\x05"),
    Signature("an HFS file system", 1024, b"BD"),
    Signature("an XFS file system", 0, b"XFSB"),
    Signature("a btrfs file system", 0x10040, b"_BHRfS_M"),
    Signature("an exFAT file system", 3, b"EXFAT   "),
    Signature("a ReFS file system", 3, b"ReFS\x00\x00\x00\x00"),
    Signature("an LVM2 physical volume", 0x218, b"LVM2 001"),
    Signature("an LVM2 physical volume", 0x018, b"LVM2 001"),
    Signature("Linux swap space", 4086, b"SWAPSPACE2"),
    Signature("Linux swap space", 4086, b"SWAP-SPACE"),
    Signature("a squashfs file system", 0, b"hsqs"),
    Signature("a squashfs file system", 0, b"sqsh"),
    Signature("a Linux RAID member", 0x1000, b"\xfc\x4e\x2b\xa9"),
    Signature("an F2FS file system", 1024, b"\x10\x20\xf5\xf2"),
    Signature("an EROFS file system", 1024, b"\xe2\xe1\xf5\xe0"),
    Signature("a JFS file system", 0x8000, b"JFS1"),
    Signature("a ReiserFS file system", 0x10034, b"ReIsEr"),
    Signature("a UFS2 file system", 0x1055C, b"\x19\x01\x54\x19"),
    Signature("a UFS1 file system", 0x255C, b"\x54\x19\x01\x00"),
    Signature("a UDF file system", 0x8801, b"NSR0"),
    Signature("a UDF file system", 0x9001, b"NSR0"),
    Signature("an ISO 9660 file system", 0x8001, b"CD001"),
)


def refused_name(source: ByteSource, signatures: tuple[Signature, ...]) -> Signature | None:
    """Return the first signature the source carries."""
    head = source.read_at(0, HEAD_BYTES)
    tail = source.read_at(max(source.size_bytes - _TAIL_BYTES, 0), _TAIL_BYTES)
    return next((one for one in signatures if _carries(one, head, tail)), None)


def certain_name(source: ByteSource, signatures: tuple[Signature, ...]) -> Signature | None:
    """Return the signature a file is known by: one of fewer than four bytes, or that a text may begin with, is not."""
    found = refused_name(source, tuple(one for one in signatures if len(one.magic) >= _CERTAIN_BYTES))
    if found is not None and len(found.magic) == _CERTAIN_BYTES and text_type(source.read_at(0, 4096)):
        return None
    return found


def _carries(signature: Signature, head: bytes, tail: bytes) -> bool:
    if signature.offset_bytes < 0:
        return len(tail) == _TAIL_BYTES and tail.startswith(signature.magic)
    return head.startswith(signature.magic, signature.offset_bytes)


def refusal(signature: Signature) -> EvidenceError:
    """Make the error that refuses by name."""
    if signature.encrypted:
        step = "Open it with its key and image that."
        return Encrypted(f"{signature.name}: not opened, it needs its key", next_step=step)
    return UnknownFormat(f"{signature.name}: Headwater does not read it", next_step="Convert it to a raw image or E01.")


def file_system_kind(source: ByteSource) -> str:
    """`ntfs`, `fat` or `ext` where the volume carries that file system; empty where not."""
    head = source.read_at(0, 2048)
    if head[3:11] == b"NTFS    " and head[510:512] == b"\x55\xaa":
        return "ntfs"
    if _is_fat(head):
        return "fat"
    if head[1080:1082] == b"\x53\xef" and int.from_bytes(head[1048:1052], "little") <= 6:
        return "ext"
    return ""


def _is_fat(head: bytes) -> bool:
    """Check that the BIOS parameter block holds together (Microsoft FAT specification 1.03, section 3)."""
    sector_bytes = int.from_bytes(head[11:13], "little")
    cluster_sectors = head[13] if len(head) > 13 else 0
    return (
        head[510:512] == b"\x55\xaa"
        and sector_bytes in (512, 1024, 2048, 4096)
        and cluster_sectors in (1, 2, 4, 8, 16, 32, 64, 128)
        and int.from_bytes(head[14:16], "little") > 0
        and head[16] in (1, 2)
        and (head[21] == 0xF0 or head[21] >= 0xF8)
        and head[0] in (0xEB, 0xE9)
    )


def is_empty(source: ByteSource, step_bytes: int = 1 << 20) -> bool:
    """Whether a source holds nothing but zeros. Stops at the first byte that is not, or that could not be read."""
    offset = 0
    while offset < source.size_bytes:
        data = source.read_at(offset, step_bytes)
        if not data or data.strip(b"\0") or source.bad_ranges():
            return False
        offset += len(data)
    return True


def unknown(source: ByteSource) -> EvidenceError:
    """Make the error for a volume nobody here knows, or whose beginning cannot be read."""
    head = source.read_at(0, 16)
    unreadable = sum(each.length_bytes for each in source.bad_ranges())
    if unreadable and not head.strip(b"\0"):
        return Truncated(f"no file system was found, and {unreadable} bytes could not be read: it may lie there")
    return UnknownFormat(f"no file system Headwater knows: first {len(head)} bytes {head.hex(' ')}")
