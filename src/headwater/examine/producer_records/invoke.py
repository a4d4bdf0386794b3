"""InvokeAI's database: its pictures, what they were made from, its models and the workflows its user saved.

Source: github.com/invoke-ai/InvokeAI, invokeai/app/services/shared/sqlite_migrator/migrations and
invokeai/app/invocations/metadata.py. Times are UTC without a zone.
"""

from collections.abc import Iterator

from headwater.examine.producer_records.told import (
    Value,
    as_object,
    as_objects,
    hash_kind,
    number,
    output,
    parsed,
    said,
    silence,
    utc,
    word,
)
from headwater.formats.sqlite import Database
from headwater.model.finding import Seen, State

_PROGRAM = "invokeai"
_IMAGES = "SELECT * FROM images"
_BOARDS = "SELECT board_id, board_name FROM boards"
_ON_BOARDS = "SELECT board_id, image_name FROM board_images"
_MODELS = {"models": "SELECT id, config FROM models", "model_config": "SELECT id, config FROM model_config"}
_LIBRARY = "SELECT workflow_id, workflow, created_at, updated_at FROM workflow_library"
_QUEUE = "SELECT * FROM session_queue"
_ADAPTERS = ("controlnets", "ipAdapters", "t2iAdapters")


def is_invoke(tables: frozenset[str]) -> bool:
    """Tell the database by its tables."""
    return {"images", "board_images"} <= tables


def read_invoke(database: Database) -> Iterator[Seen]:
    """Everything the database tells. Raises EvidenceError, also after some of it."""
    tables = database.tables
    boards = _boards(database)
    seen = False
    for row in database.rows(_IMAGES):
        seen = True
        yield from _image(row, boards)
    if not seen:
        yield silence("record.output", State.NOTHING, "InvokeAI's table of images has no row")
    for table, query in _MODELS.items():
        if table in tables:
            yield from (_model(row) for row in database.rows(query))
    if "workflow_library" in tables:
        for row in database.rows(_LIBRARY):
            yield from _saved(row)
    if "session_queue" in tables:
        yield from (_queued(row) for row in database.rows(_QUEUE))


def _boards(database: Database) -> dict[object, object]:
    """The name of the board that each picture is on."""
    if "boards" not in database.tables:
        return {}
    names = {row["board_id"]: row["board_name"] for row in database.rows(_BOARDS)}
    return {row["image_name"]: names.get(row["board_id"]) for row in database.rows(_ON_BOARDS)}


def _image(row: Value, boards: dict[object, object]) -> Iterator[Seen]:
    name, at = word(row.get("image_name")), utc(row.get("created_at"))
    board = word(boards.get(row.get("image_name")))
    if row.get("image_origin") == "external":  # brought in by the user
        role = word(row.get("image_category"))
        yield said(
            "record.input", program=_PROGRAM, carrier="images", name=name, role=role, at=at, board=board, uploaded=True
        )
        return
    told = as_object(parsed(row.get("metadata")))
    model = as_object(told.get("model"))
    yield from output(
        _PROGRAM,
        "images",
        told.get("positive_prompt"),
        told.get("negative_prompt"),
        name=name,
        at=at,
        board=board,
        session=word(row.get("session_id")),
        category=word(row.get("image_category")),
        width=number(row.get("width")),
        height=number(row.get("height")),
        deleted_at=utc(row.get("deleted_at")) if row.get("deleted_at") else None,
        seed=word(told.get("seed")),
        steps=number(told.get("steps")),
        cfg=number(told.get("cfg_scale")),
        sampler=word(told.get("scheduler")),
        denoise=number(told.get("strength")),
        model=word(model.get("name") or model.get("model_name")),
        model_hash=word(model.get("hash")),
        model_hash_kind=hash_kind(word(model.get("hash"))),
        loras=[_lora(one) for one in as_objects(told.get("loras"))[:100]],
        version=word(told.get("app_version")),
        metadata=None if told else "none that could be read",
    )
    for used, role in _inputs(told):
        yield said("record.input", program=_PROGRAM, carrier="images", name=used, role=role, output_name=name)


def _lora(one: Value) -> dict[str, object]:
    model = as_object(one.get("model") or one.get("lora"))
    told = {"name": word(model.get("name") or model.get("model_name")), "hash": word(model.get("hash"))}
    return {key: value for key, value in (told | {"weight": number(one.get("weight"))}).items() if value is not None}


def _inputs(told: Value) -> Iterator[tuple[str, str]]:
    """The pictures that went in, by name, and as what."""
    begun = word(told.get("init_image"))
    if begun:
        yield begun, "image"
    for key in _ADAPTERS:
        for one in as_objects(told.get(key)):
            image = one.get("image")
            name = word(as_object(image).get("image_name")) or word(image)
            if name:
                yield name, "control"


def _model(row: Value) -> Seen:
    config = as_object(parsed(row.get("config")))
    digest = word(config.get("hash"))
    return said(
        "record.model",
        program=_PROGRAM,
        carrier="models",
        key=word(row.get("id")),
        hash=digest,
        hash_kind=hash_kind(digest),
        name=word(config.get("name")),
        path=word(config.get("path")),
        base=word(config.get("base")),
        type=word(config.get("type")),
        source=word(config.get("source")),
    )


def _saved(row: Value) -> Iterator[Seen]:
    """A workflow of the library; those that come with the program are left out."""
    workflow = as_object(parsed(row.get("workflow")))
    if as_object(workflow.get("meta")).get("category") == "default":
        return
    nodes = [as_object(one.get("data")) for one in as_objects(workflow.get("nodes"))]
    yield said(
        "record.workflow",
        program=_PROGRAM,
        carrier="workflow_library",
        name=word(workflow.get("name")),
        author=word(workflow.get("author")),
        kind="canvas",
        nodes=len(nodes),
        classes=sorted({kind for kind in (word(node.get("type")) for node in nodes) if kind})[:500],
        at=utc(row.get("created_at")),
    )


def _queued(row: Value) -> Seen:
    """A run: its session ties it to the pictures that came of it."""
    graph = as_object(as_object(parsed(row.get("session"))).get("graph"))
    nodes = [as_object(one) for one in as_object(graph.get("nodes")).values()]
    return said(
        "record.workflow",
        program=_PROGRAM,
        carrier="session_queue",
        session=word(row.get("session_id")),
        status=word(row.get("status")),
        kind="api",
        nodes=len(nodes),
        classes=sorted({kind for kind in (word(node.get("type")) for node in nodes) if kind})[:500],
        at=utc(row.get("created_at")),
        completed_at=utc(row.get("completed_at")) if row.get("completed_at") else None,
    )
