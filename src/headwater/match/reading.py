"""A known set as the broker sees it: read by a jailed worker, row by row."""

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from headwater.match.batches import Batch, Done, Read, Told
from headwater.model.errors import HeadwaterError, WrongUse
from headwater.model.known import Record, Refused
from headwater.model.visible import visible
from headwater.sandbox.child import Child
from headwater.seal.files import read_only

_MODULE = "headwater.match.reading_worker"
_DECODER: msgspec.json.Decoder[Told] = msgspec.json.Decoder(Told)
_SECONDS = 600.0  # without a batch


class Reading:
    """One reading of one file. Iterate it once; afterwards sha256 and bytes_read are those of what was read."""

    def __init__(self, path: Path, form: str, *, unsafe: bool) -> None:
        self._path, self._form, self._unsafe = path, form, unsafe
        self.sha256 = ""
        self.bytes_read = 0

    def __iter__(self) -> Iterator[Record | Refused]:
        """Every record and refused row. Raises WrongUse where the file is of another form or cannot be opened."""
        name = visible(os.fsencode(self._path))
        try:
            descriptor = read_only(self._path)
        except OSError as error:
            raise WrongUse(f"{name}: {error.strerror or error}") from error
        with Child.start(_MODULE, unsafe=self._unsafe) as child:
            child.wait_ready()
            try:
                child.channel.send(msgspec.json.encode(Read(form=self._form)), [descriptor])
            finally:
                os.close(descriptor)
            while not isinstance(told := self._next(child), Done):
                if not isinstance(told, Batch):
                    raise WrongUse(
                        f"{name} is not {self._form}: {visible(told.reason)}",
                        next_step="Name its form: --as FORM. docs/reference/known-sets.md has them all.",
                    )
                for record, refused in told.rows:
                    yield record or refused  # type: ignore[misc]
            self.sha256, self.bytes_read = told.sha256, told.bytes_read

    def _next(self, child: Child) -> Told:
        try:
            message = child.channel.receive(_SECONDS)
        except EOFError:
            raise HeadwaterError(f"the worker that reads known sets {child.end()}") from None
        if message is None:
            raise HeadwaterError(f"the worker that reads known sets gave nothing for {_SECONDS:.0f} s")
        try:
            return _DECODER.decode(message.payload)
        except msgspec.MsgspecError as error:
            raise HeadwaterError(f"the worker that reads known sets broke: {error}") from error
