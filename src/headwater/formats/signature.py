"""What a content is, by its bytes; and whether its name says the same.

Sources: the magic numbers of each format's own specification; the list of file signatures in the `file` program's and
PRONOM's public documentation was used to check them. Names are IANA media types where one is registered.
A content that fits nothing is `application/octet-stream`; nothing is guessed from a name.
"""

from headwater.formats.signature_containers import (
    BARE_ATOMS,
    compound,
    icon,
    iff,
    is_atom_length,
    isobmff,
    ogg,
    riff,
    tiff,
    zip_archive,
)
from headwater.formats.signature_pickle import textual_pickle
from headwater.formats.signature_tables import EXTENSIONS, FAR, MAGIC
from headwater.formats.signature_text import text_type
from headwater.formats.signature_weak import WEAK_FAR, weak_type

UNKNOWN = "application/octet-stream"
EMPTY = "inode/x-empty"
_WORD_BYTES = 4
_TEXTUAL = frozenset({"application/postscript", "text/x-script"})  # texts themselves
_SHAPES = (
    (b"RIFF", riff),
    (b"RF64", riff),
    (b"FORM", iff),
    (b"II*\0", tiff),
    (b"MM\0*", tiff),
    (b"PK\x03\x04", zip_archive),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", compound),
    (b"OggS", ogg),
)


def media_type(head: bytes, size: int) -> str:
    """Media type of a content of `size` bytes, of which `head` is the beginning (64 KiB is enough). Never raises."""
    if size == 0:
        return EMPTY
    return (
        _by_container(head, size)
        or _by_magic(head)
        or weak_type(head, size)
        or _by_far_magic(head, size)
        or textual_pickle(head, size)
        or text_type(head)
        or UNKNOWN
    )


def extension_agrees(name: bytes, media_type: str) -> bool | None:
    """Whether the extension of a raw file name fits the type found; None where either says nothing."""
    stem, dot, extension = name.rpartition(b"/")[2].rpartition(b".")
    if not dot or not stem:
        return None
    expected = EXTENSIONS.get(extension.lower().decode("latin-1"))
    if expected is None or media_type in (UNKNOWN, EMPTY):
        return None
    return media_type in expected


def _by_container(head: bytes, size: int) -> str:
    """Formats that share one outer shape and are told apart by what stands first inside."""
    if head[4:8] == b"ftyp" or (head[4:8] in BARE_ATOMS and is_atom_length(head, size)):
        return isobmff(head)
    if head[:4] in (b"\0\0\1\0", b"\0\0\2\0"):
        return icon(head, size)
    shape = next((shape for magic, shape in _SHAPES if head.startswith(magic)), None)
    return shape(head) if shape else ""


def _by_magic(head: bytes) -> str:
    for length in _LENGTHS:
        start = head[:length]
        found = _BY_LENGTH[length].get(start)
        if found and not (length <= _WORD_BYTES and _is_word(start) and found not in _TEXTUAL and text_type(head)):
            return found
    return ""


def _is_word(start: bytes) -> bool:
    """Whether a letter may begin so too."""
    return start.isascii() and start.decode().isprintable()


def _by_far_magic(head: bytes, size: int) -> str:
    found = next((found for offset, magic, found in FAR if head.startswith(magic, offset)), "")
    checks = (check for offset, magic, check in WEAK_FAR if head.startswith(magic, offset))
    return found or next(filter(None, (check(head, size) for check in checks)), "")


_LENGTHS = sorted({len(magic) for magic in MAGIC}, reverse=True)  # the longest first: it is the more exact one
_BY_LENGTH = {length: {magic: found for magic, found in MAGIC.items() if len(magic) == length} for length in _LENGTHS}
