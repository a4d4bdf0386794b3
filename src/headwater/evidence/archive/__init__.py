"""Floor 3: archives, opened by content and read as streams: nothing is unpacked under a stored name."""

from headwater.evidence.archive.opening import open_archive

__all__ = ["open_archive"]
