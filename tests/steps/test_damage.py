"""Bad chunks of an image: every file that lies on one says so, is digested as it was read, and costs no other."""

import io
from datetime import datetime
from hashlib import sha256

from headwater.bench.proving import hill, png_with_text
from headwater.demo.ewf_writer import write_ewf
from headwater.demo.fat_writer import FatFile, plan_fat

WHEN = datetime(2026, 5, 1, 12)  # noqa: DTZ001 - FAT keeps local time
CHUNK_BYTES = 64 * 512


def test_a_file_on_a_bad_chunk_is_flagged_and_no_other(operation, tmp_path):
    picture = png_with_text(hill("PNG"), "Comment", "x" * 3 * CHUNK_BYTES)
    files = {f"HILL{number}.PNG": picture[:-20] + bytes([number]) + picture[-19:] for number in range(4)}
    volume = plan_fat([FatFile(path=path, data=data, modified=WHEN) for path, data in files.items()], kind="fat16")
    raw = io.BytesIO(bytes(volume.geometry.total_sectors * 512))
    volume.write(raw, 0)
    raw.seek(0)
    chunk = volume.offsets_bytes["HILL2.PNG"] // CHUNK_BYTES + 1  # the file begins before it and ends behind it
    (image,) = write_ewf(raw, tmp_path, "coast", damage=[chunk])
    made = operation(workers=1)
    made.run(image)
    rows = {path: rest for path, *rest in made.rows("SELECT path, damaged, sha256, damaged_ranges FROM items")}
    assert {path for path, (damaged, *_) in rows.items() if damaged} == {"HILL2.PNG"}
    begin = chunk * CHUNK_BYTES - volume.offsets_bytes["HILL2.PNG"]
    assert rows["HILL2.PNG"][2] == [{"offset_bytes": begin, "length_bytes": CHUNK_BYTES}]
    expected = dict(files)
    data = expected["HILL2.PNG"]
    expected["HILL2.PNG"] = data[:begin] + bytes(CHUNK_BYTES) + data[begin + CHUNK_BYTES :]  # read as zeros
    assert {path: rows[path][1] for path in files} == {
        path: sha256(data).hexdigest() for path, data in expected.items()
    }


def test_a_picture_that_is_cut_short_has_a_failure_and_keeps_what_was_found(operation, tmp_path):
    folder = tmp_path / "coast"
    folder.mkdir()
    (folder / "cut.png").write_bytes(hill("PNG")[:60])
    made = operation(workers=1)
    made.run(folder)
    assert ("cut.png", "truncated") in made.rows("SELECT DISTINCT path, kind FROM failures")
    width = made.rows("SELECT value FROM findings WHERE claim = 'picture.width_pixels' AND state = 'found'")
    assert width == [("48",)]
