"""Landlock: the kernel refuses this process every path, every TCP port and every process outside it.

Source: Documentation/userspace-api/landlock.rst and include/uapi/linux/landlock.h of the Linux kernel. A right that a
ruleset handles and no rule allows is denied; this ruleset handles every right the running kernel knows and holds no
rule. Instead of a table of rights per ABI the kernel itself is asked, bit by bit: a kernel newer than this file is
used in full.
"""

import ctypes
import errno
import os

from headwater.sandbox.libc import machine, prctl, syscall

_CREATE_RULESET, _RESTRICT_SELF = 444, 446  # the same number on every architecture
_VERSION = 1  # LANDLOCK_CREATE_RULESET_VERSION
_PR_SET_NO_NEW_PRIVS = 38
_WORD_BITS = 64


class _RulesetAttr(ctypes.Structure):
    """struct landlock_ruleset_attr; `net` since ABI 4, `scoped` since ABI 6."""

    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


_FIELDS = (("fs", 1), ("net", 4), ("scoped", 6))


def abi() -> int:
    """Return the kernel's Landlock ABI; 0 where it has none, or where it is switched off."""
    if not machine():
        return 0
    try:
        return syscall(_CREATE_RULESET, None, 0, _VERSION)
    except OSError:
        return 0


def restrict() -> None:
    """Deny this thread, and all it starts, everything Landlock can deny; sets no_new_privs. Not reversible.

    Descriptors that are already open stay usable. Raises OSError where the kernel has no Landlock.
    """
    version = abi()
    if not version:
        raise OSError(errno.ENOSYS, "the kernel has no Landlock")
    fields = [name for name, since in _FIELDS if version >= since]
    size_bytes = 8 * len(fields)
    ruleset = _create(_RulesetAttr(**{name: _known_bits(name, size_bytes) for name in fields}), size_bytes)
    try:
        prctl(_PR_SET_NO_NEW_PRIVS, 1)
        syscall(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _known_bits(field: str, size_bytes: int) -> int:
    """All bits of one field that this kernel accepts: they are handed out from bit 0 without gaps."""
    known = 0
    for bit in range(_WORD_BITS):
        wider = known | 1 << bit
        try:
            os.close(_create(_RulesetAttr(**{field: wider}), size_bytes))
        except OSError as refused:
            if refused.errno != errno.EINVAL:
                raise
            break
        known = wider
    return known


def _create(attributes: _RulesetAttr, size_bytes: int) -> int:
    return syscall(_CREATE_RULESET, ctypes.addressof(attributes), size_bytes, 0)
