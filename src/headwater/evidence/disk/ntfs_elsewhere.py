"""NTFS files whose stored bytes are not their content: encrypted by EFS, or packed or kept elsewhere by a filter.

A reparse point names the filter that makes the content when Windows opens the file. The file's own data is then one
hole as long as the content: read plainly it would be zeros. Source: MS-FSCC, section 2.1.2.1
(reparse tags).
"""

from headwater.evidence.disk.tsk import DATA, Attribute, Record, attributes, read_attribute
from headwater.model.errors import Encrypted, UnknownFormat

_REPARSE_POINT = 192  # NTFS $REPARSE_POINT
_PACKED = {
    0x80000017: "compressed by Windows (WOF, CompactOS)",
    0x80000013: "kept in a deduplication store",
    0xC0000004: "moved to other storage (HSM)",
    0x80000006: "moved to other storage (HSM)",
    0x80000008: "kept in a single instance store",
    0x80000018: "kept in a Windows image (WCI)",
}
_CLOUD = 0x9000001A  # sixteen tags, 9000x01A
_CLOUD_MASK = 0xFFFF0FFF


def check_readable(file: Record, attribute: Attribute) -> None:
    """Raise Encrypted or UnknownFormat where what is stored under an attribute is not the content of the file."""
    if attribute.encrypted and attribute.size_bytes:
        step = "Decrypt it with the user's key or the recovery agent's, and seize the result as a source of its own."
        raise Encrypted("encrypted by Windows (EFS): what is stored is cipher text, not read", next_step=step)
    is_main = attribute.kind == DATA and not attribute.name
    if not is_main or attribute.resident or attribute.size_bytes <= 0:
        return
    if any(place is not None for _, _, place in attribute.runs):
        return
    tag = _reparse_tag(file)
    where = "kept in the cloud" if tag & _CLOUD_MASK == _CLOUD else _PACKED.get(tag, f"reparse point 0x{tag:08x}")
    if tag:
        raise UnknownFormat(f"{where}: its content is not stored under its own name, and is not read")


def _reparse_tag(file: Record) -> int:
    """Return the tag of a file's reparse point; 0 where it has none."""
    for one in attributes(file):
        if one.kind == _REPARSE_POINT:
            return int.from_bytes(read_attribute(file, one, 4), "little")
    return 0
