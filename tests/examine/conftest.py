"""Views over bytes in memory, and one made picture."""

from collections.abc import Callable
from hashlib import sha256
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from headwater.evidence.content import BytesSource
from headwater.examine.view import View


@pytest.fixture
def view_of() -> Callable[..., View]:
    """Make a View of bytes: `view_of(data, name=b"sea.png", size_bytes=None)`."""

    def make(data: bytes, *, name: bytes = b"", size_bytes: int | None = None) -> View:
        size = len(data) if size_bytes is None else size_bytes
        return View(sha256=sha256(data).hexdigest(), size_bytes=size, name=name, source=BytesSource(data))

    return make


@pytest.fixture(scope="session")
def png() -> bytes:
    """A hillside under a sky, 320 x 240, as PNG."""
    y, x = np.mgrid[0:240, 0:320].astype(np.float64)
    ridge = 120 + 40 * np.sin(x / 50) + 15 * np.sin(x / 11)
    ground = 60 + 50 * np.sin(x / 23 + y / 31) + 0.2 * x
    plane = np.where(y < ridge, 210 - y / 3, ground)
    rgb = np.stack([plane * 0.9, plane, plane * 0.8 + 20], axis=-1).clip(0, 255).astype(np.uint8)
    buffer = BytesIO()
    Image.fromarray(rgb).save(buffer, "PNG")
    return buffer.getvalue()
