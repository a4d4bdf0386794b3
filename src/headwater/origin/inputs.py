"""The input picture that a generator's record tells of: what it was, as far as the seizure shows."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headwater.origin.claims import Content, objects_of, text_of
from headwater.origin.context import Context

_ROLES = frozenset({"image", "face"})  # what is changed, or put into another picture; a mask or a pose is neither
_ANNOTATED = re.compile(r"\s*\[(input|output|temp)\]$")  # ComfyUI, folder_paths.annotated_filepath


@dataclass(frozen=True, slots=True, kw_only=True)
class InputPicture:
    """What is known of it. sides: which sides the record speaks for. found: contents it may be. why: in words."""

    sides: tuple[str, ...]
    why: str
    found: tuple[str, ...] = ()


def input_picture(content: Content, record: Mapping[str, Any], context: Context, camera_level: int) -> InputPicture:
    """Which sides a record speaks for (S6 of the signals). camera_level: of the same file's own camera evidence.

    edited: the input is found and a camera's, or the file itself has camera evidence. generated: none was used, or it
    is found and generated. Both where that is open.
    """
    use = record.get("input_use")
    if use not in {"named", "unnamed"}:
        return InputPicture(sides=("g",), why="")
    found = tuple(dict.fromkeys(_candidates(content, record, context)))
    if camera_level:
        found = _told_apart(found, context) if use == "unnamed" else found
        return InputPicture(
            sides=("e",), why="it tells of an input picture, and the file has a camera's fields", found=found
        )
    if use == "unnamed":  # what merely looks alike may be a stripped copy of the output itself
        found = _told_apart(found, context)
    grades = {context.own_grade(sha256) for sha256 in found}
    if grades == {"camera"}:
        return InputPicture(sides=("e",), why="its input picture was found and is a camera's", found=found)
    if grades == {"generated"}:
        return InputPicture(sides=("g",), why="its input picture was found and is itself generated", found=found)
    why = "its input picture was found and its origin is open" if found else "its input picture was not found"
    return InputPicture(sides=("g", "e"), why=why, found=found)


def _told_apart(found: Sequence[str], context: Context) -> tuple[str, ...]:
    """Of pictures that look alike those of a camera; where there is none, those that are themselves generated."""
    grades = {sha256: context.own_grade(sha256) for sha256 in found}
    wanted = "camera" if "camera" in grades.values() else "generated"
    return tuple(sha256 for sha256, grade in grades.items() if grade == wanted)


def input_names(record: Mapping[str, Any]) -> Iterator[str]:
    """The file names that a record gives its input pictures, without folders and notes."""
    for one in _pictures(record):
        name = _ANNOTATED.sub("", text_of(one, "name")).replace("\\", "/").rpartition("/")[2]
        if name:
            yield name


def input_digests(record: Mapping[str, Any]) -> Iterator[str]:
    """The SHA-256 digests that a record gives its input pictures."""
    for one in _pictures(record):
        if len(digest := text_of(one, "sha256").lower()) == 64:
            yield digest


def _pictures(record: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return [one for one in objects_of(record, "inputs") if one.get("role", "image") in _ROLES]


def _candidates(content: Content, record: Mapping[str, Any], context: Context) -> Iterator[str]:
    """By digest anywhere, by name on the same exhibit, and by likeness where the record gives no name."""
    yield from (digest for digest in input_digests(record) if digest in context.there)
    for name in input_names(record):
        for exhibit in sorted(content.exhibits):
            yield from (one for one in context.named_inputs.get((exhibit, name), ()) if one != content.sha256)
    if record.get("input_use") == "unnamed":
        yield from (near.sha256 for near in context.near.get(content.sha256, ()))
