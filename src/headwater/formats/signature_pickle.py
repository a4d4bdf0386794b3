"""Python pickles, by their first opcodes; nothing is built from them.

Source: the opcode table of Python's own pickletools.
"""

import re

_OPCODES_WALKED = 12
_OPCODES_OF_TEXT = 64
_IMPORT_FIRST = re.compile(rb"[(\]}]*[ci][A-Za-z_][\w.]*\n[A-Za-z_][\w.]*\n")
_LINES = frozenset(b"FILSVcgipP")  # opcodes whose argument ends with a line feed
_NAMED_BY_TWO_LINES = frozenset(b"ci")
_NONE = frozenset(b"(.01245NRabdelostu}])Q\x81\x85\x86\x87\x88\x89\x8f\x90\x91\x92\x93\x94\x97\x98") - {0x35}
_FIXED = {
    **dict.fromkeys(b"KUqh\x82\x80", 1),
    **dict.fromkeys(b"M\x83", 2),
    **dict.fromkeys(b"Jrj\x84", 4),
    **dict.fromkeys(b"G\x95", 8),
}
_COUNTED = {ord("U"): 1, ord("C"): 1, 0x8A: 1, 0x8C: 1, ord("X"): 4, ord("T"): 4, ord("B"): 4, 0x8B: 4} | dict.fromkeys(
    b"\x8d\x8e\x96", 8
)
_PROTOCOL = 0x80
_STOP = ord(".")


def pickle(head: bytes, size: int) -> str:
    """The type of a pickle of protocol 2 or later where its first opcodes make sense; empty where not."""
    at = 2
    for _ in range(_OPCODES_WALKED):
        if at >= len(head):
            break
        if head[at] == _STOP:
            return "application/x-python-pickle" if at > 2 else ""
        following = _after(head, at, size)
        if not following:
            return ""
        at = following
    return "application/x-python-pickle" if at > 2 else ""


def textual_pickle(head: bytes, size: int) -> str:
    """The type of a pickle of protocol 0 or 1 that begins with an import; empty where not.

    Its opcodes are letters, so words would fit: all of them must, to a STOP at the very end, or as far as is seen.
    """
    if not _IMPORT_FIRST.match(head):
        return ""
    at = count = 0
    while at < len(head):
        if head[at] == _STOP:
            return "application/x-python-pickle" if at + 1 == size else ""
        at = _after(head, at, size)
        count += 1
        if not at:
            return ""
    return "application/x-python-pickle" if count >= _OPCODES_OF_TEXT and at < size else ""


def _after(head: bytes, at: int, size: int) -> int:
    """Where the next opcode stands; 0 where this one is none, or its argument cannot be."""
    code = head[at]
    if code in _NONE:
        return at + 1
    if code in _COUNTED:
        width = _COUNTED[code]
        length = int.from_bytes(head[at + 1 : at + 1 + width], "little")
        return at + 1 + width + length if at + 1 + width + length <= size else 0
    if code in _FIXED:
        return at + 1 + _FIXED[code] if code != _PROTOCOL else 0
    if code not in _LINES:
        return 0
    for _ in range(2 if code in _NAMED_BY_TWO_LINES else 1):
        end = head.find(b"\n", at + 1, at + 1024)
        if end < 0 or not head[at + 1 : end].isascii():
            return 0
        at = end
    return at + 1
