"""Which inodes of an ext volume the file system keeps for itself: journal, resize inode, quotas, list of orphans.

Each is believed only where the feature it belongs to is on: without it, its number is one a file can be hidden under.

Source: ext4 Data Structures and Algorithms, "Special inodes" and "The Super Block"; numbers of user and group quota as
e2fsprogs gives them.
"""

_COMPATIBLE, _READ_ONLY = 92, 100  # the words of the superblock that say which features are on
_HAS_JOURNAL, _RESIZE_INODE, _ORPHAN_FILE = 0x4, 0x10, 0x1000
_QUOTA, _PROJECT = 0x100, 0x2000
_ROOT, _USER_QUOTA, _GROUP_QUOTA, _RESIZE, _JOURNAL = 2, 3, 4, 7, 8
_PROJECT_QUOTA_AT, _ORPHAN_FILE_AT = 0x26C, 0x280  # s_prj_quota_inum, s_orphan_file_inum


def own_inodes(superblock: bytes) -> frozenset[int]:
    """Read them from the 1024 bytes of the superblock."""
    compatible, read_only = _number(superblock, _COMPATIBLE), _number(superblock, _READ_ONLY)
    own = {_ROOT}
    if compatible & _HAS_JOURNAL:
        own.add(_JOURNAL)
    if compatible & _RESIZE_INODE:
        own.add(_RESIZE)
    if compatible & _ORPHAN_FILE:
        own.add(_number(superblock, _ORPHAN_FILE_AT))
    if read_only & _QUOTA:
        own |= {_USER_QUOTA, _GROUP_QUOTA}
        if read_only & _PROJECT:
            own.add(_number(superblock, _PROJECT_QUOTA_AT))
    return frozenset(own)


def _number(superblock: bytes, at: int) -> int:
    return int.from_bytes(superblock[at : at + 4], "little")
