"""The enumeration guard: a volume cannot hold more names than it has room for.

A damaged or hostile file system can send a lister round in circles, or make one tool report 155 million files where
there are four. Names are counted against what the volume can hold, directories against how often they can be reached.
"""

from collections import Counter
from dataclasses import dataclass, field

NAMES_PER_INODE = 8  # hard links, streams and deleted names of the same inode
SPARE_NAMES = 65_536
VISITS_PER_DIRECTORY = 4  # a deleted name may reach a directory a second time
MAX_DEPTH = 1024


@dataclass(slots=True, kw_only=True)
class Guard:
    """Counts names and visits. `room` is how many files the volume can hold: inodes, MFT entries or FAT clusters."""

    room: int
    room_name: str = "inodes"
    names: int = 0
    _visits: Counter[int] = field(default_factory=Counter)

    @property
    def limit(self) -> int:
        """Above this many names the enumeration is wrong."""
        return NAMES_PER_INODE * self.room + SPARE_NAMES

    def count(self) -> str:
        """Count one name. Returns why to stop, or nothing."""
        self.names += 1
        if self.names <= self.limit:
            return ""
        return (
            f"enumeration looks wrong: {self.names} names listed, the volume has {self.room} {self.room_name}; stopped"
        )

    def enter(self, directory: int, above: list[int]) -> str:
        """Ask to list a directory below those `above`. Returns why not to, or nothing."""
        if directory in above:
            return f"directory {directory} holds itself: cut here"
        if len(above) >= MAX_DEPTH:
            return f"directories more than {MAX_DEPTH} deep: cut here"
        self._visits[directory] += 1
        if self._visits[directory] > VISITS_PER_DIRECTORY:
            return f"directory {directory} was reached {self._visits[directory]} times: cut here"
        return ""
