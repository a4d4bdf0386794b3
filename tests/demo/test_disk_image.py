"""The damaged chunk lies under one file only, wholly, and behind its head, wherever that file begins."""

import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from headwater.demo.disk_image import write_disk
from headwater.demo.placed import Placed
from headwater.demo.sizes import SMALL
from headwater.demo.story import tell

STORY = tell(4, SMALL)
CLUSTER_BYTES, CHUNK_BYTES, HEAD_BYTES = 8 * 512, 32_768, 16_384
WHEN = datetime(2024, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("clusters_before", range(8))
def test_the_damage_leaves_the_head(tmp_path, clusters_before):
    story = replace(STORY, layout=replace(STORY.layout, volumes=(("fat16", 8),)))
    before = Placed(path=b"BEFORE.BIN", data=b"b" * (clusters_before * CLUSTER_BYTES), modified=WHEN)
    picture = Placed(path=b"PICTURE.PNG", data=random.Random(1).randbytes(100 << 10), modified=WHEN)
    disk = write_disk(story, "T-1", [[before, picture]], picture.path, tmp_path)
    left = disk.damaged.data
    assert len(left) == len(picture.data)
    assert left[:HEAD_BYTES] == picture.data[:HEAD_BYTES]
    start = left.index(bytes(CHUNK_BYTES))
    assert left == picture.data[:start] + bytes(CHUNK_BYTES) + picture.data[start + CHUNK_BYTES :]
    assert [one.path for one in disk.files if one.damaged] == ["p1/PICTURE.PNG"]
