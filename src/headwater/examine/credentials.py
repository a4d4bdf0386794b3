"""Content credentials (C2PA): the signed history of a file, every manifest of it, without ever asking the network.

Claims (values are JSON with sorted keys):

- ``c2pa.state`` {"binding": match|mismatch|none, "codes": {"failure", "informational", "success"}, "expired_only",
  "fails": [trust, expiry, credential, signature, binding, time stamp, assertion, ingredient, other],
  "holds_until"?, "ingredient_failures", "manifests", "origin": {"root_generated", "side":
  generated|edited|camera|none, "stated_by", "stated_in", "stated_trusted", "why"}, "sdk_state", "signer", "state":
  trusted|valid|invalid, "trust_list": SHA-256 of the lists, or "none loaded"}. The state is the SDK's, but trusted
  only where our lists also vouch for who states the origin: a trusted editor takes in what anybody signed.
  NOTHING where the file carries no store; NOT_RUN where it is too long; FAILED where a store cannot be read.
- ``c2pa.manifest`` {"actions": [{"action", "agent"?, "description"?, "source_type"?, "when"?}], "active",
  "certificate": {"issuer", "serial", "valid_from", "valid_to"}, "claim_generator", "codes", "ingredients":
  [{"manifest"?, "relationship", "source_type"?, "thumbnail", "title"}], "issued"?, "label", "signer", "title"}: one
  for each; its codes without those of trust and expiry; NOT_RUN for more than are recorded.
- ``c2pa.remote`` {"url"}: the address of a manifest that is kept elsewhere, named and not fetched.

Whether a certificate has expired is judged by the SDK on the day of the run, unless a trusted time stamp says when it
was used. So ``holds_until`` says up to which day ``c2pa.state`` is derived again as it is; the other claims depend on
no day. Expired or untrusted is not altered, and an altered file is not a forged one: saving it again does as much.
"""

from collections.abc import Iterator, Sequence

from headwater.examine.content_credentials.examples import EXAMPLES
from headwater.examine.content_credentials.reader import read_store
from headwater.examine.content_credentials.record import Action, Credentials, Ingredient, Manifest, Signed, credentials
from headwater.examine.content_credentials.state import NO_LIST, lasting_codes, state_value
from headwater.examine.examiner import Example
from headwater.examine.metadata_json import json_text
from headwater.examine.metadata_spans import Spans
from headwater.examine.silence import nothing_of
from headwater.examine.view import View
from headwater.formats.structure import Piece, Range, Structure
from headwater.formats.xmp import Xmp
from headwater.model.errors import Malformed
from headwater.model.finding import Seen, State
from headwater.model.material import TRUST_LIST

_PROVENANCE = "dcterms:provenance"
_ADDRESSES = ("http://", "https://")
_URL_LETTERS_MAX = 2048
_HELD_BYTES_MAX = 256 << 20  # the SDK holds a picture whole
_STREAMED_BYTES_MAX = 1 << 30  # of ISOBMFF it digests box by box


class ContentCredentials:
    """The examiner. Calls the SDK only where the file's own structure shows a store."""

    name = "credentials"
    version = "1"
    claims = ("c2pa.manifest", "c2pa.remote", "c2pa.state")

    def accepts(self, view: View) -> bool:
        return view.structure() is not None

    def examine(self, view: View) -> Iterator[Seen]:
        structure = view.structure()
        if structure is None:
            return
        spans = Spans(view.bytes)
        remote = tuple(_remote(view, spans))
        stores = [piece for piece in structure.pieces if piece.kind == "c2pa"]
        if stores:
            yield from _store(view, structure, spans, stores)
        elif not remote:
            yield nothing_of("c2pa.state", "content credentials", structure)
        yield from remote

    def examples(self) -> tuple[Example, ...]:
        return EXAMPLES


def _store(view: View, structure: Structure, spans: Spans, stores: Sequence[Piece]) -> Iterator[Seen]:
    ranges = [each for piece in stores for each in piece.ranges or piece.sources]
    where = spans.of(ranges, "manifest store")
    limit = _STREAMED_BYTES_MAX if structure.format == "isobmff" else _HELD_BYTES_MAX
    if view.size_bytes > limit:
        reason = f"limit: {view.size_bytes} bytes are more than are checked against a signature ({limit >> 20} MiB)"
        yield Seen(claim="c2pa.state", state=State.NOT_RUN, reason=reason, spans=where)
        return
    lists = {each.material.sha256: each.data for each in view.materials.get(TRUST_LIST, ())}
    anchors = b"\n".join(lists[digest] for digest in sorted(lists)).decode("ascii", "replace")
    try:
        found = credentials(read_store(view, anchors))
    except Malformed as fault:
        yield Seen(claim="c2pa.state", state=State.FAILED, reason=f"malformed: {fault.message}", spans=where)
        return
    value = state_value(found, " ".join(sorted(lists)) or NO_LIST)
    yield Seen(claim="c2pa.state", value=json_text(value), spans=where)
    for manifest in found.manifests.values():
        yield Seen(claim="c2pa.manifest", value=json_text(_manifest(found, manifest)), spans=where)
    if found.more_manifests:
        reason = f"limit: {found.more_manifests} more manifests are not recorded"
        yield Seen(claim="c2pa.manifest", state=State.NOT_RUN, reason=reason)


def _manifest(found: Credentials, manifest: Manifest) -> dict[str, object]:
    signed = manifest.signed
    value: dict[str, object] = {
        "actions": [_action(each) for each in manifest.actions],
        "active": manifest.label == found.active,
        "certificate": _certificate(signed),
        "claim_generator": manifest.generator,
        "codes": lasting_codes(found, manifest.label),
        "ingredients": [_ingredient(found, each) for each in manifest.ingredients],
        "label": manifest.label,
        "signer": signed.signer,
        "title": manifest.title,
    }
    return value | ({"issued": signed.stamped} if signed.stamped else {})


def _certificate(signed: Signed) -> dict[str, str]:
    named = {
        "issuer": signed.issuer,
        "serial": signed.serial,
        "valid_from": signed.valid_from,
        "valid_to": signed.valid_to,
    }
    return {name: text for name, text in named.items() if text}


def _action(action: Action) -> dict[str, str]:
    more = {
        "agent": action.agent,
        "description": action.description,
        "source_type": action.source_type,
        "when": action.when,
    }
    return {"action": action.name} | {name: text for name, text in more.items() if text}


def _ingredient(found: Credentials, ingredient: Ingredient) -> dict[str, object]:
    value: dict[str, object] = {
        "relationship": ingredient.relationship,
        "thumbnail": ingredient.has_thumbnail,
        "title": ingredient.title,
    }
    own = found.manifests.get(ingredient.manifest)
    stated = next((each.source_type for each in own.actions if each.source_type), "") if own else ""
    more = {"manifest": ingredient.manifest, "source_type": stated}
    return value | {name: text for name, text in more.items() if text}


def _remote(view: View, spans: Spans) -> Iterator[Seen]:
    for each in view.read():
        if isinstance(each.content, Xmp):
            where: Sequence[Range] = each.piece.ranges or each.piece.sources
            for found in each.content.properties:
                if found.path == _PROVENANCE and found.value.strip().lower().startswith(_ADDRESSES):
                    value = json_text({"url": found.value.strip()[:_URL_LETTERS_MAX]})
                    yield Seen(claim="c2pa.remote", value=value, spans=spans.of(where, "packet"))
