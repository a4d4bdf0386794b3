from datetime import datetime
from hashlib import sha256
from io import BytesIO
from itertools import count
from shutil import which
from subprocess import run

import pytest
import pytsk3
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.demo.fat_names import checksum, short_name, spelled
from headwater.demo.fat_writer import FatFile, plan_fat

MOMENT = datetime(2024, 5, 1, 12, 30, 7)  # noqa: DTZ001 - FAT keeps local time
FILES = (
    *(
        FatFile(path=f"A folder/sub {at % 3}/fyrtårn {at} 灯台.jpg", data=bytes([at]) * (at * 377), modified=MOMENT)
        for at in range(40)
    ),
    FatFile(path="README.TXT", data=b"hello", modified=MOMENT),
    FatFile(path="EMPTY.DAT", data=b"", modified=MOMENT),
    FatFile(path="A folder/a deleted file.jpg", data=b"xyz" * 5000, modified=MOMENT, deleted=True),
    FatFile(path="GONE.JPG", data=b"q" * 7777, modified=MOMENT, deleted=True),
)


class Memory(pytsk3.Img_Info):
    """A volume in memory."""

    def __init__(self, data):
        self._data = data
        super().__init__(url="", type=pytsk3.TSK_IMG_TYPE_EXTERNAL)

    def read(self, offset, size):
        return self._data[offset : offset + size]

    def get_size(self):
        return len(self._data)

    def close(self):
        pass


def _image(files, kind, sectors_per_cluster=1):
    volume = plan_fat(files, kind=kind, sectors_per_cluster=sectors_per_cluster)
    out = BytesIO(bytes(volume.geometry.total_sectors * 512))
    volume.write(out, 0)
    return volume, out.getvalue()


def _walk(directory, below=b""):
    for entry in directory:
        name, meta = entry.info.name.name, entry.info.meta
        if name in {b".", b".."} or name.startswith(b"$"):
            continue
        if meta.type == pytsk3.TSK_FS_META_TYPE_DIR:
            yield from _walk(entry.as_directory(), below + name + b"/")
        else:
            deleted = bool(int(entry.info.name.flags) & pytsk3.TSK_FS_NAME_FLAG_UNALLOC)
            yield below + name, entry.read_random(0, meta.size) if meta.size else b"", deleted, meta.mtime


@pytest.mark.parametrize(("kind", "sectors_per_cluster"), [("fat16", 1), ("fat16", 4), ("fat32", 1)])
def test_sleuth_kit_reads_every_file_back(kind, sectors_per_cluster):
    _, image = _image(FILES, kind, sectors_per_cluster)
    disk = Memory(image)
    system = pytsk3.FS_Info(disk)
    expected_type = pytsk3.TSK_FS_TYPE_FAT16 if kind == "fat16" else pytsk3.TSK_FS_TYPE_FAT32
    assert int(system.info.ftype) == int(expected_type)
    found = {path: (sha256(data).hexdigest(), deleted) for path, data, deleted, _ in _walk(system.open_dir("/"))}
    expected = {one.path.replace("GONE", "_ONE").encode(): (sha256(one.data).hexdigest(), one.deleted) for one in FILES}
    assert found == expected


@pytest.mark.skipif(which("fsck.vfat") is None, reason="dosfstools are not installed")
@pytest.mark.parametrize("kind", ["fat16", "fat32"])
def test_fsck_finds_nothing_to_mend(kind, tmp_path):
    _, image = _image(FILES, kind)
    path = tmp_path / "volume.img"
    path.write_bytes(image)
    checked = run([which("fsck.vfat"), "-n", str(path)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
    assert "Dirty bit" not in checked.stdout


def test_offsets_say_where_content_lies():
    volume, image = _image(FILES, "fat16")
    for one in FILES:
        if one.data:
            begin = volume.offsets_bytes[one.path]
            assert image[begin : begin + len(one.data)] == one.data


def test_same_files_give_same_bytes():
    assert _image(FILES, "fat16")[1] == _image(FILES, "fat16")[1]


def test_one_path_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        plan_fat([FILES[0], FILES[0]], kind="fat16")


def test_too_much_for_fat16_is_refused():
    large = FatFile(path="LARGE.BIN", data=bytes(40 << 20), modified=MOMENT)
    with pytest.raises(ValueError, match="FAT16"):
        plan_fat([large], kind="fat16")


def test_short_names():
    assert short_name("README.TXT", ()) == b"README  TXT"
    assert short_name("long name here.jpeg", ()) == b"LONGNA~1JPE"
    assert short_name("long name there.jpeg", {b"LONGNA~1JPE"}) == b"LONGNA~2JPE"
    assert spelled(b"README  TXT") == "README.TXT"
    assert checksum(b"README  TXT") == 0x73


NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters='"*/:<>?\\|'),
    min_size=1,
    max_size=60,
).filter(lambda name: name.strip(". ") == name and not name.startswith("$"))


@settings(max_examples=40, deadline=None)
@given(st.lists(NAMES, min_size=1, max_size=20, unique_by=str.casefold))
def test_any_names_are_read_back(names):
    numbers = count()
    files = [FatFile(path=name, data=name.encode() * (next(numbers) + 1), modified=MOMENT) for name in names]
    disk = Memory(_image(files, "fat16")[1])
    found = {path.decode(): data for path, data, _, _ in _walk(pytsk3.FS_Info(disk).open_dir("/"))}
    assert found == {one.path: one.data for one in files}
