"""The examiners there are, by name: one visible tuple. Nothing here loads one, so no decoder comes with it.

The broker knows examiners from here. `loaded.py` has the examiners themselves, for the workers.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version

from headwater.examine.method import code_digest
from headwater.model.errors import WrongUse
from headwater.model.finding import Method
from headwater.model.material import CAMERA, TRUST_LIST, Material, materials_digest
from headwater.sandbox import plugins


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """What is said of an examiner without loading it: its name and version as its class has them, and its module.

    material: the kind of what it compares with (model/material.py), empty where it needs nothing. is_method: that is
    part of the method, so of each finding's id. library: a distribution that may be absent; which version of it is
    there is part of the method too, and so is the digest of a plug-in of the kind `plugin`. on_demand: runs only where
    it is asked for by name, or where its plug-in is named. slow: takes long for each picture, and can be left out by
    one setting.
    """

    name: str
    version: str
    module: str
    material: str = ""
    is_method: bool = False
    library: str = ""
    plugin: str = ""
    on_demand: bool = False
    slow: bool = False


BUILT_IN = (
    Registered(name="filetype", version="1", module="headwater.examine.filetype"),
    Registered(name="metadata", version="1", module="headwater.examine.metadata"),
    Registered(name="generators", version="1", module="headwater.examine.generators"),
    Registered(name="declared", version="1", module="headwater.examine.declared"),
    Registered(
        name="credentials",
        version="1",
        module="headwater.examine.credentials",
        material=TRUST_LIST,
    ),
    Registered(name="camera", version="1", module="headwater.examine.camera"),
    Registered(name="models", version="2", module="headwater.examine.models"),
    Registered(name="producer", version="2", module="headwater.examine.producer"),
    Registered(name="picture", version="1", module="headwater.examine.picture"),
    Registered(name="perceptual", version="2", module="headwater.examine.perceptual"),
    Registered(name="video", version="1", module="headwater.examine.video", library="av", slow=True),
    Registered(name="previews", version="1", module="headwater.examine.previews"),
    Registered(name="watermark", version="1", module="headwater.examine.watermark", slow=True),
    Registered(name="history", version="1", module="headwater.examine.history", slow=True),
    Registered(
        name="sensor", version="1", module="headwater.examine.sensor", material=CAMERA, is_method=True, on_demand=True
    ),
    Registered(name="traces", version="1", module="headwater.examine.traces", on_demand=True),
    Registered(
        name="photodna", version="1", module="headwater.examine.photodna", plugin=plugins.PHOTODNA, on_demand=True
    ),
)


def default_names(*, slow: bool, plugin_kinds: Collection[str] = ()) -> tuple[str, ...]:
    """The examiners that run where the settings name none, with the slow ones or without, and those of plug-ins."""
    return tuple(
        each.name
        for each in BUILT_IN
        if each.plugin in plugin_kinds or (not each.on_demand and (slow or not each.slow))
    )


def names_asked_for() -> tuple[str, ...]:
    """The examiners that run only where they are asked for, and compare with materials."""
    return tuple(each.name for each in BUILT_IN if each.on_demand and each.is_method)


def material_kinds(names: Sequence[str]) -> frozenset[str]:
    """What the named examiners compare with."""
    return frozenset(each.material for each in BUILT_IN if each.name in names and each.material)


def material_of(name: str) -> str:
    """The kind of what an examiner compares with; empty where it needs nothing, or where nobody knows it any more."""
    return next((each.material for each in BUILT_IN if each.name == name), "")


def means_of(name: str) -> str:
    """What an examiner works with beside its code, in words; empty where that is nothing."""
    each = next((each for each in BUILT_IN if each.name == name), None)
    if each is None:
        return ""
    if each.plugin:
        return f"plug-in for {each.plugin}"
    return f"library {each.library}" if each.library else each.material.replace("_", " ")


def methods(names: Sequence[str], settings_digest: str, materials: Sequence[Material] = ()) -> Mapping[str, Method]:
    """The method of each named examiner, in the order of BUILT_IN. Raises WrongUse for unknown names, all at once."""
    known = {each.name for each in BUILT_IN}
    if unknown := [name for name in names if name not in known]:
        problems = tuple(f"no examiner is called {name}; there are {', '.join(sorted(known))}" for name in unknown)
        raise WrongUse("examiners in headwater.toml", problems=problems)
    return {each.name: _method(each, settings_digest, materials) for each in BUILT_IN if each.name in names}


def _method(registered: Registered, settings_digest: str, materials: Sequence[Material]) -> Method:
    digest = materials_digest(materials, registered.material) if registered.material else ""
    if registered.library:
        digest = _library_digest(registered.library)
    if registered.plugin:
        there = plugins.installed(registered.plugin)
        digest = there.digest if there else ""
    return Method(
        examiner=registered.name,
        version=registered.version,
        code_digest=code_digest(registered.module),
        settings_digest=settings_digest,
        model_digest=digest if registered.is_method or registered.library or registered.plugin else "",
        material_digest=digest,
    )


@cache
def _library_digest(name: str) -> str:
    """Which version of a distribution is there: with another one, or none, what was examined is examined again.

    Asked before the jail closes, and remembered: afterwards no file can be read.
    """
    try:
        there = version(name)
    except PackageNotFoundError:
        there = "absent"
    return sha256(f"{name} {there}".encode()).hexdigest()


def examiner_set_digest(used: Mapping[str, Method]) -> str:
    """One digest for a set of examiners with code, settings and materials: another set writes into another folder."""
    lines = (
        f"{each.examiner}\0{each.version}\0{each.code_digest}\0{each.settings_digest}\0{each.material_digest}"
        for each in sorted(used.values(), key=lambda method: method.examiner)
    )
    return sha256("\n".join(lines).encode()).hexdigest()


def tool_digest() -> str:
    """SHA-256 over everything of ours that examining runs through: the worker and all it imports."""
    return code_digest("headwater.examine.worker")
