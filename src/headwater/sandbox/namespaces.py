"""A third wall where the kernel grants it: no network, no host processes' IPC, and an empty root folder.

Ordinary users may make these namespaces on most kernels; some distributions forbid it, so nothing relies on it.
Source: user_namespaces(7), network_namespaces(7), capabilities(7).
"""

import ctypes
import os

from headwater.sandbox.libc import prctl, syscall, unshare

_NEW_USER, _NEW_NET, _NEW_IPC, _NEW_UTS = 0x10000000, 0x40000000, 0x08000000, 0x04000000
_NO_FILES = "/proc/self/fdinfo"  # a folder without a file of the host's
_CAPSET = {"x86_64": 126, "aarch64": 91}
_CAPABILITY_VERSION_3 = 0x20080522
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4


def isolate() -> bool:
    """Leave the network and the file tree of the host. True if all of it was granted; False, and no error, if not."""
    try:
        unshare(_NEW_USER | _NEW_NET | _NEW_IPC | _NEW_UTS)
        os.chroot(_NO_FILES)
        os.chdir("/")
    except OSError:
        return False
    return True


def drop_capabilities(machine: str) -> None:
    """Give up every capability, root's included: limits can no longer be raised. Raises OSError."""
    prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    syscall(_CAPSET[machine], ctypes.addressof(header), ctypes.addressof(nothing))
