"""One small operation for all tests of this room, and a plain reading of it without workers."""

import os
from hashlib import sha256

import pytest

from headwater.demo.springhead import build_springhead
from headwater.demo.story import SMALL
from headwater.evidence.archive import open_archive
from headwater.evidence.content import BytesSource
from headwater.evidence.disk.segments import Segment
from headwater.evidence.folder import Folder
from headwater.evidence.open import open_source
from headwater.evidence.reader import Limits
from headwater.model.errors import EvidenceError
from headwater.model.item import ItemKind, Refusal
from headwater.model.locator import Locator


@pytest.fixture(scope="session")
def operation(tmp_path_factory):
    """(folder, truth) of a small operation."""
    folder = tmp_path_factory.mktemp("operation") / "springhead"
    return folder, build_springhead(folder, 7, SMALL)


@pytest.fixture(scope="session")
def found(operation):
    """(items, failures) of the small operation, as rows."""
    folder, truth = operation
    reading = Reading()
    for reference, exhibit in truth.exhibits.items():
        reading.exhibit(reference, folder / exhibit.path)
    return reading.items, reading.failures


class Reading:
    """Lists exhibits into rows, going down into archives."""

    def __init__(self):
        self.items = []
        self.failures = []

    def exhibit(self, reference, path):
        if path.is_dir():
            with Folder(path) as folder:
                for entry in folder.walk():
                    self._take(reference, (), entry, lambda entry=entry: _file(folder, entry))
            return
        segments = [_segment(one) for one in sorted(path.parent.glob(f"{path.stem}.*"))]
        self._walk(reference, (), open_source(segments, Limits()))
        for segment in segments:
            os.close(segment.fd)

    def _walk(self, reference, layers, reader):
        for entry in reader.entries():
            if isinstance(entry, Refusal):
                self._fail(reference, layers + entry.locator.layers, entry.kind)
            else:
                self._take(reference, layers, entry, lambda entry=entry: _content(reader, entry))

    def _take(self, reference, layers, entry, read):
        locator = Locator(layers=layers + entry.locator.layers)
        row = {"exhibit": reference, "path": locator.path, "sha256": None, "allocation": entry.allocation.value}
        self.items.append(row | {"damaged": False, "kind": entry.kind.value})
        if entry.kind is not ItemKind.FILE:
            return
        try:
            data, damaged = read()
            self.items[-1] |= {"sha256": sha256(data).hexdigest(), "damaged": damaged}
            name = entry.locator.layers[-1].name.rsplit(b"/", 1)[-1]
            inner = open_archive(BytesSource(data), head=data[:65_536], outer_name=name, limits=Limits())
            if inner is not None:
                self._walk(reference, locator.layers, inner)
        except EvidenceError as error:
            self._fail(reference, locator.layers, error.kind)

    def _fail(self, reference, layers, kind):
        self.failures.append({"exhibit": reference, "path": Locator(layers=layers).path, "kind": kind})


def _segment(path):
    return Segment(path.name, os.open(path, os.O_RDONLY), path.stat().st_size)


def _file(folder, entry):
    with os.fdopen(folder.open_file(entry.locator.raw_path), "rb") as file:
        return file.read(), False


def _content(reader, entry):
    content = reader.open(entry)
    data = b"".join(iter(lambda: content.read(1 << 20), b""))
    damaged = bool(content.damaged())
    content.close()
    return data, damaged
