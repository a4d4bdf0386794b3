"""A manifest store's report as records: what the SDK gives as loose JSON, with every text bounded.

Source: C2PA specification 2.2, https://c2pa.org/specifications/ (manifests, actions, ingredients, validation codes).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from headwater.examine.content_credentials.reader import Store
from headwater.formats.source_types import source_type

_LETTERS_MAX = 512
_MANIFESTS_MAX = 128
_ACTIONS_MAX = 256
_INGREDIENTS_MAX = 128
_URL = "self#jumbf=/c2pa/"


@dataclass(frozen=True, slots=True)
class Action:
    """One action. source_type: the IPTC term, empty where none is stated. agent: the program, with its version."""

    name: str
    source_type: str = ""
    agent: str = ""
    when: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """One validation code. label: of the manifest it is about. kind: success, informational or failure.

    of_ingredient: found now, and otherwise than when the ingredient was taken in.
    """

    name: str
    kind: str
    label: str
    of_ingredient: bool = False


@dataclass(frozen=True, slots=True)
class Ingredient:
    """One ingredient.

    relationship: parentOf, componentOf or inputTo. manifest: the label of its own, or empty. codes: what was found of
    it when it was taken in, as the manifest around it records.
    """

    title: str
    relationship: str
    manifest: str
    has_thumbnail: bool
    codes: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signed, with which certificate, and when. Times as RFC 3339; empty where they are not said."""

    signer: str
    issuer: str
    serial: str
    valid_from: str
    valid_to: str
    stamped: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """One manifest."""

    label: str
    generator: str
    title: str
    actions: tuple[Action, ...]
    ingredients: tuple[Ingredient, ...]
    signed: Signed


@dataclass(frozen=True, slots=True)
class Credentials:
    """A store, read. state: the SDK's word in small letters. manifests: by label, the active one first."""

    active: str
    state: str
    manifests: Mapping[str, Manifest]
    codes: tuple[Code, ...]
    more_manifests: int


def credentials(store: Store) -> Credentials:
    """Give the records of a store. Never raises: what is not of its type is left out."""
    report = store.report
    active = _text(report.get("active_manifest"))
    found = _record(report.get("manifests"))
    order = [active, *sorted(label for label in found if label != active)]
    labels = [label for label in order if label in found]
    return Credentials(
        active,
        _text(report.get("validation_state")).lower() or "not stated",
        {label: _manifest(label, _record(found[label]), store) for label in labels[:_MANIFESTS_MAX]},
        tuple(_codes(_record(report.get("validation_results")))),
        max(0, len(labels) - _MANIFESTS_MAX),
    )


def _manifest(label: str, found: Mapping[str, object], store: Store) -> Manifest:
    return Manifest(
        label[:_LETTERS_MAX],
        "; ".join(filter(None, (_agent(each) for each in _records(found.get("claim_generator_info")))))
        or _text(found.get("claim_generator")),
        _text(found.get("title")),
        tuple(_actions(found)),
        tuple(map(_ingredient, _records(found.get("ingredients"))[:_INGREDIENTS_MAX])),
        _signed(_record(found.get("signature_info")), store.signatures.get(label, {})),
    )


def _actions(found: Mapping[str, object]) -> Iterator[Action]:
    count = 0
    for assertion in _records(found.get("assertions")):
        if not _text(assertion.get("label")).startswith("c2pa.actions"):
            continue
        for action in _records(_record(assertion.get("data")).get("actions")):
            count += 1
            if count > _ACTIONS_MAX:
                return
            stated = _text(action.get("digitalSourceType"))
            yield Action(
                _text(action.get("action")),
                source_type(stated).term if stated else "",
                _agent(action.get("softwareAgent")),
                _text(action.get("when")),
                _text(action.get("description")),
            )


def _ingredient(found: Mapping[str, object]) -> Ingredient:
    return Ingredient(
        _text(found.get("title")),
        _text(found.get("relationship")),
        _text(found.get("active_manifest")),
        "thumbnail" in found,
        tuple(_recorded(found)),
    )


def _recorded(found: Mapping[str, object]) -> Iterator[Code]:
    """What an ingredient's assertion records: sorted by kind since version 3, failures alone before."""
    results = _record(_record(found.get("validation_results")).get("activeManifest"))
    yield from _status(results)
    if not results:
        yield from _status({"failure": found.get("validation_status")})


def _signed(info: Mapping[str, object], signature: Mapping[str, object]) -> Signed:
    validity = _record(_record(signature.get("certificateInfo")).get("validity"))
    return Signed(
        _text(info.get("common_name")),
        _text(info.get("issuer")),
        _text(info.get("cert_serial_number")),
        _text(validity.get("notBefore")),
        _text(validity.get("notAfter")),
        _text(info.get("time")),
    )


def _codes(results: Mapping[str, object]) -> Iterator[Code]:
    yield from _status(_record(results.get("activeManifest")))
    for delta in _records(results.get("ingredientDeltas")):
        yield from _status(_record(delta.get("validationDeltas")), of_ingredient=True)


def _status(status: Mapping[str, object], *, of_ingredient: bool = False) -> Iterator[Code]:
    for kind in ("success", "informational", "failure"):
        for each in _records(status.get(kind)):
            url = _text(each.get("url"))
            label = url[len(_URL) :].partition("/")[0] if url.startswith(_URL) else ""
            yield Code(_text(each.get("code")), kind, label, of_ingredient)


def _agent(found: object) -> str:
    """A program's name and version: an object since version 2 of the claim, a text before."""
    if isinstance(found, dict):
        return " ".join(filter(None, (_text(found.get("name")), _text(found.get("version")))))
    return _text(found)


def _text(found: object) -> str:
    return found[:_LETTERS_MAX] if isinstance(found, str) else ""


def _record(found: object) -> Mapping[str, object]:
    return found if isinstance(found, dict) else {}


def _records(found: object) -> Sequence[Mapping[str, object]]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
