"""What extends a tar header: pax records, and the list that is the content of a folder in a GNU dump.

Sources: POSIX.1-2017 pax, "pax Header Block"; GNU tar manual, "Dumpdir" and "Storing Sparse Files".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from headwater.model.errors import Malformed

_NAMES = frozenset((b"path", b"linkpath", b"GNU.sparse.name"))
_NUMBERS = frozenset((b"size", b"mtime", b"atime", b"ctime", b"LIBARCHIVE.creationtime"))
_DUMP_LIST = b"GNU.dumpdir"
_SPARSE = b"GNU.sparse."
# what programs add: attributes, access lists, labels, owners, sparse maps
_USUAL = (
    b"SCHILY.",
    b"LIBARCHIVE.",
    b"GNU.",
    b"RHT.",
    b"MSWINDOWS.",
    b"APK-TOOLS.",
    b"uname",
    b"gname",
    b"uid",
    b"gid",
)
_USUAL_BYTES, _OTHER_BYTES = 4096, 128  # no more of these, or of any others, is worth no word
_NUMBER_BYTES = 64
_STATES, _RENAMES = frozenset(b"YND"), frozenset(b"RTXS")  # what each name in a dump's list begins with
_LONGEST_NAME_BYTES, _LONGEST_PATH_BYTES = 255, 4096


@dataclass(slots=True)
class Pax:
    """The records that are used here, and how many bytes of others there are, keywords counted."""

    records: dict[bytes, bytes] = field(default_factory=dict)
    usual_bytes: int = 0
    other_bytes: int = 0

    @property
    def unread_bytes(self) -> int:
        """How much of them is not read, where that is more than programs write."""
        other = self.other_bytes if self.other_bytes > _OTHER_BYTES else 0
        return other + max(0, self.usual_bytes - _USUAL_BYTES)

    def take(self, data: bytes) -> None:
        """Read the records ``length keyword=value`` of one pax header. Raises Malformed."""
        position = 0
        while position < len(data) and data[position]:
            digits, space, _ = data[position : position + 12].partition(b" ")
            if not space or not digits.isdigit():
                raise Malformed("pax record without its length")
            end = position + int(digits)
            keyword, equals, value = data[position + len(digits) + 1 : end - 1].partition(b"=")
            if not equals or end > len(data) or data[end - 1 : end] != b"\n":
                raise Malformed("pax record does not end where its length says")
            self._record(keyword, value)
            position = end
        if data[position:].strip(b"\0"):
            raise Malformed("a pax header with more behind its records")

    def _record(self, keyword: bytes, value: bytes) -> None:
        if keyword in _NAMES or keyword in _NUMBERS:
            self.other_bytes += len(self.records.get(keyword, b""))  # of two the last holds
            self.other_bytes += max(0, len(value) - _NUMBER_BYTES) if keyword in _NUMBERS else 0
            self.records[keyword] = value
        elif keyword.startswith(_USUAL):
            self.usual_bytes += 0 if keyword == _DUMP_LIST and is_dump_list(value) else len(keyword + value)
        else:
            self.other_bytes += len(keyword + value)
        if keyword.startswith(_SPARSE) and keyword not in _NAMES:
            self.records[_SPARSE] = b"1"


def is_sparse(records: Mapping[bytes, bytes]) -> bool:
    """Whether a pax header describes a sparse member."""
    return _SPARSE in records or b"GNU.sparse.name" in records


def is_dump_list(data: bytes) -> bool:
    """Whether it is a list of names, each behind a letter for its state, and nothing else."""
    names = data.rstrip(b"\0").split(b"\0")
    return names == [b""] or all(map(_is_listed, names))


def _is_listed(name: bytes) -> bool:
    if name[:1] and name[0] in _STATES:
        return 1 < len(name) <= 1 + _LONGEST_NAME_BYTES
    return bool(name) and name[0] in _RENAMES and len(name) <= 1 + _LONGEST_PATH_BYTES
