"""What programs keep of pictures made, models used and files fetched, on the disk of who used them."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace

from headwater.examine.examiner import Example
from headwater.examine.metadata_json import json_text
from headwater.examine.producer_records import (
    a1111,
    browsers,
    comfy,
    fooocus,
    infotext,
    invoke,
    swarm,
    training,
    visits,
)
from headwater.examine.view import View
from headwater.formats.sqlite import open_database
from headwater.model.errors import Malformed
from headwater.model.finding import Seen, Span, State

FINDINGS_MAX = 20_000  # of one file
_TEXT_BYTES_MAX = 16 << 20
_SQLITE = "application/vnd.sqlite3"
_JSON = "application/json"
_TEXTS = ("text/plain", "text/html")
_MARKS = (b'"class_type"', b'"nodes"', b'"sd_model_checkpoint"', b'"txt2img/', b'"hashes', b'"train_data_dir"',
          b'"path_outputs"', b'"safetensors-metadata"', b'"sui_image_params"')  # fmt: skip
_DATABASES = (
    (invoke.is_invoke, (invoke.read_invoke,)),
    (browsers.is_chromium, (browsers.read_chromium, visits.read_chromium_visits)),
    (browsers.is_firefox, (browsers.read_firefox, visits.read_firefox_visits)),
)
_OBJECTS = (
    (comfy.is_api, comfy.read_api),
    (comfy.is_canvas, comfy.read_canvas),
    (a1111.is_cache, a1111.read_cache),
    (a1111.is_settings, a1111.read_settings),
    (a1111.is_ui_settings, a1111.read_ui_settings),
    (fooocus.is_settings, fooocus.read_settings),
    (training.is_training, training.read_training),
    (swarm.is_beside, swarm.read_beside),
)


class Producer:
    """Claims of databases, logs and settings; values are JSON with at least {"program", "carrier"}.

    record.output: a picture made: {"name"?, "seed"?, "prompt_sha256"?, "negative_sha256"?, "model"?, "model_hash"?,
    "at"?, ...}. record.input: a picture put in: {"name", "role"?, "output_name"?, "at"?}. record.model: {"name"?,
    "path"?, "hash"?, "hash_kind"?, ...}. record.workflow: {"kind", "nodes", "classes", ...}. record.download: {"url"?,
    "url_host"?, "target"?, "at"?, ...}. record.training: {"train_data_dir", ...}. record.settings: {"values"}.
    record.visit: visits to an online generator: {"service", "visits", "last_at"?, "pages"}. record.prompt: {"prompt",
    "negative"?, "name"?, ...}. record.journal: NOT_RUN, a write-ahead log was not joined.
    """

    name = "producer"
    version = "2"
    claims = (
        "record.download",
        "record.input",
        "record.journal",
        "record.model",
        "record.output",
        "record.prompt",
        "record.settings",
        "record.training",
        "record.visit",
        "record.workflow",
    )

    def accepts(self, view: View) -> bool:
        if view.media_type == _SQLITE:
            return True
        if view.size_bytes > _TEXT_BYTES_MAX:
            return view.media_type in (_JSON, *_TEXTS) and _may_be_theirs(view.head)
        return view.media_type in (_JSON, "text/plain") or (
            view.media_type == "text/html" and fooocus.is_log(view.head)
        )

    def examine(self, view: View) -> Iterator[Seen]:
        span = Span(offset_bytes=0, length_bytes=view.size_bytes, sha256=view.sha256, role="the whole file")
        records = _database(view) if view.media_type == _SQLITE else _text(view)
        for number, seen in enumerate(records):
            if number == FINDINGS_MAX:
                reason = f"{FINDINGS_MAX} records of one file are kept; there are more"
                yield Seen(claim=self.name, state=State.NOT_RUN, reason=reason)
                return
            yield replace(seen, spans=(span,))

    def examples(self) -> tuple[Example, ...]:
        model = {"carrier": "cache.json hashes", "hash": "ab" * 32, "hash_kind": "sha256", "name": "coast"}
        download = '{"carrier":"downloads","program":"chromium","target":"coast.png"}'
        return (
            Example(name="params.txt", data=_PARAMETERS, expected=(("record.output", None), ("record.prompt", None))),
            Example(
                name="cache.json", data=_CACHE, expected=(("record.model", json_text(model | {"program": "a1111"})),)
            ),
            Example(name="History", data=_history(), expected=(("record.download", download),)),
        )


def _database(view: View) -> Iterator[Seen]:
    with open_database(view) as database:
        reads = next((reads for fits, reads in _DATABASES if fits(database.tables)), ())
        if not reads:
            return
        if database.has_wal:
            reason = "the database keeps a write-ahead log: newer rows may lie in a -wal file beside it, not joined"
            yield Seen(claim="record.journal", state=State.NOT_RUN, reason=reason)
        for read in reads:
            yield from read(database)


def _may_be_theirs(head: bytes) -> bool:
    return fooocus.is_log(head) or a1111.is_log(head) or any(mark in head for mark in _MARKS)


def _text(view: View) -> Iterator[Seen]:
    if view.size_bytes > _TEXT_BYTES_MAX:
        reason = f"limit: a text of {view.size_bytes} bytes is more than is read ({_TEXT_BYTES_MAX >> 20} MiB)"
        yield Seen(claim=Producer.name, state=State.NOT_RUN, reason=reason)
    elif view.media_type == _JSON:
        yield from _object(view.data())
    elif view.media_type == "text/html":
        yield from fooocus.read_log(view.data().decode("utf-8", "replace"))
    elif a1111.is_log(view.head):
        yield from a1111.read_log(view.data().decode("utf-8", "replace"))
    elif swarm.is_settings_text(view.head):
        yield from swarm.read_settings_text(view.data().decode("utf-8", "replace"))
    elif training.is_training_text(view.head):
        yield from training.read_training_text(view.data().decode("utf-8", "replace"))
    elif view.size_bytes <= infotext.TEXT_BYTES_MAX and b"Steps: " in view.data():
        yield from infotext.read(view.data().decode("utf-8", "replace"))


def _object(data: bytes) -> Iterator[Seen]:
    """Read a JSON file that may be one of theirs; one that breaks off is said to."""
    if not any(mark in data for mark in _MARKS):
        return
    try:
        content = json.loads(data.decode("utf-8-sig", "replace"))
    except json.JSONDecodeError as fault:
        if fault.msg != "Extra data":  # lines of JSON: another kind of file
            reason = f"malformed: JSON that a program may have kept of pictures or models: {fault.msg}"
            yield Seen(claim=Producer.name, state=State.FAILED, reason=reason)
        return
    except (ValueError, RecursionError) as fault:
        raise Malformed(f"JSON: {fault}") from fault
    if isinstance(content, dict):
        for fits, read in _OBJECTS:
            if fits(content):
                yield from read(content)
                return


_PARAMETERS = (
    b"a lighthouse at dusk\nNegative prompt: text\n"
    b"Steps: 20, Sampler: Euler, CFG scale: 7, Seed: 5, Size: 512x512, Model hash: 0123456789, Model: coast"
)
_CACHE = b'{"hashes":{"coast":{"sha256":"' + b"ab" * 32 + b'"},"gone":{"mtime":0}}}'


def _history() -> bytes:
    """A browser's record of one download."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE urls (id INTEGER)")
    connection.execute("CREATE TABLE downloads (id INTEGER, target_path TEXT)")
    connection.execute("INSERT INTO downloads VALUES (1, 'coast.png')")
    data = connection.serialize()
    connection.close()
    return data[:96] + bytes(4) + data[100:]  # without the version of SQLite
