"""InvokeAI's database, with the columns of its public migrations 1 to 11 (schema of version 4.2)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from headwater.demo.generators import invoke
from headwater.demo.generators.draft import Draft, compact
from headwater.demo.tables import Rows, Table, build_sqlite

_TIMES = ("created_at DATETIME NOT NULL", "updated_at DATETIME NOT NULL")
_MODEL_FIELDS = ("hash", "base", "type", "path", "format", "name", "description", "source", "source_type")
_MIGRATIONS = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One output as the database keeps it."""

    name: str
    draft: Draft
    session: str
    batch: str
    at: datetime


def invoke_database(kept: Sequence[Kept], model_path: str, installed: datetime) -> bytes:
    """Fill the tables: images and the board they are on, the model, the queue with its graphs, the migrations."""
    return build_sqlite(
        [_images(kept), *_boards(kept), _models(kept[0].draft, model_path, installed), _queue(kept), _library(),
         _migrations(installed)],
        after=("CREATE INDEX idx_images_created_at ON images(created_at)", "CREATE INDEX base_index ON models(base)"),
    )  # fmt: skip


def text(moment: datetime) -> str:
    """Spell a time as InvokeAI keeps it: UTC, thousandths."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.000")


def _images(kept: Sequence[Kept]) -> Table:
    rows: Rows = [
        (one.name, "internal", "general", one.draft.width, one.draft.height, one.session, "latents_to_image",
         compact(invoke.invoke_metadata(one.draft)), 0, text(one.at), text(one.at), None, 0, 0)
        for one in kept
    ]  # fmt: skip
    columns = (
        "image_name TEXT NOT NULL PRIMARY KEY", "image_origin TEXT NOT NULL", "image_category TEXT NOT NULL",
        "width INTEGER NOT NULL", "height INTEGER NOT NULL", "session_id TEXT", "node_id TEXT", "metadata TEXT",
        "is_intermediate BOOLEAN DEFAULT FALSE", *_TIMES, "deleted_at DATETIME", "starred BOOLEAN DEFAULT FALSE",
        "has_workflow BOOLEAN DEFAULT FALSE",
    )  # fmt: skip
    return Table(name="images", columns=columns, rows=rows)


def _boards(kept: Sequence[Kept]) -> list[Table]:
    board = kept[0].batch
    made = text(kept[0].at)
    return [
        Table(
            name="boards", rows=[(board, "lighthouses", kept[0].name, made, made, None, 0)],
            columns=("board_id TEXT NOT NULL PRIMARY KEY", "board_name TEXT NOT NULL", "cover_image_name TEXT", *_TIMES,
                     "deleted_at DATETIME", "archived BOOLEAN DEFAULT FALSE"),
        ),
        Table(
            name="board_images", rows=[(board, one.name, text(one.at), text(one.at), None) for one in kept],
            columns=("board_id TEXT NOT NULL", "image_name TEXT NOT NULL PRIMARY KEY", *_TIMES, "deleted_at DATETIME"),
        ),
    ]  # fmt: skip


def _models(draft: Draft, path: str, installed: datetime) -> Table:
    key, model = invoke.model_key(draft), draft.checkpoint
    config = {
        "key": key, "hash": f"sha256:{model.sha256}", "path": path, "name": model.name, "base": "sd-1",
        "description": f"sd-1 main model {model.name}", "source": f"D:/Downloads/{model.name}.safetensors",
        "source_type": "path", "source_api_response": None, "cover_image": None, "type": "main",
        "trigger_phrases": None, "default_settings": None, "variant": "normal", "format": "checkpoint",
        "config_path": "stable-diffusion/v1-inference.yaml", "converted_at": installed.timestamp(),
        "prediction_type": "epsilon", "upcast_attention": False,
    }  # fmt: skip
    generated = tuple(
        f"{field} TEXT GENERATED ALWAYS as (json_extract(config, '$.{field}')) VIRTUAL" for field in _MODEL_FIELDS
    )
    columns = ("id TEXT NOT NULL PRIMARY KEY", *generated, "config TEXT NOT NULL", *_TIMES)
    at = text(installed)
    return Table(name="models", columns=columns, rows=[(key, json.dumps(config), at, at)])


def _queue(kept: Sequence[Kept]) -> Table:
    rows: Rows = [
        (number, one.batch, "default", one.session, _values(one.draft), _session(one), "completed", 0, None,
         text(one.at), text(one.at), text(one.at), text(one.at), None, None, None)
        for number, one in enumerate(kept, 1)
    ]  # fmt: skip
    columns = (
        "item_id INTEGER PRIMARY KEY AUTOINCREMENT", "batch_id TEXT NOT NULL", "queue_id TEXT NOT NULL",
        "session_id TEXT NOT NULL UNIQUE", "field_values TEXT", "session TEXT NOT NULL",
        "status TEXT NOT NULL DEFAULT 'pending'", "priority INTEGER NOT NULL DEFAULT 0", "error_traceback TEXT",
        *_TIMES, "started_at DATETIME", "completed_at DATETIME", "workflow TEXT", "error_type TEXT",
        "error_message TEXT",
    )  # fmt: skip
    return Table(name="session_queue", columns=columns, rows=rows)


def _values(draft: Draft) -> str:
    values = (("noise", "seed", draft.seed), ("core_metadata", "seed", draft.seed))
    return compact([{"node_path": node, "field_name": name, "value": value} for node, name, value in values])


def _session(one: Kept) -> str:
    graph = invoke.invoke_graph(one.draft, one.session)
    names = list(graph["nodes"])
    session: dict[str, Any] = {
        "id": one.session, "graph": graph, "execution_graph": {"id": one.session, "nodes": {}, "edges": []},
        "executed": names, "executed_history": names, "results": {}, "errors": {},
        "prepared_source_mapping": {}, "source_prepared_mapping": {},
    }  # fmt: skip
    return compact(session)


def _library() -> Table:
    columns = (
        "workflow_id TEXT NOT NULL PRIMARY KEY", "workflow TEXT NOT NULL", *_TIMES, "opened_at DATETIME NOT NULL",
        "category TEXT GENERATED ALWAYS as (json_extract(workflow, '$.meta.category')) VIRTUAL",
        "name TEXT GENERATED ALWAYS as (json_extract(workflow, '$.name')) VIRTUAL",
        "description TEXT GENERATED ALWAYS as (json_extract(workflow, '$.description')) VIRTUAL",
    )  # fmt: skip
    return Table(name="workflow_library", columns=columns, rows=[])


def _migrations(installed: datetime) -> Table:
    rows: Rows = [(number, text(installed)) for number in range(1, _MIGRATIONS + 1)]
    columns = ("migration_id INTEGER PRIMARY KEY", "migrated_at DATETIME NOT NULL")
    return Table(name="migrations", columns=columns, rows=rows)
