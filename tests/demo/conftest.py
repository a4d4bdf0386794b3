"""One small operation for all tests of this room, and a plain reading of it without workers."""

import os
from dataclasses import asdict
from hashlib import sha256

import pytest

from headwater.demo.check import Found
from headwater.demo.sight import look_at_all
from headwater.demo.sizes import SMALL
from headwater.demo.springhead import invent, write_springhead
from headwater.demo.story import tell
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
def scene():
    """A small operation before it is written."""
    return invent(tell(7, SMALL))


@pytest.fixture(scope="session")
def operation(scene, tmp_path_factory):
    """(folder, truth) of the same operation."""
    folder = tmp_path_factory.mktemp("operation") / "springhead"
    return folder, write_springhead(folder, scene)


@pytest.fixture(scope="session")
def truth(operation):
    return operation[1]


@pytest.fixture(scope="session")
def contents(scene):
    """Every content of the operation once, by its digest."""
    every = [
        *(one for volume in scene.workstation.volumes for one in volume), *scene.phone, *scene.server.inside,
        *scene.server.outside, *scene.laptop.placed, *scene.laptop.inner,
    ]  # fmt: skip
    return {one.sha256: one for one in every}


@pytest.fixture(scope="session")
def sights(contents):
    return look_at_all(contents)


@pytest.fixture
def right(truth, sights):
    """What an examination that misses nothing comes to."""
    items = [
        {"exhibit": one.exhibit, "path": one.path, "sha256": one.sha256, "size_bytes": one.size_bytes,
         "allocation": one.allocation, "damaged": one.damaged, "media_type": one.media_type or "text/plain",
         "extension_disagrees": one.lies, "kind": "file"}
        for one in truth.files
    ]  # fmt: skip
    hashed = [one for one in truth.pictures if one.decodes != "failed"]
    fingerprints = {
        one.sha256: (one.pdq_quality, [row.tobytes().hex() for row in sights[one.sha256].bits])
        if one.pdq
        else (0, ["0" * 64] * 8)
        for one in hashed
    }
    embedded = [
        {"sha256": one.sha256, "embedded_sha256": one.embedded_sha256, "same": "yes" if one.embedded_is_same else "no"}
        for one in truth.pictures
        if one.embedded_sha256
    ]
    return Found(
        embedded=embedded, items=items, failures=[asdict(one) for one in truth.failures], fingerprints=fingerprints,
        seals={"custody": (), "parts": ()},
        origins={one.sha256: asdict(one) for one in truth.origins},
        matches=right_matches(truth),
        groups=right_groups(truth),
    )  # fmt: skip


def right_matches(truth):
    """What every set knows, and one picture that is near a known one by a part."""
    rows = [
        {**asdict(one), "scheme": one.scheme or "none", "variant": "original", "through": "", "set_aside": ""}
        for one in truth.matches
    ]
    near = next(one for one in truth.near_duplicates if one.change == "cropped")
    part = {"sha256": near.derived_sha256, "through": near.original_sha256, "variant": "original, the other half"}
    return [*rows, {**rows[0], "kind": "pdq", **part}]


def right_groups(truth):
    """Every original with its copies."""
    return [
        {"group": group.members[0], "sha256": member, "is_medoid": member == group.members[0], "variant": "original"}
        for group in truth.groups
        for member in group.members
    ]


@pytest.fixture(scope="session")
def reading(operation):
    """The small operation read back without workers: items and failures, as rows."""
    folder, truth = operation
    reading = Reading()
    for reference, exhibit in truth.exhibits.items():
        reading.exhibit(reference, folder / exhibit.path)
    return reading


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
        row = {"exhibit": reference, "path": locator.path, "sha256": None, "allocation": entry.allocation.value,
               "size_bytes": entry.size_bytes, "media_type": None, "extension_disagrees": None}  # fmt: skip
        self.items.append(row | {"damaged": False, "kind": entry.kind.value})
        if entry.kind is not ItemKind.FILE:
            return
        try:
            data, damaged = read()
            self.items[-1] |= {"sha256": sha256(data).hexdigest(), "size_bytes": len(data), "damaged": damaged}
            name = entry.locator.layers[-1].name.rsplit(b"/", 1)[-1]
            inner = open_archive(BytesSource(data), head=data[:65_536], outer_name=name, limits=Limits())
            if inner is not None:
                self._walk(reference, locator.layers, inner)
        except EvidenceError as error:
            self._fail(reference, locator.layers, error.kind)

    def _fail(self, reference, layers, kind):
        path = Locator(layers=layers).path
        self.failures.append({"exhibit": reference, "path": path, "examiner": "read", "kind": kind})


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
