"""Which files make up one image: by their names alone, run by the broker, which never parses evidence.

E01 naming: .E01 to .E99, then .EAA to .EZZ, .FAA and so on to .ZZZ (EnCase; libewf "EWF file format", section 2).
Split raw naming: .000 or .001 upwards.
"""

import re
from collections.abc import Iterator
from itertools import count, product
from pathlib import Path
from string import ascii_uppercase

from headwater.model.errors import DoesNotVerify, WrongUse
from headwater.model.visible import visible

_EWF = re.compile(r"\.([E-Z])(\d\d|[A-Z]{2})", re.IGNORECASE)
_RAW = re.compile(r"\.(\d{3,})")


def find_segments(path: Path) -> tuple[Path, ...]:
    """All segments of the image whose first one is `path`, in order; `path` alone where it is not split.

    Raises WrongUse where `path` is not there, is an attached disk or a later segment, or lies in a folder that cannot
    be listed; DoesNotVerify where one is missing in between.
    """
    if not path.exists():
        raise WrongUse(f"{visible(str(path))} is not there")
    if path.is_block_device():
        raise WrongUse(
            f"{visible(str(path))} is an attached disk: an attached disk is not read",
            next_step="Image it first, and give the image.",
        )
    suffixes = _suffixes(path)
    if suffixes is None:
        return (path,)
    siblings = _siblings(path)
    found = []
    for suffix in suffixes:
        segment = siblings.pop(suffix, None)
        if segment is None:
            _refuse_gap(path, suffix, siblings)
            break
        found.append(segment)
    return tuple(found)


def _suffixes(path: Path) -> Iterator[str] | None:
    """Give the suffixes from the first segment's on, upper case, or None where the name is no first segment."""
    suffix = path.suffix.upper()
    if suffix == ".E01":
        return _ewf_suffixes()
    if _RAW.fullmatch(suffix) and _is_first_number(path, int(suffix[1:])):
        width, first = len(suffix) - 1, int(suffix[1:])
        return (f".{number:0{width}}" for number in count(first))
    _refuse_later_segment(path)
    return None


def _is_first_number(path: Path, number: int) -> bool:
    """Whether a numbered file begins its set: 0 does, and 1 where no 0 lies beside it."""
    return number == 0 or (number == 1 and not path.with_suffix("." + "0" * (len(path.suffix) - 1)).exists())


def _ewf_suffixes() -> Iterator[str]:
    yield from (f".E{number:02}" for number in range(1, 100))
    for letters in product(ascii_uppercase[ascii_uppercase.index("E") :], ascii_uppercase, ascii_uppercase):
        yield "." + "".join(letters)


def _refuse_later_segment(path: Path) -> None:
    """Refuse a later segment: alone it would be read as an image of its own."""
    suffix = path.suffix.upper()
    firsts = [".E01"] if _EWF.fullmatch(suffix) else [".000", ".001"] if _RAW.fullmatch(suffix) else []
    firsts = [first for first in firsts if first < suffix]
    stem = path.name[: -len(suffix)]
    for sibling in _beside(path) if firsts else ():
        if sibling.name[: -len(suffix)] == stem and sibling.suffix.upper() in firsts:
            raise WrongUse(
                f"{visible(path.name)} is a later segment of an image",
                next_step=f"Give the first segment: {visible(sibling.name)}",
            )


def _siblings(path: Path) -> dict[str, Path]:
    """Map the files beside `path` that share its stem, by upper-case suffix; the exact case of `path` wins."""
    stem, pattern = path.stem, _EWF if path.suffix.upper() == ".E01" else _RAW
    found: dict[str, Path] = {}
    for sibling in _beside(path):
        if sibling.stem == stem and pattern.fullmatch(sibling.suffix):
            key = sibling.suffix.upper()
            if key not in found or sibling.suffix[1:2].islower() == path.suffix[1:2].islower():
                found[key] = sibling
    found[path.suffix.upper()] = path
    return found


def _beside(path: Path) -> list[Path]:
    try:
        return sorted(path.parent.iterdir())
    except OSError as error:
        raise WrongUse(
            f"the folder of {visible(path.name)} cannot be listed: {error.strerror}",
            next_step="An image may have more segments, which are looked for there: make the folder readable.",
        ) from error


def _refuse_gap(path: Path, missing: str, strays: dict[str, Path]) -> None:
    later = [segment for suffix, segment in strays.items() if _after(suffix, missing) and _is_surely_numbered(suffix)]
    if not later:
        return
    name = f"{path.stem}{missing}"
    raise DoesNotVerify(
        f"segment {visible(name)} is missing, but {visible(later[0].name)} is there",
        names=(name,),
        next_step="Find the missing segment; an image cannot be read across a gap.",
    )


def _is_surely_numbered(suffix: str) -> bool:
    """Letters alone prove nothing: x.txt and x.log lie beside many an x.E01 and fit its naming too."""
    return suffix[-1].isdecimal()


def _after(suffix: str, missing: str) -> bool:
    """Whether a suffix comes after the missing one: digits before letters, as EnCase counts."""
    return (len(suffix), suffix) > (len(missing), missing)
