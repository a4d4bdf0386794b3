"""The system calls a jailed worker may make, and with which arguments.

Numbers: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h (aarch64) of the Linux kernel.

Left out on purpose, with what that costs:

- open, openat, socket, connect, execve, fork, vfork, kill, ptrace, rename, unlink, io_uring, bpf ... : the point of it.
- New executable memory (mmap or mprotect with PROT_EXEC): a worker has loaded all its code before, so compiling a
  kernel or loading a library inside the jail fails. `prepare()` has to call every kernel once, with each signature.
- Processes. Threads are allowed, as libde265 (HEIC) ends the process when it cannot start one and dav1d (AVIF) fails:
  clone with exactly the flags of pthread_create. They are born inside the jail. clone3 keeps its flags in memory, where
  a filter cannot look, so it is answered with ENOSYS and the C library falls back to clone.
- ioctl: nothing needs it; `isatty` answers no. Python's `socket.settimeout` uses it, hence `Channel` polls instead.
- epoll, eventfd, pipes, timers: a worker waits for one socket, with poll.
- stat, access, readlink, getcwd, getdents64: no path, and no folder passed in, is of use to a worker. fstat on an open
  descriptor is allowed; the C library may spell it newfstatat(fd, "", ..., AT_EMPTY_PATH). A filter cannot see whether
  that path is empty, so where namespaces are missing a taken-over worker could learn size and times of a file by name
  (never its content); with them its root folder is empty.
"""

from dataclasses import dataclass

_ALL = 0xFFFFFFFF
_LOW, _HIGH = 0, 1
_PROT_EXEC = 4
_AT_EMPTY_PATH = 0x1000
_PTHREAD_CREATE = (0x3D0F00, 0x7D0F00)  # glibc's CLONE_VM|FS|FILES|SIGHAND|THREAD|SYSVSEM|SETTLS|..., and musl's
_FCNTL = (0, 1, 2, 3, 4, 1030)  # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC; above all not F_SETOWN
_MEMFD_OTHER = _ALL & ~0xB  # all but MFD_CLOEXEC, MFD_ALLOW_SEALING, MFD_NOEXEC_SEAL: no huge pages


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Holds if one 32-bit half of an argument, under a mask, is one of the values."""

    argument: int
    half: int = _LOW
    mask: int = _ALL
    values: tuple[int, ...]


# What leads out of a process, refused before a plug-in is loaded. name: (x86_64, aarch64)
OUTSIDE: dict[str, tuple[int, int]] = {
    "socket": (41, 198),
    "bind": (49, 200),
    "listen": (50, 201),
    "connect": (42, 203),
    "execve": (59, 221),
    "execveat": (322, 281),
    "ptrace": (101, 117),
    "io_uring_setup": (425, 425),
}


def _null(argument: int) -> tuple[Check, Check]:
    return Check(argument=argument, values=(0,)), Check(argument=argument, half=_HIGH, values=(0,))


# name: (x86_64, aarch64); None where the architecture has no such call
ALWAYS: dict[str, tuple[int | None, int | None]] = {
    # open descriptors
    "read": (0, 63),
    "write": (1, 64),
    "pread64": (17, 67),
    "pwrite64": (18, 68),
    "readv": (19, 65),
    "writev": (20, 66),
    "preadv": (295, 69),
    "pwritev": (296, 70),
    "lseek": (8, 62),
    "fstat": (5, 80),
    "close": (3, 57),
    "dup": (32, 23),
    "dup2": (33, None),
    "dup3": (292, 24),
    "ftruncate": (77, 46),
    "fallocate": (285, 47),
    # the channel
    "recvmsg": (47, 212),
    "recvfrom": (45, 207),
    "sendmsg": (46, 211),
    "poll": (7, None),
    "ppoll": (271, 73),
    "select": (23, None),
    "pselect6": (270, 72),
    # memory
    "munmap": (11, 215),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "brk": (12, 214),
    # locks, signals to itself, time, the end
    "futex": (202, 98),
    "set_robust_list": (273, 99),
    "rseq": (334, 293),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "restart_syscall": (219, 128),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "getcpu": (309, 168),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101),
    "gettimeofday": (96, 169),
    "time": (201, None),
    "times": (100, 153),
    "getrusage": (98, 165),
    "sysinfo": (99, 179),
    "getrandom": (318, 278),
    "getpid": (39, 172),
    "gettid": (186, 178),
    "getppid": (110, 173),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
    "getrlimit": (97, 163),
    "exit": (60, 93),
    "exit_group": (231, 94),
}

SOMETIMES: dict[str, tuple[int, int, tuple[Check, ...]]] = {
    "mmap": (9, 222, (Check(argument=2, mask=_PROT_EXEC, values=(0,)),)),
    "mprotect": (10, 226, (Check(argument=2, mask=_PROT_EXEC, values=(0,)),)),
    "clone": (56, 220, (Check(argument=0, values=_PTHREAD_CREATE), Check(argument=0, half=_HIGH, values=(0,)))),
    "newfstatat": (262, 79, (Check(argument=3, values=(_AT_EMPTY_PATH,)),)),
    "fcntl": (72, 25, (Check(argument=1, values=_FCNTL),)),
    "memfd_create": (319, 279, (Check(argument=1, mask=_MEMFD_OTHER, values=(0,)),)),
    "sendto": (44, 206, _null(4)),  # without an address
    "prlimit64": (302, 261, (Check(argument=0, values=(0,)), *_null(2))),  # reads its own limits, sets none
}

CLONE3 = 435  # on every architecture


def tgkill(process: int) -> tuple[int, int, tuple[Check, ...]]:
    """Rule of tgkill, aimed at the process itself: what abort() and a re-raised fault need."""
    return 234, 131, (Check(argument=0, values=(process,)),)
