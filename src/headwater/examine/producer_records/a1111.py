"""AUTOMATIC1111's web UI and its relatives (Forge, SD.Next): settings, cache of hashes, log of saved pictures.

Source: github.com/AUTOMATIC1111/stable-diffusion-webui: modules/shared_options.py (config.json), modules/ui_loadsave.py
(ui-config.json), modules/cache.py and modules/hashes.py (cache.json), modules/ui_common.py (log.csv).
"""

import csv
from collections.abc import Iterator, Mapping
from io import StringIO

from headwater.examine import model_header
from headwater.examine.producer_records.told import (
    number,
    output,
    said,
    silence,
    since_1970,
    word,
)
from headwater.formats.generators.record import used
from headwater.formats.generators.strict_json import Json, as_object
from headwater.model.finding import Seen, State

_PROGRAM = "a1111"
_LOG_COLUMNS = ("prompt", "seed", "width", "height", "sampler", "cfgs", "steps", "filename", "negative_prompt")
_LOG_HEAD = ",".join(_LOG_COLUMNS).encode()
_MARK = b"\xef\xbb\xbf"
_HASHES = {"hashes": "sha256", "hashes-addnet": "autov3"}
_HEADERS = "safetensors-metadata"
_SETTINGS = ("sd_model_checkpoint", "sd_checkpoint_hash", "sd_vae", "forge_preset", "samples_format", "save_to_dirs")
_FOLDERS = "outdir_"
_PROMPTS = {"txt2img": ("Prompt", "Negative prompt"), "img2img": ("Prompt", "Negative prompt")}
_ROWS_MAX = 100_000


def is_log(head: bytes) -> bool:
    """Tell log.csv by its first line."""
    return head.removeprefix(_MARK).startswith(_LOG_HEAD)


def is_settings(content: dict[str, Json]) -> bool:
    """Tell config.json by a key that it always has."""
    return isinstance(content.get("sd_model_checkpoint"), str)


def is_ui_settings(content: dict[str, Json]) -> bool:
    """Tell ui-config.json by its keys, which are places in the page."""
    return any(key.startswith(("txt2img/", "img2img/")) for key in content)


def is_cache(content: dict[str, Json]) -> bool:
    """Tell cache.json by its parts."""
    parts = [as_object(content.get(key)) for key in (*_HASHES, _HEADERS)]
    return any(isinstance(one, dict) and "mtime" in one for part in parts for one in part.values())


def read_settings(content: dict[str, Json]) -> Iterator[Seen]:
    """The checkpoint that was loaded last, and where pictures are put."""
    kept = {key: content[key] for key in content if key in _SETTINGS or key.startswith(_FOLDERS)}
    values = {key: one for key, one in kept.items() if isinstance(one, str | bool)}
    yield said("record.settings", program=_PROGRAM, carrier="config.json", values=values)
    name, _, short = str(content["sd_model_checkpoint"]).partition(" [")
    for digest in (content.get("sd_checkpoint_hash"), short.rstrip("]")):
        model = used(name, digest)
        if model and model.digest:
            told = {"name": model.name, "hash": model.digest, "hash_kind": model.kind}
            yield said("record.model", program=_PROGRAM, carrier="config.json", **told)


def read_ui_settings(content: dict[str, Json]) -> Iterator[Seen]:
    """What its user made the page begin with; prompts among it."""
    kept = {key: one for key, one in content.items() if key.endswith("/value") and isinstance(one, str | int | float)}
    prompts = {tab: [word(kept.pop(f"{tab}/{name}/value", None)) for name in names] for tab, names in _PROMPTS.items()}
    values = {key: kept[key] for key in sorted(kept)[:200] if "rompt" not in key}
    yield said("record.settings", program=_PROGRAM, carrier="ui-config.json", values=values)
    for tab, (prompt, negative) in prompts.items():
        if prompt or negative:
            yield said(
                "record.prompt",
                program=_PROGRAM,
                carrier=f"ui-config.json {tab}",
                prompt=prompt,
                negative=negative,
            )


def read_cache(content: dict[str, Json]) -> Iterator[Seen]:
    """Models that were there when they were digested, though their files may be gone; headers of LoRAs as well."""
    for part, kind in _HASHES.items():
        for title, told in as_object(content.get(part)).items():
            digest = word(as_object(told).get("sha256"))
            yield said(
                "record.model",
                program=_PROGRAM,
                carrier=f"cache.json {part}",
                name=title,
                hash=digest,
                hash_kind=kind if digest else None,
                modified_at=_seconds(as_object(told).get("mtime")),
            )
    for title, told in as_object(content.get(_HEADERS)).items():
        metadata = _header(as_object(as_object(told).get("value")))
        yield said(
            "record.model",
            program=_PROGRAM,
            carrier=f"cache.json {_HEADERS}",
            name=title,
            header=model_header.said(metadata),
            modified_at=_seconds(as_object(told).get("mtime")),
        )


def _header(content: dict[str, Json]) -> Mapping[str, str]:
    """The metadata of a header as texts: the program keeps what was JSON in them as JSON."""
    inner = as_object(content.get("metadata")) or content
    return {key: one if isinstance(one, str) else model_header.spelled(one) for key, one in inner.items()}


def _seconds(moment: object) -> str | None:
    figure = number(moment)
    return since_1970(int(figure * 1_000_000)) if figure is not None else None


def read_log(text: str) -> Iterator[Seen]:
    """Every picture that was saved by hand. Stops where the table breaks off, and says so."""
    rows = csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline=""), restkey="more")
    count = 0
    try:
        for row in rows:
            count += 1
            if count > _ROWS_MAX:
                yield silence("record.output", State.NOT_RUN, f"more than {_ROWS_MAX} rows of log.csv")
                return
            yield from _saved(row)
    except csv.Error as fault:
        yield silence("record.output", State.FAILED, f"malformed: log.csv, row {count + 1}: {fault}")
    if not count:
        yield silence("record.output", State.NOTHING, "a log.csv without a row")


def _saved(row: Mapping[str, object]) -> Iterator[Seen]:
    model = used(row.get("sd_model_name"), row.get("sd_model_hash"))
    yield from output(
        _PROGRAM,
        "log.csv",
        row.get("prompt"),
        row.get("negative_prompt"),
        name=word(row.get("filename")),
        seed=word(row.get("seed")),
        width=number(row.get("width")),
        height=number(row.get("height")),
        sampler=word(row.get("sampler")),
        cfg=number(row.get("cfgs")),
        steps=number(row.get("steps")),
        model=word(row.get("sd_model_name")),
        model_hash=model.digest if model else None,
        model_hash_kind=model.kind if model else None,
    )
