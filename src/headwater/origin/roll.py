"""Which folders are a device's own camera roll: by the standard's folder names, or as the owner's camera's folder.

A folder is a roll by one of two rules, both over allocated pictures only:

- ``dcf``: it is ``DCIM/nnnAAAAA`` (JEITA CP-3461, 3.2) or ``DCIM/Camera``, at the root of a volume or of a phone's
  shared storage.
- ``owner``: at least 8 pictures, four in five of them by one body with names that run as a camera's do; that body took
  at least half of all camera pictures of the exhibit, on 5 days or more; nothing in the folder was generated,
  and no model was trained on it.

Downloads, chats, screenshots, caches, bins, hidden folders and what lies in an archive of the device are never a roll.
A picture belongs to the roll only if its body took a tenth of it or more: a stranger's picture put there stays out.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

PICTURES_MIN, SHARE_MIN, OWNER_SHARE_MIN, DAYS_MIN = 8, 0.8, 0.5, 5
BODY_SHARE_MIN = 0.1  # of a roll's camera pictures: bodies below are strangers to it
_DCF_FOLDER = re.compile(rb"[1-9]\d\d[0-9A-Za-z_]{5}")
_CAMERA_NAMES = re.compile(rb"(?:[A-Za-z_]{2,5}[_-]?\d{4,8}|[A-Za-z]{2,5}[_-]?\d{8}[_-]\d{6,9}\w*)\.\w{3,4}")
_STORAGE = (
    *(b"", b"storage/emulated/0", b"data/media/0", b"sdcard", b"media/0", b"internal storage", b"phone", b"sd card"),
    *(b"private/var/mobile/media", b"var/mobile/media"),
)
_NOT_OWN = re.compile(
    rb"(?:downloads?|received|sent|saved|screen ?shots?|screenrecord\w*|chats?|messag\w*|.*whatsapp.*|.*telegram.*"
    rb"|signal|viber|line|wechat|snapchat|.*messenger.*|com\..*|org\..*|cache\w*|temp|tmp|trash|\$?recycle.*|\..+"
    rb"|attachments?|media)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """One camera as a file names it. serial: empty where it does not say."""

    make: str
    model: str
    serial: str = ""

    def may_be(self, other: "Body") -> bool:
        """Whether nothing speaks against both being one body."""
        same_model = (self.make, self.model) == (other.make, other.model)
        return same_model and (not self.serial or not other.serial or self.serial == other.serial)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One picture at one place. path: raw bytes below its volume or archive. body: None where no coherent EXIF.

    inside: it lies in an archive or an image that is itself a file of the exhibit. day: of its capture, as written.
    of_a_generator: it was generated, or a model was trained on it.
    """

    exhibit: str
    path: bytes
    allocated: bool
    inside: bool = False
    body: Body | None = None
    day: str = ""
    of_a_generator: bool = False


@dataclass(slots=True)
class _Folder:
    pictures: int = 0
    named: int = 0
    of_a_generator: int = 0
    bodies: Counter[Body] = field(default_factory=Counter)


class Rolls:
    """Takes every picture of every exhibit once, then tells which folders are rolls. Holds counts of folders only."""

    def __init__(self) -> None:
        self._folders: dict[tuple[str, bytes], _Folder] = defaultdict(_Folder)
        self._owners: dict[str, Counter[Body]] = defaultdict(Counter)
        self._days: dict[tuple[str, Body], set[str]] = defaultdict(set)
        self._known: Mapping[tuple[str, bytes], str] | None = None

    def add(self, one: Occurrence) -> None:
        """Count one picture."""
        if not _may_count(one):
            return
        folder, name = _split(one.path)
        counts = self._folders[one.exhibit, folder]
        counts.pictures += 1
        counts.of_a_generator += one.of_a_generator
        counts.named += bool(_CAMERA_NAMES.fullmatch(name))
        if one.body:
            counts.bodies[one.body] += 1
            self._owners[one.exhibit][one.body] += 1
            days = self._days[one.exhibit, one.body]
            if one.day and len(days) < DAYS_MIN:
                days.add(one.day)

    def rolls(self) -> Mapping[tuple[str, bytes], str]:
        """Each roll as (exhibit, folder), with the rule that made it one. Asked after the last picture."""
        if self._known is None:
            self._known = dict(self._found())
        return self._known

    def holds(self, one: Occurrence) -> bool:
        """Whether a picture at this place is in the device's own camera roll."""
        if not _may_count(one) or one.body is None:
            return False
        place = (one.exhibit, _split(one.path)[0])
        return place in self.rolls() and self._is_of(one.body, self._folders[place])

    def _is_of(self, body: Body, folder: _Folder) -> bool:
        same = sum(count for other, count in folder.bodies.items() if body.may_be(other))
        return same >= BODY_SHARE_MIN * folder.bodies.total()

    def _found(self) -> Iterator[tuple[tuple[str, bytes], str]]:
        for (exhibit, path), folder in self._folders.items():
            if _is_dcf(path):
                yield (exhibit, path), "dcf"
            elif self._is_owners(exhibit, folder):
                yield (exhibit, path), "owner"

    def _is_owners(self, exhibit: str, folder: _Folder) -> bool:
        if folder.pictures < PICTURES_MIN or folder.of_a_generator or not folder.bodies:
            return False
        body, count = folder.bodies.most_common(1)[0]
        owners = self._owners[exhibit]
        return (
            count >= SHARE_MIN * folder.pictures
            and folder.named >= SHARE_MIN * folder.pictures
            and owners[body] >= OWNER_SHARE_MIN * owners.total()
            and len(self._days[exhibit, body]) >= DAYS_MIN
        )


def _may_count(one: Occurrence) -> bool:
    folder = _split(one.path)[0]
    return one.allocated and not one.inside and not any(_NOT_OWN.fullmatch(part) for part in _own_parts(folder))


def _own_parts(folder: bytes) -> list[bytes]:
    """The folder's names, without those of a phone's shared storage, which every phone has."""
    lower = folder.lower()
    for storage in sorted(_STORAGE, key=len, reverse=True):
        if storage and (lower == storage or lower.startswith(storage + b"/")):
            return folder[len(storage) :].strip(b"/").split(b"/")
    return folder.split(b"/")


def _split(path: bytes) -> tuple[bytes, bytes]:
    folder, _, name = path.strip(b"/").rpartition(b"/")
    return folder, name


def _is_dcf(folder: bytes) -> bool:
    parts = folder.split(b"/")
    if len(parts) < 2 or parts[-2].upper() != b"DCIM":
        return False
    is_named = parts[-1].lower() == b"camera" or bool(_DCF_FOLDER.fullmatch(parts[-1]))
    return is_named and b"/".join(parts[:-2]).lower() in _STORAGE
