"""The examiners themselves, decoders and all: for the workers, never for the broker."""

import codecs
import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from encodings.aliases import aliases

from headwater.evidence.content import BytesSource
from headwater.examine import registry
from headwater.examine.camera import Camera
from headwater.examine.credentials import ContentCredentials
from headwater.examine.declared import Declared
from headwater.examine.examiner import Examiner
from headwater.examine.filetype import FileType
from headwater.examine.generators import Generators
from headwater.examine.history import History
from headwater.examine.metadata import Metadata
from headwater.examine.models import Models
from headwater.examine.perceptual import Perceptual
from headwater.examine.photodna import PhotoDnaValue
from headwater.examine.picture import PictureFacts
from headwater.examine.previews import Previews
from headwater.examine.producer import Producer
from headwater.examine.sensor import Sensor
from headwater.examine.traces import Traces
from headwater.examine.video import VideoFrames
from headwater.examine.view import View
from headwater.examine.watermark import Watermark
from headwater.kernels import dwtdct, md5_lanes, pdq, pdq_parts, prnu
from headwater.model.errors import EvidenceError
from headwater.model.finding import Method
from headwater.model.material import Material

EXAMINERS: tuple[Examiner, ...] = (  # as registry.BUILT_IN
    FileType(),
    Metadata(),
    Generators(),
    Declared(),
    ContentCredentials(),
    Camera(),
    Models(),
    Producer(),
    PictureFacts(),
    Perceptual(),
    VideoFrames(),
    Previews(),
    Watermark(),
    History(),
    Sensor(),
    Traces(),
    PhotoDnaValue(),  # the last: loading its plug-in takes the network and programs away
)


def chosen(
    names: Sequence[str], settings_digest: str, materials: Sequence[Material] = ()
) -> tuple[tuple[Examiner, Method], ...]:
    """The named examiners, in the order of EXAMINERS, with their methods. Raises WrongUse for an unknown name."""
    methods = registry.methods(names, settings_digest, materials)
    return tuple((each, methods[each.name]) for each in EXAMINERS if each.name in methods)


@contextmanager
def _without_scipy() -> Iterator[None]:
    """Keep numba from loading SciPy's linear algebra, which it does wherever SciPy is installed and no kernel uses."""
    before = sys.modules.get("scipy")
    sys.modules["scipy"] = None  # type: ignore[assignment]  # how an import is made to fail
    try:
        yield
    finally:
        if before is None:
            del sys.modules["scipy"]
        else:
            sys.modules["scipy"] = before


def warm() -> None:
    """Load kernels, codecs and plug-ins now, by running every example once: a jailed worker opens no file."""
    for codec in sorted(set(aliases.values())):
        with suppress(LookupError):  # those of other platforms
            codecs.lookup(codec)
    with _without_scipy():
        dwtdct.warm()
        md5_lanes.warm()
        pdq.warm()
        pdq_parts.warm()
        prnu.warm()
    registry.methods([examiner.name for examiner in EXAMINERS], "")  # reads the code of each
    for examiner in EXAMINERS:
        for example in examiner.examples():
            view = View(sha256="", size_bytes=len(example.data), name=b"", source=BytesSource(data=example.data))
            with suppress(EvidenceError):
                list(examiner.examine(view))
    gc.collect()
    gc.freeze()  # what is loaded now stays: collecting need not go through it again for every file
