"""Pictures on the laptop whose origin is not what a first look says: one is drawn, three are photographs and more."""

from dataclasses import dataclass, replace

from headwater.demo import camera, pictures
from headwater.demo.camera_exif import Shot, exif_of
from headwater.demo.generators.a1111 import a1111_parameters, user_comment
from headwater.demo.generators.draft import Model
from headwater.demo.generators.online import novelai_text, xmp_packet
from headwater.demo.placed import Placed
from headwater.demo.scenes import Pixels
from headwater.demo.story import Story, coast, dream
from headwater.demo.studio.outputs import make_draft
from headwater.demo.timeline import moment_between
from headwater.demo.traces import Traces, recorded

_OTHER = 502
_EDITOR = "Pictura Desk 25.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tampered:
    """other_tool: drawn by an online generator. edited: a part of it was filled by one, and it says so.

    claimed: a camera's own file into which a generator's text was put. mismatched: changed by hand, its preview shows
    another picture.
    """

    other_tool: Placed
    edited: Placed
    claimed: Placed
    mismatched: Placed

    @property
    def all(self) -> tuple[Placed, ...]:
        return self.other_tool, self.edited, self.claimed, self.mismatched

    @property
    def photographs(self) -> tuple[Placed, ...]:
        """Those that the laptop owner's camera took."""
        return self.edited, self.claimed, self.mismatched


def tampered_pictures(story: Story, shots: tuple[Shot, Shot, Shot, Shot], another: Placed) -> Tampered:
    """Make them from the last shots of the owner's camera. `another` lends its preview."""
    return Tampered(
        other_tool=_other_tool(story),
        edited=_edited(story, shots[0]),
        claimed=_claimed(story, shots[1]),
        mismatched=_mismatched(story, shots[2], another),
    )


def _other_tool(story: Story) -> Placed:
    rng = story.rng(_OTHER)
    nothing = Model(name="online", sha256="0" * 64)
    plain = make_draft(story, _OTHER, 0, nothing, lora=None, seed=(int(rng.integers(1, 2**31)), ""))
    draft = replace(plain, prompt="lighthouse, night, aurora", width=640, height=832)
    data = pictures.encode_png(dream(story, 640, 832, _OTHER, 1), novelai_text(draft))
    return Placed(
        path=f"Pictures/{draft.prompt} s-{draft.seed}.png".encode(), data=data,
        modified=moment_between(rng, story.days.begin, story.days.subscriber_seized),
        traces=recorded("an online generator's text chunks in the file"),
    )  # fmt: skip


def _seen(story: Story, shot: Shot) -> Pixels:
    body = story.bodies.laptop
    return camera.sensor_pixels(body, body.pattern(), coast(story, body, _OTHER, shot.number, real=False), shot)


def _edited(story: Story, shot: Shot) -> Placed:
    """Fill a part of a photograph by a generator, as the XMP declares; the editor wrote tables and preview anew."""
    body, pixels = story.bodies.laptop, _seen(story, shot).copy()
    pixels[200:520, 300:560] = dream(story, 260, 320, _OTHER, 3)
    exif = exif_of(body, shot, camera.preview(body, pixels), more={0x927C: b""})
    xmp = xmp_packet("compositeWithTrainedAlgorithmicMedia", _EDITOR)
    data = pictures.encode_jpeg(pixels, quality=93, exif=exif, xmp=xmp)
    why = "IPTC declares a composite with trained algorithmic media; make and model of a camera, tables of an editor"
    return Placed(
        path=f"Pictures/DSC{shot.number:05d} edited.jpg".encode(), data=data, modified=shot.taken,
        traces=Traces(actual="edited", e=2, c=1, signals=("S9", "S12"), why=why),
    )  # fmt: skip


def _claimed(story: Story, shot: Shot) -> Placed:
    """Do what anybody can: put a generator's text into a photograph, so that two claims contradict each other."""
    body, pixels = story.bodies.laptop, _seen(story, shot)
    nothing = Model(name="coastmix", sha256=story.rng(_OTHER, 4).bytes(32).hex())
    draft = make_draft(story, _OTHER, 1, nothing, lora=None, seed=(1, ""))
    more = {0x9286: user_comment(a1111_parameters(draft))}
    exif = exif_of(body, shot, camera.preview(body, pixels), more=more)
    data = pictures.encode_jpeg(pixels, tables=body.model.tables, exif=exif, jfif=False)
    why = "EXIF of the owner's camera, coherent in every rule, and a generator's text: they contradict each other"
    return Placed(
        path=f"Pictures/DSC{shot.number:05d}.JPG".encode(), data=data, modified=shot.taken,
        traces=Traces(actual="camera", g=2, c=2, signals=("S6", "S8", "S11"), why=why),
    )  # fmt: skip


def _mismatched(story: Story, shot: Shot, another: Placed) -> Placed:
    """Turn a photograph round by hand in an editor that keeps the camera's fields, with the preview of another one."""
    body = story.bodies.laptop
    pixels = pictures.crop(_seen(story, shot), 0.1)
    preview = camera.preview(body, pictures.decode(another.data))
    size = (pixels.shape[1], pixels.shape[0])
    data = pictures.encode_jpeg(pixels, quality=92, exif=exif_of(body, shot, preview, size=size))
    why = "the preview in its EXIF shows another picture: a failed rule, so no field of the camera counts"
    return Placed(
        path=f"Pictures/DSC{shot.number:05d} cropped.jpg".encode(), data=data, modified=shot.taken,
        traces=Traces(actual="camera", why=why),
    )  # fmt: skip
