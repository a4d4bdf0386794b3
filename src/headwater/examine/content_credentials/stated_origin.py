"""What the signed history states of a picture's origin: S1 to S3 of the decision table.

generated: the whole picture, or the root of its line of parents, was made by a generator. edited: a generator changed
a part of what came from elsewhere. camera: a capture, with nothing after it but what NEUTRAL names. none: it does not
say, or says what none of these is. What it states is not judged here, and neither is who states it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from headwater.examine.content_credentials.record import Credentials, Ingredient, Manifest
from headwater.formats.source_types import CAPTURES, TRAINED, WITH_TRAINED

# Actions of C2PA 2.2, section "Actions", that leave what is shown as it is: cut, turn, scale, colour, save, mark.
NEUTRAL = frozenset(
    {
        "c2pa.color_adjustments",
        "c2pa.converted",
        "c2pa.copied",
        "c2pa.created",
        "c2pa.cropped",
        "c2pa.edited.metadata",
        "c2pa.opened",
        "c2pa.orientation",
        "c2pa.published",
        "c2pa.repackaged",
        "c2pa.resized",
        "c2pa.resized.proportional",
        "c2pa.saved",
        "c2pa.transcoded",
        "c2pa.watermarked",
        "c2pa.watermarked.bound",
        "c2pa.watermarked.unbound",
    }
)
_CREATED = "c2pa.created"
_OF_CREDENTIAL = "signingCredential."  # codes about trust and expiry: they do not say that the ingredient was altered
_DEPTH_MAX = 64


@dataclass(frozen=True, slots=True)
class Origin:
    """What is stated. side: generated, edited, camera or none. stated_in: the label of the manifest that says so."""

    side: str
    why: str
    stated_in: str
    root_generated: bool = False


def origin(found: Credentials) -> Origin:
    """Follow the line of parents from the active manifest to its root."""
    return _origin(found.manifests, found.active, frozenset())


def _origin(manifests: Mapping[str, Manifest], label: str, passed: frozenset[str]) -> Origin:
    manifest = manifests.get(label)
    if manifest is None or label in passed or len(passed) >= _DEPTH_MAX:
        return Origin("none", "its manifest is not there", label)
    below = passed | {label}
    begun = _begun(manifests, manifest, below)
    if begun.root_generated:
        return begun
    return _changed(manifests, manifest, begun, below)


def _begun(manifests: Mapping[str, Manifest], manifest: Manifest, passed: frozenset[str]) -> Origin:
    """How the picture came into this manifest: made here, or taken from a parent."""
    label = manifest.label
    created = {each.source_type for each in manifest.actions if each.name == _CREATED}
    parent = next((each for each in manifest.ingredients if each.relationship == "parentOf"), None)
    if TRAINED in created:
        return Origin("generated", f"{_CREATED} with {TRAINED}", label, root_generated=True)
    if WITH_TRAINED in created:
        return Origin("edited", f"{_CREATED} with {WITH_TRAINED}", label)
    if parent:
        return _taken(manifests, parent, label, passed)
    if captured := sorted(created & CAPTURES):
        return Origin("camera", f"{_CREATED} with {captured[0]}", label)
    stated = ", ".join(sorted(filter(None, created)))
    begun = f"{_CREATED} with {stated}" if stated else f"{_CREATED} with no source type" if created else ""
    return Origin("none", begun or "no action says how it began", label)


def _taken(manifests: Mapping[str, Manifest], taken: Ingredient, label: str, passed: frozenset[str]) -> Origin:
    """What an ingredient's own history says, where it fitted the ingredient when that was taken in."""
    if not taken.manifest:
        return Origin("none", "its parent has no credentials", label)
    broken = {each.name for each in taken.codes if each.kind == "failure" and not each.name.startswith(_OF_CREDENTIAL)}
    if broken:
        names = ", ".join(sorted(broken))[:256]
        return Origin("none", f"its parent did not fit its own credentials when it was taken in: {names}", label)
    return _origin(manifests, taken.manifest, passed)


def _changed(manifests: Mapping[str, Manifest], manifest: Manifest, begun: Origin, passed: frozenset[str]) -> Origin:
    """What this manifest's own actions make of that."""
    later = [each for each in manifest.actions if each.name != _CREATED]
    altered = next((each for each in later if each.source_type in {TRAINED, WITH_TRAINED}), None)
    if altered:
        return Origin("edited", f"{altered.name} with {altered.source_type}", manifest.label)
    placed = _generated_part(manifests, manifest, passed)
    if placed:
        has_base = begun.side != "none" or any(each.relationship == "parentOf" for each in manifest.ingredients)
        on = "it" if has_base else "a canvas"
        return Origin("edited" if has_base else "none", f"a generated picture was placed on {on}", placed.stated_in)
    unusual = sorted({each.name for each in later} - NEUTRAL)
    if begun.side == "camera" and unusual:
        return replace(begun, side="none", why=f"{begun.why}, then {', '.join(unusual)[:256]}")
    return begun


def _generated_part(manifests: Mapping[str, Manifest], manifest: Manifest, passed: frozenset[str]) -> Origin | None:
    parts = (each for each in manifest.ingredients if each.relationship == "componentOf" and each.manifest)
    found = (_taken(manifests, each, manifest.label, passed) for each in parts)
    return next((each for each in found if each.root_generated), None)
