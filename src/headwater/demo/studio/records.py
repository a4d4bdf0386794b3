"""What ComfyUI, A1111 and their user left on the workstation beside the pictures."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

from headwater.demo.documents import build_pdf, build_program
from headwater.demo.generators.a1111 import a1111_parameters
from headwater.demo.generators.comfy import comfy_workflow
from headwater.demo.placed import Placed
from headwater.demo.story import Story
from headwater.demo.studio.models import Models
from headwater.demo.studio.outputs import Output
from headwater.demo.timeline import moment_between

_PROGRAMS = ("setup.exe", "viewer.exe", "unpack.exe", "mixer.exe", "notes.exe", "player.exe", "sync.exe", "clock.dll")
_EVERYDAY = 121
_SAVED = 3  # pictures that were saved by hand


def _written(path: str, content: str | bytes, moment: datetime) -> Placed:
    data = content.encode() if isinstance(content, str) else content
    return Placed(path=path.encode(), data=data, modified=moment)


def comfy_records(story: Story, outputs: list[Output]) -> list[Placed]:
    """Fill ComfyUI's user folder with a saved workflow and its settings."""
    folder, one = story.layout.comfy, outputs[1]
    settings = {"Comfy.DevMode": True, "Comfy.ColorPalette": "dark", "Comfy.Locale": "da"}
    saved = one.placed.modified + timedelta(minutes=1)
    return [
        _written(
            f"{folder}/user/default/workflows/lighthouse.json", json.dumps(comfy_workflow(one.draft), indent=1), saved
        ),
        _written(f"{folder}/user/default/comfy.settings.json", json.dumps(settings, indent=4), saved),
        _written(f"{folder}/extra_model_paths.yaml", "# none\n", story.days.begin + timedelta(hours=4)),
    ]


def a1111_records(story: Story, outputs: list[Output], models: Models) -> list[Placed]:
    """Write A1111's settings, last parameters, hash cache, and the pictures saved by hand with their log."""
    base, last = story.layout.a1111, outputs[-1]
    model, at = models.shared, last.placed.modified
    config = {
        "sd_model_checkpoint": f"{model.name}.safetensors [{model.autov2}]", "samples_save": True,
        "sd_checkpoint_hash": model.sha256, "save_to_dirs": story.layout.a1111_by_day,
    }  # fmt: skip
    written = {one.name: one.modified.timestamp() for one in models.placed}
    cache = {
        "hashes": {
            f"checkpoint/{each.name}.safetensors": {
                "mtime": written[f"{each.name}.safetensors"], "sha256": each.sha256
            }
            for each in (models.shared, models.second)
        },
        "hashes-addnet": {
            f"lora/{models.lora.name}": {
                "mtime": written[f"{models.lora.name}.safetensors"], "sha256": models.lora.autov3
            }
        },
    }  # fmt: skip
    steps = json.dumps({"txt2img/Sampling steps/value": last.draft.steps}, indent=4)
    return [
        _written(f"{base}/config.json", json.dumps(config, indent=4), at),
        _written(f"{base}/ui-config.json", steps, at),
        _written(f"{base}/cache.json", json.dumps(cache, indent=4), at),
        _written(f"{base}/params.txt", a1111_parameters(last.draft), at),
        *_saved(base, outputs[:_SAVED]),
    ]


def _saved(base: str, outputs: list[Output]) -> list[Placed]:
    rows = ["prompt,seed,width,height,sampler,cfgs,steps,filename,negative_prompt"]
    copies = []
    for number, one in enumerate(outputs):
        name, draft = f"{number:05d}-{one.draft.seed}.png", one.draft
        rows.append(
            f'"{draft.prompt}",{draft.seed},{draft.width},{draft.height},DPM++ 2M,{draft.cfg:g},{draft.steps},'
            f'{name},"{draft.negative}"'
        )
        moment = one.placed.modified + timedelta(seconds=20)
        copies.append(replace(one.placed, path=f"{base}/log/images/{name}".encode(), modified=moment))
    log = "\n".join(rows) + "\n"
    return [*copies, _written(f"{base}/log/images/log.csv", log, copies[-1].modified)]


def everyday_files(story: Story) -> tuple[list[Placed], list[Placed]]:
    """Write documents, and programs that a reference library knows."""
    rng, days = story.rng(_EVERYDAY), story.days

    def at(path: str, content: str | bytes) -> Placed:
        return _written(path, content, moment_between(rng, days.begin, days.producer_seized))

    year = days.begin.year
    lines = [f"Invoice {year}-{int(rng.integers(100, 1000))}", f"{story.platform}: hosting, one month",
             "Total: 19.00 EUR"]  # fmt: skip
    prices = "album;price\n" + "".join(f"{album};5 EUR\n" for album in story.albums)
    documents = [
        at("Documents/invoice.pdf", build_pdf(lines)),
        at("Documents/to do.md", f"# To do\n\n- more pictures of {story.place}\n- pay the host\n- new passwords\n"),
        at("Documents/Fyrtårne og priser.csv", prices),
        at("Documents/灯台 notes.txt", f"two cameras, one coast: {story.place}\n"),
        at("Documents/EMPTY.TXT", b""),
    ]
    programs = [
        at(f"Programs/{name}", build_program((story.seed, _EVERYDAY, index), 12 + index))
        for index, name in enumerate(_PROGRAMS)
    ]
    return documents, programs
