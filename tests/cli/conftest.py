"""The program, called in this process or as a program, and one operation over files with hostile names."""

import contextlib
import fcntl
import io
import os
import re
import struct
import subprocess
import termios
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from headwater.bench.proving import Stage, hill, jpeg_with_comment, png_with_text
from headwater.cli.program import run_program as call_program

HOSTILE = {
    "escape": b"\x1b[31mred\x1b[0m\x1b]0;title\x07.png",
    "override": "ph\u202egnp.exe".encode(),
    "isolate": "a\u2066b\u2069.jpg".encode(),
    "newline": b"two\nlines\r.txt",
    "c1": "back\u009b31mdoor.txt".encode(),
    "no utf-8": b"\xff\xfe\x80.bin",
    "html": b"<img src=x onerror=alert(1)>.png",
    "script": b"'\"><script>document.title='run'<",
    "quotes": b"';drop table items;--.txt",
    "formula": b"=cmd|' !A0.txt",
    "device": b"CON",
    "dots": b"...",
    "dash": b"--help",
    "long": b"x" * 250,
    "separator": "line\u2028par\u2029.txt".encode(),
    "zero width": "a\u200bb\ufeff.txt".encode(),
    "replacement": "\ufffd.txt".encode(),
    "percent": b"%2e%2e%2f.txt",
}
TEXT = "<img src=x onerror=document.title='run'>\x1b[2J\u202e"  # written into metadata
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def unseen(text):
    """Every character that acts instead of being seen, with what stands before it."""
    return [text[max(0, found.start() - 20) : found.end()] for found in _UNSEEN.finditer(text)]


@dataclass
class Ended:
    code: int
    out: str
    err: str


class Program:
    """headwater with an operation at hand."""

    def __init__(self, folder: Path):
        self.stage = Stage(folder=folder)
        self.folder = folder
        self.evidence = folder / "evidence"
        self.workspace = folder / "operation"

    def __call__(self, *arguments, **variables):
        return run_program(self.stage, *arguments, **variables)


def run_program(stage, *arguments, **variables):
    """Call the program in this process: exit code, standard output, standard error."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (dict(stage.environment()) | variables).items():
            patch.setenv(name, value)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = call_program([*map(str, arguments)])
    return Ended(int(code), out.getvalue(), err.getvalue())


def on_a_terminal(stage, columns, *arguments, **variables):
    """Run the program with standard output and error on a terminal so many columns wide: what it shows there."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = {**stage.environment(), "TERM": "xterm", **variables}
    environment.pop("COLUMNS", None)
    child = subprocess.Popen(stage.command(*arguments), stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    shown = bytearray()
    with contextlib.suppress(OSError):  # EIO: the other end is closed
        while piece := os.read(ours, 1 << 16):
            shown += piece
    os.close(ours)
    return Ended(child.wait(60), shown.decode().replace("\r\n", "\n"), "")


def exif_jpeg(text):
    """A JPEG whose EXIF names a make and model: `text`."""
    value = text.encode()
    entries = b""
    data_at = 8 + 2 + 12 * 2 + 4
    for tag in (0x010F, 0x0110):
        entries += tag.to_bytes(2, "little") + b"\x02\0" + len(value + b"\0").to_bytes(4, "little")
        entries += data_at.to_bytes(4, "little")
    tiff = b"II*\0\x08\0\0\0" + b"\x02\0" + entries + bytes(4) + value + b"\0"
    body = b"Exif\0\0" + tiff
    jpeg = hill("JPEG")
    return jpeg[:2] + b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body + jpeg[2:]


def fill(evidence: Path):
    evidence.mkdir()
    below = os.fsencode(evidence)
    png = hill("PNG")
    for number, name in enumerate(HOSTILE.values()):
        Path(os.fsdecode(below + b"/" + name)).write_bytes(png_with_text(png, "Title", f"hill {number}"))
    (evidence / "cut.png").write_bytes(png[:-30])
    (evidence / "broken.zip").write_bytes(b"PK\x03\x04" + bytes(40))
    (evidence / "camera.jpg").write_bytes(exif_jpeg(TEXT))
    (evidence / "comment.jpg").write_bytes(jpeg_with_comment(hill("JPEG"), "<b>\x1b[2J\x9b"))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as box:
        for name in ("../up.txt", "/root.txt", "C:\\x.txt", "\x1b[1mbold.txt", "a\u202eb.txt"):
            box.writestr(zipfile.ZipInfo(name), f"{name!r}\n")
    (evidence / "names.zip").write_bytes(buffer.getvalue())


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    """One run over hostile names, for every test that only looks."""
    made = Program(tmp_path_factory.mktemp("program"))
    fill(made.evidence)
    assert made("init", made.workspace, "--operation", "Spring\u2019head <b>").code == 0
    made.ran = made("run", made.evidence, "-w", made.workspace, "--exhibit", "X<i>-1", "--plain")
    assert made.ran.code == 4, made.ran.err
    return made


@pytest.fixture
def fresh(tmp_path):
    """A program of its own, with an empty workspace."""
    made = Program(tmp_path)
    assert made("init", made.workspace, "--operation", "Fresh").code == 0
    return made
