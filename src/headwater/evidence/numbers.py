"""A set of whole numbers that may be many and close together: block and inode numbers of a volume."""

from collections import defaultdict

_PAGE = 1 << 15


class NumberSet:
    """Numbers from zero on, kept as pages of bits."""

    def __init__(self) -> None:
        self._pages: defaultdict[int, bytearray] = defaultdict(lambda: bytearray(_PAGE // 8))

    def add(self, number: int) -> None:
        """Put a number in."""
        self._pages[number // _PAGE][number % _PAGE // 8] |= 1 << number % 8

    def __contains__(self, number: int) -> bool:
        page = self._pages.get(number // _PAGE)
        return page is not None and bool(page[number % _PAGE // 8] >> number % 8 & 1)
