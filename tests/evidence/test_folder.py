import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.evidence.folder import DEPTH_LIMIT, Folder
from headwater.model.errors import EvidenceError, WrongUse
from headwater.model.item import Entry, ItemKind, Refusal, Zone


def walk(root):
    with Folder(root) as folder:
        yield from folder.walk()


def names(found):
    return [entry.locator.layers[0].name for entry in found]


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "seized"
    folder.mkdir()
    return folder


@pytest.fixture
def folder(root):
    with Folder(root) as opened:
        yield opened


def open_descriptors():
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def read(descriptor):
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


def test_every_file_once_in_a_fixed_order(root):
    for name in ("b/2.jpg", "b/10.jpg", "a/x/y/z.png", "top.txt", "B/1", ".hidden"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    wanted = [b".hidden", b"top.txt", b"B/1", b"a/x/y/z.png", b"b/10.jpg", b"b/2.jpg"]
    assert names(walk(root)) == names(walk(root)) == wanted
    with Folder(root) as folder:
        for entry in folder.walk():
            name = entry.locator.layers[0].name
            assert read(folder.open_file(name)) == name
            assert entry.size_bytes == len(name)


def test_names_are_bytes(root, folder):
    wanted = sorted([b"\xff\xfe.jpg", b"a\nb", b"\x1b[31m", "Ölskär".encode(), b" ", b"x" * 255, b"a|b@c%"])
    for name in wanted:
        os.close(os.open(os.fsencode(root) + b"/" + name, os.O_CREAT | os.O_WRONLY))
    assert names(walk(root)) == wanted
    for name in wanted:
        assert read(folder.open_file(name)) == b""


def test_times_are_utc_to_the_microsecond(root):
    path = root / "a"
    path.write_bytes(b"x")
    os.utime(path, ns=(1_700_000_000_123_456_789, -1_500_000_000))
    (entry,) = walk(root)
    assert entry.times.zone is Zone.UTC
    assert entry.times.accessed.isoformat() == "2023-11-14T22:13:20.123456+00:00"
    assert entry.times.modified.isoformat() == "1969-12-31T23:59:58.500000+00:00"
    assert entry.times.created is None
    assert entry.inode == str(path.stat().st_ino)


def test_access_times_stay(root, folder):
    path = root / "a"
    path.write_bytes(b"x")
    os.utime(path, ns=(1, 2))
    assert read(folder.open_file(b"a")) == b"x"
    assert path.stat().st_atime_ns == 1


def test_what_is_no_regular_file_is_named_and_not_opened(root, folder):
    (root / "target").write_bytes(b"x")
    (root / "link").symlink_to("/etc/\x1bpasswd")
    (root / "loop").symlink_to(".")
    os.mkfifo(root / "pipe")
    with socket.socket(socket.AF_UNIX) as peer:
        peer.bind(str(root / "sock"))
    os.link(root / "target", root / "hard")
    found = {entry.locator.layers[0].name: entry for entry in walk(root)}
    assert {name: entry.kind for name, entry in found.items()} == {
        b"target": ItemKind.FILE,
        b"hard": ItemKind.FILE,
        b"link": ItemKind.SYMLINK,
        b"loop": ItemKind.SYMLINK,
        b"pipe": ItemKind.OTHER,
        b"sock": ItemKind.OTHER,
    }
    assert found[b"link"].note == "symbolic link to /etc/\\u{001B}passwd"
    assert found[b"pipe"].note == "named pipe"
    assert found[b"sock"].note == "socket"
    for name in (b"link", b"loop", b"pipe", b"sock", b"loop/target", b"gone"):
        with pytest.raises(EvidenceError):
            folder.open_file(name)


@pytest.mark.parametrize(
    "path", [b"", b"/etc/passwd", b"../x", b"a/../../x", b"a//x", b"./a", b"a/", b"a\0b", b".", b".."]
)
def test_paths_that_lead_elsewhere_are_refused(root, folder, path):
    (root / "a").mkdir()
    (root.parent / "x").write_bytes(b"outside")
    with pytest.raises(EvidenceError):
        folder.open_file(path)


def test_a_file_swapped_for_a_link_after_the_listing_is_not_followed(root, tmp_path):
    (tmp_path / "outside").write_bytes(b"of somebody else")
    (root / "a.jpg").write_bytes(b"mine")
    with Folder(root) as folder:
        assert names(folder.walk()) == [b"a.jpg"]
        assert read(folder.open_file(b"a.jpg")) == b"mine"
        (root / "a.jpg").unlink()
        (root / "a.jpg").symlink_to(tmp_path / "outside")
        before = open_descriptors()
        with pytest.raises(EvidenceError, match="cannot be opened"):
            folder.open_file(b"a.jpg")
        assert open_descriptors() == before


def test_a_folder_swapped_for_a_link_is_not_followed(root, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x").write_bytes(b"secret")
    (root / "d").mkdir()
    (root / "d" / "x").write_bytes(b"mine")
    (root / "d2").mkdir()
    (root / "d2" / "x").write_bytes(b"mine")
    with Folder(root) as folder:
        found = folder.walk()
        assert names([next(found)]) == [b"d/x"]
        (root / "d2").rename(tmp_path / "gone")
        (root / "d2").symlink_to(outside)
        (rest,) = found
        assert isinstance(rest, Refusal)
        with pytest.raises(EvidenceError):
            folder.open_file(b"d2/x")
        assert read(folder.open_file(b"d/x")) == b"mine"


def test_a_file_swapped_for_a_link_is_not_followed(root, tmp_path):
    (tmp_path / "outside").write_bytes(b"elsewhere")
    (root / "x").write_bytes(b"mine")
    with Folder(root) as folder:
        assert names(list(folder.walk())) == [b"x"]
        (root / "x").unlink()
        (root / "x").symlink_to(tmp_path / "outside")
        with pytest.raises(EvidenceError):
            folder.open_file(b"x")


def test_opening_elsewhere_during_the_walk_does_not_disturb_it(root):
    for number in range(20):
        path = root / f"d{number % 4}" / f"e{number % 2}" / str(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"%d" % number)
    wanted = names(walk(root))
    with Folder(root) as folder:
        seen = []
        for number, entry in enumerate(folder.walk()):
            assert isinstance(entry, Entry)
            other = wanted[(number * 7) % len(wanted)]
            assert read(folder.open_file(other)) == other.rsplit(b"/", 1)[1]
            seen.append(entry)
    assert names(seen) == wanted
    assert [entry.size_bytes for entry in seen] == [len(name.rsplit(b"/", 1)[1]) for name in wanted]


@pytest.fixture
def deep_root(root):
    yield root
    while (folder := root / "d").exists():  # rmtree recurses: take the tree away from its top
        if (folder / "d").exists():
            (folder / "d").rename(root / "next")
        (folder / "f").unlink(missing_ok=True)
        folder.rmdir()
        if (root / "next").exists():
            (root / "next").rename(folder)


def test_very_deep_folders_end_in_one_refusal(deep_root):
    root = deep_root
    descriptor = os.open(root, os.O_RDONLY)
    for level in range(DEPTH_LIMIT + 5):
        os.mkdir("d", dir_fd=descriptor)
        if level in {99, DEPTH_LIMIT - 1, DEPTH_LIMIT}:
            os.close(os.open("f", os.O_CREAT | os.O_WRONLY, dir_fd=descriptor))
        inner = os.open("d", os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = inner
    os.close(descriptor)
    before = open_descriptors()
    found = list(walk(root))
    assert open_descriptors() == before
    assert [entry.locator.layers[0].name.count(b"/") for entry in found[:3]] == [99, DEPTH_LIMIT - 1, DEPTH_LIMIT]
    assert [entry.kind for entry in found[3:]] == ["limit"]
    with Folder(root) as folder:
        assert read(folder.open_file(found[2].locator.layers[0].name)) == b""


def test_a_folder_without_permission_is_a_refusal(root):
    (root / "closed").mkdir(mode=0)
    (root / "open").write_bytes(b"")
    code = "import sys, pathlib; from headwater.evidence.folder import Folder\n"
    code += "print(*(each.kind for each in Folder(pathlib.Path(sys.argv[1])).walk()))"
    as_anyone = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []  # root may read all
    try:
        said = subprocess.run(
            [*as_anyone, sys.executable, "-c", code, root], capture_output=True, text=True, check=True
        )
    finally:
        (root / "closed").chmod(stat.S_IRWXU)
    assert said.stdout.split() == [ItemKind.FILE, "permission"]


def test_a_folder_that_cannot_be_listed_is_a_refusal(root, monkeypatch):
    (root / "closed").mkdir()
    (root / "open").write_bytes(b"")
    genuine = os.scandir

    def denied(descriptor):
        if Path(f"/proc/self/fd/{descriptor}").readlink().name == "closed":
            raise PermissionError(13, "Permission denied")
        return genuine(descriptor)

    monkeypatch.setattr(os, "scandir", denied)
    found = list(walk(root))
    assert [entry.kind for entry in found] == [ItemKind.FILE, "permission"]
    assert found[1].message == "folder cannot be listed: Permission denied"


def test_a_root_that_is_none_is_wrong_use(root):
    (root / "file").write_bytes(b"")
    for wrong in (root / "none", root / "file"):
        with pytest.raises(WrongUse):
            list(walk(wrong))


@given(path=st.binary(max_size=40))
def test_any_path_that_is_not_there_is_an_evidence_error(path):
    with Folder(Path("/proc/self/attr")) as folder, pytest.raises(EvidenceError):
        os.close(folder.open_file(path))
