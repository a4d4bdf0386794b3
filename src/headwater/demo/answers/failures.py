"""All rows that the failures table must have, and no other: the one place where planted failures are listed."""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from headwater.demo.placed import Placed
from headwater.demo.sight import Sight
from headwater.demo.truth import ExhibitTruth, FailureTruth, FileTruth, RefusedTruth

_OF_PIXELS = (("picture", "malformed"), ("perceptual", "malformed"))  # what a decoder meets on missing bytes
_OF_IMAGES = ("damaged", "differs", "differs")  # the bad chunk, then the stored MD5 and SHA-1, which its zeros change


def planted_failures(
    files: Sequence[FileTruth],
    refused: Sequence[RefusedTruth],
    sights: Mapping[str, Sight],
    placed: Mapping[str, Placed],
    exhibits: Mapping[str, ExhibitTruth],
) -> tuple[FailureTruth, ...]:
    """List the bombs that are stopped, the damaged image and the file in it, the pictures of which nothing decodes."""
    rows = [FailureTruth(exhibit=one.exhibit, path=one.path, examiner="read", kind=one.kind) for one in refused]
    rows += [_row(one, "read", "damaged") for one in files if one.damaged]
    for one in files:
        fails = placed[one.sha256].fails if one.sha256 in placed else ()
        if not fails and one.sha256 in sights and sights[one.sha256].truth.decodes == "failed":
            fails = _OF_PIXELS
        rows += [_row(one, examiner, kind) for examiner, kind in fails]
    for exhibit in sorted({one.exhibit for one in files if one.damaged}):
        image = PurePosixPath(exhibits[exhibit].path).name
        rows += [FailureTruth(exhibit=exhibit, path=image, examiner="verify", kind=kind) for kind in _OF_IMAGES]
    return tuple(rows)


def _row(file: FileTruth, examiner: str, kind: str) -> FailureTruth:
    return FailureTruth(exhibit=file.exhibit, path=file.path, examiner=examiner, kind=kind)
