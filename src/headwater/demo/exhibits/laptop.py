"""DE-01, a subscriber's laptop: downloads, own photographs, hostile names, nested archives, a bomb, lying files."""

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from headwater.demo import camera
from headwater.demo.camera_exif import Shot
from headwater.demo.exhibits.browser import browser_history
from headwater.demo.exhibits.laptop_archives import bombs, nested_archives
from headwater.demo.exhibits.laptop_odd import lying_files, odd_files
from headwater.demo.exhibits.tampered import Tampered, tampered_pictures
from headwater.demo.gallery.downloads import Download
from headwater.demo.gallery.history import Platform
from headwater.demo.placed import Placed
from headwater.demo.story import Story, coast, make_all
from headwater.demo.studio.shots import laptop_shots
from headwater.demo.traces import camera_file

_OWN = 500
_ROLL_NAME = "DSC{:05d}.JPG"


@dataclass(frozen=True, slots=True, kw_only=True)
class Laptop:
    """The folder's files, what lies inside their archives (full paths), and what must be refused."""

    placed: tuple[Placed, ...]
    inner: tuple[Placed, ...]
    refused: tuple[bytes, ...]
    own: tuple[Placed, ...]
    tampered: Tampered
    downloads: tuple[tuple[Download, Placed], ...]


def build_laptop(story: Story, platform: Platform) -> Laptop:
    """Make the laptop of a subscriber who downloaded some of the platform's pictures."""
    *shots, last, one_before, two_before, three_before = laptop_shots(story)
    own = _photographs(story, shots)
    fetched = _downloads(story, platform.downloads)
    tampered = tampered_pictures(story, (last, one_before, two_before, three_before), own[-1])
    archives, inner = nested_archives(story)
    packed, refused, inside_bombs = bombs(story)
    downloads = [one for _, one in fetched]
    again = replace(downloads[0], path=downloads[0].path.removesuffix(b".jpg") + b" (1).jpg")
    placed = [
        *own, *downloads, again, *tampered.all, browser_history(story, fetched), *odd_files(story),
        *lying_files(story, own[0]), *archives, *packed,
    ]  # fmt: skip
    return Laptop(
        placed=tuple(placed), inner=tuple(inner + inside_bombs), refused=tuple(refused), own=tuple(own),
        tampered=tampered, downloads=tuple(fetched),
    )  # fmt: skip


def _photographs(story: Story, shots: list[Shot]) -> list[Placed]:
    body = story.bodies.laptop
    pattern = body.pattern()
    jobs = [
        partial(
            camera.photograph, body, pattern, coast(story, body, _OWN, shot.number, real=False), shot.taken, shot.number
        )
        for shot in shots
    ]
    traces = camera_file("the laptop owner's camera")
    return [
        Placed(path=f"{story.layout.roll}/{_ROLL_NAME.format(shot.number)}".encode(), data=data, modified=shot.taken,
               traces=traces)
        for shot, data in zip(shots, make_all(jobs), strict=True)
    ]  # fmt: skip


def _downloads(story: Story, downloads: list[Download]) -> list[tuple[Download, Placed]]:
    """Place exact copies of what the subscriber fetched, under the names the site gave them; each once."""
    fetched: dict[str, Download] = {}
    for one in downloads:
        if one.visit.account.person.role == "subscriber":
            fetched.setdefault(one.upload.stored_name, one)
    folder = f"Downloads/{story.platform}/".encode()
    return [
        (one, replace(one.upload.placed, path=folder + name.encode(), modified=one.at + timedelta(seconds=2)))
        for name, one in list(fetched.items())[: story.size.downloads]
    ]
