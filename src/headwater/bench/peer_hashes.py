"""The peer of the whole run: `python -m headwater.bench.peer_hashes FOLDER` prints hash and name of every JPEG.

It imports nothing of ours, so that its start costs what it would cost anybody.
"""

import sys
from pathlib import Path

import numpy as np
import pdqhash  # type: ignore[import-not-found, import-untyped, unused-ignore]
from PIL import Image


def main(folder: str) -> None:
    """Pillow to RGB, pdqhash of it."""
    for path in sorted(Path(folder).glob("*.jpg")):
        with Image.open(path) as image:
            bits, _ = pdqhash.compute(np.asarray(image.convert("RGB")))
        print(np.packbits(bits.astype(np.uint8)).tobytes().hex(), path.name)


if __name__ == "__main__":
    main(sys.argv[1])
