"""A phone with a family's photographs in its camera roll, and a few stripped pictures in chats and downloads.

``python -m headwater.demo.roll_scene [--roll N] [--stripped N]`` builds it, runs everything, and prints where the
stripped pictures stand in the queue, beside the naive order (camera before undetermined).
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import numpy as np

from headwater.demo import camera, pictures
from headwater.demo.body import Body, some_bodies
from headwater.demo.camera_exif import Shot
from headwater.demo.scenes import Pixels
from headwater.findings.views import connect
from headwater.steps import run as steps
from headwater.steps.conclude import conclude
from headwater.steps.ingest import Listener
from headwater.steps.workspace import Workspace

ROLL, STRIPPED = 5_000, 40
_SEED = 20261126
_WIDTH, _HEIGHT = 480, 368
_BEGIN = datetime(2024, 1, 6, 9, tzinfo=UTC)
_CHAT, _DOWNLOADS = "Android/media/com.example.chat/Chat/Media/Chat Images", "Download"
_RANKS = "SELECT rank, sha256, tier FROM queue ORDER BY rank"
_GRADES = "SELECT sha256, grade FROM origins"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where the stripped pictures stand among all: their ranks by the queue and by the naive order, from 1."""

    pictures: int
    ours: tuple[int, ...]
    naive: tuple[int, ...]
    grades: tuple[str, ...]


def build_phone(folder: Path, roll: int, stripped: int) -> frozenset[str]:
    """Write the phone's tree. Returns the SHA-256 of the stripped pictures."""
    body = _body()
    own = folder / "DCIM" / "Camera"
    own.mkdir(parents=True)
    for number in range(roll):
        taken = _BEGIN + timedelta(hours=5 * number)
        data = camera.as_written(body, _scene(number), Shot(taken=taken, number=number))
        (own / f"IMG_{taken:%Y%m%d_%H%M%S}.jpg").write_bytes(data)
    digests = set()
    for number in range(stripped):
        place = folder / (_CHAT if number % 2 else _DOWNLOADS)
        place.mkdir(parents=True, exist_ok=True)
        data = pictures.encode_jpeg(_scene(roll + number), quality=72)
        (place / f"IMG-20260301-WA{number:04d}.jpg").write_bytes(data)
        digests.add(sha256(data).hexdigest())
    return frozenset(digests)


def _body() -> Body:
    body = some_bodies(_SEED, np.random.default_rng(_SEED)).phone
    return replace(body, model=replace(body.model, width=_WIDTH, height=_HEIGHT))


def _scene(number: int) -> Pixels:
    """A coast whose waves and light no other number has."""
    rng = np.random.default_rng((_SEED, number))
    y, x = np.mgrid[0:_HEIGHT, 0:_WIDTH].astype(np.float32)
    light = 90 + 120 * (1 - y / _HEIGHT)
    for _ in range(4):
        wide, high, phase = rng.uniform(20, 120), rng.uniform(15, 90), rng.uniform(0, 6.28)
        light += rng.uniform(8, 28) * np.sin(x / wide + y / high + phase)
    light += rng.normal(0, 3, light.shape).astype(np.float32)
    colours = np.stack([light * 0.9, light, light * 1.05], axis=-1)
    return np.asarray(np.clip(colours, 0, 255), np.uint8)


def stand(folder: Path, listener: Listener, *, roll: int, stripped: int, unsafe: bool = False) -> Standing:
    """Build the phone in `folder`, run everything on it, and find the stripped pictures in the queue."""
    digests = build_phone(folder / "phone", roll, stripped)
    with Workspace.init(folder / "operation", "Camera roll and chat") as workspace:
        with steps.begin_work(workspace, listener, "run", unsafe=unsafe) as pool:
            steps.run(workspace, pool, [folder / "phone"], listener, exhibit="PHONE", country="")
        conclude(workspace, listener, unsafe=unsafe)
        connection = connect(workspace.folder)
        try:
            ranks = {sha: rank for rank, sha, _ in connection.execute(_RANKS).fetchall()}
            grades = dict(connection.execute(_GRADES).fetchall())
        finally:
            connection.close()
    naive = sorted(grades, key=lambda sha: (grades[sha] != "camera", sha))
    return Standing(
        pictures=len(grades),
        ours=tuple(sorted(ranks[sha] for sha in digests)),
        naive=tuple(place for place, sha in enumerate(naive, 1) if sha in digests),
        grades=tuple(sorted(grades[sha] for sha in digests)),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Print where the stripped pictures stand."""
    parser = argparse.ArgumentParser(prog="python -m headwater.demo.roll_scene", description=__doc__)
    parser.add_argument("--roll", type=int, default=ROLL)
    parser.add_argument("--stripped", type=int, default=STRIPPED)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="headwater-roll-") as name:
        found = stand(Path(name), _Silent(), roll=chosen.roll, stripped=chosen.stripped)
    if chosen.json:
        sys.stdout.write(json.dumps({"ours": found.ours, "naive": found.naive, "pictures": found.pictures}) + "\n")
        return
    sys.stdout.write(
        f"{found.pictures:,} pictures: {chosen.roll:,} in the camera roll, {chosen.stripped} stripped in chat and "
        f"download folders (graded {', '.join(sorted(set(found.grades)))})\n"
        f"queue        the {chosen.stripped} stand at ranks {found.ours[0]:,} to {found.ours[-1]:,}\n"
        f"naive order  the {chosen.stripped} stand at ranks {found.naive[0]:,} to {found.naive[-1]:,} "
        "(camera before undetermined)\n"
    )


class _Silent:
    """Hears how the steps get on, and says nothing."""

    def begin(self, step: str, total: int = 0) -> None: ...
    def item(self, path: str, size_bytes: int, *, failed: bool) -> None: ...
    def more(self, count: int) -> None: ...
    def tick(self) -> None: ...
    def end(self, words: str = "") -> None: ...


if __name__ == "__main__":
    main()
