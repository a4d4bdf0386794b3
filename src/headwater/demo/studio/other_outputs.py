"""What was drawn with InvokeAI and with Fooocus, and what the two keep beside their pictures."""

from collections import defaultdict
from datetime import timedelta
from functools import partial
from uuid import UUID

from headwater.demo import pictures
from headwater.demo.generators.draft import Draft
from headwater.demo.generators.fooocus import fooocus_log, fooocus_text
from headwater.demo.generators.invoke import invoke_text
from headwater.demo.generators.invoke_database import Kept, invoke_database
from headwater.demo.placed import Placed
from headwater.demo.story import Story, make_all
from headwater.demo.studio.models import Models
from headwater.demo.studio.outputs import Output, drawn, drawn_png, make_draft, output_times, seeds
from headwater.demo.timeline import local
from headwater.demo.traces import Traces, recorded

INVOKE, FOOOCUS = "InvokeAI", "Fooocus"
_INVOKE, _FOOOCUS, _SESSIONS = 112, 119, 120


def _uuid(story: Story, *domain: int) -> str:
    return str(UUID(bytes=story.rng(*domain).bytes(16), version=4))


def invoke_outputs(story: Story, models: Models) -> list[Output]:
    """Draw with InvokeAI; each picture keeps the model's whole SHA-256."""
    seed, count = seeds(story, _INVOKE), story.size.invoke
    drafts = [make_draft(story, _INVOKE, index, models.second, lora=None, seed=next(seed)) for index in range(count)]
    jobs = [
        partial(drawn_png, story, _INVOKE, index, draft, invoke_text(draft, _uuid(story, _SESSIONS, index)))
        for index, draft in enumerate(drafts)
    ]
    why = "InvokeAI's metadata in the file; its model digest is that of a seized file"
    return [
        Output(
            placed=Placed(
                path=f"{story.layout.invoke}/outputs/images/{_uuid(story, _INVOKE, index, 5)}.png".encode(), data=data,
                modified=moment, traces=recorded(why, model_found=True),
            ),
            draft=draft, tool=INVOKE, shape="txt2img",
        )
        for index, (draft, data, moment) in enumerate(
            zip(drafts, make_all(jobs), output_times(story, _INVOKE, count), strict=True)
        )
    ]  # fmt: skip


def invoke_records(story: Story, outputs: list[Output], models: Models) -> list[Placed]:
    """Write InvokeAI's database, which names every picture with its metadata, and its settings."""
    kept = [
        Kept(
            name=one.placed.name, draft=one.draft, session=_uuid(story, _SESSIONS, index),
            batch=_uuid(story, _SESSIONS, 9_999), at=one.placed.modified,
        )
        for index, one in enumerate(outputs)
    ]  # fmt: skip
    installed = models.installed + timedelta(minutes=4)
    database = invoke_database(kept, models.invoke_path, installed)
    folder = story.layout.invoke
    return [
        Placed(path=f"{folder}/databases/invokeai.db".encode(), data=database, modified=outputs[-1].placed.modified),
        Placed(
            path=f"{folder}/invokeai.yaml".encode(),
            data=b"schema_version: 4.0.2\nhashing_algorithm: sha256\n", modified=installed,
        ),
    ]  # fmt: skip


def fooocus_outputs(story: Story, models: Models) -> list[Output]:
    """Draw with Fooocus, which embeds its settings only once that was asked for: in the later half."""
    seed, count = seeds(story, _FOOOCUS), story.size.fooocus
    drafts = [
        make_draft(story, _FOOOCUS, index, models.shared, lora=models.lora if index % 2 else None, seed=next(seed))
        for index in range(count)
    ]
    jobs = [partial(_fooocus_png, story, index, draft) for index, draft in enumerate(drafts)]
    rng = story.rng(_FOOOCUS, 9_999)
    made = []
    for index, (draft, data, moment) in enumerate(
        zip(drafts, make_all(jobs), output_times(story, _FOOOCUS, count), strict=True)
    ):
        clock = local(moment)
        name = f"{clock:%Y-%m-%d}/{clock:%Y-%m-%d_%H-%M-%S}_{int(rng.integers(1000, 10_000))}.png"
        path = f"{story.layout.fooocus}/outputs/{name}".encode()
        placed = Placed(path=path, data=data, modified=moment, traces=_fooocus_traces(story, index))
        made.append(Output(placed=placed, draft=draft, tool=FOOOCUS, shape=f"txt2img{' lora' if draft.lora else ''}"))
    return made


def _embeds(story: Story, index: int) -> bool:
    return index >= story.size.fooocus // 2


def _fooocus_png(story: Story, index: int, draft: Draft) -> bytes:
    text = fooocus_text(draft) if _embeds(story, index) else {}
    return pictures.encode_png(drawn(story, _FOOOCUS, index, draft), text)


def _fooocus_traces(story: Story, index: int) -> Traces:
    if _embeds(story, index):
        return recorded("Fooocus's settings in the file; its model digest is that of a seized file", model_found=True)
    why = "no record in the file; it is named as Fooocus names its pictures and lies in its output folder"
    return Traces(actual="generated", g=1, signals=("S14",), why=why)


def fooocus_records(story: Story, outputs: list[Output]) -> list[Placed]:
    """Write the log of each day beside that day's pictures."""
    days: dict[str, list[Output]] = defaultdict(list)
    for one in outputs:
        days[f"{local(one.placed.modified):%Y-%m-%d}"].append(one)
    return [
        Placed(
            path=f"{story.layout.fooocus}/outputs/{day}/log.html".encode(),
            data=fooocus_log(day, [(one.placed.name, one.draft) for one in made]).encode(),
            modified=made[-1].placed.modified,
        )
        for day, made in days.items()
    ]
