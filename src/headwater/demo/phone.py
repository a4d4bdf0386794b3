"""DK-02, the producer's phone: photographs of one sensor, chat pictures of others, screenshots, videos."""

from datetime import timedelta
from functools import partial

import numpy as np

from headwater.demo import camera, pictures
from headwater.demo.placed import Placed
from headwater.demo.scenes import Pixels, draw
from headwater.demo.story import Story, coast, make_all
from headwater.demo.video import build_mp4

_LAST_ROW, _PICTURE_ROWS = 820, 100  # of a screen: where bubbles end, and how tall one with a picture is
_CAMERA, _CHAT, _SCREEN, _VIDEO = 200, 201, 202, 203


def build_phone(story: Story) -> list[Placed]:
    """Make the phone's files. The first is a photograph of the REAL lighthouse."""
    return [*_photographs(story), *_chat(story), *_screenshots(story), *_videos(story), *_small(story)]


def _photographs(story: Story) -> list[Placed]:
    """Take them; one in four shows the REAL lighthouse, the others the coast."""
    pattern = story.phone.pattern()
    times = sorted(story.moment(story.rng(_CAMERA, index)) for index in range(story.size.phone))
    jobs = [
        partial(camera.photograph, story.phone, pattern, scene, taken, 100 + index)
        for index, taken in enumerate(times)
        for scene in [coast(story, _CAMERA, index, real=index % 4 == 0)]
    ]
    return [
        Placed(path=f"DCIM/Camera/IMG_{taken:%Y%m%d_%H%M%S}.jpg".encode(), data=data, modified=taken)
        for taken, data in zip(times, make_all(jobs), strict=True)
    ]


def _chat(story: Story) -> list[Placed]:
    """Make pictures that came by chat: other people's cameras, metadata gone, made smaller."""
    patterns = [body.pattern() for body in story.strangers]

    def received(index: int) -> bytes:
        which = index % len(story.strangers)
        scene = coast(story, _CHAT, index, real=False)
        pixels = camera.sensor_pixels(story.strangers[which], patterns[which], scene)
        return pictures.encode_jpeg(pictures.resize(pixels, 1024, 768), quality=70)

    folder = "Android/media/com.example.chat/Chat/Media/Chat Images"
    return [
        Placed(path=f"{folder}/IMG-{moment:%Y%m%d}-WA{index:04d}.jpg".encode(), data=data, modified=moment)
        for index, (moment, data) in enumerate(
            (story.moment(story.rng(_CHAT, index)), data)
            for index, data in enumerate(make_all([partial(received, index) for index in range(story.size.chat)]))
        )
    ]


def _screenshots(story: Story) -> list[Placed]:
    """Draw screens of a chat program; the last is one flat colour, which no perceptual hash can tell from another."""
    count = story.size.screenshots
    placed = []
    for index in range(count):
        pixels = _screen(story, index) if index < count - 1 else np.full((960, 540, 3), 32, np.uint8)
        moment = story.moment(story.rng(_SCREEN, index, 2))
        path = f"Pictures/Screenshots/Screenshot_{moment:%Y%m%d-%H%M%S}_{index}.png".encode()
        placed.append(Placed(path=path, data=pictures.encode_png(pixels), modified=moment))
    return placed


def _screen(story: Story, index: int) -> Pixels:
    """Draw bars, and bubbles with lines of grey for text, some with a small picture."""
    rng = story.rng(_SCREEN, index)
    screen = np.full((960, 540, 3), (238, 240, 236), np.uint8)
    screen[:64] = (24, 96, 88)
    screen[900:] = (252, 252, 252)
    top = 84
    while top < _LAST_ROW:
        tall, wide = int(rng.integers(40, 150)), int(rng.integers(160, 380))
        mine = rng.random() < 0.5
        left = 520 - wide if mine else 20
        low = min(top + tall, 890)
        screen[top:low, left : left + wide] = (214, 244, 206) if mine else (255, 255, 255)
        if tall > _PICTURE_ROWS:
            scene = draw(coast(story, _SCREEN, index, top, real=True))
            screen[top + 8 : low - 8, left + 8 : left + wide - 8] = pictures.resize(scene, wide - 16, low - top - 16)
        else:
            for line in range(top + 10, low - 10, 16):
                screen[line : line + 6, left + 10 : left + 10 + int(rng.integers(60, wide - 20))] = (90, 90, 90)
        top += tall + 18
    return screen


def _videos(story: Story) -> list[Placed]:
    """Make two short films: the coast, with the camera moving slowly sideways."""
    made = []
    for index in range(2):
        taken = story.moment(story.rng(_VIDEO, index))
        wide = pictures.resize(draw(coast(story, _VIDEO, index, real=index == 0)), 480, 240)
        frames = [
            pictures.encode_jpeg(np.ascontiguousarray(wide[:, 4 * at : 4 * at + 320]), quality=80)
            for at in range(story.size.video_frames)
        ]
        data = build_mp4(frames, 320, 240, 12, taken)
        path = f"DCIM/Camera/VID_{taken:%Y%m%d_%H%M%S}.mp4".encode()
        made.append(Placed(path=path, data=data, modified=taken + timedelta(seconds=2)))
    return made


def _small(story: Story) -> list[Placed]:
    moment = story.moment(story.rng(_SCREEN, 900))
    notes = f"password for {story.platform}: ask for the new one\n".encode()
    return [
        Placed(path=b"Android/media/com.example.chat/Chat/Media/.nomedia", data=b"", modified=moment),
        Placed(path="Documents/nøter.txt".encode(), data=notes, modified=moment),
    ]
