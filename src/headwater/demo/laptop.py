"""DE-01, a subscriber's laptop: downloads, own photographs, hostile names, nested archives, a bomb, lying files."""

from dataclasses import dataclass, replace
from functools import partial

from headwater.demo import camera, generators, pictures
from headwater.demo.documents import build_program
from headwater.demo.exif_writer import Value, build_exif
from headwater.demo.generators import Draft, Model
from headwater.demo.packers import build_zip
from headwater.demo.placed import Placed
from headwater.demo.server import Upload
from headwater.demo.story import Story, coast, dream, make_all

_OWN, _ODD, _OTHER, _DOWNLOAD = 500, 501, 502, 503
LONG_NAME = (b"a very long walk along the coast " * 8)[:246] + b".jpg"
ODD_NAMES: tuple[bytes, ...] = (
    "lighthouse_\u202egnp.exe.jpg".encode(),
    b"\x1b[2J\x1b[31mred light\x1b[0m.jpg",
    b"two\nlines.jpg",
    b"caf\xe9 \xff\xfe.jpg",
    LONG_NAME,
    b"-rf light.jpg",
    b" spaces at both ends ",
    b"100%25 | a:b@c.jpg",
    b"literal \\u{202E} escape.jpg",
    "f\u00e9lix.jpg".encode(),
    "fe\u0301lix.jpg".encode(),
    "\U0001f5fc tower \U0001f30a.jpg".encode(),
    "no\u200bspace\ufeff.jpg".encode(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Laptop:
    """The folder's files, what lies inside their archives (full paths), and what must be refused."""

    placed: tuple[Placed, ...]
    inner: tuple[Placed, ...]
    refused: tuple[bytes, ...]
    own: tuple[Placed, ...]
    other_tool: Placed
    edited: Placed
    claimed: Placed  # a camera's photograph with a generator's text put into it


def build_laptop(story: Story, uploads: list[Upload]) -> Laptop:
    """Make the laptop of a subscriber who downloaded some of `uploads`."""
    own = _photographs(story)
    downloads = _downloads(story, uploads)
    other, edited, claimed = _other_tool(story), _edited(story), _claimed(story)
    odd = _odd(story)
    archives, inner = _archives(story)
    bombs, refused, inside_bombs = _bombs(story)
    placed = [*own, *downloads, other, edited, claimed, *odd, *_lying(story, own[0]), *archives, *bombs]
    return Laptop(
        placed=tuple(placed), inner=tuple(inner + inside_bombs), refused=tuple(refused), own=tuple(own),
        other_tool=other, edited=edited, claimed=claimed,
    )  # fmt: skip


def _photographs(story: Story) -> list[Placed]:
    body = story.laptop_camera
    pattern = body.pattern()
    times = sorted(story.moment(story.rng(_OWN, index)) for index in range(story.size.laptop_photographs))
    jobs = [
        partial(camera.photograph, body, pattern, coast(story, _OWN, index, real=False), taken, 40 + index)
        for index, taken in enumerate(times)
    ]
    return [
        Placed(path=f"Pictures/2024/DSC{index:05d}.JPG".encode(), data=data, modified=taken)
        for index, (taken, data) in enumerate(zip(times, make_all(jobs), strict=True), 40)
    ]


def _downloads(story: Story, uploads: list[Upload]) -> list[Placed]:
    """Place exact copies of uploads, under the names the site gave them; one lies there twice."""
    chosen = story.rng(_DOWNLOAD).permutation(len(uploads))[: story.size.downloads]
    picked = [uploads[int(which)].placed for which in chosen]
    copies = [
        replace(one, path=f"Downloads/{story.platform}/".encode() + one.path.rsplit(b"/", 1)[-1]) for one in picked
    ]
    again = replace(copies[0], path=copies[0].path.removesuffix(b".jpg") + b" (1).jpg")
    return [*copies, again]


def _other_tool(story: Story) -> Placed:
    model = Model(name="online", sha256="0" * 64)
    draft = Draft(
        prompt="lighthouse, night, aurora", negative="lowres", seed=2_145_551_904, steps=28, cfg=5.0, width=640,
        height=832, checkpoint=model,
    )  # fmt: skip
    pixels = dream(story, 640, 832, _OTHER, 1)
    data = pictures.encode_png(pixels, generators.novelai_text(draft))
    path = b"Pictures/lighthouse, night, aurora s-2145551904.png"
    return Placed(path=path, data=data, modified=story.moment(story.rng(_OTHER, 1)))


def _edited(story: Story) -> Placed:
    """Make a photograph in which a part was filled by a generator, as its XMP declares."""
    body = story.laptop_camera
    taken = story.moment(story.rng(_OTHER, 2))
    pixels = camera.sensor_pixels(body, body.pattern(), coast(story, _OTHER, 2, real=False)).copy()
    pixels[200:520, 300:560] = dream(story, 260, 320, _OTHER, 3)
    xmp = generators.xmp_packet("compositeWithTrainedAlgorithmicMedia", "Pictura Desk 25.1")
    data = pictures.encode_jpeg(pixels, quality=93, exif=camera.exif(body, taken, 77), xmp=xmp)
    return Placed(path=b"Pictures/2024/DSC00077 edited.jpg", data=data, modified=taken)


def _claimed(story: Story) -> Placed:
    """Do what anybody can: put a generator's text into a photograph, so that two claims contradict each other."""
    body = story.laptop_camera
    taken = story.moment(story.rng(_OTHER, 4))
    pixels = camera.sensor_pixels(body, body.pattern(), coast(story, _OTHER, 4, real=False))
    settings = "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512, Model hash: 0123456789"
    text = f"a coast\n{settings}"
    main: dict[int, Value] = {0x010F: body.make, 0x0110: body.model, 0x0132: taken.strftime("%Y:%m:%d %H:%M:%S")}
    shot: dict[int, Value] = {0x9003: taken.strftime("%Y:%m:%d %H:%M:%S"), 0x9286: generators.user_comment(text)}
    data = pictures.encode_jpeg(pixels, tables=body.tables(), exif=build_exif(main, shot))
    return Placed(path=b"Pictures/2024/DSC00078.JPG", data=data, modified=taken)


def _small(story: Story, index: int) -> bytes:
    return pictures.encode_jpeg(dream(story, 256, 192, _ODD, index), quality=80)


def _odd(story: Story) -> list[Placed]:
    """Use names that act on a terminal, a reader's eye or a careless program. In each folder another picture."""
    moment = story.moment(story.rng(_ODD))
    names = [b"odd/" + name for name in ODD_NAMES]
    deep = b"odd/deep" + b"/d" * 40 + b"/x.jpg"
    names += ["odd/r\u00e6kke \u202e/\x1b]0;title\x07/below.jpg".encode(), b"odd/.hidden/..light", deep]
    return [Placed(path=name, data=_small(story, index), modified=moment) for index, name in enumerate(names)]


def _lying(story: Story, photograph: Placed) -> list[Placed]:
    """Make files that are not what their names say, and files that end too early."""
    moment = story.moment(story.rng(_ODD, 900))
    png = pictures.encode_png(dream(story, 256, 256, _ODD, 901))
    cut = photograph.data[: len(photograph.data) * 2 // 5]
    files: list[tuple[str, bytes, str]] = [
        ("lying/really a png.jpg", png, "PNG named .jpg"),
        ("lying/really text.png", b"This is only text.\n", "text named .png"),
        ("lying/really a picture.zip", _small(story, 902), "JPEG named .zip"),
        ("lying/really a program.jpg", build_program((story.seed, _ODD, 903), 8), "program named .jpg"),
        ("lying/cut off.jpg", cut, "truncated JPEG"),
        ("lying/cut off.png", png[: len(png) // 2], "truncated PNG"),
        ("lying/head only.jpg", photograph.data[:20], "the first 20 bytes of a JPEG"),
        ("lying/empty.jpg", b"", "empty file"),
        ("lying/more behind.jpg", _small(story, 904) + b"PK-not-a-zip " * 9, "data after the end marker"),
    ]
    return [Placed(path=path.encode(), data=data, modified=moment, note=note) for path, data, note in files]


def _archives(story: Story) -> tuple[list[Placed], list[Placed]]:
    """Pack archives inside archives, three deep; and one whose members' names point elsewhere."""
    moment = story.moment(story.rng(_ODD, 910))

    def member(path: str, index: int) -> Placed:
        return Placed(path=path.encode(), data=_small(story, 911 + index), modified=moment)

    deepest = [member("coast/far.jpg", 0), Placed(path=b"coast/list.txt", data=b"far\n" * 400, modified=moment)]
    middle = [Placed(path=b"deepest.zip", data=build_zip(deepest), modified=moment), member("middle.jpg", 1)]
    outer = [Placed(path=b"more/middle.zip", data=build_zip(middle), modified=moment), member("outer.jpg", 2)]
    evil_names = ("../../escape.jpg", "/etc/absolute.jpg", "plain.jpg", "..\\back.jpg")
    evil = [member(name, index) for index, name in enumerate(evil_names, 3)]
    names = [Placed(path=b"outer.zip", data=build_zip(outer), modified=moment)]
    names.append(Placed(path=b"escape.zip", data=build_zip(evil, stored=True), modified=moment))
    archives = [replace(one, path=b"Downloads/" + one.path) for one in names]
    inner = below(archives[0], outer)
    inner += below(inner[0], middle)
    inner += below(inner[len(outer)], deepest)
    return archives, inner + below(archives[1], evil)


def below(archive: Placed, members: list[Placed]) -> list[Placed]:
    """Give the members their full paths, as the items table joins them."""
    return [replace(one, path=archive.path + b"/" + one.path.strip(b"/")) for one in members]


def _bombs(story: Story) -> tuple[list[Placed], list[bytes], list[Placed]]:
    """Make a small zip that unpacks to more than 80 MiB of one value, once on the desk and once inside another zip."""
    moment = story.moment(story.rng(_ODD, 930))
    flat = Placed(path=b"all pictures.bmp", data=bytes(story.size.bomb_mebibytes << 20), modified=moment)
    bomb = Placed(path=b"Downloads/all pictures.zip", data=build_zip([flat]), modified=moment)
    inner = Placed(path=b"pictures.zip", data=bomb.data, modified=moment)
    outer = Placed(path=b"Downloads/unpack me.zip", data=build_zip([inner]), modified=moment)
    found = below(outer, [inner])
    refused = [one.path + b"/" + flat.path for one in (bomb, found[0])]
    return [bomb, outer], refused, found
