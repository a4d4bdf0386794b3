"""Names that act on a terminal, a reader's eye or a careless program; files that are not what their names say."""

from headwater.demo import pictures
from headwater.demo.documents import build_program
from headwater.demo.placed import Placed
from headwater.demo.story import Story, dream
from headwater.demo.timeline import moment_between
from headwater.demo.traces import Traces, stripped

_ODD = 501
LONG_NAME = b"a very long walk along the coast " * 7 + b"to the far rock.jpg"
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
_FAILS = {  # name below lying/: the examiners that must fail at it, and how
    "head only.jpg": (("metadata", "malformed"), ("picture", "truncated"), ("perceptual", "truncated")),
    "cut off.png": (("metadata", "truncated"),),  # a PNG may keep metadata behind the pixels
}
_FROM_ELSEWHERE = "it carries nothing, and nothing here is like it"


def small_picture(story: Story, index: int) -> bytes:
    """Draw a small picture that carries nothing."""
    return pictures.encode_jpeg(dream(story, 256, 192, _ODD, index), quality=80)


def from_elsewhere() -> Traces:
    """Tell of a picture of unknown making."""
    return stripped("generated", _FROM_ELSEWHERE)


def odd_files(story: Story) -> list[Placed]:
    """Use the odd names, and odd folders. Under each name lies another picture."""
    moment = moment_between(story.rng(_ODD), story.days.begin, story.days.subscriber_seized)
    names = [b"odd/" + name for name in ODD_NAMES]
    deep = b"odd/deep" + b"/d" * 40 + b"/x.jpg"
    names += ["odd/r\u00e6kke \u202e/\x1b]0;title\x07/below.jpg".encode(), b"odd/.hidden/..light", deep]
    return [
        Placed(path=name, data=small_picture(story, index), modified=moment, traces=from_elsewhere(),
               media_type="image/jpeg")
        for index, name in enumerate(names)
    ]  # fmt: skip


def lying_files(story: Story, photograph: Placed) -> list[Placed]:
    """Make files that are not what their names say, and files that end too early."""
    rng = story.rng(_ODD, 900)
    moment = moment_between(rng, story.days.begin, story.days.subscriber_seized)
    png = pictures.encode_png(dream(story, 256, 256, _ODD, 901))
    most = photograph.data[: len(photograph.data) * int(rng.integers(93, 98)) // 100]
    none = from_elsewhere()
    head = Traces(actual="camera", why="the first bytes of a photograph: nothing of it can be read")
    program = build_program((story.seed, _ODD, 903), 8)
    half = png[: len(png) * int(rng.integers(40, 70)) // 100]
    behind = small_picture(story, 904) + b"PK-not-a-zip " * 9
    files: list[tuple[str, bytes, str, Traces | None, str]] = [
        ("really a png.jpg", png, "PNG named .jpg", none, "image/png"),
        ("really text.png", b"This is only text.\n", "text named .png", None, "text/plain"),
        ("really a picture.zip", small_picture(story, 902), "JPEG named .zip", none, "image/jpeg"),
        ("really a program.jpg", program, "program named .jpg", None, "application/vnd.microsoft.portable-executable"),
        ("cut off.jpg", most, "truncated JPEG", photograph.traces, "image/jpeg"),
        ("cut off.png", half, "truncated PNG", none, "image/png"),
        ("head only.jpg", photograph.data[:20], "the first 20 bytes of a JPEG", head, "image/jpeg"),
        ("empty.jpg", b"", "empty file", None, ""),
        ("more behind.jpg", behind, "data after the end marker", none, "image/jpeg"),
    ]
    return [
        Placed(
            path=f"lying/{name}".encode(), data=data, modified=moment, note=note, traces=traces, media_type=kind,
            fails=_FAILS.get(name, ()),
        )
        for name, data, note, traces, kind in files
    ]  # fmt: skip
