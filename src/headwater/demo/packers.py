"""Placed files into the forms in which evidence is seized: a folder, a zip, a packed tar. Times come from the files."""

import bz2
import gzip
import lzma
import os
import struct
import tarfile
import zipfile
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path

import zstandard

from headwater.demo.layout import Packing
from headwater.demo.placed import Placed
from headwater.demo.timeline import local


def write_folder(placed: Sequence[Placed], folder: Path) -> None:
    """Write each file below `folder`, with its time. Names are bytes: they need not be UTF-8."""
    for one in placed:
        path = os.path.join(os.fsencode(folder), one.path)  # noqa: PTH118 - pathlib knows no bytes
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120 - likewise
        with open(path, "xb") as out:  # noqa: PTH123 - likewise
            out.write(one.data)
        os.utime(path, (one.modified.timestamp(),) * 2)


def build_zip(placed: Sequence[Placed], *, stored: bool = False) -> bytes:
    """Pack a zip; already packed content is stored, as phones do. Paths must be UTF-8.

    Times are written as wall clock and, in the extra field of Info-ZIP, as seconds of UTC.
    """
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for one in placed:
            info = zipfile.ZipInfo(one.path.decode(), local(one.modified).timetuple()[:6])
            info.create_system = 3
            info.external_attr = 0o100600 << 16
            info.extra = struct.pack("<HHBi", 0x5455, 5, 1, int(one.modified.timestamp()))
            plain = stored or one.path.endswith((b".jpg", b".png", b".mp4", b".zip"))
            info.compress_type = zipfile.ZIP_STORED if plain else zipfile.ZIP_DEFLATED
            archive.writestr(info, one.data)
    return out.getvalue()


def build_tar(placed: Sequence[Placed], packing: Packing, made: datetime) -> bytes:
    """Pack a compressed tar (pax heads where names need them); `made` is the time in a gzip head."""
    out = BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for one in placed:
            info = tarfile.TarInfo(one.path.decode())
            info.size, info.mtime, info.mode = len(one.data), int(one.modified.timestamp()), 0o640
            archive.addfile(info, BytesIO(one.data))
    data = out.getvalue()
    if packing == "gz":
        return build_gzip(data, "", made, level=3)
    if packing == "bz2":
        return bz2.compress(data, compresslevel=1)
    return lzma.compress(data, preset=0) if packing == "xz" else zstandard.ZstdCompressor(level=3).compress(data)


def build_gzip(data: bytes, name: str, made: datetime, *, level: int = 6) -> bytes:
    """Pack one gzip-compressed file with its name in the head."""
    out = BytesIO()
    with gzip.GzipFile(
        filename=name, mode="wb", fileobj=out, compresslevel=level, mtime=int(made.timestamp())
    ) as packed:
        packed.write(data)
    return out.getvalue()
