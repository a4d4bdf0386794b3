"""What the worker that reads known sets sends: rows in their order, and at the end what was read."""

import msgspec

from headwater.model.known import Record, Refused


class Read(msgspec.Struct, frozen=True, kw_only=True, tag="read"):
    """Read a file, the one descriptor, as a form."""

    form: str


class Batch(msgspec.Struct, frozen=True, kw_only=True, tag="batch"):
    """Some rows: of each pair one is there."""

    rows: list[tuple[Record | None, Refused | None]]


class Done(msgspec.Struct, frozen=True, kw_only=True, tag="done"):
    """The end: how many bytes there were, and their SHA-256."""

    bytes_read: int
    sha256: str


class NotOfForm(msgspec.Struct, frozen=True, kw_only=True, tag="not_of_form"):
    """The file is of another form, or cannot be read at all."""

    reason: str


Told = Batch | Done | NotOfForm
