"""Floor 3: archives, opened by content and read as streams: nothing is unpacked under a stored name."""

from headwater.evidence.archive.opening import is_zip_at_its_end, open_archive

__all__ = ["is_zip_at_its_end", "open_archive"]
