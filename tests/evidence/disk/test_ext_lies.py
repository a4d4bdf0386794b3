"""No type of an ext inode hides its bytes, and no inode in use is left out for want of a name."""

import os
import subprocess

import pytest

from headwater.evidence.disk import deleted, ext_lies
from headwater.evidence.disk.filesystems import FileSystemReader
from headwater.evidence.disk.raw import RawImage
from headwater.evidence.reader import Limits
from headwater.model.errors import UnknownFormat
from headwater.model.item import Allocation, Entry, ItemKind, Refusal

ENVIRONMENT = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}
CHART = bytes(range(256)) * 60
LONG = "beacon/" * 20 + "lamp"


def run(*command):
    subprocess.run([*map(str, command)], check=True, env=ENVIRONMENT, capture_output=True, timeout=60)


LAYOUTS = {"ext2": (), "ext4": (), "meta_bg": ("-O", "meta_bg,^resize_inode", "-b", "1024", "-g", "256")}


@pytest.fixture(scope="module", params=LAYOUTS)
def volume(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("ext")
    tree, image = folder / "tree", folder / "image"
    (tree / "coast" / "deep").mkdir(parents=True)
    (tree / "chart.bin").write_bytes(CHART)
    (tree / "coast" / "deep" / "rock.txt").write_bytes(b"rock")
    (tree / "near").symlink_to("coast/rock\x1b.txt")
    (tree / "far").symlink_to(LONG)
    os.mkfifo(tree / "pipe")
    image.write_bytes(bytes(8 << 20))
    kind = request.param if request.param in ("ext2", "ext4") else "ext4"
    run("mke2fs", "-q", "-F", "-t", kind, *LAYOUTS[request.param], "-d", tree, image)
    return image


@pytest.fixture
def listed(volume, tmp_path, kit):
    """Lists the volume after changes: the reader, its entries by name, and what it refuses."""

    def list_after(*changes):
        image = tmp_path / "image"
        image.write_bytes(volume.read_bytes())
        for change in changes:
            run("debugfs", "-w", "-R", change, image)
        reader = FileSystemReader(RawImage([kit.memory("ext", image.read_bytes())]), "ext", Limits())
        found = list(reader.entries())
        files = {each.locator.layers[-1].name: each for each in found if isinstance(each, Entry)}
        return reader, files, [each.message for each in found if isinstance(each, Refusal)]

    return list_after


def test_a_link_says_where_it_leads_and_nothing_is_added_to_a_sound_volume(listed):
    reader, files, refused = listed()
    assert sorted(files) == [b"chart.bin", b"coast/deep/rock.txt", b"far", b"near", b"pipe"]
    assert (files[b"near"].kind, files[b"far"].kind) == (ItemKind.SYMLINK,) * 2
    assert files[b"near"].note == r"symbolic link to coast/rock\u{001B}.txt"
    assert files[b"far"].note == f"symbolic link to {LONG}"
    assert reader.open(files[b"far"]).read() == LONG.encode()
    assert (files[b"pipe"].kind, files[b"pipe"].note) == (ItemKind.OTHER, "")
    # The Sleuth Kit does not find the descriptors of a second meta group, and says so when it looks for orphans there.
    assert [each for each in refused if not each.startswith("orphan directory cannot be listed")] == []


@pytest.mark.parametrize("mode", ["010644", "020644", "060644", "0140644", "0120777", "040755", "030644"])
def test_no_type_hides_the_bytes_of_a_file(listed, mode):
    reader, files, _ = listed(f"set_inode_field chart.bin mode {mode}")
    entry = files[b"chart.bin"]
    assert (entry.kind, entry.size_bytes, reader.open(entry).read()) == (ItemKind.FILE, len(CHART), CHART)
    assert "marked as" in entry.note or mode == "030644"  # a type there is none of counts as a file


def test_files_below_a_directory_marked_as_a_file_are_listed_without_a_name(listed):
    reader, files, _ = listed("set_inode_field coast mode 0100644")
    assert files[b"coast"].kind is ItemKind.FILE
    [path] = [path for path in files if path.startswith(deleted.UNNAMED_FOLDER)]
    assert path.endswith(b"/rock.txt")  # `deep` is found, and names it
    assert (reader.open(files[path]).read(), files[path].allocation) == (b"rock", Allocation.ALLOCATED)


def test_a_file_whose_name_is_gone_but_not_its_inode_is_listed(listed):
    reader, files, _ = listed("unlink chart.bin")
    [path] = [path for path in files if path.startswith(deleted.UNNAMED_FOLDER)]
    assert (reader.open(files[path]).read(), files[path].note) == (CHART, deleted.UNNAMED)
    assert [entry.locator for entry in reader.entries()] == [entry.locator for entry in reader.entries()]


@pytest.mark.parametrize(
    ("options", "words"),
    [("-t ext4 -O bigalloc -C 16384", "bigalloc"), ("-O journal_dev", "journal of an ext")],
)
def test_a_layout_nobody_here_reads_is_refused_by_name(tmp_path, kit, options, words):
    image = tmp_path / "image"
    image.write_bytes(bytes(16 << 20))
    run("mke2fs", "-q", "-F", *options.split(), image)
    with pytest.raises(UnknownFormat, match=words):
        FileSystemReader(RawImage([kit.memory("ext", image.read_bytes())]), "ext", Limits())


@pytest.fixture
def made(tmp_path, kit):
    """Makes a volume of a folder, changes it, and lists it: its entries by name, and how to read one."""

    def make(options, files, *changes, edit=bytes, hashed=False, refused=()):
        tree, image = tmp_path / "tree", tmp_path / "made"
        tree.mkdir()
        for name, data in files.items():
            (tree / name).parent.mkdir(exist_ok=True)
            (tree / name).write_bytes(data)
        image.write_bytes(bytes(16 << 20))
        run("mke2fs", "-q", "-F", "-t", "ext4", "-b", "1024", *options, "-d", tree, image)
        for change in changes:
            run("debugfs", "-w", "-R", change, image)
        if hashed:  # exit status 1 says that something was changed
            subprocess.run(
                ["e2fsck", "-fyD", str(image)], check=False, env=ENVIRONMENT, capture_output=True, timeout=60
            )
        image.write_bytes(edit(image.read_bytes()))
        reader = FileSystemReader(RawImage([kit.memory("ext", image.read_bytes())]), "ext", Limits())
        found = list(reader.entries())
        assert [each.message for each in found if isinstance(each, Refusal)] == list(refused)
        return reader, {each.locator.layers[-1].name: each for each in found if isinstance(each, Entry)}

    return make


@pytest.mark.parametrize(("size", "behind"), [(0, 15), (1, 14), (1024, 14), (13000, 2), (14 * 1024, 1)])
def test_blocks_behind_the_size_of_a_file_are_said(listed, size, behind):
    _, files, refused = listed(f"set_inode_field chart.bin size {size}")
    assert f"its size is {size} bytes, {behind * 1024} bytes or more behind its end were not read" in refused
    assert files[b"chart.bin"].size_bytes == size


def test_a_size_that_ends_in_the_last_block_is_no_lie(listed):
    _, _, refused = listed(f"set_inode_field chart.bin size {14 * 1024 + 1}")
    assert [each for each in refused if "behind its end" in each] == []


def test_blocks_behind_the_size_of_a_directory_are_said(listed):
    assert any("1024 bytes or more behind its end" in each for each in listed("set_inode_field coast size 0")[2])


def test_a_root_that_is_not_all_a_list_of_names_is_said(made):
    def overwrite(data):
        root = data.index(entry_of_a_directory(2, 12, b"."))
        last = root + 24
        return data[: last + 4] + b"\7\0" + data[last + 6 :]

    made((), {}, edit=overwrite, refused=["directory: not all of it is a list of names: that was not read"])


def test_blocks_marked_as_bad_are_said(made, tmp_path):
    marked = tmp_path / "marked"
    marked.write_text("9000\n9001\n9005\n")
    said = "3 blocks are marked as bad: what they hold was not read"
    made(("-l", str(marked)), {"chart.bin": CHART}, refused=[said])


MAPPED = "^extent,^64bit"


def in_pieces(number):
    """A file of so many pieces of one block, a hole behind each."""
    return (b"tide" * 256 + bytes(1024)) * number


@pytest.mark.parametrize(("layout", "change"), [("extent", "fallocate chart.bin 1500 1600"), (MAPPED, "ls")])
def test_a_file_in_pieces_has_nothing_behind_its_size(made, layout, change):
    """Blocks reserved behind it are marked as never written, which only extents can be."""
    content = in_pieces(700)
    reader, files = made(("-O", layout), {"chart.bin": content}, change)
    assert reader.open(files[b"chart.bin"]).read() == content


@pytest.mark.parametrize("layout", ["extent", MAPPED])
@pytest.mark.parametrize("pieces", [0, 1, 6, 100, 400])
def test_the_pieces_behind_the_size_of_a_file_are_counted(made, layout, pieces):
    size, behind = pieces * 2048, (700 - pieces) * 1024
    said = f"its size is {size} bytes, {behind} bytes or more behind its end were not read"
    change = f"set_inode_field chart.bin size {size}"
    made(("-O", layout), {"chart.bin": in_pieces(700)}, change, refused=[said])


OWN = ("-O", "quota,project,orphan_file", "-E", "quotatype=usrquota:grpquota:prjquota")


def test_what_the_file_system_keeps_for_itself_is_no_file(made):
    _, files = made(OWN, {"chart.bin": CHART})
    assert sorted(files) == [b"chart.bin"]


@pytest.mark.parametrize("field", ["prj_quota_inum", "orphan_file_inum"])
def test_an_inode_called_the_file_systems_own_without_that_feature_is_listed(made, field):
    options = ("-O", "^quota,^project,^orphan_file")
    reader, files = made(options, {"chart.bin": CHART}, f"ssv {field} 12", "unlink chart.bin")
    [entry] = [entry for entry in files.values() if entry.allocation is Allocation.ALLOCATED]
    assert (entry.locator.layers[-1].name, reader.open(entry).read()) == (b"$Unnamed/12", CHART)


@pytest.mark.parametrize("inode", [1, 3, 4, 5, 6, 7, 8, 9, 10])
def test_a_file_under_a_reserved_inode_is_listed(made, inode):
    """Put there what inode 12 holds, the first of a file."""

    def move(data):
        changed = bytearray(data)
        table, size = int.from_bytes(data[2056:2060], "little") * 1024, 256
        changed[table + (inode - 1) * size : table + inode * size] = data[table + 11 * size : table + 12 * size]
        changed[table + 11 * size : table + 12 * size] = bytes(size)
        return bytes(changed)

    options = ("-O", "^quota,^resize_inode,^has_journal,^metadata_csum,^uninit_bg,^orphan_file", "-I", "256")
    reader, files = made(options, {"chart.bin": CHART}, "unlink chart.bin", edit=move)
    [entry] = [entry for entry in files.values() if entry.allocation is Allocation.ALLOCATED]
    assert (entry.locator.layers[-1].name, reader.open(entry).read()) == (b"$Unnamed/%d" % inode, CHART)


@pytest.mark.parametrize("hashed", [False, True])
def test_a_long_list_of_names_is_a_directory(made, hashed):
    names = {f"coast/{number:04}-{'x' * 40}": b"" for number in range(1200)}
    _, files = made((), names, "rm coast/0004-" + "x" * 40, hashed=hashed)
    assert sum(entry.allocation is Allocation.ALLOCATED for entry in files.values()) == 1199
    assert {entry.note for entry in files.values() if entry.allocation is Allocation.ALLOCATED} == {""}


def entry_of_a_directory(inode, length, name):
    return inode.to_bytes(4, "little") + length.to_bytes(2, "little") + bytes([len(name), 2]) + name.ljust(4, b"\0")


def test_a_file_behind_one_block_of_a_directory_is_given(made):
    head = entry_of_a_directory(12, 12, b".") + entry_of_a_directory(2, 1012, b"..")
    content = head.ljust(1024, b"\0") + CHART
    changes = ("album mode 040755", "album links_count 2")
    options = ("-O", "^metadata_csum,^dir_index")
    reader, files = made(options, {"album": content}, *(f"set_inode_field {each}" for each in changes))
    entry = files[b"album"]
    assert (entry.kind, entry.note) == (ItemKind.FILE, ext_lies.NO_LIST)
    assert reader.open(entry).read() == content
