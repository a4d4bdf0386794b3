"""What the generators and their user left on the workstation beside the pictures."""

import json
from datetime import datetime

from headwater.demo import generators
from headwater.demo.documents import build_pdf, build_program
from headwater.demo.generators import Draft
from headwater.demo.placed import Placed
from headwater.demo.story import BEGIN, Story
from headwater.demo.tables import Table, build_sqlite

Generated = list[tuple[Placed, Draft]]
_PROGRAMS = ("setup.exe", "viewer.exe", "unpack.exe", "mixer.exe", "notes.exe", "player.exe", "sync.exe", "clock.dll")


def comfy_records(story: Story, draft: Draft) -> list[Placed]:
    """Fill ComfyUI's user folder with a saved workflow and its settings."""
    workflow = generators.comfy_workflow(generators.comfy_graph(draft))
    settings = {"Comfy.DevMode": True, "Comfy.ColorPalette": "dark", "Comfy.Locale": "da"}
    return [
        _at(story, "AI/ComfyUI/user/default/workflows/lighthouse.json", json.dumps(workflow, indent=1)),
        _at(story, "AI/ComfyUI/user/default/comfy.settings.json", json.dumps(settings, indent=4)),
        _at(story, "AI/ComfyUI/extra_model_paths.yaml", "# none\n"),
    ]


def _at(story: Story, path: str, content: str | bytes) -> Placed:
    data = content.encode() if isinstance(content, str) else content
    return Placed(path=path.encode(), data=data, modified=story.moment(story.rng(118, len(path), len(data))))


def a1111_records(story: Story, made: Generated) -> list[Placed]:
    """Write A1111's settings, last parameters, hash cache and log."""
    model, last = made[0][1].checkpoint, made[-1][1]
    base = "AI/stable-diffusion-webui"
    config = {"sd_model_checkpoint": f"{model.name}.safetensors [{model.autov2}]", "samples_save": True}
    config["sd_checkpoint_hash"] = model.sha256
    cache = {"hashes": {f"checkpoint/{model.name}.safetensors": {"mtime": 1714700000.0, "sha256": model.sha256}}}
    rows = ["prompt,seed,width,height,sampler,cfgs,steps,filename,negative_prompt"]
    rows += [
        f'"{draft.prompt}",{draft.seed},{draft.width},{draft.height},DPM++ 2M,{draft.cfg},{draft.steps},'
        f'{placed.path.rsplit(b"/", 1)[-1].decode()},"{draft.negative}"'
        for placed, draft in made
    ]
    return [
        _at(story, f"{base}/config.json", json.dumps(config, indent=4)),
        _at(story, f"{base}/ui-config.json", json.dumps({"txt2img/Sampling steps/value": last.steps}, indent=4)),
        _at(story, f"{base}/cache.json", json.dumps(cache, indent=4)),
        _at(story, f"{base}/params.txt", generators.a1111_parameters(last)),
        _at(story, f"{base}/log/images/log.csv", "\n".join(rows) + "\n"),
    ]


def invoke_records(story: Story, made: Generated) -> list[Placed]:
    """Write InvokeAI's database, which names every picture with its metadata."""
    return [
        _at(story, "AI/InvokeAI/databases/invokeai.db", invoke_database(made)),
        _at(story, "AI/InvokeAI/invokeai.yaml", "schema_version: 4.0.2\n"),
    ]


def invoke_database(made: Generated) -> bytes:
    """Fill the tables of InvokeAI 4 that matter: images, boards, models, session_queue, workflow_library."""
    images = [
        (
            placed.path.rsplit(b"/", 1)[-1].decode(), "internal", "general", draft.width, draft.height,
            f"session-{index:04d}", "4", generators.compact(generators.invoke_metadata(draft)), 0, 0,
            _text(placed.modified),
        )
        for index, (placed, draft) in enumerate(made)
    ]  # fmt: skip
    queue = [(index, f"session-{index:04d}", "completed", _text(one[0].modified)) for index, one in enumerate(made)]
    model = made[0][1].checkpoint
    models = [(model.sha256[:32], f"sha256:{model.sha256}", "sd-1", "main", f"{model.name}.safetensors", model.name)]
    boards = [("b-01", "lighthouses", made[0][0].path.rsplit(b"/", 1)[-1].decode(), _text(BEGIN))]
    return build_sqlite([
        Table(
            name="images", rows=images,
            columns=("image_name TEXT PRIMARY KEY", "image_origin TEXT", "image_category TEXT", "width INTEGER",
                     "height INTEGER", "session_id TEXT", "node_id TEXT", "metadata TEXT", "is_intermediate BOOLEAN",
                     "starred BOOLEAN", "created_at DATETIME"),
        ),
        Table(
            name="boards", rows=boards,
            columns=("board_id TEXT PRIMARY KEY", "board_name TEXT", "cover_image_name TEXT", "created_at DATETIME"),
        ),
        Table(
            name="board_images", rows=[("b-01", row[0]) for row in images],
            columns=("board_id TEXT", "image_name TEXT"),
        ),
        Table(
            name="models", rows=models,
            columns=("id TEXT PRIMARY KEY", "hash TEXT", "base TEXT", "type TEXT", "path TEXT", "name TEXT"),
        ),
        Table(
            name="session_queue", rows=queue,
            columns=("item_id INTEGER PRIMARY KEY", "session_id TEXT", "status TEXT", "created_at DATETIME"),
        ),
        Table(name="workflow_library", rows=[], columns=("workflow_id TEXT PRIMARY KEY", "workflow TEXT", "name TEXT")),
    ])  # fmt: skip


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S.000")


def everyday_files(story: Story) -> tuple[list[Placed], list[Placed]]:
    """Write documents, and programs that a reference library knows."""
    lines = [f"Invoice 2024-{story.seed % 97:03d}", f"{story.platform}: hosting, one month", "Total: 19.00 EUR"]
    pdf = build_pdf(lines)
    todo = f"# To do\n\n- more pictures of {story.place}\n- pay the host\n- new passwords for the albums\n"
    prices = "album;price\nharbour;5 EUR\nstorm;5 EUR\nnight;5 EUR\n"
    documents = [
        _at(story, "Documents/invoice.pdf", pdf),
        _at(story, "Documents/to do.md", todo),
        _at(story, "Documents/Fyrtårne og priser.csv", prices),
        _at(story, "Documents/灯台 notes.txt", f"two cameras, one coast: {story.place}\n"),
        _at(story, "Documents/EMPTY.TXT", b""),
    ]
    programs = [
        _at(story, f"Programs/{name}", build_program((story.seed, 119, index), 12 + index))
        for index, name in enumerate(_PROGRAMS)
    ]
    return documents, programs
