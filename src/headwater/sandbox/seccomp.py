"""The system call filter of a worker: an allow-list in classic BPF; the kernel answers EPERM to everything else.

Source: Documentation/userspace-api/seccomp_filter.rst, include/uapi/linux/{seccomp,filter,audit}.h. The program first
reads the architecture (a call made through another one, such as int 0x80, kills the process), then refuses the x32
numbers, then compares the call's number with each allowed one. Since Linux 5.11 the kernel remembers the answer for
calls allowed whatever their arguments, so the length of the list costs nothing.
"""

import ctypes
import errno
import os
from collections.abc import Iterator, Sequence
from itertools import chain

from headwater.sandbox.libc import machine, prctl, syscall
from headwater.sandbox.syscalls import ALWAYS, CLONE3, OUTSIDE, SOMETIMES, Check, tgkill

_PR_SET_NO_NEW_PRIVS = 38
_SET_MODE_FILTER, _GET_ACTION_AVAIL = 1, 2
_TSYNC = 1  # SECCOMP_FILTER_FLAG_TSYNC: every thread, or an error
_ALLOW, _KILL_PROCESS = 0x7FFF0000, 0x80000000
_REFUSE = 0x00050000 | errno.EPERM  # SECCOMP_RET_ERRNO
_NOT_THERE = 0x00050000 | errno.ENOSYS
_LOAD, _AND, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16  # offsets in struct seccomp_data
_X32 = 0x40000000
# machine: (AUDIT_ARCH_*, the number of seccomp(2), column in the tables of syscalls.py)
_MACHINES = {"x86_64": (0xC000003E, 317, 0), "aarch64": (0xC00000B7, 277, 1)}


class _Instruction(ctypes.Structure):
    """struct sock_filter."""

    _fields_ = (("code", ctypes.c_uint16), ("jt", ctypes.c_uint8), ("jf", ctypes.c_uint8), ("k", ctypes.c_uint32))


class _Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = (("length", ctypes.c_uint16), ("instructions", ctypes.POINTER(_Instruction)))


_Code = tuple[int, int, int, int]


def available() -> bool:
    """Whether the kernel knows seccomp filters that answer with an error number."""
    if not machine():
        return False
    action = ctypes.c_uint32(_REFUSE & 0xFFFF0000)
    try:
        syscall(_MACHINES[machine()][1], _GET_ACTION_AVAIL, 0, ctypes.addressof(action))
    except OSError:
        return False
    return True


def install() -> None:
    """Put the filter on all threads of this process; sets no_new_privs. Not reversible. Raises OSError."""
    if not machine():
        raise OSError(errno.ENOSYS, "no filter for this architecture")
    _put_on(program(machine(), os.getpid()))


def _put_on(code: Sequence[_Code]) -> None:
    instructions = (_Instruction * len(code))(*(_Instruction(*line) for line in code))
    whole = _Program(len(code), instructions)
    prctl(_PR_SET_NO_NEW_PRIVS, 1)
    if syscall(_MACHINES[machine()][1], _SET_MODE_FILTER, _TSYNC, ctypes.addressof(whole)):
        raise OSError(errno.EBUSY, "a thread could not take the filter")


def refuse_network() -> None:
    """Take connections and starting programs from this process, and nothing else. Not reversible. Raises OSError."""
    audit, _, column = _MACHINES[machine()]
    refused = [(_EQUAL, 0, 1, numbers[column]) for numbers in OUTSIDE.values()]
    code = [*_head(audit), *chain.from_iterable((each, (_RETURN, 0, 0, _REFUSE)) for each in refused)]
    _put_on([*code, (_RETURN, 0, 0, _ALLOW)])


def program(architecture: str, process: int) -> list[_Code]:
    """Return the filter as (code, jump if true, jump if false, constant) per instruction."""
    audit, _, column = _MACHINES[architecture]
    fall_back = [(_EQUAL, 0, 1, CLONE3), (_RETURN, 0, 0, _NOT_THERE)]
    blocks = (_block(number, checks) for number, checks in _allowed(column, process))
    return [*_head(audit), *chain.from_iterable(blocks), *fall_back, (_RETURN, 0, 0, _REFUSE)]


def _head(audit: int) -> list[_Code]:
    return [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_EQUAL, 1, 0, audit),
        (_RETURN, 0, 0, _KILL_PROCESS),
        (_LOAD, 0, 0, _NUMBER_AT),
        (_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, _REFUSE),
    ]


def _allowed(column: int, process: int) -> Iterator[tuple[int, tuple[Check, ...]]]:
    for numbers in ALWAYS.values():
        number = numbers[column]
        if number is not None:
            yield number, ()
    for x86_64, aarch64, checks in (*SOMETIMES.values(), tgkill(process)):
        yield (x86_64, aarch64)[column], checks


def _block(number: int, checks: tuple[Check, ...]) -> list[_Code]:
    """Allow one call if all its checks hold, refuse it if one does not, pass over it if it is another call."""
    body = [*chain.from_iterable(map(_check, checks)), (_RETURN, 0, 0, _ALLOW)]
    return [(_EQUAL, 0, len(body), number), *body]


def _check(check: Check) -> list[_Code]:
    """Fall through to the next instruction if the check holds, return the refusal if not (little endian)."""
    load = (_LOAD, 0, 0, _ARGUMENTS_AT + 8 * check.argument + 4 * check.half)
    count = len(check.values)
    compares = [(_EQUAL, count - index, 0, value) for index, value in enumerate(check.values)]
    return [load, (_AND, 0, 0, check.mask), *compares, (_RETURN, 0, 0, _REFUSE)]
