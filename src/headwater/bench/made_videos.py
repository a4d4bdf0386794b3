"""Videos made of pictures, for the benches and the tests: encoded by PyAV, with any times."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from io import BytesIO

import av
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]


def encoded(
    pictures: Iterable[Picture], *, container: str, codec: str, per_second: int, quality: int = 4
) -> bytes:  # fmt: skip
    """A video of RGB pictures of one size, (height, width, 3), both even. quality: the fewer, the finer."""
    file = BytesIO()
    with av.open(file, "w", format=container) as out:
        stream = None
        for number, picture in enumerate(pictures):
            if stream is None:
                stream = _stream(out, codec, picture.shape, per_second, quality)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, per_second)
            out.mux(stream.encode(frame))
        if stream is not None:
            out.mux(stream.encode(None))
    return file.getvalue()


def _stream(
    out: av.container.OutputContainer, codec: str, shape: Sequence[int], per_second: int, quality: int
) -> av.VideoStream:
    stream = out.add_stream(codec, rate=per_second)
    if not isinstance(stream, av.VideoStream):
        raise TypeError(codec)
    stream.height, stream.width = shape[0], shape[1]
    stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    stream.codec_context.thread_count = 1
    quantiser = {"qmin": str(quality), "qmax": str(quality)}
    rate_factor = {"crf": str(quality), "b": "0"}
    stream.codec_context.options = quantiser if codec in {"mpeg4", "mjpeg"} else rate_factor
    return stream


def pan(picture: Picture, width: int, height: int, frames: int) -> Iterable[Picture]:
    """Frames of a camera that goes over a picture from one corner to the other."""
    down, across = picture.shape[0] - height, picture.shape[1] - width
    for number in range(frames):
        top, left = down * number // max(1, frames - 1), across * number // max(1, frames - 1)
        yield np.ascontiguousarray(picture[top : top + height, left : left + width])
