"""What is learned from a folder of made camera files: encodings and counts, and nothing of edited or left-out files."""

import csv
import sys
from hashlib import sha256
from io import BytesIO

import numpy as np
from PIL import Image

from headwater.bench import learn_encoders
from headwater.demo.exif_writer import build_exif

OWN = [[3 + index % 5 for index in range(64)], [5 + index % 7 for index in range(64)]]


def camera_file(software="Ver.1", width=64, tables=OWN, shade=90):
    main = {0x010F: "Lanthorn", 0x0110: "L|12", 0x0131: software}
    exif = build_exif(main, {0xA002: width, 0xA003: 48})
    out = BytesIO()
    picture = Image.fromarray(np.full((48, 64, 3), shade, np.uint8))
    picture.save(out, "JPEG", qtables=tables, subsampling=2, exif=b"Exif\0\0" + exif)
    return out.getvalue()


def folder_of(place, files):
    place.mkdir()
    rows = []
    for number, (data, truth, note) in enumerate(files):
        (place / f"{number}.jpg").write_bytes(data)
        rows.append({"path": f"{number}.jpg", "sha256": sha256(data).hexdigest(), "truth": truth, "note": note})
    with (place / "manifest.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["path", "sha256", "truth", "note"])
        writer.writeheader()
        writer.writerows(rows)
    return place


def test_only_unchanged_camera_files_that_are_not_left_out_are_learned_from(tmp_path, monkeypatch, capsys):
    measured = camera_file(shade=10)
    folder = folder_of(
        tmp_path / "cameras",
        [
            (camera_file(), "camera", ""),
            (camera_file(shade=120), "camera", "original"),
            (camera_file(shade=150), "camera", "lossless crop 64 at 0,0"),
            (camera_file("GIMP 2.10"), "camera", ""),
            (camera_file(width=4000), "camera", ""),
            (camera_file(shade=200), "generated", ""),
            (measured, "camera", ""),
        ],
    )
    later = folder_of(tmp_path / "later", [(measured, "camera", "")])
    monkeypatch.setattr(sys, "argv", ["learn", str(folder), "--except", str(later / "manifest.csv")])
    learn_encoders.main()
    said = capsys.readouterr().out
    names: dict[str, object] = {}
    exec(said, names)  # the module that is printed
    assert names["LEARNED_FILES"] == 3
    rows = [line.split("|") for line in str(names["LEARNED"]).strip().splitlines()]
    assert [(row[2], row[3], row[4], row[5]) for row in rows] == [
        ("-", "Lanthorn", "L 12", "1"),
        ("standard SOI,APP0,APP1,DQT,SOF0,DHT,SOS", "Lanthorn", "L 12", "2"),
    ]
