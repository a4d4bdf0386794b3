"""The examiners there are: one visible tuple."""

import codecs
from collections.abc import Mapping, Sequence
from contextlib import suppress
from encodings.aliases import aliases
from hashlib import sha256

from headwater.evidence.content import BytesSource
from headwater.examine.examiner import Examiner
from headwater.examine.filetype import FileType
from headwater.examine.metadata import Metadata
from headwater.examine.method import code_digest, method_of
from headwater.examine.perceptual import Perceptual
from headwater.examine.picture import PictureFacts
from headwater.examine.view import View
from headwater.kernels import md5_lanes, pdq
from headwater.model.errors import EvidenceError, WrongUse
from headwater.model.finding import Method

BUILT_IN: tuple[Examiner, ...] = (FileType(), Metadata(), PictureFacts(), Perceptual())


def chosen(names: Sequence[str], settings_digest: str) -> tuple[tuple[Examiner, Method], ...]:
    """The named examiners, in the order of BUILT_IN, with their methods. Raises WrongUse for an unknown name."""
    known = {examiner.name for examiner in BUILT_IN}
    if unknown := [name for name in names if name not in known]:
        problems = tuple(f"no examiner is called {name}; there are {', '.join(sorted(known))}" for name in unknown)
        raise WrongUse("examiners in headwater.toml", problems=problems)
    return tuple((each, method_of(each, settings_digest)) for each in BUILT_IN if each.name in names)


def methods(names: Sequence[str], settings_digest: str) -> Mapping[str, Method]:
    """The method of each named examiner."""
    return {examiner.name: method for examiner, method in chosen(names, settings_digest)}


def examiner_set_digest(used: Mapping[str, Method]) -> str:
    """One digest for a set of examiners with their code and settings: another set writes into another folder."""
    lines = (
        f"{each.examiner}\0{each.version}\0{each.code_digest}\0{each.settings_digest}\0{each.model_digest}"
        for each in sorted(used.values(), key=lambda method: method.examiner)
    )
    return sha256("\n".join(lines).encode()).hexdigest()


def tool_digest() -> str:
    """SHA-256 over everything of ours that examining runs through: the worker and all it imports."""
    return code_digest("headwater.examine.worker")


def warm() -> None:
    """Load kernels, codecs and plug-ins now, by running every example once: a jailed worker opens no file."""
    for codec in sorted(set(aliases.values())):
        with suppress(LookupError):  # those of other platforms
            codecs.lookup(codec)
    md5_lanes.warm()
    pdq.warm()
    for examiner in BUILT_IN:
        code_digest(type(examiner).__module__)
        for example in examiner.examples():
            view = View(sha256="", size_bytes=len(example.data), name=b"", source=BytesSource(data=example.data))
            with suppress(EvidenceError):
                list(examiner.examine(view))
