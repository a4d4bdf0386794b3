"""DK-02, the producer's phone: photographs of one sensor, chat pictures of others, screenshots, videos."""

from datetime import timedelta
from functools import partial

import numpy as np

from headwater.demo import camera, pictures
from headwater.demo.body import Body
from headwater.demo.camera_exif import Shot
from headwater.demo.exhibits.screens import screenshots
from headwater.demo.fields import Field
from headwater.demo.placed import Placed
from headwater.demo.scenes import draw
from headwater.demo.story import Story, coast, make_all
from headwater.demo.studio.shots import PhoneShots, phone_name, twin_shots
from headwater.demo.timeline import local, moment_between, moments_between
from headwater.demo.traces import Traces, camera_file, stripped
from headwater.demo.video import build_mp4

_CAMERA, _CHAT, _VIDEO, _TWIN, _SMALL = 200, 201, 203, 204, 205
_CHAT_FOLDER = "Android/media/com.example.chat/Chat/Media/Chat Images"
_FRAME_WIDTH, _FRAME_HEIGHT, _FRAMES_PER_SECOND = 480, 320, 12


def build_phone(story: Story, shots: PhoneShots) -> list[Placed]:
    """Make the phone's files."""
    return [*_photographs(story, shots), *_twin(story), *_chat(story), *screenshots(story), *_videos(story, shots),
            *_small(story)]  # fmt: skip


def shared_photograph(phone: list[Placed], shots: PhoneShots) -> Placed:
    """Find the photograph that also went into the training folder."""
    return next(one for one in phone if one.modified == shots.shared.taken)


def _photographs(story: Story, shots: PhoneShots) -> list[Placed]:
    """Take them; one in four shows the REAL lighthouse, the others the coast."""
    body = story.bodies.phone
    pattern = body.pattern()
    jobs = [
        partial(_photograph, story, body, pattern, shot, real=place % 4 == 0 or shot == shots.shared)
        for place, shot in enumerate(shots.kept)
    ]
    traces = camera_file("the phone itself")
    return [
        Placed(path=f"DCIM/Camera/{phone_name(shot.taken, 'IMG', 'jpg')}".encode(), data=data, modified=shot.taken,
               traces=traces)
        for shot, data in zip(shots.kept, make_all(jobs), strict=True)
    ]  # fmt: skip


def _photograph(story: Story, body: Body, pattern: Field, shot: Shot, *, real: bool) -> bytes:
    scene = coast(story, body, _CAMERA, body.key[-1], shot.number, real=real)
    return camera.photograph(body, pattern, scene, shot.taken, shot.number)


def _twin(story: Story) -> list[Placed]:
    """Hold originals that somebody sent from another body of the very same model."""
    body, shots = story.bodies.twin, twin_shots(story)
    pattern = body.pattern()
    jobs = [partial(_photograph, story, body, pattern, shot, real=False) for shot in shots]
    traces = camera_file("another phone of the same model")
    return [
        Placed(path=f"Download/originals/{phone_name(shot.taken, 'IMG', 'jpg')}".encode(), data=data,
               modified=shot.taken + timedelta(days=1), traces=traces)
        for shot, data in zip(shots, make_all(jobs), strict=True)
    ]  # fmt: skip


def _chat(story: Story) -> list[Placed]:
    """Hold pictures that came by chat: other people's cameras, metadata gone, made smaller."""
    bodies, days = story.bodies.strangers, story.days
    patterns = [body.pattern() for body in bodies]

    def received(index: int) -> bytes:
        body = bodies[index % len(bodies)]
        shot = Shot(taken=days.begin, number=index)
        scene = coast(story, body, _CHAT, index, real=False)
        pixels = camera.sensor_pixels(body, patterns[index % len(bodies)], scene, shot)
        return pictures.encode_jpeg(pictures.resize(pixels, 1024, 768), quality=70)

    times = moments_between(story.rng(_CHAT), story.size.chat, days.begin, days.producer_seized)
    made = make_all([partial(received, index) for index in range(len(times))])
    traces = stripped("camera", "the chat program took all metadata away and changed the size")
    return [
        Placed(path=f"{_CHAT_FOLDER}/IMG-{local(moment):%Y%m%d}-WA{index:04d}.jpg".encode(), data=data,
               modified=moment, traces=traces)
        for index, (moment, data) in enumerate(zip(times, made, strict=True))
    ]  # fmt: skip


def _videos(story: Story, shots: PhoneShots) -> list[Placed]:
    """Make short films: the coast, with the camera moving slowly sideways, through a window of the same sensor."""
    body = story.bodies.phone
    traces = Traces(
        actual="camera", c=1, signals=("S12",), why="make and model in the film; the pattern is that of the phone"
    )
    made = []
    for number, taken in enumerate(shots.videos):
        path = f"DCIM/Camera/{phone_name(taken, 'VID', 'mp4')}".encode()
        frames = _frames(story, body, number)
        data = build_mp4(
            frames, _FRAME_WIDTH, _FRAME_HEIGHT, _FRAMES_PER_SECOND, taken,
            {"make": body.model.make, "model": body.model.model, "software": body.model.software},
        )  # fmt: skip
        made.append(Placed(path=path, data=data, modified=taken + timedelta(seconds=2), traces=traces))
    return made


def _frames(story: Story, body: Body, number: int) -> list[bytes]:
    """Read the middle of the sensor for each frame, at full resolution."""
    wide = draw(coast(story, body, _VIDEO, number, real=number == 0))
    top = (body.model.height - _FRAME_HEIGHT) // 2 // 16 * 16
    left = (body.model.width - _FRAME_WIDTH) // 2 // 16 * 16
    window = body.pattern()[top : top + _FRAME_HEIGHT, left : left + _FRAME_WIDTH]
    frames = []
    for place in range(story.size.video_frames):
        seen = np.ascontiguousarray(wide[top : top + _FRAME_HEIGHT, 4 * place : 4 * place + _FRAME_WIDTH])
        exposed = camera.expose(seen, window, (story.seed, _VIDEO, number, place), noise=body.noise)
        frames.append(pictures.encode_jpeg(exposed, quality=88))
    return frames


def _small(story: Story) -> list[Placed]:
    moment = moment_between(story.rng(_SMALL), story.days.opened, story.days.producer_seized)
    notes = f"password for {story.platform}: ask for the new one\n".encode()
    return [
        Placed(path=b"Android/media/com.example.chat/Chat/Media/.nomedia", data=b"", modified=moment),
        Placed(path="Documents/nøter.txt".encode(), data=notes, modified=moment),
    ]
