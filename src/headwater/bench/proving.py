"""What the long proofs share: evidence made by code, runs of the program, what came out, and what was left behind."""

import io
import os
import random
import stat
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import pi_heif
from PIL import Image

from headwater.findings.views import connect

_SIDE = 48
_A_FOLDER = 500  # files
_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"RIFF", b"ftyp", b"II*\0", b"MM\0*")
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, KeyError, struct.error, zlib.error)
_NO_PICTURE = (*_BROKEN, Image.DecompressionBombError)
_LONGEST_PICTURE_BYTES = 32 << 20


# evidence


def make_evidence(folder: Path, files: int, seed: int = 1) -> None:
    """Fill `folder` with small files: drawn hills as PNG and JPEG, texts, copies, archives, and a few cut short."""
    rng = random.Random(seed)  # noqa: S311 - the same evidence each time
    png, jpeg = hill("PNG"), hill("JPEG")
    for number in range(files):
        place = folder / f"{number // _A_FOLDER:03d}"
        place.mkdir(parents=True, exist_ok=True)
        name, data = _file(rng, number, png, jpeg)
        (place / name).write_bytes(data)


def _file(rng: random.Random, number: int, png: bytes, jpeg: bytes) -> tuple[str, bytes]:
    chosen = rng.randrange(20)
    if chosen < 8:
        return f"hill {number}.png", png_with_text(png, "Comment", f"hill {number}")
    if chosen < 14:
        return f"slope {number}.jpg", jpeg_with_comment(jpeg, f"slope {number}")
    if chosen == 14:
        return f"copy {number}.png", png_with_text(png, "Comment", f"one of ten {number % 10}")
    if chosen == 15:
        return f"cut {number}.png", png_with_text(png, "Comment", f"cut {number}")[: -rng.randrange(20, 200)]
    if chosen == 16:
        return f"box {number}.zip", _boxed(png_with_text(png, "Comment", f"boxed {number}"), number)
    return f"note {number}.txt", f"note {number}: clear sky, wind from the west\n".encode()


def hill(kind: str) -> bytes:
    """A small drawn hill under a sky, as PNG or JPEG."""
    y, x = np.mgrid[0:_SIDE, 0:_SIDE].astype(np.float64)
    plane = np.where(y < 24 + 8 * np.sin(x / 7), 210 - 2 * y, 60 + 30 * np.sin(x / 3 + y / 5))
    buffer = io.BytesIO()
    Image.fromarray(np.stack([plane] * 3, axis=-1).clip(0, 255).astype(np.uint8)).save(buffer, kind)
    return buffer.getvalue()


def png_with_text(png: bytes, keyword: str, text: str) -> bytes:
    """The same picture with one tEXt chunk more, before its end chunk."""
    body = b"tEXt" + keyword.encode("latin-1") + b"\0" + text.encode("latin-1")
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return png[:-12] + chunk + png[-12:]


def jpeg_with_comment(jpeg: bytes, text: str) -> bytes:
    """The same picture with one COM segment behind its first marker."""
    return jpeg[:2] + b"\xff\xfe" + struct.pack(">H", len(text) + 2) + text.encode("latin-1") + jpeg[2:]


