"""A plug-in that is no PhotoDNA: it compares the light of 12 x 12 fields. Installed as an agency would, and removed."""

import fcntl
import importlib
import shutil
import sysconfig
from pathlib import Path

from headwater.sandbox import plugins

CODE = """
import numpy as np

AT_IMPORT

class Look:
    distance_max = 600

    def value(self, colours):
        IN_VALUE
        height, width = colours.shape[:2]
        if height < 12 or width < 12:
            return None
        high, wide = height // 12, width // 12
        fields = colours[: 12 * high, : 12 * wide].mean(axis=2).reshape(12, high, 12, wide)
        return fields.mean(axis=(1, 3)).astype(np.uint8).tobytes()

    def near(self, kept, asked):
        IN_NEAR
        for place, one in enumerate(asked):
            far = np.abs(kept.astype(int) - one.astype(int)).sum(axis=1)
            near = np.flatnonzero(far <= self.distance_max)
            yield np.full(len(near), place), near, far[near]
"""


NAME = "lighthouse_look"


class StandIn:
    """The plug-in in this Python's site-packages, for one test at a time of all that run. A context manager."""

    def __init__(self):
        site = Path(sysconfig.get_path("purelib"))
        self.package, self.info = site / NAME, site / f"{NAME}-1.0.dist-info"

    def __enter__(self):
        self._lock = Path(sysconfig.get_path("data"), f"{NAME}.lock").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        return self.install()

    def __exit__(self, *_):
        self.remove()
        self._lock.close()

    def install(self, at_import="", in_value="pass", in_near="pass"):
        self.remove()
        self.package.mkdir()
        self.info.mkdir()
        code = CODE.replace("AT_IMPORT", at_import).replace("IN_VALUE", in_value).replace("IN_NEAR", in_near)
        (self.package / "__init__.py").write_text(code)
        (self.info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 1.0\n")
        (self.info / "entry_points.txt").write_text(f"[{plugins.GROUP}]\nphotodna = {NAME}:Look\n")
        (self.info / "RECORD").write_text(f"{NAME}/__init__.py,,\n{self.info.name}/METADATA,,\n")
        self.look_again()
        return self

    @property
    def digest(self):
        self.look_again()
        return plugins.installed(plugins.PHOTODNA).digest

    @staticmethod
    def look_again():
        importlib.invalidate_caches()
        plugins.installed.cache_clear()

    def remove(self):
        shutil.rmtree(self.package, ignore_errors=True)
        shutil.rmtree(self.info, ignore_errors=True)
        self.look_again()
