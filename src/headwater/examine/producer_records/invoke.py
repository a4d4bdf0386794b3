"""InvokeAI's database: its pictures, what they were made from, its models and the workflows its user saved.

Source: github.com/invoke-ai/InvokeAI, invokeai/app/services/shared/sqlite_migrator/migrations and
invokeai/app/invocations/metadata.py. Times are UTC without a zone.
"""

from collections.abc import Iterator

from headwater.examine.producer_records.told import (
    Value,
    number,
    of_record,
    output,
    parsed,
    said,
    silence,
    utc,
    word,
    workflow,
)
from headwater.formats.generators.invokeai import core_metadata, graph_nodes
from headwater.formats.generators.node_graph import graph_of
from headwater.formats.generators.record import used
from headwater.formats.generators.strict_json import as_object
from headwater.formats.sqlite import Database
from headwater.model.finding import Seen, State

_PROGRAM = "invokeai"
_IMAGES = "SELECT * FROM images"
_BOARDS = "SELECT board_id, board_name FROM boards"
_ON_BOARDS = "SELECT board_id, image_name FROM board_images"
_MODELS = {"models": "SELECT id, config FROM models", "model_config": "SELECT id, config FROM model_config"}
_LIBRARY = "SELECT workflow_id, workflow, created_at, updated_at FROM workflow_library"
_QUEUE = "SELECT * FROM session_queue"


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
    record = core_metadata(told)
    yield from output(
        _PROGRAM,
        "images",
        record.prompt,
        record.negative,
        name=name,
        at=at,
        board=board,
        session=word(row.get("session_id")),
        category=word(row.get("image_category")),
        width=number(row.get("width")),
        height=number(row.get("height")),
        deleted_at=utc(row.get("deleted_at")) if row.get("deleted_at") else None,
        metadata=None if told else "none that could be read",
        **of_record(record),
    )
    for used_one in record.inputs:
        if used_one.name:
            role = used_one.role
            yield said(
                "record.input", program=_PROGRAM, carrier="images", name=used_one.name, role=role, output_name=name
            )


def _model(row: Value) -> Seen:
    config = as_object(parsed(row.get("config")))
    model = used(config.get("name"), config.get("hash"))
    return said(
        "record.model",
        program=_PROGRAM,
        carrier="models",
        key=word(row.get("id")),
        name=word(config.get("name")),
        hash=model.digest if model else None,
        hash_kind=model.kind if model else None,
        path=word(config.get("path")),
        base=word(config.get("base")),
        type=word(config.get("type")),
        source=word(config.get("source")),
    )


def _saved(row: Value) -> Iterator[Seen]:
    """A workflow of the library; those that come with the program are left out."""
    drawn = as_object(parsed(row.get("workflow")))
    if as_object(drawn.get("meta")).get("category") != "default":
        graph = graph_of(graph_nodes(drawn), _PROGRAM, "canvas")
        names = {"name": word(drawn.get("name")), "author": word(drawn.get("author"))}
        yield workflow(_PROGRAM, "workflow_library", graph, at=utc(row.get("created_at")), **names)


def _queued(row: Value) -> Seen:
    """A run: its session ties it to the pictures that came of it."""
    graph = as_object(as_object(parsed(row.get("session"))).get("graph"))
    return workflow(
        _PROGRAM,
        "session_queue",
        graph_of(graph_nodes(graph), _PROGRAM, "api"),
        session=word(row.get("session_id")),
        status=word(row.get("status")),
        at=utc(row.get("created_at")),
        completed_at=utc(row.get("completed_at")) if row.get("completed_at") else None,
    )
