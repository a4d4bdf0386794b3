"""Archives inside archives: opened as deep as the limit says, and no deeper; what stops says so."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

import pytest

from headwater.evidence.content import BytesSource, SourceContent
from headwater.evidence.reader import Limits
from headwater.examine.mark import Mark, new_mark
from headwater.examine.messages import (
    Answer,
    InnerRefusal,
    PackedResults,
    WorkSettings,
    pack,
    unpack_for_broker,
)
from headwater.examine.unit import Desk, UnitExaminer
from headwater.model.item import Entry
from headwater.model.locator import Layer, Locator

SCENE = b"a lighthouse above the sea\n" * 100


def zipped(data, name="inner", method=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as box:
        box.writestr(name, data)
    return buffer.getvalue()


def stored(data, name="inner"):
    return zipped(data, name, zipfile.ZIP_STORED)


def taped(data, name="inner"):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tape:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        tape.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


@pytest.fixture
def examined():
    """Examine one file as the worker does, under limits: (bytes by path, refusals by path, faults by path)."""

    def examine(data, limits=None):
        sent = []
        desk = Desk(
            settings=WorkSettings("T-1", "sea", limits or Limits(), (), "", 1),
            examiners=(),
            skips={},
            mark=Mark(new_mark()),
            send=lambda message: sent.append(
                unpack_for_broker(pack(message)) if isinstance(message, PackedResults) else message
            ),
            ask=lambda ask: Answer(tuple(True for _ in ask.digests)),
        )
        unit = UnitExaminer(desk)
        entry = Entry(locator=Locator(layers=(Layer(kind="folder", name=b"outer"),)), size_bytes=len(data))
        unit.take(entry, lambda: SourceContent(BytesSource(data)))
        unit.flush()
        desk.deliver()
        results = [one for message in sent if not isinstance(message, InnerRefusal) for one in _results(message)]
        places = {one.item: one.entry.locator.path if one.entry else "outer" for one in results}
        sizes = {places[one.item]: one.contents.bytes_read for one in results if one.contents}
        faults = {places[one.item]: [fault.kind for fault in one.faults] for one in results if one.faults}
        refusals = [
            (message.refusal.locator.path, message.refusal.kind, message.refusal.message)
            for message in sent
            if isinstance(message, InnerRefusal)
        ]
        return sizes, refusals, faults

    return examine


def _results(message):
    return getattr(message, "results", ())


WRAPS = {
    "zip": zipped,
    "stored": stored,
    "tar": taped,
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
}


@pytest.mark.parametrize("wrap", WRAPS)
@pytest.mark.parametrize("depth", [1, 2, 4])
def test_the_limit_of_depth_is_exact(examined, wrap, depth):
    data = SCENE
    for _ in range(depth):
        data = WRAPS[wrap](data)
    sizes, refusals, _ = examined(data, Limits(depth=depth))
    assert (len(sizes), refusals) == (depth + 1, [])
    assert list(sizes.values())[-1] == len(SCENE)
    deeper, refusals, _ = examined(WRAPS[wrap](data), Limits(depth=depth))
    assert len(deeper) == depth + 1
    innermost = max(deeper, key=len)
    assert refusals == [(innermost, "limit", f"archives are opened {depth} deep; this one lies deeper")]


def test_a_packed_tar_is_one_archive(examined):
    sizes, refusals, _ = examined(gzip.compress(taped(gzip.compress(taped(SCENE)))), Limits(depth=2))
    assert (list(sizes.values())[-1], refusals) == (len(SCENE), [])


def test_different_archives_count_alike(examined):
    data = gzip.compress(zipped(bz2.compress(taped(SCENE))))
    assert examined(data, Limits(depth=3))[1] == []  # a packed tar counts once
    (refusal,) = examined(data, Limits(depth=2))[1]
    assert refusal[1] == "limit"


@pytest.mark.parametrize("wrap", ["zip", "gzip", "bzip2", "xz"])
def test_a_bomb_stops_at_the_ratio_and_says_so_and_the_next_member_is_read(examined, wrap):
    bomb = WRAPS[wrap](bytes(40 << 20))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as box:
        box.writestr("bomb", bomb)
        box.writestr("after", SCENE)
    sizes, refusals, faults = examined(buffer.getvalue())
    assert sizes["outer/after"] == len(SCENE)
    assert not any(size > 17 << 20 for size in sizes.values())
    said = [kind for _, kind, _ in refusals] + [kind for kinds in faults.values() for kind in kinds]
    assert "limit" in said


def test_endless_nesting_ends_at_the_depth(examined):
    data = b""
    for _ in range(40):
        data = zipped(data, "again.zip")
    sizes, refusals, _ = examined(data)
    assert len(sizes) == 5
    assert [kind for _, kind, _ in refusals] == ["limit"]
