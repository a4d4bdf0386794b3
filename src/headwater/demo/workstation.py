"""DK-01, the producer's workstation: generators with their outputs, models, a training folder, documents."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import numpy as np

from headwater.demo import camera, generators, pictures
from headwater.demo.exif_writer import build_exif
from headwater.demo.generators import Draft, Model
from headwater.demo.models import Models, model_files
from headwater.demo.placed import Placed
from headwater.demo.scenes import Pixels
from headwater.demo.story import Story, coast, dream, make_all
from headwater.demo.workstation_records import a1111_records, comfy_records, everyday_files, invoke_records

COMFY, A1111, INVOKE = b"AI/ComfyUI", b"AI/stable-diffusion-webui", b"AI/InvokeAI"
_COMFY, _A1111, _INVOKE, _TRAINING, _DRAFTS = 110, 111, 112, 100, 115


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One generated picture and how it came about. `source_sha256` is the picture it was begun from, if any."""

    placed: Placed
    draft: Draft
    tool: str
    source_sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workstation:
    """Both volumes of the workstation, and the parts other exhibits draw on."""

    main: tuple[Placed, ...]
    backup: tuple[Placed, ...]
    damaged_copy: bytes
    outputs: tuple[Output, ...]
    training: tuple[Placed, ...]
    inputs: tuple[Placed, ...]
    models: Models
    programs: tuple[Placed, ...]


def build_workstation(story: Story, shared: Placed) -> Workstation:
    """Make the workstation. `shared` is a photograph of the phone's that is also in the training folder."""
    training = _training(story, shared)
    models = model_files(story, training)
    inputs = _inputs(story, training)
    outputs = [
        *_comfy(story, models),
        *_comfy_from_pictures(story, models, inputs),
        *_a1111(story, models),
        *_invoke(story, models),
    ]
    everyday, programs = everyday_files(story)
    main = [one.placed for one in outputs]
    main += [*training, *_captions(story, training), *inputs, *models.placed, *everyday, *programs, *_deleted(story)]
    main += comfy_records(story, outputs[0].draft) + a1111_records(story, _of(outputs, "A1111"))
    main += invoke_records(story, _of(outputs, "InvokeAI"))
    backup, damaged = _backup(story, outputs, training)
    return Workstation(
        main=tuple(main), backup=tuple(backup), damaged_copy=damaged, outputs=tuple(outputs),
        training=tuple(training), inputs=tuple(inputs), models=models, programs=tuple(programs),
    )  # fmt: skip


def _of(outputs: list[Output], tool: str) -> list[tuple[Placed, Draft]]:
    return [(one.placed, one.draft) for one in outputs if one.tool == tool]


def _draft(story: Story, domain: int, index: int, checkpoint: Model, *, lora: Model | None = None) -> Draft:
    rng = story.rng(_DRAFTS, domain, index)
    pick = rng.choice
    light = str(pick(["at dusk", "at dawn", "in a storm", "under stars", "in morning fog", "at noon"]))
    style = str(pick(["oil painting", "cinematic", "watercolour", "highly detailed", "soft light", "matte painting"]))
    what = f"{story.place} lighthouse" if lora else "lighthouse"
    return Draft(
        prompt=f"a {what} on a rocky coast {light}, {style}, picture {index + 1}",
        negative="blurry, text, watermark",
        seed=int(rng.integers(1, 2**31)),
        steps=int(rng.integers(20, 40)),
        cfg=float(rng.integers(8, 20)) / 2,
        width=512,
        height=int(pick([512, 640, 768])),
        checkpoint=checkpoint,
        lora=lora,
    )


def _training(story: Story, shared: Placed) -> list[Placed]:
    """Take photographs of the REAL lighthouse, all by the phone's camera; the first is the phone's own file."""
    folder = f"AI/training/{story.place}/img/10_{story.place}/".encode()
    pattern = story.phone.pattern()
    times = sorted(story.moment(story.rng(_TRAINING, index), days=30) for index in range(1, story.size.training))
    jobs = [
        partial(camera.photograph, story.phone, pattern, coast(story, _TRAINING, index, real=True), taken, 200 + index)
        for index, taken in enumerate(times, 1)
    ]
    first = Placed(path=folder + shared.path.rsplit(b"/", 1)[-1], data=shared.data, modified=shared.modified)
    return [first] + [
        Placed(path=folder + f"IMG_{taken:%Y%m%d_%H%M%S}.jpg".encode(), data=data, modified=taken)
        for taken, data in zip(times, make_all(jobs), strict=True)
    ]


def _captions(story: Story, training: list[Placed]) -> list[Placed]:
    words = ("at dusk", "at noon", "in fog", "from the sea", "with its cottage")
    return [
        Placed(
            path=one.path.rsplit(b".", 1)[0] + b".txt",
            data=f"{story.place}, a white lighthouse {words[index % len(words)]}".encode(),
            modified=one.modified,
        )
        for index, one in enumerate(training)
    ]


