"""Floor 3: archives, opened by content and read as streams: nothing is unpacked under a stored name."""

from headwater.evidence.archive.opening import open_archive, open_archives
from headwater.evidence.archive.touch import Touch, untouched

__all__ = ["Touch", "open_archive", "open_archives", "untouched"]
