"""Plug-ins that an agency brings. None is loaded but one that headwater.toml names with the digest of its code.

A plug-in is a Python distribution with one entry point of the group `headwater.plugins`, called after its kind. The
digest is over every file of the package that the entry point is in, and over what the distribution calls its own.
What the plug-in itself imports from elsewhere is not part of it.

Loading runs code of the plug-in, so a worker does it, after the network and starting programs were taken from it, and
before its jail closes, in which no file can be opened any more.

Source: packaging.python.org, "Entry points specification" and "Recording installed projects".
"""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.machinery import PathFinder
from importlib.metadata import Distribution, EntryPoint, distributions
from pathlib import Path, PurePosixPath

from headwater.model.errors import MissingDependency, WrongUse
from headwater.model.visible import visible
from headwater.sandbox import seccomp

GROUP = "headwater.plugins"
PHOTODNA = "photodna"  # model/photodna.py says what a plug-in of this kind gives
_VARIABLE = "HEADWATER_PLUGIN_"  # and the kind in capitals: how a worker hears which digest is named
_NOT_CODE = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"})  # written where it is installed


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """A plug-in as it is installed. distribution, version: as its metadata have them. digest: 64 hexadecimal digits."""

    kind: str
    distribution: str
    version: str
    digest: str
    entry: EntryPoint


@cache
def installed(kind: str) -> Plugin | None:
    """The plug-in of that kind, its files digested and nothing of it loaded; none where there is none.

    Remembered: inside the jail no file can be read. Raises WrongUse where two are installed, or one holds a link.
    """
    found = [(entry, each) for each in distributions() for entry in each.entry_points if _is(entry, kind)]
    by_name = {each.metadata["Name"]: (entry, each) for entry, each in reversed(found)}  # the first on the path counts
    if len(by_name) > 1:
        raise WrongUse(
            f"{len(by_name)} plug-ins are installed for {kind}: {', '.join(map(visible, sorted(by_name)))}",
            next_step="Leave the one that is to be used, and uninstall the others.",
        )
    for name, (entry, distribution) in by_name.items():
        return Plugin(
            kind=kind, distribution=visible(name), version=visible(distribution.version),
            digest=_digest(distribution, entry), entry=entry,
        )  # fmt: skip
    return None


def named(kind: str, digest: str) -> Plugin:
    """The plug-in of that kind and digest. Raises MissingDependency where there is none, WrongUse for another."""
    there = installed(kind)
    if there is None:
        raise MissingDependency(
            f"headwater.toml names a plug-in for {kind}, and none is installed",
            next_step=f"Install it in this Python, or take plugins.{kind} out of headwater.toml.",
        )
    if there.digest != digest:
        raise WrongUse(
            f"the plug-in {there.distribution} {there.version} is not the one that headwater.toml names for {kind}",
            problems=(f"named:     {digest}", f"installed: {there.digest}"),
            next_step="Find out why it changed. If it may be used: headwater plugins prints the line to write.",
        )
    return there


def environment(kind: str, digest: str) -> dict[str, str]:
    """What a worker is started with, so that it may load that plug-in; empty without a digest."""
    return {f"{_VARIABLE}{kind.upper()}": digest} if digest else {}


@cache
def loaded(kind: str) -> object | None:
    """What the plug-in's entry point names, loaded; none where this worker was not told of one.

    Takes the network and starting programs from this process for good. Raises WrongUse, MissingDependency, and whatever
    the plug-in raises.
    """
    digest = os.environ.get(f"{_VARIABLE}{kind.upper()}", "")
    if not digest:
        return None
    plugin = named(kind, digest)
    if seccomp.available():
        seccomp.refuse_network()
    sys.pycache_prefix = "/nonexistent"  # compiled code beside a source is not part of the digest
    thing: object = plugin.entry.load()
    return thing() if isinstance(thing, type) else thing


def _is(entry: EntryPoint, kind: str) -> bool:
    return entry.group == GROUP and entry.name == kind


def _digest(distribution: Distribution, entry: EntryPoint) -> str:
    digest = sha256()
    for name, path in sorted({**dict(_own(distribution)), **dict(_package(entry))}.items()):
        content = sha256(path.read_bytes()).hexdigest()
        digest.update(f"{content}  {name}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()


def _own(distribution: Distribution) -> Iterator[tuple[str, Path]]:
    for each in distribution.files or ():
        path = Path(str(distribution.locate_file(each)))
        if each.name not in _NOT_CODE and _counts(each) and path.is_file():
            yield each.as_posix(), path


def _package(entry: EntryPoint) -> Iterator[tuple[str, Path]]:
    """Every file of the package that the entry point is in, also one that nobody recorded."""
    top = entry.module.partition(".")[0]
    spec = PathFinder.find_spec(top)  # nothing is imported
    for folder in (spec and spec.submodule_search_locations) or ():
        root = Path(folder)
        for path in root.rglob("*"):
            name = PurePosixPath(top, path.relative_to(root).as_posix())
            if path.is_symlink():
                raise WrongUse(f"a plug-in holds a link, which its digest cannot cover: {visible(str(name))}")
            if path.is_file() and _counts(name):
                yield str(name), path
    if spec and spec.origin and not spec.submodule_search_locations:
        yield Path(spec.origin).name, Path(spec.origin)


def _counts(name: PurePosixPath) -> bool:
    return "__pycache__" not in name.parts
