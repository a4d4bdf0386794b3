"""Archives inside archives, one whose members' names point elsewhere, and small ones that unpack to very much."""

from dataclasses import replace

from headwater.demo.exhibits.laptop_odd import from_elsewhere, small_picture
from headwater.demo.packers import build_zip
from headwater.demo.placed import Placed
from headwater.demo.story import Story
from headwater.demo.timeline import moment_between

_ARCHIVES = 505
_EVIL_NAMES = ("../../escape.jpg", "/etc/absolute.jpg", "plain.jpg", "..\\back.jpg")


def nested_archives(story: Story) -> tuple[list[Placed], list[Placed]]:
    """Pack them, `layout.nesting` deep; returns the archives, and all that lies inside, with full paths."""
    moment = moment_between(story.rng(_ARCHIVES), story.days.begin, story.days.subscriber_seized)

    def member(path: str, index: int) -> Placed:
        return Placed(
            path=path.encode(), data=small_picture(story, 911 + index), modified=moment, traces=from_elsewhere(),
            media_type="image/jpeg",
        )  # fmt: skip

    word = story.layout.member
    levels = [[member(f"{word}/far.jpg", 0), Placed(path=b"list.txt", data=b"far\n" * 400, modified=moment)]]
    for depth in range(1, story.layout.nesting):
        packed = Placed(path=f"more/{word} {depth}.zip".encode(), data=build_zip(levels[-1]), modified=moment)
        levels.append([packed, member(f"{word} {depth}.jpg", depth)])
    evil = [member(name, 10 + index) for index, name in enumerate(_EVIL_NAMES)]
    outer = Placed(path=b"Downloads/outer.zip", data=build_zip(levels[-1]), modified=moment)
    other = Placed(path=b"Downloads/escape.zip", data=build_zip(evil, stored=True), modified=moment)
    inner, archive = list[Placed](), outer
    for members in reversed(levels):
        inner += (found := below(archive, members))
        archive = found[0]
    return [outer, other], inner + below(other, evil)


def below(archive: Placed, members: list[Placed]) -> list[Placed]:
    """Give the members their full paths, as the items table joins them."""
    return [replace(one, path=archive.path + b"/" + one.path.strip(b"/")) for one in members]


def bombs(story: Story) -> tuple[list[Placed], list[bytes], list[Placed]]:
    """Make a small zip that unpacks to very much of one value, once on the desk and once inside another zip.

    Returns the archives, the paths that must be refused, and what lies inside and can be read.
    """
    moment = moment_between(story.rng(_ARCHIVES, 1), story.days.begin, story.days.subscriber_seized)
    flat = Placed(path=b"all pictures.bmp", data=bytes(story.size.bomb_mebibytes << 20), modified=moment)
    bomb = Placed(path=b"Downloads/all pictures.zip", data=build_zip([flat]), modified=moment)
    inner = Placed(path=b"pictures.zip", data=bomb.data, modified=moment)
    outer = Placed(path=b"Downloads/unpack me.zip", data=build_zip([inner]), modified=moment)
    found = below(outer, [inner])
    return [bomb, outer], [one.path + b"/" + flat.path for one in (bomb, found[0])], found
