"""Raw system calls through ctypes, with errors as OSError."""

import ctypes
import os
import platform
import sys
from functools import cache

_LONG_BITS = 64


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def machine() -> str:
    """``x86_64`` or ``aarch64`` where the jail is built for this kernel, else an empty string."""
    name = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine())
    known = sys.platform == "linux" and sys.maxsize.bit_length() + 1 == _LONG_BITS
    return name if known and name in {"x86_64", "aarch64"} else ""


def syscall(number: int, *arguments: int | None) -> int:
    """Make one system call. Addresses are passed as integers. Raises OSError with the kernel's errno."""
    words = [ctypes.c_long(argument or 0) for argument in arguments]
    return _checked(_libc().syscall(ctypes.c_long(number), *words))


def prctl(option: int, *arguments: int) -> int:
    """Set or read an attribute of this process or thread, as the manual page of prctl has it. Raises OSError."""
    padded = (*arguments, 0, 0, 0, 0)[:4]
    return _checked(_libc().prctl(ctypes.c_int(option), *(ctypes.c_ulong(word) for word in padded)))


def unshare(flags: int) -> None:
    """Move into new namespaces; `os.unshare` only exists from Python 3.12 on. Raises OSError."""
    _checked(_libc().unshare(ctypes.c_int(flags)))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
