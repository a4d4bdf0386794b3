"""IPTC digital source types: how a picture came about, as its writer names it.

Source: http://cv.iptc.org/newscodes/digitalsourcetype/ (the controlled vocabulary, which C2PA uses too).
"""

from dataclasses import dataclass

BASE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
TRAINED = "trainedAlgorithmicMedia"
WITH_TRAINED = "compositeWithTrainedAlgorithmicMedia"
SCREEN = "screenCapture"
CAPTURES = frozenset({"digitalCapture", "computationalCapture"})
TERMS = (
    "algorithmicMedia",  # by rules somebody wrote: not by training
    "algorithmicallyEnhanced",
    "composite",
    "compositeCapture",
    "compositeSynthetic",
    WITH_TRAINED,
    "computationalCapture",
    "dataDrivenMedia",
    "digitalArt",  # retired by IPTC, in files still
    "digitalCapture",
    "digitalCreation",
    "humanEdits",
    "minorHumanEdits",  # retired
    "negativeFilm",
    "positiveFilm",
    "print",
    SCREEN,
    "softwareImage",  # retired
    TRAINED,
    "virtualRecording",
)
_BY_LETTERS = {term.lower(): term for term in TERMS}
_LETTERS_MAX = 256


@dataclass(frozen=True, slots=True)
class SourceType:
    """What a value names. term: as IPTC spells it where it is known, as stored where not. uri: as stored."""

    term: str
    uri: str
    known: bool


def source_type(value: str) -> SourceType:
    """Read a value: an address, with or without a slash at its end, or the bare term."""
    uri = value.strip()[:_LETTERS_MAX]
    last = uri.rstrip("/").rpartition("/")[2].rpartition(":")[2]
    term = _BY_LETTERS.get(last.lower())
    return SourceType(term or last, uri, term is not None)