def _inputs(story: Story, training: list[Placed]) -> list[Placed]:
    """Fill ComfyUI's input folder with photographs uploaded as they are."""
    chosen = training[1 : 1 + max(1, story.size.comfy_from_picture // 2)]
    return [
        Placed(path=COMFY + b"/input/" + one.path.rsplit(b"/", 1)[-1], data=one.data, modified=one.modified)
        for one in chosen
    ]


def _drawn(story: Story, domain: int, index: int, draft: Draft, text: dict[str, str]) -> bytes:
    pixels = dream(story, draft.width, draft.height, domain, index, real=draft.lora is not None)
    return pictures.encode_png(pixels, text)


def _comfy(story: Story, models: Models) -> list[Output]:
    drafts = [
        _draft(story, _COMFY, index, models.checkpoints[0], lora=models.lora if index % 3 else None)
        for index in range(story.size.comfy)
    ]
    jobs = [
        partial(_drawn, story, _COMFY, index, draft, generators.comfy_text(draft)) for index, draft in enumerate(drafts)
    ]
    path = b"/output/ComfyUI_%05d_.png"
    return [
        Output(placed=_placed(story, _COMFY, index, COMFY + path % (index + 1), data), draft=draft, tool="ComfyUI")
        for index, (draft, data) in enumerate(zip(drafts, make_all(jobs), strict=True))
    ]


def _placed(story: Story, domain: int, index: int, path: bytes, data: bytes) -> Placed:
    return Placed(path=path, data=data, modified=story.moment(story.rng(domain, index, 7)))


def _comfy_from_pictures(story: Story, models: Models, inputs: list[Placed]) -> list[Output]:
    made = []
    for index in range(story.size.comfy_from_picture):
        source = inputs[index % len(inputs)]
        plain = _draft(story, _COMFY, 1000 + index, models.checkpoints[0], lora=models.lora)
        name = source.path.rsplit(b"/", 1)[-1].decode()
        denoise = round(0.45 + index % 3 * 0.05, 2)
        draft = replace(plain, source=name, denoise=denoise, width=640, height=480)
        base = pictures.resize(pictures.decode(source.data), 640, 480)
        data = pictures.encode_png(_restyled(story, index, base), generators.comfy_text(draft))
        path = COMFY + b"/output/img2img/ComfyUI_i2i_%05d_.png" % (index + 1)
        placed = _placed(story, _COMFY, 1000 + index, path, data)
        made.append(Output(placed=placed, draft=draft, tool="ComfyUI", source_sha256=source.sha256))
    return made


def _restyled(story: Story, index: int, base: Pixels) -> Pixels:
    """Draw the source's forms in other colours, with some of an invented scene laid over them."""
    over = dream(story, 640, 480, _COMFY, 2000 + index).astype(np.float32)
    mixed = base.astype(np.float32)[..., [2, 0, 1]] * 0.65 + over * 0.35
    return (np.clip(mixed, 0, 255) // 12 * 12).astype(np.uint8)


def _a1111(story: Story, models: Models) -> list[Output]:
    total = story.size.a1111 + story.size.a1111_jpeg
    drafts = [
        _draft(story, _A1111, index, models.checkpoints[index % 2], lora=models.lora if index % 2 else None)
        for index in range(total)
    ]
    jobs = [partial(_a1111_file, story, index, draft) for index, draft in enumerate(drafts)]
    made = []
    for index, (draft, data) in enumerate(zip(drafts, make_all(jobs), strict=True)):
        day = f"2024-05-{1 + index * 20 // total:02d}"
        ending = "png" if index < story.size.a1111 else "jpg"
        path = A1111 + f"/outputs/txt2img-images/{day}/{index:05d}-{draft.seed}.{ending}".encode()
        moment = datetime.fromisoformat(f"{day}T20:00:00+00:00") + timedelta(minutes=2 * index)
        made.append(Output(placed=Placed(path=path, data=data, modified=moment), draft=draft, tool="A1111"))
    return made


def _a1111_file(story: Story, index: int, draft: Draft) -> bytes:
    text = generators.a1111_parameters(draft)
    if index < story.size.a1111:
        return _drawn(story, _A1111, index, draft, {"parameters": text})
    pixels = dream(story, draft.width, draft.height, _A1111, index, real=draft.lora is not None)
    return pictures.encode_jpeg(pixels, quality=92, exif=build_exif({}, {0x9286: generators.user_comment(text)}))


def _invoke(story: Story, models: Models) -> list[Output]:
    drafts = [_draft(story, _INVOKE, index, models.checkpoints[1]) for index in range(story.size.invoke)]
    jobs = [
        partial(_drawn, story, _INVOKE, index, draft, generators.invoke_text(draft))
        for index, draft in enumerate(drafts)
    ]
    made = []
    for index, (draft, data) in enumerate(zip(drafts, make_all(jobs), strict=True)):
        name = UUID(bytes=story.rng(_INVOKE, index, 5).bytes(16), version=4)
        placed = _placed(story, _INVOKE, index, INVOKE + f"/outputs/images/{name}.png".encode(), data)
        made.append(Output(placed=placed, draft=draft, tool="InvokeAI"))
    return made


def _deleted(story: Story) -> list[Placed]:
    """Delete one file with a long name, and one whose short name loses its first letter."""
    rng = story.rng(116)
    picture = pictures.encode_png(dream(story, 512, 512, 116, 1))
    note = f"ask {story.platform} about the second transfer\r\n".encode() * 40
    files = ((COMFY + b"/output/first attempt, do not use.png", picture), (b"TRANSFER.TXT", note))
    return [Placed(path=path, data=data, modified=story.moment(rng), deleted=True) for path, data in files]


def _backup(story: Story, outputs: list[Output], training: list[Placed]) -> tuple[list[Placed], bytes]:
    """Fill the second volume with copies, among them the one that will lie under the damaged chunk."""
    large = max((one.placed for one in outputs), key=lambda placed: len(placed.data))
    damaged = b"Backup/copy of " + large.path.rsplit(b"/", 1)[-1]
    small = [one.placed for one in outputs if one.placed is not large][:3] + training[:2]
    copies = [
        Placed(path=b"Backup/" + one.path.rsplit(b"/", 1)[-1], data=one.data, modified=one.modified) for one in small
    ]
    readme = Placed(path=b"README.TXT", data=f"backup of {story.producer}\r\n".encode(), modified=large.modified)
    return [*copies, Placed(path=damaged, data=large.data, modified=large.modified), readme], damaged
