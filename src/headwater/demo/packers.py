"""Placed files into the forms in which evidence is seized: a folder, a zip, a tar.gz. Times come from the files."""

import gzip
import os
import tarfile
import zipfile
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path

from headwater.demo.placed import Placed


def write_folder(placed: Sequence[Placed], folder: Path) -> None:
    """Write each file below `folder`, with its time. Names are bytes: they need not be UTF-8."""
    for one in placed:
        path = os.path.join(os.fsencode(folder), one.path)  # noqa: PTH118 - pathlib knows no bytes
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120 - likewise
        with open(path, "xb") as out:  # noqa: PTH123 - likewise
            out.write(one.data)
        os.utime(path, (one.modified.timestamp(),) * 2)


def build_zip(placed: Sequence[Placed], *, stored: bool = False) -> bytes:
    """Pack a zip; already packed content is stored, as phones do. Paths must be UTF-8."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for one in placed:
            info = zipfile.ZipInfo(one.path.decode(), one.modified.timetuple()[:6])
            info.external_attr = 0o100600 << 16
            plain = stored or one.path.endswith((b".jpg", b".png", b".mp4", b".zip"))
            info.compress_type = zipfile.ZIP_STORED if plain else zipfile.ZIP_DEFLATED
            archive.writestr(info, one.data)
    return out.getvalue()


def build_tar_gz(placed: Sequence[Placed], made: datetime) -> bytes:
    """Pack a gzip-compressed tar (ustar with pax heads where names need them); `made` is the time in the gzip head."""
    out = BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=out, compresslevel=3, mtime=int(made.timestamp())) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for one in placed:
            info = tarfile.TarInfo(one.path.decode())
            info.size, info.mtime, info.mode = len(one.data), int(one.modified.timestamp()), 0o640
            archive.addfile(info, BytesIO(one.data))
    return out.getvalue()


def build_gzip(data: bytes, name: str, made: datetime) -> bytes:
    """Pack one gzip-compressed file with its name in the head."""
    out = BytesIO()
    with gzip.GzipFile(filename=name, mode="wb", fileobj=out, compresslevel=6, mtime=int(made.timestamp())) as packed:
        packed.write(data)
    return out.getvalue()