def _boxed(data: bytes, number: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr(zipfile.ZipInfo("inner/hill.png"), data)
        box.writestr(zipfile.ZipInfo("read me.txt"), f"box {number}\n")
    return buffer.getvalue()


# running


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A place of its own for one proof: configuration and scratch are nobody else's. The kernel cache is shared."""

    folder: Path

    @property
    def scratch(self) -> Path:
        return self.folder / "scratch"

    def environment(self) -> Mapping[str, str]:
        """The variables of a run; makes the folders they name."""
        own = {"HEADWATER_CONFIG_DIR": "config", "TMPDIR": "scratch"}
        for name in own.values():
            (self.folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.environ | {key: str(self.folder / name) for key, name in own.items()}

    def command(self, *arguments: str | Path) -> list[str]:
        """The program with these arguments."""
        program = "from headwater.cli.main import main; main()"
        return [sys.executable, "-c", program, *map(str, arguments)]

    def run(self, *arguments: str | Path, before: Iterable[str] = ()) -> subprocess.CompletedProcess[bytes]:
        """Run the program to its end. `before`: a program that runs it, such as unshare."""
        return subprocess.run(
            [*before, *self.command(*arguments)], env=self.environment(), capture_output=True, check=False
        )

    def start(self, *arguments: str | Path) -> subprocess.Popen[bytes]:
        """Start the program as the leader of a process group of its own, silent."""
        return subprocess.Popen(
            self.command(*arguments),
            env=self.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )


# comparing


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a run gave. Rows as text, in order; `repeated` counts rows that stand in the sealed parts twice."""

    items: tuple[str, ...]
    findings: tuple[str, ...]
    failures: tuple[str, ...]
    repeated: int


_ITEMS = """
SELECT item, exhibit, locator, path, size_bytes, md5, sha1, sha256, media_type, allocation, damaged,
  modified::VARCHAR, kind, parent_item, bytes_read FROM items ORDER BY item
"""
_FAILURES = "SELECT DISTINCT coalesce(sha256, item), examiner, kind, message FROM failures ORDER BY ALL"
_REPEATED = """
SELECT (SELECT count(*) - count(DISTINCT item) FROM part_items)
  + (SELECT count(*) - count(DISTINCT item) FROM part_contents)
  + (SELECT count(*) - count(DISTINCT (finding, sha256, examiner, claim, state)) FROM part_findings)
"""


def result_of(workspace: Path) -> Result:
    """Read what is sealed in a workspace. A failure of a content is named by the content, whichever copy met it."""
    connection = connect(workspace)
    try:
        rows = [connection.execute(query).fetchall() for query in (_ITEMS, _FAILURES)]
        ids = connection.execute("SELECT finding FROM findings ORDER BY ALL").fetchall()
        repeated = connection.execute(_REPEATED).fetchall()[0][0]
    finally:
        connection.close()
    items, failures = (tuple("\t".join(map(str, row)) for row in table) for table in rows)
    return Result(items=items, findings=tuple(row[0] for row in ids), failures=failures, repeated=repeated)


def differences(expected: Result, got: Result) -> tuple[str, ...]:
    """What differs, in words; nothing where both are the same."""
    told = [f"{got.repeated} rows twice"] if got.repeated else []
    for name in ("items", "findings", "failures"):
        one, other = getattr(expected, name), getattr(got, name)
        if one != other:
            lost, surplus = sorted(set(one) - set(other)), sorted(set(other) - set(one))
            told.append(f"{name}: {len(one)} expected, {len(other)} got; lost {lost[:3]}, surplus {surplus[:3]}")
    return tuple(told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One file or folder of evidence as it stands on the disk."""

    sha256: str
    size_bytes: int
    mode: int
    owner: tuple[int, int]
    modified_ns: int
    accessed_ns: int


def state_of(evidence: Path) -> dict[str, Kept]:
    """Every file and folder at and below `evidence`; access times are read before anything is opened."""
    found: dict[str, Kept] = {}
    stats = {path: path.lstat() for path in [evidence, *sorted(evidence.rglob("*"))]}
    for path, status in stats.items():
        plain = stat.S_ISREG(status.st_mode)
        found[os.fsencode(path.relative_to(evidence)).hex()] = Kept(
            sha256=sha256(_unseen(path)).hexdigest() if plain else "",
            size_bytes=status.st_size,
            mode=status.st_mode,
            owner=(status.st_uid, status.st_gid),
            modified_ns=status.st_mtime_ns,
            accessed_ns=status.st_atime_ns,
        )
    return found


def _unseen(path: Path) -> bytes:
    """A file's bytes, its access time left alone."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOATIME)
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


# carving


def carve(*folders: Path) -> tuple[str, ...]:
    """Every place in every file below these folders where a picture begins that decodes: "file at offset, format"."""
    pi_heif.register_heif_opener()
    return tuple(
        f"{path} at {offset}, {kind}"
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
        for offset, kind in _pictures(path.read_bytes())
    )


def _pictures(data: bytes) -> Iterator[tuple[int, str]]:
    for signature in _SIGNATURES:
        start = data.find(signature)
        while start >= 0:
            begin = start - 4 if signature == b"ftyp" else start
            if begin >= 0 and (kind := _decoded(data[begin : begin + _LONGEST_PICTURE_BYTES])):
                yield begin, kind
            start = data.find(signature, start + 1)


def _decoded(data: bytes) -> str:
    """The format as which the bytes decode to the last line, or nothing."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            picture.load()
            return picture.format or "unknown"
    except _NO_PICTURE:
        return ""
